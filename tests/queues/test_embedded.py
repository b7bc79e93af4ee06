"""What only the embedded queue is asked: it costs nothing at rest, and a machine may sleep."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flexura.domain.job import Job
from flexura.queues import embedded, leases
from flexura.queues.embedded import EmbeddedQueue
from flexura.storage.sqlite import SqliteRecords
from queues_house import complete, insert, job_for, working

pytestmark = pytest.mark.anyio


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
        await insert(records, job_for(), job_for())
        await running.wait()
        monkeypatch.setattr(records, "transact", counted)
        for _ in range(300):
            await asyncio.sleep(0)
        assert transactions <= 2


async def test_a_look_that_fails_once_does_not_leave_a_gateway_without_a_worker(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_TROUBLE_SECONDS", 0.01)
    done, due, left = asyncio.Event(), records.due, 1

    async def handler(job: Job) -> None:
        await complete(records, job)
        done.set()

    async def broken(at: int) -> bool:
        nonlocal left
        if left:
            left -= 1
            raise OSError("database is locked")
        return await due(at)

    await insert(records, job_for())
    monkeypatch.setattr(records, "due", broken)
    async with working(EmbeddedQueue(records), handler):
        await done.wait()
    assert left == 0


async def test_a_store_that_fails_once_does_not_end_the_heartbeat(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, attempts, failed, real = asyncio.Event(), list[int](), asyncio.Event(), records.transact

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        began.set()
        await asyncio.Event().wait()

    async def broken(work: Any) -> Any:
        monkeypatch.setattr(records, "transact", real)
        failed.set()
        raise OSError("database is locked")

    async with working(EmbeddedQueue(records, lease_seconds=0.6), handler):
        [job] = await insert(records, job_for())
        await began.wait()
        monkeypatch.setattr(records, "transact", broken)
        await failed.wait()

        async def until() -> int:
            return (await records.transact(lambda tx: tx.job(job.id)) or job).lease_until

        before = await until()
        while await until() <= before:
            await asyncio.sleep(0.02)
    assert attempts == [1]


async def test_a_machine_that_slept_does_not_take_its_own_jobs_away_from_itself(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts, began, looked, now, later = list[int](), asyncio.Event(), 0, leases.now_ms, 0

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        began.set()
        await asyncio.Event().wait()

    async with working(EmbeddedQueue(records, lease_seconds=30), handler):
        await insert(records, job_for())
        await began.wait()
        monkeypatch.setattr(leases, "now_ms", lambda: now() + later)
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
