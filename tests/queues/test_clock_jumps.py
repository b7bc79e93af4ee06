"""The clock is set by a day while jobs run: nobody loses a job, and none waits for the clock to come back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flexura.domain.job import Job
from flexura.ports.records import Records
from flexura.queues import leases
from queues_house import OnSqlite, Place, complete, insert, job_for, now, working

pytestmark = pytest.mark.anyio
DAY = 86_400_000
LIMITS = {"fake": 9, "else": 9}


async def test_a_dead_workers_job_is_taken_over_although_its_lease_was_taken_a_day_later(
    place: Place, store: Records
) -> None:
    """As after a worker died and the clock was set back by a day."""
    taken, at = asyncio.Event(), now() + DAY
    attempts: list[int] = []

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        await complete(store, job)
        taken.set()

    await insert(store, job_for(created_at=at, run_at=at))
    await store.transact(lambda tx: tx.claim("fake", 1, "dead", at, at + 7000))
    async with working(place.queue(store), handler), asyncio.timeout(20):
        await taken.wait()
    assert attempts == [2]


async def test_a_job_that_was_ordered_a_day_later_than_now_is_begun_at_once(
    place: Place, store: Records
) -> None:
    begun, at = asyncio.Event(), now() + DAY

    async def handler(job: Job) -> None:
        await complete(store, job)
        begun.set()

    await insert(store, job_for(created_at=at, run_at=at))
    async with working(place.queue(store), handler), asyncio.timeout(20):
        await begun.wait()


async def test_what_a_dead_worker_held_takes_no_place_of_its_provider(
    place: Place, store: Records
) -> None:
    begun, at = asyncio.Event(), now() + DAY

    async def handler(job: Job) -> None:
        await complete(store, job)
        if job.prompt == "new":
            begun.set()

    await insert(store, job_for(created_at=at, run_at=at))
    await store.transact(lambda tx: tx.claim("fake", 1, "dead", at, at + 7000))
    await insert(store, job_for(prompt="new"))
    async with working(place.queue(store), handler, {"fake": 1}), asyncio.timeout(20):
        await begun.wait()


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_nobody_takes_what_another_one_works_on_when_the_clock_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    place, real = OnSqlite(tmp_path), leases.now_ms
    attempts: dict[str, list[int]] = {"held": [], "after": []}
    both, done, hold = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handler(job: Job) -> None:
        attempts[job.prompt].append(job.attempt)
        if job.prompt == "after":
            await complete(store, job)
            done.set()
            return
        if len(attempts["held"]) == 2:
            both.set()
        await hold.wait()

    async with place.opened() as store, place.opened() as other:
        one, two = place.queue(store, 0.6), place.queue(other, 0.6)
        async with working(one, handler, LIMITS), working(two, handler, LIMITS):
            await insert(store, job_for("fake", prompt="held"), job_for("else", prompt="held"))
            await both.wait()
            monkeypatch.setattr(leases, "now_ms", lambda: real() + jump)
            # It is begun when everybody has renewed its leases by the new clock.
            await insert(other, job_for("fake", prompt="after"))
            async with asyncio.timeout(20):
                await done.wait()
    assert attempts == {"held": [1, 1], "after": [1]}


async def test_no_lease_is_longer_than_what_every_process_believes(tmp_path: Path) -> None:
    place, begun = OnSqlite(tmp_path), asyncio.Event()
    until: list[int] = []

    async def handler(job: Job) -> None:
        until.append(job.lease_until)
        await complete(store, job)
        begun.set()

    async with place.opened() as store, working(place.queue(store, 10**6), handler):
        await insert(store, job_for())
        await begun.wait()
    assert until[0] <= now() + leases.MOST_LEASE_MS
