"""Figures of models from this gateway's own runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from flexura.ports.records import Records, Run
from flexura.services.stats import EVERY_SECONDS, MOST_RUNS, Stats, summed_up

pytestmark = pytest.mark.anyio


class Store:
    """Counts how often it is asked; can be held up, or broken."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, tuple[str, ...]]] = []
        self.found: list[Run] = []
        self.open = asyncio.Event()
        self.open.set()
        self.broken = False

    async def runs(self, since: int, most: int, ignored: Sequence[str]) -> list[Run]:
        self.asked.append((since, most, tuple(ignored)))
        await self.open.wait()
        if self.broken:
            raise OSError("disk")
        return self.found


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stats(store: Store, clock: Clock) -> Stats:
    return Stats(cast("Records", store), clock)


async def settled(stats: Stats) -> None:
    """Until the question that is under way has been answered."""
    for _ in range(200):
        await asyncio.sleep(0.001)
        if stats._asking is None:
            return


async def test_figures_are_medians_and_shares_by_nearest_rank() -> None:
    runs = [Run("a:b", ms, False) for ms in (100, 400, 200, 300)] + [Run("a:b", 9, True)]
    figures = summed_up([*runs, Run("a:c", 5, True)])
    assert figures["a:b"].model_dump() == {
        "runs": 5,
        "failure_rate": 0.2,
        "p50": 0.2,
        "p95": 0.4,
    }
    assert figures["a:c"].model_dump() == {
        "runs": 1,
        "failure_rate": 1.0,
        "p50": None,
        "p95": None,
    }


async def test_the_first_reader_waits_and_the_store_is_asked_once_a_minute(
    stats: Stats, store: Store, clock: Clock
) -> None:
    store.found = [Run("a:b", 1500, False)]
    assert (await stats.current())["a:b"].p50 == 1.5
    version = stats.version
    clock.now = EVERY_SECONDS - 1
    await stats.current()
    assert len(store.asked) == 1 and store.asked[0][1] == MOST_RUNS
    assert {"content_policy", "canceled", "invalid_request"} <= set(store.asked[0][2])
    clock.now = EVERY_SECONDS + 1
    store.open.clear()
    store.found = [Run("a:b", 2500, False)]
    assert (await stats.current())["a:b"].p50 == 1.5, "later readers get what is known"
    store.open.set()
    await settled(stats)
    assert (await stats.current())["a:b"].p50 == 2.5
    assert stats.version == version + 1 and len(store.asked) == 2


async def test_a_store_that_fails_leaves_the_catalog_without_figures(
    stats: Stats, store: Store
) -> None:
    store.broken = True
    assert await stats.current() == {}


async def test_closing_ends_the_question(stats: Stats, store: Store) -> None:
    store.open.clear()
    reader = asyncio.create_task(stats.current())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await stats.aclose()
    assert await reader == {}
