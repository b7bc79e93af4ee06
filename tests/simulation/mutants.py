"""Faults that are put into the engine on purpose: a simulation that does not find them would find nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from flexura.domain.job import Job
from flexura.ports.provider import Order
from flexura.ports.records import Tx
from flexura.services import events, money
from flexura.services.attempt import Attempt
from flexura.services.buying import Buying
from flexura.services.collecting import Collecting
from flexura.services.work import Worker
from flexura.storage.sqlite_tx import SqliteTx
from flexura.storage.statements import jobs as job_sql

Patches = Iterable[Any]


def _unfenced() -> Patches:
    """Nothing guards a write: neither the attempt nor the end of the job."""
    original = job_sql.changed
    yield patch.object(
        job_sql, "changed", lambda columns, fenced, any_state=False: original(columns, False, True)
    )


def _bought_again() -> Patches:
    """A crash in the middle of a purchase is not told from one before it."""
    original = Attempt._buy

    async def buy(attempt: Attempt, orders: list[Order]) -> None:
        if attempt._job.phase == "submitting":
            attempt._job = attempt._job.evolve(phase="queued")
        await original(attempt, orders)

    yield patch.object(Attempt, "_buy", buy)


def _handle_in_memory_alone() -> Patches:
    """The handle of what was bought is not saved, and the phase goes back."""
    original = Worker.write

    async def write(worker: Worker, job: Job, **changes: Any) -> Job:
        if "operation" not in changes:
            return await original(worker, job, **changes)
        written = await original(worker, job, phase="queued")
        return written.evolve(**changes)

    yield patch.object(Worker, "write", write)


def _lost_answers_are_repeated() -> Patches:
    """An order that may have been taken is sent again, whether or not the upstream knows it."""
    original = Buying._try

    async def again(buying: Buying, order: Order) -> Any:
        provider: Any = _Claims(buying.provider)
        return await original(replace(buying, provider=provider), order)

    yield patch.object(Buying, "_try", again)


class _Claims:
    """A provider that says that it recognises what it does not."""

    deduplicates = True

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)


def _variants_are_forgotten() -> Patches:
    """That a variant could not be bought is not written down: whoever takes over orders it once more."""
    original = Worker.write

    async def write(worker: Worker, job: Job, **changes: Any) -> Job:
        if changes.get("operation", {}).get("all_ordered"):
            return job.evolve(**changes)
        return await original(worker, job, **changes)

    yield patch.object(Worker, "write", write)


def _given_back_twice() -> Patches:
    """Nobody looks whether credits were given back before."""
    original, hold = money.Money.release, money._hold

    def release(self: money.Money, tx: Tx, before: Job, ended: Job) -> None:
        original(self, tx, before, ended)
        original(self, tx, before, ended)

    def forgetful(tx: Tx, job: Job) -> Any:
        return replace(hold(tx, job), over=False, reserved=before_of(job))

    def before_of(job: Job) -> int:
        return round(float((job.cost or {"amount": 0})["amount"]) * 100_000_000)

    yield patch.object(money.Money, "release", release)
    yield patch.object(money, "_hold", forgetful)


def _canceled_is_free() -> Patches:
    """Whoever cancels what was bought gets the price back."""
    yield patch.object(money, "may_be_charged", lambda job: False)


def _crowded() -> Patches:
    """A worker takes whatever is due, however much is running."""
    original = SqliteTx.claim
    yield patch.object(
        SqliteTx, "claim", lambda tx, provider, most, *more: original(tx, provider, 99, *more)
    )


def _orphans_stay() -> Patches:
    """What a dead worker had is leased by the next one, who forgets to run it."""
    original = SqliteTx.claim

    def claim(tx: SqliteTx, *about: Any) -> list[Job]:
        return [job for job in original(tx, *about) if job.attempt == 1]

    yield patch.object(SqliteTx, "claim", claim)


def _keys_are_forgotten() -> Patches:
    """An idempotency key is not stored with its job."""
    yield patch.object(SqliteTx, "insert_idempotency", lambda *about: None)


def _told_again() -> Patches:
    """Each attempt tells anew that the job has begun."""
    ids = iter(range(10**9))
    yield patch.object(events, "_message_id", lambda event, job, endpoint: f"msg_{next(ids)}")


def _files_before_the_end() -> Patches:
    """Files are recorded when they arrive, not when the job ends."""
    original = Collecting.collect

    async def collect(self: Collecting, job: Job, *about: Any) -> Any:
        artifacts, warnings = await original(self, job, *about)
        records: Any = _STORES[-1]
        for artifact in artifacts:
            await records.transact(lambda tx, a=artifact: tx.insert_artifact(a))
        return [], warnings

    make = Worker.write

    async def write(worker: Worker, job: Job, **changes: Any) -> Job:
        _STORES.append(worker.records)
        return await make(worker, job, **changes)

    yield patch.object(Worker, "write", write)
    yield patch.object(Collecting, "collect", collect)


_STORES: list[Any] = []


MUTANTS: dict[str, Callable[[], Patches]] = {
    made.__name__.strip("_"): made
    for made in (
        _unfenced,
        _bought_again,
        _handle_in_memory_alone,
        _lost_answers_are_repeated,
        _variants_are_forgotten,
        _given_back_twice,
        _canceled_is_free,
        _crowded,
        _orphans_stay,
        _keys_are_forgotten,
        _told_again,
        _files_before_the_end,
    )
}
