"""What runs beside the requests goes on when the store fails once."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from flexura.domain.errors import DiskFull
from flexura.runtime import background
from flexura.services import watch
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
        async def sweep(self, now: int) -> int:
            if problems:
                raise problems.pop()
            swept.set()
            return 0

    sweeps: Any = Sweeps()
    async with background.running(background.sweep(sweeps, sweeps)), asyncio.timeout(20):
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
