"""A task that loses a cancellation ends all the same."""

from __future__ import annotations

import asyncio

import pytest

from flexura.ports.tasks import ended

pytestmark = pytest.mark.anyio


async def test_a_task_that_loses_a_cancellation_is_cancelled_again() -> None:
    lost = asyncio.Event()

    async def forgetful() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            lost.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(forgetful())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await ended(task)
    assert lost.is_set() and task.cancelled()


async def test_what_an_ended_task_raised_is_dropped() -> None:
    async def broken() -> None:
        raise RuntimeError("broken")

    await ended(asyncio.create_task(broken()))


async def test_who_ends_a_task_is_cancelled_only_after_it() -> None:
    lost = 0

    async def forgetful() -> None:
        nonlocal lost
        while lost < 3:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost += 1

    task = asyncio.create_task(forgetful())
    ending = asyncio.create_task(ended(task))
    for _ in range(2):
        await asyncio.sleep(0)
        ending.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait([ending])
    assert ending.cancelled() and task.done() and lost == 3
