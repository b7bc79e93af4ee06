"""The one way into a job and the one way out of it: what must be true together is written together.

Accepting writes the idempotency key, the credits that are held, the job and the first event in one
transaction; ending writes the job's last state, its files, the credits and the last event in another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import IdempotencyMismatch, OutcomeUnknown
from flexura.domain.job import TEMPLATE_PROVIDER, Caller, Job, Submitted
from flexura.ports.records import Idempotency, Records, Tx
from flexura.ports.tracing import span, traceparent
from flexura.services import telling
from flexura.services.clock import now_ms
from flexura.services.events import Events
from flexura.services.money import Money
from flexura.services.queue_caps import QueueCaps
from flexura.services.retention import Retention
from flexura.services.runs.costs import spent

AT_REST = ("queued", "awaiting_approval", "scheduled")
"""No worker holds a job in these states, so it can be ended at once."""
_ABANDONED_MS = 60_000


@dataclass(frozen=True)
class Origin:
    """Where an order came in: which tool or route, and the keys that make a repeat recognisable."""

    tool: str
    joins: bool = False
    """Whether a repeat whose answer never arrived joins the earlier job (MCP tools do)."""
    idempotency_key: str = ""
    body_sha256: str = ""
    route: str = ""
    """The scope of the idempotency key."""
    answer: Callable[[Job], dict[str, Any]] | None = None
    """Renders the first answer, which is kept with the key and replayed as it was."""


class Transitions:
    """Accepts and ends jobs."""

    def __init__(
        self,
        records: Records,
        money: Money,
        events: Events,
        caps: QueueCaps,
        retention: Retention | None = None,
    ) -> None:
        self._records = records
        self._retention = retention or Retention(events)
        self._money = money
        self._events = events
        self._caps = caps

    async def accept(
        self,
        job: Job,
        caller: Caller,
        origin: Origin,
        *,
        again: bool = False,
        check: Callable[[Tx], None] = lambda tx: None,
    ) -> Submitted:
        """Accept an order durably, or answer with the job that it repeats.

        `check` may refuse a new order; a repeat of an earlier one is answered all the same. Raises what it
        raises, InvalidRequest (callback_url), IdempotencyMismatch, InsufficientCredits, BudgetExceeded,
        Overloaded, DiskFull.
        """
        self._events.check(job)
        job = job.evolve(trace=job.trace or traceparent())

        def work(tx: Tx) -> Submitted:
            if origin.idempotency_key:
                used = tx.idempotency(caller.workspace_id, origin.route, origin.idempotency_key)
                if used is not None:
                    return replayed(tx, used, origin)
            if origin.joins and not again and (earlier := tx.joinable(job, caller.session)):
                tx.add_call(earlier.id, caller.session)
                return Submitted(earlier, deduplicated=True)
            check(tx)
            self._caps.check(tx, job)
            held = self._money.reserve(tx, job)
            tx.insert_job(held)
            if origin.joins:
                tx.add_call(held.id, caller.session)
            if origin.idempotency_key:
                answer = json.dumps(origin.answer(held)) if origin.answer else ""
                key = Idempotency(origin.body_sha256, held.id, answer=answer)
                tx.insert_idempotency(
                    caller.workspace_id, origin.route, origin.idempotency_key, key, held.created_at
                )
            self._events.note(tx, held)
            return Submitted(held)

        with span("accept job", inside=True, attributes={"flexura.provider": job.provider}):
            return telling.accepted(await self._records.transact(work))

    async def began(self, job: Job) -> None:
        """Tell whoever listens that a worker has begun a job; free where nobody does."""
        await self._events.began(self._records, job)

    def end(
        self,
        tx: Tx,
        job: Job,
        artifacts: Sequence[Artifact] = (),
        *,
        attempt: int | None = None,
        told: Sequence[Artifact] = (),
        **changes: Any,
    ) -> Job | None:
        """End a job inside a transaction; None if it has ended already or the attempt is an old one.

        `changes` holds its last state. Its files are stored, its credits settled or given back, and whoever
        listens is told, also of the files in `told`, which are stored already.
        """
        now = now_ms()
        last = {"phase": "done", "note": "", "updated_at": now, "finished_at": now, "reserved": 0}
        if job.provider == TEMPLATE_PROVIDER and "cost" not in changes:
            # Steps that were bought are paid for, however the whole ends.
            changes["cost"] = spent(tx.children(job.id))
        ended = tx.update_job(job.id, attempt=attempt, **{**last, **changes})
        if ended is None:
            return None
        kept = [self.store(tx, artifact) for artifact in artifacts]
        self._money.release(tx, job, ended)
        self._events.note(tx, ended, [*kept, *told])
        tx.afterwards(lambda: telling.ended(ended))
        return ended

    def cancel(self, tx: Tx, job: Job) -> Job | None:
        """End a job that no worker holds, or ask its worker to stop; None if it has ended already."""
        if job.state not in AT_REST and not _abandoned(job):
            return tx.update_job(job.id, cancel_requested=True, updated_at=now_ms())
        if job.phase == "submitting":
            # As its worker would have ended it: a cancellation does not give the price back.
            name = job.provider
            return self.end(
                tx,
                job,
                state="failed",
                error_code=OutcomeUnknown.code,
                error_message=f"The gateway stopped while {name} was being asked: it may have charged.",
                error_next_step=f"Look at the {name} account before ordering again.",
                cancel_requested=True,
            )
        return self.end(
            tx,
            job,
            state="canceled",
            error_code="canceled",
            error_message="The job was canceled.",
            cancel_requested=True,
        )

    def tell(self, tx: Tx, job: Job, artifacts: Sequence[Artifact] = ()) -> None:
        """Tell whoever listens what a job's new state means."""
        self._events.note(tx, job, artifacts)

    def store(self, tx: Tx, artifact: Artifact) -> Artifact:
        """Store a new file of a job with the date on which its bytes go; the file with that date."""
        return self._retention.store(tx, artifact)

    def cover(self, tx: Tx, job: Job, cost: Mapping[str, Any]) -> bool:
        """Hold as many credits as a running job costs by now; False where they are not to be had."""
        return self._money.cover(tx, job, cost)


def _abandoned(job: Job) -> bool:
    """Whether no worker has taken a job up for a while after the last one: its provider may be gone."""
    steps = job.provider == TEMPLATE_PROVIDER
    return not steps and job.lease_until < now_ms() - _ABANDONED_MS


def replayed(tx: Tx, used: Idempotency, origin: Origin) -> Submitted:
    """The job of an idempotency key that was used before. Raises IdempotencyMismatch for another body."""
    if used.body_sha256 != origin.body_sha256:
        raise IdempotencyMismatch(
            next_step="Use a new idempotency key for a new order.", field="Idempotency-Key"
        )
    job = tx.job(used.job_id)
    assert job is not None, "an idempotency key is stored with its job"
    return Submitted(job, replayed=True, answer=used.answer)
