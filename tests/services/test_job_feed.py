"""Pages of jobs that stay true: told once, in order of the queue, without a look while nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Job
from flexura.ports.records import JobFilter
from flexura.services.job_feed import Standing
from flexura.services.transitions import Origin
from runs_house import Desk, desk

pytestmark = pytest.mark.anyio
LONG = 60.0


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, works=False) as found:
        yield found


async def ordered(house: Desk, prompt: str) -> Job:
    request = GenerationRequest.model_validate(
        {"kind": "image", "prompt": prompt, "model": "fake:one"}
    )
    generation = house.services.generation
    plan = await generation.plan(request, house.who)
    return (await generation.submit(plan, house.who, Origin("test"))).job


async def changed(house: Desk, job: Job, **columns: Any) -> None:
    await house.services.records.transact(lambda tx: tx.update_job(job.id, **columns))


def names(news: list[Standing]) -> list[tuple[str, str, int | None]]:
    return [(s.job.prompt, s.job.state, s.place) for s in news]


async def test_places_in_the_queue_are_told_in_the_order_in_which_jobs_begin(house: Desk) -> None:
    first, second = await ordered(house, "first"), await ordered(house, "second")
    feed = house.services.jobs.feed
    assert [s.place for s in await feed.standing([second, first])] == [2, 1]


async def test_news_come_once_and_new_jobs_with_them(house: Desk) -> None:
    feed = house.services.jobs.feed
    wanted = JobFilter(house.who.workspace_id, limit=10)
    first = await ordered(house, "first")
    seen = {s.job.id: s.token for s in await feed.page(wanted)}
    news = feed.follow(wanted, seen, LONG)
    coming = asyncio.ensure_future(anext(news))
    second = await ordered(house, "second")
    assert names(await coming) == [("second", "queued", 2)]
    coming = asyncio.ensure_future(anext(news))
    await changed(house, first, state="running", progress=0.5)
    assert ("first", "running", None) in names(await coming)
    await changed(house, second, state="canceled")
    told: list[tuple[str, str, int | None]] = []
    while ("second", "canceled", None) not in told:
        told += names(await anext(news))
    await news.aclose()


async def test_a_job_that_leaves_the_page_is_told_until_it_ends(house: Desk) -> None:
    feed = house.services.jobs.feed
    wanted = JobFilter(house.who.workspace_id, states=("queued",), limit=10)
    job = await ordered(house, "first")
    news = feed.follow(wanted, {job.id: f"{job.version}.1"}, LONG)
    coming = asyncio.ensure_future(anext(news))
    await changed(house, job, state="running")
    assert names(await coming) == [("first", "running", None)]
    coming = asyncio.ensure_future(anext(news))
    await changed(house, job, state="completed")
    assert names(await coming) == [("first", "completed", None)]
    await news.aclose()


async def test_nothing_is_looked_at_while_nothing_changes(house: Desk) -> None:
    records, looks = house.services.records, 0
    jobs = records.jobs

    async def counted(wanted: JobFilter) -> list[Job]:
        nonlocal looks
        looks += 1
        return await jobs(wanted)

    records.jobs = counted  # type: ignore[method-assign]
    feed = house.services.jobs.feed
    wanted = JobFilter(house.who.workspace_id, limit=10)
    for _ in range(20):
        await ordered(house, "one of many")
    news = [feed.follow(wanted, {}, LONG) for _ in range(5)]
    first = await asyncio.gather(*(anext(one) for one in news))
    assert all(len(some) == 10 for some in first) and looks == 1
    waiting = [asyncio.ensure_future(anext(one)) for one in news]
    # Whoever begins to watch looks once more, so that nothing falls in between.
    done, _ = await asyncio.wait(waiting, timeout=0.6)
    assert not done and looks == 2
    done, _ = await asyncio.wait(waiting, timeout=0.6)
    assert not done and looks == 2
    await ordered(house, "one more")
    assert [len(some) for some in await asyncio.gather(*waiting)] == [1] * 5 and looks == 3
    waiting = [asyncio.ensure_future(anext(one)) for one in news]
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
