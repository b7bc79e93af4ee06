"""A vendor's rate limit holds for all processes together, whatever each of them knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider
from flexura.domain.errors import InvalidRequest, RateLimited
from flexura.domain.pace import ProviderLimit, limits_from
from flexura.ports.records import Records
from flexura.services.buying import Patience
from flexura.services.paces import Paces
from flexura.settings import Settings
from flexura.storage.migrate import migrate
from flexura.storage.postgres import PostgresRecords
from flexura.storage.sqlite import SqliteRecords
from gateway_house import opened
from scripted_provider import Scripted

pytestmark = pytest.mark.anyio
NOW = 1_790_000_000_000
MINUTE = 60_000


@pytest.fixture(params=["sqlite", "postgres"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[list[Records]]:
    """Two processes' views of one store."""
    both: list[Any]
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "flexura.db"
        migrate(path)
        both = [SqliteRecords(path), SqliteRecords(path)]
    else:
        url = request.getfixturevalue("postgres_url")
        both = [PostgresRecords(url), PostgresRecords(url)]
    yield both
    for store in both:
        await store.aclose()


@pytest.mark.parametrize("per_minute", [1, 3, 30, 120])
async def test_no_minute_sees_more_orders_than_are_allowed(
    records: Records, per_minute: int
) -> None:
    paces = Paces({"v": ProviderLimit(per_minute=per_minute)})
    taken: list[int] = []
    now = NOW
    while now < NOW + 2 * MINUTE:
        wait = await records.transact(lambda tx, at=now: paces.take(tx, "v", at))
        if wait == 0:
            taken.append(now)
        else:
            now += max(1, int(wait * 1000))
    for first in taken:
        assert sum(first <= at < first + MINUTE for at in taken) <= per_minute
    # And hardly less: nobody waits for longer than the vendor asks.
    assert len(taken) >= 1.5 * per_minute


async def test_the_last_token_is_taken_by_one_of_all_processes(stores: list[Records]) -> None:
    paces = Paces({"v": ProviderLimit(per_minute=40)})
    waits = await asyncio.gather(
        *(stores[i % 2].transact(lambda tx: paces.take(tx, "v", NOW)) for i in range(12))
    )
    assert waits.count(0.0) == 4


async def test_what_one_process_is_told_holds_for_all(stores: list[Records]) -> None:
    paces = Paces()
    await stores[0].transact(lambda tx: paces.block(tx, "v", NOW, 20))
    assert await stores[1].transact(lambda tx: paces.take(tx, "v", NOW + 5000)) == 15
    assert await stores[1].transact(lambda tx: paces.take(tx, "other", NOW + 5000)) == 0
    assert await stores[1].transact(lambda tx: paces.take(tx, "v", NOW + 20_000)) == 0


async def test_a_clock_that_is_set_back_a_day_blocks_nobody_for_a_day(records: Records) -> None:
    paces, day = Paces({"v": ProviderLimit(per_minute=1)}), 24 * 60 * MINUTE
    await records.transact(lambda tx: paces.take(tx, "v", NOW))
    await records.transact(lambda tx: paces.block(tx, "v", NOW, 30))
    assert await records.transact(lambda tx: paces.take(tx, "v", NOW - day)) == pytest.approx(60)
    await records.transact(lambda tx: paces.block(tx, "v", NOW - day, 30))
    assert await records.transact(lambda tx: paces.take(tx, "v", NOW - day)) == 30
    assert await records.transact(lambda tx: paces.take(tx, "v", NOW - day + MINUTE)) == 0


async def test_orders_wait_for_their_turn_and_are_all_made(tmp_path: Path) -> None:
    fake = FakeProvider(tmp_path)
    limits = {"fake": ProviderLimit(per_minute=1200, at_once=3)}
    settings = Settings(home=tmp_path, environment={}, provider_limits=limits)
    async with opened(settings, fake, Patience(pace=0.01)) as house:
        jobs = [await house.order(f"fox {i}") for i in range(4)]
        assert [(await house.ended(job))["status"] for job in jobs] == ["completed"] * 4


async def test_a_vendor_that_has_enough_is_left_alone_by_every_job(tmp_path: Path) -> None:
    fake = Scripted(tmp_path)
    fake.submits.append(RateLimited("Slow down.", next_step="Wait.", retry_after=1))
    settings = Settings(home=tmp_path, environment={})
    async with opened(settings, fake, Patience(pace=0.05)) as house:
        jobs = [await house.order(f"fox {i}") for i in range(2)]
        assert [(await house.ended(job))["status"] for job in jobs] == ["completed"] * 2


def test_limits_are_read_from_the_configuration() -> None:
    told = {"acme": {"per_minute": 60, "at_once": 4}, "other": {"at_once": 1}}
    assert limits_from(told) == {
        "acme": ProviderLimit(60, 4),
        "other": ProviderLimit(at_once=1),
    }


@pytest.mark.parametrize(
    "told",
    [
        {"acme": {"per_minute": 0}},
        {"acme": {"per_hour": 3}},
        {"acme": 3},
        {"acme": {"at_once": "4"}},
    ],
)
def test_a_limit_that_is_none_is_named(told: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=r"limits\.providers\.acme"):
        limits_from(told)
