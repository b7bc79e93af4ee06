"""What must hold: looked at in every transaction, at every commit and at the end.

It has a connection of its own and knows what the upstream sold, so it takes nobody's word for anything.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from flexura.domain.job import FINAL, Job
from flexura.ports.records import Tx
from simulation.world import World

T = TypeVar("T")
connect = sqlite3.connect
"""As it is outside of the simulation."""
CLAIM: ContextVar[tuple[str, int] | None] = ContextVar("CLAIM", default=None)
"""The job and the attempt that a worker's task has."""
_RANKS = ("queued", "running", "awaiting_approval", "scheduled", "publishing")
_COLUMNS = (
    "id, change_seq, version, state, phase, attempt, progress, provider, parent_id, error_code, cost,"
    " reserved, operation"
)


@dataclass(slots=True)
class Seen:
    """A job as the last commit left it."""

    id: str
    seq: int
    version: int
    state: str
    phase: str
    attempt: int
    progress: float
    provider: str
    parent_id: str
    error_code: str
    cost: str
    reserved: int
    operation: str

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def tickets(self) -> list[str]:
        """The handles that are saved, in their order."""
        kept = json.loads(self.operation) if self.operation else None
        rounds = (kept or {}).get("rounds")
        return [str(r["ticket"]) for r in rounds] if isinstance(rounds, list) else []


class Audit:
    """Looks at everything, believes nobody."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.reader = connect(world.database, isolation_level=None)
        self.reader.execute("PRAGMA query_only=ON")
        self.seen: dict[str, Seen] = {}
        self._until = 0
        self._entries = -1
        self.paused = False
        """Before the first process is up."""

    def one(self, sql: str, *values: Any) -> Any:
        """The one value that a query gives."""
        return self.reader.execute(sql, values).fetchone()[0]

    # -- in a transaction -----------------------------------------------------------------------------
    def watched(self, work: Callable[[Tx], T]) -> Callable[[Tx], T]:
        """The work of a transaction, looked at from inside: a worker changes no job that another one has."""
        claim = CLAIM.get()
        if claim is None:
            return work
        job_id, attempt = claim

        def looked_at(tx: Tx) -> T:
            connection: sqlite3.Connection = tx._connection  # type: ignore[attr-defined]
            sql = "SELECT attempt, change_seq FROM jobs WHERE id = ?"
            before = connection.execute(sql, (job_id,)).fetchone()
            result = work(tx)
            after = connection.execute(sql, (job_id,)).fetchone()
            if before == after:
                if after[0] != attempt:
                    self._world.happened["write fenced off"] += 1
            elif after[0] != attempt:
                self._world.wrong(
                    f"{job_id}: attempt {attempt} wrote, though attempt {after[0]} has it"
                )
            return result

        return looked_at

    # -- at a commit ----------------------------------------------------------------------------------
    def committed(self) -> None:
        """Look at what the last commit changed."""
        if self.paused:
            return
        self._world.happened["commits"] += 1
        rows = self.reader.execute(
            f"SELECT {_COLUMNS} FROM jobs WHERE change_seq > ? ORDER BY change_seq", (self._until,)
        ).fetchall()
        for row in rows:
            job = Seen(*row)
            self._until = job.seq
            self._changed(self.seen.get(job.id), job)
            self.seen[job.id] = job
        self._books()

    def _changed(self, before: Seen | None, job: Seen) -> None:
        world = self._world
        was = before and f"{before.state}/{before.phase}"
        told = f"{job.id} {was} -> {job.state}/{job.phase} attempt {job.attempt} {job.error_code}"
        world.tell("job", told)
        if before is None:
            # Where one commit holds both it is begun already.
            begun = (job.state, job.attempt) == ("running", 1)
            self._hold(job.state == "queued" or begun, f"new, and not queued: {told}")
            return
        self._hold(job.version > before.version, f"the version did not grow: {told}")
        if before.final:
            same = (job.state, job.cost, job.error_code) == (
                before.state,
                before.cost,
                before.error_code,
            )
            self._hold(same, f"a final state changed: {told}")
            return
        self._hold(_rank(job) >= _rank(before), f"the state went back: {told}")
        self._hold(job.progress >= before.progress, f"progress went back: {told}")
        self._hold(0 <= job.attempt - before.attempt <= 1, f"the attempt jumped: {told}")
        had, has = before.tickets, job.tickets
        self._hold(has[: len(had)] == had, f"a handle was lost: {told}: {had}, {has}")
        if job.attempt > before.attempt:
            world.happened["claimed" if before.state == "queued" else "taken over"] += 1
            if before.phase == "submitting":
                world.happened["taken over in the purchase"] += 1

    def claimed(self, provider: str, most: int, jobs: list[Job], running: int) -> None:
        """Look at what a worker took, inside of its transaction: `running` jobs have a lease by then.

        A worker that wakes up renews leases that had run out; with these there may be more for a while.
        """
        told = f"{provider}: {len(jobs)} were taken, and {running} run, of {most}"
        self._hold(running <= most, f"more at once than the provider allows: {told}")
        for job in jobs:
            before = self.seen.get(job.id)
            taken = before is None or job.attempt == before.attempt + 1
            self._hold(taken, f"{job.id} was taken with attempt {job.attempt}")

    def _books(self) -> None:
        entries, granted, reserved, spent = self.reader.execute(
            "SELECT count(*), coalesce(sum(granted), 0), coalesce(sum(reserved), 0),"
            " coalesce(sum(spent), 0) FROM credit_entries"
        ).fetchone()
        if entries == self._entries:
            return
        self._entries = entries
        account = self.reader.execute("SELECT granted, reserved, spent FROM accounts").fetchone()
        told = f"account {account}, entries {(granted, reserved, spent)}"
        self._hold(account == (granted, reserved, spent), f"the account is no sum: {told}")
        self._hold(min(account) >= 0, f"less than nothing: {told}")
        held = self.one(
            "SELECT coalesce(sum(reserved), 0) FROM jobs WHERE parent_id = ''"
            " AND state NOT IN ('completed', 'published', 'failed', 'canceled')"
        )
        self._hold(reserved == held, f"{reserved} reserved, {held} held by jobs")
        over = self.reader.execute(
            "SELECT b.id, u.reserved, u.spent, b.most FROM budgets b JOIN budget_uses u"
            " ON u.budget_id = b.id WHERE u.reserved + u.spent > b.most OR u.reserved < 0"
        ).fetchall()
        self._hold(not over, f"a budget was overrun: {over}")

    def _hold(self, holds: bool, told: str) -> None:
        if not holds:
            self._world.wrong(told)

    @property
    def unfinished(self) -> list[str]:
        """Jobs that have not ended."""
        return [job.id for job in self.seen.values() if not job.final]

    def close(self) -> None:
        self.reader.close()


def _rank(job: Seen) -> int:
    return len(_RANKS) if job.final else _RANKS.index(job.state)
