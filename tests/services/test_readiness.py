"""Readiness: everything that is wrong at once, bounded in time, and asked once however many ask."""

from __future__ import annotations

import asyncio

import pytest

from flexura.domain.errors import DiskFull
from flexura.services import readiness as module
from flexura.services.readiness import Readiness

pytestmark = pytest.mark.anyio


async def well() -> None:
    return None


async def full() -> None:
    raise DiskFull("The disk is full.", next_step="Free some space.")


async def test_without_trouble_it_is_ready() -> None:
    checks = Readiness()
    checks.add("store", well)
    assert await checks.troubles() == ()


async def test_every_trouble_is_told_with_its_next_step() -> None:
    checks = Readiness()
    checks.add("disk", full)
    checks.add("store", well)
    (found,) = await checks.troubles()
    assert found.as_json() == {
        "check": "disk",
        "message": "The disk is full.",
        "next_step": "Free some space.",
    }


async def test_a_check_that_breaks_tells_nothing_of_its_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> None:
        raise RuntimeError("postgresql://user:secret@db")

    checks = Readiness()
    checks.add("store", broken)
    (found,) = await checks.troubles()
    assert "secret" not in str(found.as_json())
    assert "store" in caplog.text


async def test_what_hangs_is_told_in_time_and_asked_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    asked, now, go_on = 0, 0.0, asyncio.Event()

    async def hanging() -> None:
        nonlocal asked
        asked += 1
        await go_on.wait()

    checks = Readiness(lambda: now)
    checks.add("store", hanging)
    for _ in range(3):
        (found,) = await checks.troubles()
        assert "did not answer within" in found.message
        now += 2.0
    assert asked == 1
    go_on.set()
    assert await checks.troubles() == ()
    await checks.aclose()


async def test_an_answer_is_shared_for_a_second() -> None:
    asked, now = 0, 0.0

    async def counted() -> None:
        nonlocal asked
        asked += 1

    checks = Readiness(lambda: now)
    checks.add("store", counted)
    await asyncio.gather(*(checks.troubles() for _ in range(10)))
    assert asked == 1
    now = 1.1
    await checks.troubles()
    assert asked == 2


async def test_who_drains_is_not_ready_whatever_else_is_well() -> None:
    checks = Readiness()
    checks.add("store", well)
    checks.drain()
    assert [trouble.check for trouble in await checks.troubles()] == ["draining"]
