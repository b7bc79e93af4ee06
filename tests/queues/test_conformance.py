"""What every queue does, whatever it stands on: order, limits, leases, fencing, take-over, draining."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from flexura.domain.job import Job
from flexura.ports.records import Records, Tx
from queues_house import Place, complete, insert, job_for, now, working

pytestmark = pytest.mark.anyio


async def test_a_job_starts_as_soon_as_it_is_queued(place: Place, store: Records) -> None:
    done = asyncio.Event()

    async def handler(job: Job) -> None:
        await complete(store, job)
        done.set()

    async with working(place.queue(store), handler):
        await insert(store, job_for())
        await done.wait()
    assert await store.unfinished() == 0


async def test_what_is_due_is_begun_by_priority_and_then_by_time(
    place: Place, store: Records
) -> None:
    begun, done, at = list[str](), asyncio.Event(), now() - 1000
    wanted = ["urgent", "first", "second", "later", "last"]

    async def handler(job: Job) -> None:
        begun.append(job.prompt)
        await complete(store, job)
        if len(begun) == len(wanted):
            done.set()

    await insert(
        store,
        job_for(prompt="last", priority=-1, run_at=at - 500),
        job_for(prompt="later", run_at=at + 3),
        job_for(prompt="second", run_at=at, created_at=at + 2),
        job_for(prompt="first", run_at=at, created_at=at + 1),
        job_for(prompt="urgent", priority=5, run_at=at + 9),
    )
    async with working(place.queue(store), handler, {"fake": 1}):
        await done.wait()
    assert begun == wanted


async def test_a_scheduled_job_starts_when_it_is_due_and_not_before(
    place: Place, store: Records
) -> None:
    begun, done, due = list[tuple[str, int, str]](), asyncio.Event(), now() + 700

    async def handler(job: Job) -> None:
        begun.append((job.prompt, now(), job.state))
        await complete(store, job)
        if len(begun) == 2:
            done.set()

    async with working(place.queue(store), handler):
        await insert(store, job_for(prompt="later", state="scheduled", run_at=due), job_for())
        await done.wait()
    (first, _, running), (second, at, publishing) = begun
    assert (first, second) == ("p", "later")
    assert (running, publishing) == ("running", "publishing")
    assert due <= at < due + 3000


async def test_a_job_whose_time_was_brought_forward_starts_then(
    place: Place, store: Records
) -> None:
    done = asyncio.Event()

    async def handler(job: Job) -> None:
        await complete(store, job)
        done.set()

    [job] = await insert(store, job_for(state="scheduled", run_at=now() + 600_000))
    async with working(place.queue(store), handler):
        await store.transact(lambda tx: tx.update_job(job.id, run_at=now()))
        await done.wait()


async def test_the_limit_of_a_provider_holds_over_two_processes(
    place: Place, store: Records
) -> None:
    running, most, ended, full = 0, 0, 0, asyncio.Event()
    done = asyncio.Event()

    async def handler(job: Job) -> None:
        nonlocal running, most, ended
        running += 1
        most = max(most, running)
        if running == 3:
            full.set()
        await full.wait()
        await asyncio.sleep(0)
        running -= 1
        await complete(store, job)
        ended += 1
        if ended == 12:
            done.set()

    async with place.opened() as other:
        one, two = place.queue(store), place.queue(other)
        async with working(one, handler, {"fake": 3}), working(two, handler, {"fake": 3}):
            await insert(store, *(job_for() for _ in range(12)))
            await done.wait()
    assert most == 3


async def test_a_provider_that_is_full_does_not_hold_up_another(
    place: Place, store: Records
) -> None:
    done, hold = asyncio.Event(), asyncio.Event()

    async def handler(job: Job) -> None:
        if job.provider == "slow":
            await hold.wait()
        await complete(store, job)
        if job.provider == "fake":
            done.set()

    async with working(place.queue(store), handler, {"slow": 1, "fake": 1}):
        await insert(store, *(job_for("slow", priority=9) for _ in range(9)))
        await insert(store, job_for())
        await done.wait()


async def test_two_processes_never_run_one_job_at_once(place: Place, store: Records) -> None:
    ran, done = Counter[tuple[str, int]](), asyncio.Event()

    async def handler(job: Job) -> None:
        ran[job.id, job.attempt] += 1
        await complete(store, job)
        if len(ran) == 40:
            done.set()

    async with place.opened() as other:
        one, two = place.queue(store), place.queue(other)
        async with working(one, handler), working(two, handler):
            for _ in range(4):
                await insert(store, *(job_for() for _ in range(5)))
                await insert(other, *(job_for() for _ in range(5)))
            await done.wait()
    assert set(ran.values()) == {1} and {attempt for _, attempt in ran} == {1}


async def test_what_another_process_accepted_is_started_soon(place: Place, store: Records) -> None:
    done = asyncio.Event()

    async def handler(job: Job) -> None:
        await complete(store, job)
        done.set()

    async with place.opened() as other, working(place.queue(store), handler):
        await insert(other, job_for())
        async with asyncio.timeout(3):
            await done.wait()


async def test_a_job_that_the_queue_forgot_is_found(place: Place, store: Records) -> None:
    done, job = asyncio.Event(), job_for()

    async def handler(job: Job) -> None:
        await complete(store, job)
        done.set()

    def work(tx: Tx) -> None:
        tx.insert_job(job)
        place.forget(tx, job)

    async with place.opened() as other, working(place.queue(store), handler):
        await other.transact(work)
        async with asyncio.timeout(5):
            await done.wait()


async def test_jobs_of_a_process_that_died_are_taken_over(place: Place, store: Records) -> None:
    done, attempts = asyncio.Event(), dict[str, int]()
    held = {"lease_owner": "own_gone", "lease_until": now() + 300, "attempt": 1}

    async def handler(job: Job) -> None:
        attempts[job.state] = job.attempt
        await complete(store, job)
        if len(attempts) == 2:
            done.set()

    await insert(store, job_for(state="running", **held), job_for(state="publishing", **held))
    async with working(place.queue(store), handler):
        await done.wait()
    assert attempts == {"running": 2, "publishing": 2}


async def test_a_heartbeat_keeps_a_long_job_from_being_taken_over(
    place: Place, store: Records
) -> None:
    attempts, beats = list[int](), asyncio.Event()

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        while True:
            current = await store.transact(lambda tx: tx.job(job.id))
            if current and current.lease_until > job.lease_until + 600:
                break
            await asyncio.sleep(0.02)
        beats.set()
        await complete(store, job)

    async with working(place.queue(store, 0.5), handler):
        await insert(store, job_for())
        await beats.wait()
    assert attempts == [1]


async def test_who_lost_the_lease_is_stopped_and_the_next_gets_a_higher_attempt(
    place: Place, store: Records
) -> None:
    stopped, began, attempts = asyncio.Event(), asyncio.Event(), list[int]()

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.set()
            raise

    async with working(place.queue(store, 0.6), handler):
        [job] = await insert(store, job_for())
        await began.wait()
        stolen = await store.transact(lambda tx: tx.claim("fake", 9, "thief", 10**14, 10**15))
        await stopped.wait()
    assert [j.id for j in stolen] == [job.id] and stolen[0].attempt == 2


async def test_a_handler_that_fails_does_not_stop_the_queue(place: Place, store: Records) -> None:
    done, seen = asyncio.Event(), list[str]()

    async def handler(job: Job) -> None:
        seen.append(job.id)
        if len(seen) == 1:
            raise ZeroDivisionError
        done.set()

    async with working(place.queue(store), handler):
        await insert(store, job_for())
        await insert(store, job_for())
        await done.wait()


@pytest.mark.parametrize("failure", [ZeroDivisionError, asyncio.CancelledError])
async def test_a_job_that_nobody_works_on_any_more_is_taken_up_again_while_others_run(
    place: Place, store: Records, failure: type[BaseException]
) -> None:
    attempts, again = list[int](), asyncio.Event()

    async def handler(job: Job) -> None:
        if job.prompt == "long":
            await asyncio.Event().wait()
        attempts.append(job.attempt)
        if len(attempts) == 1:
            raise failure
        await complete(store, job)
        again.set()

    async with working(place.queue(store, 0.4), handler):
        await insert(store, job_for(prompt="long"), job_for())
        await again.wait()
    assert attempts == [1, 2]


async def test_draining_lets_the_leases_go_so_that_the_next_start_goes_on_at_once(
    place: Place, store: Records
) -> None:
    running, again = asyncio.Event(), asyncio.Event()

    async def first(job: Job) -> None:
        running.set()
        await asyncio.Event().wait()

    async def second(job: Job) -> None:
        again.set()
        await complete(store, job)

    async with working(place.queue(store, 600), first):
        await insert(store, job_for())
        await running.wait()
    async with working(place.queue(store, 600), second):
        await again.wait()


async def test_draining_begins_nothing_and_waits_for_what_must_not_be_cut(
    place: Place, store: Records
) -> None:
    begun, began, finished = list[str](), asyncio.Event(), list[str]()

    async def handler(job: Job) -> None:
        begun.append(job.id)
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            # As a submission that is under way.
            await complete(store, job)
            finished.append(job.id)

    async with working(place.queue(store), handler, {"fake": 1}):
        await insert(store, *(job_for() for _ in range(5)))
        await began.wait()
    assert begun == finished and len(begun) == 1
    assert await store.unfinished() == 4


async def test_a_store_that_fails_once_leaves_no_job_lying(
    place: Place, store: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, real, left = asyncio.Event(), store.transact, 1

    async def handler(job: Job) -> None:
        await complete(store, job)
        done.set()

    async def broken(work: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            raise OSError("database is locked")
        return await real(work)

    await insert(store, job_for())
    monkeypatch.setattr(store, "transact", broken)
    async with working(place.queue(store), handler):
        await done.wait()
    assert left == 0


async def test_a_limit_that_was_raised_is_used_by_what_waits(place: Place, store: Records) -> None:
    running, hold, two = 0, asyncio.Event(), asyncio.Event()

    async def handler(job: Job) -> None:
        nonlocal running
        running += 1
        if running == 2:
            two.set()
        await hold.wait()
        await complete(store, job)

    async with place.opened() as other, working(place.queue(store), handler, {"fake": 1}):
        await insert(store, job_for(), job_for())
        while running < 1:
            await asyncio.sleep(0.01)
        async with working(place.queue(other), handler, {"fake": 2}):
            await two.wait()
            hold.set()
