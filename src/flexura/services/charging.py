"""What a job costs that ended without a result: what a vendor took and may have charged for is paid for."""

from __future__ import annotations

from typing import Any, cast

from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.ports.provider import Operation

_GIVEN_UP = frozenset(
    {"canceled", "disk_full", "internal_error", "provider_unavailable", "result_expired"}
)
"""How a job ends that we gave up, and of which its vendor did not say that it failed."""


def bought(job: Job) -> list[Operation]:
    """The handles of what was bought for a job so far, one per round."""
    operation = job.operation or {}
    rounds: Any = operation.get("rounds")
    if isinstance(rounds, list):
        return cast("list[Operation]", rounds)
    return [operation] if job.operation is not None else []


ALL_ORDERED = "all_ordered"
"""In a job's `operation`: no further round is ordered, though there are fewer handles than rounds."""


def all_ordered(job: Job) -> bool:
    """Whether no further round of a job is to be ordered: one could not be bought, or nobody knows."""
    return bool((job.operation or {}).get(ALL_ORDERED))


def may_be_charged(job: Job) -> bool:
    """Whether a job that ended without a result may have been charged for.

    Whoever cancels an order that the vendor has begun pays for it: else a tenant could spend the operator's
    money and get it back.
    """
    if job.error_code == "outcome_unknown":
        return True
    made_of_steps = job.provider == TEMPLATE_PROVIDER
    return not made_of_steps and job.error_code in _GIVEN_UP and bool(bought(job))


def share_bought(job: Job) -> float:
    """The part of the order that was bought; all of it where nobody knows."""
    if job.error_code == "outcome_unknown":
        return 1.0
    return min(1.0, len(bought(job)) / max(1, int(job.call.get("rounds", 1))))


def cost_bought(job: Job) -> dict[str, Any] | None:
    """The estimate for what was bought, which may be less than what was ordered."""
    share = share_bought(job)
    if job.cost is None or share == 1:
        return job.cost
    return {**job.cost, "amount": round(float(job.cost["amount"]) * share, 6)}
