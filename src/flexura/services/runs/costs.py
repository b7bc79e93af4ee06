"""What a run costs: the sum of what its steps cost, as far as that is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.job import Job
from flexura.services.charging import cost_bought, may_be_charged

SOURCE = "sum of its steps"


@dataclass(frozen=True)
class Sum:
    """The known part in one currency, and how many parts are unknown."""

    amount: float = 0.0
    currency: str = "USD"
    unknown: int = 0

    def cost(self) -> dict[str, Any] | None:
        """The whole as a job has it: None unless every part is known."""
        return None if self.unknown else self.known()

    def known(self) -> dict[str, Any]:
        """The known part as a job has it."""
        return {"amount": round(self.amount, 6), "currency": self.currency, "source": SOURCE}


def summed(costs: Iterable[dict[str, Any] | None]) -> Sum:
    """The costs together; one in another currency than the first that is not free counts as unknown."""
    amount, currency, unknown = 0.0, "", 0
    for cost in costs:
        if cost is None:
            unknown += 1
        elif part := float(cost["amount"]):
            currency = currency or str(cost.get("currency", "USD"))
            if currency == cost.get("currency", "USD"):
                amount += part
            else:
                unknown += 1
    return Sum(amount, currency or "USD", unknown)


def bought(children: Sequence[Job]) -> list[Job]:
    """The steps that cost something: what was made, and what a vendor may have charged for."""
    return [c for c in children if c.succeeded or may_be_charged(c)]


def spent(children: Sequence[Job]) -> dict[str, Any] | None:
    """What the steps of a job cost: the known part, marked `partial` where a part is unknown.

    None only where nothing at all is known of what was bought. So the ledger settles what it knows.
    """
    parts = bought(children)
    total = summed(c.cost if c.succeeded else cost_bought(c) for c in parts)
    if not total.unknown:
        return total.known()
    if total.unknown == len(parts):
        return None
    return {**total.known(), "partial": True}
