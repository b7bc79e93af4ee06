"""What becomes of unfinished jobs when a store is brought back from a backup.

After the backup was made the old gateway went on: what waited then may have been ordered, paid and delivered
since. Nobody can tell from the copy. So whatever may have been bought since counts as bought: it ends as
`outcome_unknown`, which is charged as it was held, and a repeat of the order is answered with it instead of
being bought. What goes on is only what cannot buy anything.

- an order that its vendor had taken (a handle is saved) goes on with that handle; rounds that were not yet
  bought are not ordered any more,
- an order that is known to cost nothing goes on,
- a run that waits for approval, or whose publish time is still to come, stays as it is: a person decides, or
  nothing happened yet,
- everything else is `outcome_unknown`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flexura.domain.credit_rules import CreditRules
from flexura.domain.job import TEMPLATE_PROVIDER, Job, JobWarning
from flexura.ports.records import Records, Tx
from flexura.services.charging import bought
from flexura.services.clock import iso
from flexura.services.transitions import Transitions

Fate = Literal["goes_on", "stays", "outcome_unknown"]
_BATCH = 200


@dataclass(frozen=True)
class Restoring:
    """Decides about the jobs of a store that nobody works on yet."""

    records: Records
    transitions: Transitions
    rules: CreditRules
    made_at: int
    """When the backup was made, in milliseconds since 1970."""
    now: int

    async def settle(self, job_ids: Sequence[str]) -> Counter[Fate]:
        """Decide about each of these unfinished jobs, steps before the jobs that they belong to."""
        fates = Counter[Fate]()
        for start in range(0, len(job_ids), _BATCH):
            batch = job_ids[start : start + _BATCH]
            fates.update(await self.records.transact(lambda tx, batch=batch: self._all(tx, batch)))
        return fates

    def _all(self, tx: Tx, job_ids: Sequence[str]) -> list[Fate]:
        return [self._decide(tx, job_id) for job_id in job_ids]

    def _decide(self, tx: Tx, job_id: str) -> Fate:
        job = tx.job(job_id)
        if job is None or job.final:
            return "stays"
        if self._waits_for_others(job):
            tx.update_job(job.id, note=f"Restored from a backup of {iso(self.made_at)}.")
            return "stays"
        if job.provider != TEMPLATE_PROVIDER and bought(job):
            tx.update_job(job.id, **self._attached(job))
            return "goes_on"
        if job.provider != TEMPLATE_PROVIDER and self.rules.micro(job.cost) == 0:
            tx.update_job(job.id, lease_owner="", lease_until=0)
            return "goes_on"
        self._end(tx, job)
        return "outcome_unknown"

    def _waits_for_others(self, job: Job) -> bool:
        if job.state == "awaiting_approval":
            return True
        return job.state == "scheduled" and (job.publish_at or 0) > self.now

    def _attached(self, job: Job) -> dict[str, Any]:
        """Waits for what was bought, and orders nothing more."""
        have, wanted = len(bought(job)), int(job.call.get("rounds", 1))
        changes: dict[str, Any] = {"phase": "waiting", "lease_owner": "", "lease_until": 0}
        if have < wanted:
            text = (
                f"{have} of {wanted} orders were known to the backup of {iso(self.made_at)};"
                " the others may have been bought since and are not ordered again."
            )
            changes["call"] = {**job.call, "rounds": have}
            changes["warnings"] = (*job.warnings, JobWarning("outcome_unknown", text))
        return changes

    def _end(self, tx: Tx, job: Job) -> None:
        vendor = "its vendors" if job.provider == TEMPLATE_PROVIDER else job.provider
        was = "was under way" if job.attempt else "was waiting"
        message = (
            f"This job {was} when the backup of {iso(self.made_at)} was made, which was restored;"
            " it may have been bought since then, so it is not ordered again."
        )
        step = (
            f"Look at the account of {vendor}; if nothing was bought, order it again as a new job."
        )
        self.transitions.end(
            tx,
            job,
            state="failed",
            error_code="outcome_unknown",
            error_message=message,
            error_next_step=step,
        )
