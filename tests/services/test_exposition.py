"""Figures of the store: shared by everybody who asks, and missing without harm where it is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from flexura.ports.census import Census
from flexura.services.breaker import Breakers
from flexura.services.catalog import Catalog
from flexura.services.exposition import Exposition
from flexura.services.figures import Sources
from flexura.services.load import Load
from flexura.services.readiness import Readiness

pytestmark = pytest.mark.anyio
COUNTED = Census(
    jobs={("queued", "fake"): 3},
    queued_since={"fake": 90_000},
    messages=2,
    next_message=98_000,
    uploads=1,
    granted=5_000_000,
    reserved=250_000,
    spent=1_500_000,
    spenders={"ws_1": 1_500_000},
    schema="0004",
    bytes=4096,
    log_bytes=512,
)


def exposition(
    census: Callable[[], Awaitable[Census]], clock: Callable[[], float] = lambda: 0.0
) -> Exposition:
    sources = Sources(Load(), Breakers(), Catalog([]), Readiness())
    return Exposition(census, sources, clock=clock, now=lambda: 100_000)


async def test_ages_are_seconds_since_something_was_due_and_credits_are_credits() -> None:
    async def census() -> Census:
        return COUNTED

    lines = (await exposition(census).scrape()).decode().splitlines()
    for line in (
        'flexura_jobs{provider="fake",state="queued"} 3.0',
        'flexura_queue_oldest_age_seconds{provider="fake"} 10.0',
        "flexura_webhooks_pending 2.0",
        "flexura_webhooks_oldest_age_seconds 2.0",
        "flexura_uploads_in_progress 1.0",
        'flexura_credits{entry="spent"} 1.5',
        'flexura_workspace_spent_credits{workspace="ws_1"} 1.5',
        "flexura_store_size_bytes 4096.0",
        "flexura_store_wal_bytes 512.0",
        "flexura_store_up 1.0",
    ):
        assert line in lines


async def test_a_store_that_is_away_leaves_the_other_figures() -> None:
    async def away() -> Census:
        raise RuntimeError("no store")

    lines = (await exposition(away).scrape()).decode().splitlines()
    assert "flexura_store_up 0.0" in lines
    assert "flexura_waiters 0.0" in lines
    assert not any(line.startswith("flexura_jobs{") for line in lines)


async def test_everybody_who_scrapes_within_a_second_shares_one_count() -> None:
    asked, now = 0, 0.0

    async def census() -> Census:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return COUNTED

    figures = exposition(census, lambda: now)
    await asyncio.gather(*(figures.scrape() for _ in range(5)))
    assert asked == 1
    now = 1.5
    await figures.scrape()
    assert asked == 2
