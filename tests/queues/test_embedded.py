"""The embedded queue: leases, fencing, take-over, draining."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.ports.queue import Handler
from flexura.queues.embedded import EmbeddedQueue
from flexura.storage.sqlite import SqliteRecords

pytestmark = pytest.mark.anyio


async def insert(records: SqliteRecords) -> Job:
    job = Job(new_id("job"), "ws", "image", "queued", "fake", "m", "p", {}, {}, 1, 1)
    await records.transact(lambda tx: tx.insert_job(job))
    return job


@asynccontextmanager
async def working(queue: EmbeddedQueue, handler: Handler) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.work(handler, {"fake": 4}))
    try:
        async with asyncio.timeout(20):
            yield
    finally:
        await queue.drain(5)
        await task


async def test_a_job_starts_as_soon_as_it_is_queued(records: SqliteRecords) -> None:
    started = asyncio.Event()

    async def handler(job: Job) -> None:
        await records.transact(
            lambda tx: tx.update_job(job.id, attempt=job.attempt, state="completed")
        )
        started.set()

    async with working(EmbeddedQueue(records), handler):
        await insert(records)
        await started.wait()
    assert await records.unfinished() == 0


async def test_a_heartbeat_keeps_a_long_job_from_being_taken_over(records: SqliteRecords) -> None:
    attempts: list[int] = []
    beats = asyncio.Event()

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        for _ in range(200):
            current = await records.transact(lambda tx: tx.job(job.id))
            if current and current.lease_until > job.lease_until + 600:
                break
            await asyncio.sleep(0.02)
        beats.set()
        await records.transact(lambda tx: tx.update_job(job.id, state="completed"))

    async with working(EmbeddedQueue(records, lease_seconds=0.5), handler):
        await insert(records)
        await beats.wait()
    assert attempts == [1]


async def test_who_lost_the_lease_is_stopped_and_the_next_gets_a_higher_attempt(
    records: SqliteRecords,
) -> None:
    stopped, attempts = asyncio.Event(), []

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.set()
            raise

    async with working(EmbeddedQueue(records, lease_seconds=0.6), handler):
        job = await insert(records)
        while not attempts:
            await asyncio.sleep(0)
        stolen = await records.transact(lambda tx: tx.claim("fake", 9, "thief", 10**14, 10**15))
        await stopped.wait()
    assert [j.id for j in stolen] == [job.id] and stolen[0].attempt == 2


async def test_a_handler_that_fails_does_not_stop_the_queue(records: SqliteRecords) -> None:
    done = asyncio.Event()
    seen: list[str] = []

    async def handler(job: Job) -> None:
        seen.append(job.id)
        if len(seen) == 1:
            raise ZeroDivisionError
        done.set()

    async with working(EmbeddedQueue(records), handler):
        await insert(records)
        await insert(records)
        await done.wait()


async def test_draining_lets_the_leases_go_so_that_the_next_start_goes_on_at_once(
    records: SqliteRecords,
) -> None:
    running, again = asyncio.Event(), asyncio.Event()

    async def first(job: Job) -> None:
        running.set()
        await asyncio.Event().wait()

    async def second(job: Job) -> None:
        again.set()
        await records.transact(lambda tx: tx.update_job(job.id, state="completed"))

    async with working(EmbeddedQueue(records, lease_seconds=600), first):
        await insert(records)
        await running.wait()
    async with working(EmbeddedQueue(records, lease_seconds=600), second):
        await again.wait()


async def test_a_running_job_costs_no_transaction_while_nothing_happens(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, transactions = asyncio.Event(), 0
    transact = records.transact

    async def counted(work: Any) -> Any:
        nonlocal transactions
        transactions += 1
        return await transact(work)

    async def handler(job: Job) -> None:
        running.set()
        await asyncio.Event().wait()

    async with working(EmbeddedQueue(records, lease_seconds=600), handler):
        await insert(records)
        await insert(records)
        await running.wait()
        monkeypatch.setattr(records, "transact", counted)
        for _ in range(300):
            await asyncio.sleep(0)
        assert transactions <= 2
