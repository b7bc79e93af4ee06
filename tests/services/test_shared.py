"""One look for all who ask at the same moment."""

from __future__ import annotations

import asyncio

import pytest

from flexura.services.shared import Shared

pytestmark = pytest.mark.anyio


class Well:
    """Counts how often it was asked; the first so many times it fails."""

    def __init__(self, failures: int = 0) -> None:
        self.asked = 0
        self.failures = failures
        self.gate = asyncio.Event()

    async def answer(self) -> int:
        self.asked += 1
        await self.gate.wait()
        if self.asked <= self.failures:
            raise OSError("no answer")
        return self.asked


async def asked(shared: Shared[int], well: Well, times: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(shared.get("one", well.answer)) for _ in range(times)]
    await asyncio.sleep(0)
    return tasks


async def test_many_who_ask_at_once_make_one_question() -> None:
    shared, well = Shared[int](60.0), Well()
    tasks = await asked(shared, well, 50)
    well.gate.set()
    assert set(await asyncio.gather(*tasks)) == {1}
    assert await shared.get("one", well.answer) == 1
    assert await shared.get("two", well.answer) == 2


async def test_a_failure_is_told_to_one_and_the_next_asks_again() -> None:
    shared, well = Shared[int](60.0), Well(failures=1)
    tasks = await asked(shared, well, 3)
    well.gate.set()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, OSError) and others == [2, 2]


async def test_who_asked_first_and_goes_leaves_the_question_to_the_next() -> None:
    shared, well = Shared[int](60.0), Well()
    tasks = await asked(shared, well, 3)
    tasks[0].cancel()
    well.gate.set()
    assert await asyncio.gather(*tasks[1:]) == [2, 2]


async def test_what_was_asked_before_a_change_is_not_kept() -> None:
    shared, well = Shared[int](60.0), Well()
    tasks = await asked(shared, well, 1)
    shared.forget()
    well.gate.set()
    assert await tasks[0] == 1
    assert await shared.get("one", well.answer) == 2
