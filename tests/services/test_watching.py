"""What runs beside the requests goes on when the store fails once."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from flexura.domain.errors import DiskFull
from flexura.domain.job import Job
from flexura.ports.records import Change
from flexura.runtime import background
from flexura.services import watch
from flexura.services.jobs import Jobs
from flexura.services.watch import Watcher
from flexura.storage.sqlite import SqliteRecords
from storage_house import insert, job

pytestmark = pytest.mark.anyio


async def test_who_waits_for_a_job_is_told_though_the_store_failed_before(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_TROUBLE_SECONDS", 0.0)
    failed, real = asyncio.Event(), records.last_change

    async def once() -> int:
        if not failed.is_set():
            failed.set()
            raise OSError("database is locked")
        return await real()

    monkeypatch.setattr(records, "last_change", once)
    watcher, one = Watcher(records), job()
    async with background.running(watcher.run()), asyncio.timeout(20):
        with watcher.watching(one.id) as changed:
            await insert(records, one)
            await failed.wait()
            await changed.wait()


async def test_the_sweep_of_old_messages_goes_on_after_any_failure(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "_SWEEP_SECONDS", 0.0)
    problems: list[Exception] = [DiskFull(), ZeroDivisionError()]
    swept = asyncio.Event()

    class Sweeps:
        async def sweep(self, now: int = 0) -> int:
            if problems:
                raise problems.pop()
            swept.set()
            return 0

    sweeps: Any = Sweeps()
    async with background.running(background.sweep(sweeps, sweeps, sweeps)), asyncio.timeout(20):
        await swept.wait()
    assert len(caplog.records) == 2


async def test_a_part_that_stops_is_logged_at_once_and_does_not_break_the_closing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    async with background.running(broken()):
        while not caplog.records:
            await asyncio.sleep(0)
    assert caplog.records[0].levelno == logging.ERROR


class _Counting:
    """A store that counts how often jobs are read, and can fail once."""

    def __init__(self, records: SqliteRecords) -> None:
        self.reads = 0
        self.broken = False
        self._records = records

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    async def job(self, workspace_id: str, job_id: str) -> Job | None:
        self.reads += 1
        if self.broken:
            self.broken = False
            raise OSError("database is locked")
        return await self._records.job(workspace_id, job_id)


async def _waited(jobs: Jobs, one: Job, **more: int) -> asyncio.Task[Job]:
    waiting = asyncio.create_task(jobs.wait(one.workspace_id, one.id, 20, **more))
    await asyncio.sleep(0)
    return waiting


def _counted(records: SqliteRecords) -> tuple[Any, Watcher, Jobs]:
    store: Any = _Counting(records)
    watcher = Watcher(store)
    transitions: Any = None
    return store, watcher, Jobs(store, watcher, transitions)


async def _settled(records: SqliteRecords) -> None:
    """What was committed has been looked at."""
    for _ in range(20):
        await asyncio.sleep(0)
    await records.transact(lambda tx: None)
    for _ in range(20):
        await asyncio.sleep(0)


async def test_five_hundred_who_wait_for_one_job_cost_one_read_when_it_ends(
    records: SqliteRecords,
) -> None:
    store, watcher, jobs = _counted(records)
    one = job()
    await insert(records, one)
    async with background.running(watcher.run()), asyncio.timeout(20):
        waiting = [await _waited(jobs, one) for _ in range(500)]
        await _settled(records)
        store.reads = 0
        await records.transact(lambda tx: tx.update_job(one.id, state="completed"))
        assert {(await task).state for task in waiting} == {"completed"}
        assert store.reads == 1


async def test_progress_wakes_those_alone_who_ask_for_any_change(records: SqliteRecords) -> None:
    _, watcher, jobs = _counted(records)
    one = job()
    await insert(records, one)
    async with background.running(watcher.run()), asyncio.timeout(20):
        to_the_end, to_a_change = await _waited(jobs, one), await _waited(jobs, one, seen_version=1)
        await _settled(records)
        await records.transact(lambda tx: tx.update_job(one.id, progress=0.5))
        assert (await to_a_change).progress == 0.5
        assert not to_the_end.done()
        await records.transact(lambda tx: tx.update_job(one.id, state="completed"))
        assert (await to_the_end).state == "completed"


async def test_who_waits_is_told_though_reading_the_job_failed(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_TROUBLE_SECONDS", 0.0)
    store, watcher, jobs = _counted(records)
    one = job()
    await insert(records, one)
    async with background.running(watcher.run()), asyncio.timeout(20):
        waiting = await _waited(jobs, one)
        await _settled(records)
        store.broken = True
        await records.transact(lambda tx: tx.update_job(one.id, state="completed"))
        assert (await waiting).state == "completed"
        assert not store.broken


async def test_a_change_of_nobody_knows_what_lets_everybody_look(
    records: SqliteRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, watcher, jobs = _counted(records)
    one = job()
    await insert(records, one)

    async def changes(since: int) -> list[Change]:
        return [Change(since + 1, "")]

    async with background.running(watcher.run()), asyncio.timeout(20):
        waiting = await _waited(jobs, one)
        await _settled(records)
        monkeypatch.setattr(records, "changes", changes)
        await records.transact(lambda tx: tx.update_job(one.id, state="failed"))
        assert (await waiting).state == "failed"


async def test_nothing_is_left_of_those_who_waited(records: SqliteRecords) -> None:
    _, watcher, jobs = _counted(records)
    one = job()
    await insert(records, one)
    async with background.running(watcher.run()), asyncio.timeout(20):
        waiting = [await _waited(jobs, one) for _ in range(3)]
        with watcher.watching(one.id, one.id, "job_2"):
            waiting[0].cancel()
            await asyncio.wait(waiting[:1])
        await records.transact(lambda tx: tx.update_job(one.id, state="completed"))
        await asyncio.gather(*waiting[1:])
    assert not watcher._watched
