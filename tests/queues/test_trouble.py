"""The embedded queue when a store or a handler fails: the queue goes on, and so does every job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.ports.queue import Handler
from flexura.ports.records import Tx
from flexura.queues import embedded
from flexura.queues.embedded import EmbeddedQueue
from flexura.storage.sqlite import SqliteRecords

pytestmark = pytest.mark.anyio


async def insert(records: SqliteRecords, prompt: str = "p") -> Job:
    job = Job(new_id("job"), "ws", "image", "queued", "fake", "m", prompt, {}, {}, 1, 1)
    await records.transact(lambda tx: tx.insert_job(job))
    return job


async def complete(records: SqliteRecords, job: Job) -> None:
    def end(tx: Tx) -> Job | None:
        return tx.update_job(job.id, attempt=job.attempt, state="completed")

    await records.transact(end)


@asynccontextmanager
async def working(queue: EmbeddedQueue, handler: Handler) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.work(handler, {"fake": 4}))
    try:
        async with asyncio.timeout(20):
            yield
    finally:
        await queue.drain(5)
        await task


def failing(
    monkeypatch: pytest.MonkeyPatch, records: SqliteRecords, name: str, times: int
) -> Callable[[], int]:
    """That method of the store fails so many times; how many of them are left."""
    real, left = getattr(records, name), times

    async def broken(*given: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            raise OSError("database is locked")
        return await real(*given)

    monkeypatch.setattr(records, name, broken)
    return lambda: left


@pytest.mark.parametrize("method", ["due", "transact"])
async def test_a_store_that_fails_once_does_not_leave_a_gateway_without_a_worker(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(embedded, "_TROUBLE_SECONDS", 0.01, raising=False)
    done = asyncio.Event()

    async def handler(job: Job) -> None:
        await complete(records, job)
        done.set()

    await insert(records)
    left = failing(monkeypatch, records, method, 1)
    async with working(EmbeddedQueue(records), handler):
        await done.wait()
    assert left() == 0


async def test_a_store_that_fails_once_does_not_end_the_heartbeat(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, attempts = asyncio.Event(), list[int]()

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        began.set()
        await asyncio.Event().wait()

    async with working(EmbeddedQueue(records, lease_seconds=0.6), handler):
        job = await insert(records)
        await began.wait()
        left = failing(monkeypatch, records, "transact", 1)
        while left():
            await asyncio.sleep(0.02)
        before = (await records.job("ws", job.id) or job).lease_until
        while not (now := await records.transact(lambda tx: tx.job(job.id))):
            pass
        while now.lease_until <= before:
            await asyncio.sleep(0.02)
            now = await records.transact(lambda tx: tx.job(job.id)) or now
    assert attempts == [1]


async def test_a_job_whose_handler_failed_is_taken_up_again_while_others_run(
    records: SqliteRecords,
) -> None:
    attempts, again = list[int](), asyncio.Event()

    async def handler(job: Job) -> None:
        if job.prompt == "long":
            await asyncio.Event().wait()
        attempts.append(job.attempt)
        if len(attempts) == 1:
            raise ZeroDivisionError
        await complete(records, job)
        again.set()

    async with working(EmbeddedQueue(records, lease_seconds=0.3), handler):
        await insert(records, "long")
        await insert(records)
        await again.wait()
    assert attempts == [1, 2]


async def test_a_machine_that_slept_does_not_take_its_own_jobs_away_from_itself(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts, began, looked, now, later = list[int](), asyncio.Event(), 0, embedded._now, 0

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        began.set()
        await asyncio.Event().wait()

    async with working(EmbeddedQueue(records, lease_seconds=30), handler):
        await insert(records)
        await began.wait()
        monkeypatch.setattr(embedded, "_now", lambda: now() + later)
        due = records.due

        async def counted(at: int) -> bool:
            nonlocal looked
            looked += 1
            return await due(at)

        monkeypatch.setattr(records, "due", counted)
        later = 3_600_000
        while looked < 4:
            await asyncio.sleep(0.02)
    assert attempts == [1]
