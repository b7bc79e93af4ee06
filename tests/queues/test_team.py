"""What many processes on one database are asked beyond that: nothing is left behind, nothing is for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager

from flexura.domain.job import Job
from flexura.ports.queue import dispatch_queue
from flexura.ports.records import Records
from flexura.queues import dispatcher
from queues_house import OnPostgres, complete, insert, job_for, now, working

pytestmark = pytest.mark.anyio
LONG_NAME = "a provider with a name that is longer than any channel of PostgreSQL may be"
KILL_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
async def store(team: OnPostgres) -> AsyncIterator[Records]:
    async with team.opened() as records:
        yield records


async def test_dispatches_are_gone_when_their_jobs_are(team: OnPostgres, store: Records) -> None:
    ended, done = 0, asyncio.Event()

    async def handler(job: Job) -> None:
        nonlocal ended
        await complete(store, job)
        ended += 1
        if ended == 60:
            done.set()

    def left() -> list[int]:
        tables = "procrastinate_jobs", "procrastinate_events"
        return [team.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables]

    async with working(team.queue(store), handler):
        for _ in range(6):
            await insert(store, *(job_for() for _ in range(10)))
        await done.wait()
        while left() != [0, 0]:
            await asyncio.sleep(0.05)
    assert team.rows("SELECT count(*) FROM procrastinate_workers") == [(0,)]


async def test_a_worker_leaves_alone_what_it_cannot_do(team: OnPostgres, store: Records) -> None:
    done, ran = asyncio.Event(), list[str]()

    async def handler(job: Job) -> None:
        ran.append(job.provider)
        await complete(store, job)
        if len(ran) == 2:
            done.set()

    async with working(team.queue(store), handler, {"other": 4}):
        await insert(store, job_for(), job_for(LONG_NAME))
        async with team.opened() as records:
            queue = team.queue(records)
            async with working(queue, handler, {"fake": 4, LONG_NAME: 4}):
                await done.wait()
    assert sorted(ran) == [LONG_NAME, "fake"]


async def test_a_worker_goes_on_when_the_database_has_dropped_every_connection(
    team: OnPostgres, store: Records
) -> None:
    started = asyncio.Queue[str]()
    hold = asyncio.Event()

    async def handler(job: Job) -> None:
        started.put_nowait(job.prompt)
        if job.prompt == "long":
            await hold.wait()
        await complete(store, job)

    async with working(team.queue(store, 3.0), handler):
        await insert(store, job_for(prompt="long"))
        assert await started.get() == "long"
        for prompt in ("one", "two"):
            team.rows(KILL_ALL)
            async with asyncio.timeout(6):
                await insert(store, job_for(prompt=prompt))
                assert await started.get() == prompt
        hold.set()
        while await store.unfinished():
            await asyncio.sleep(0.05)
        # NOTIFY is heard again as well: nothing is found by looking this fast.
        delays = []
        for _ in range(5):
            began = now()
            await insert(store, job_for(prompt="three"))
            assert await started.get() == "three"
            delays.append(now() - began)
    assert min(delays) < 100


async def test_a_worker_ends_although_its_connection_is_lost_while_it_does(
    team: OnPostgres, store: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = 0

    async def no_connection(manager: JobManager, worker_id: int) -> None:
        nonlocal lost
        lost += 1
        raise ConnectorException

    async def handler(job: Job) -> None:
        await complete(store, job)
        done.set()

    done = asyncio.Event()
    monkeypatch.setattr(JobManager, "unregister_worker", no_connection)
    async with asyncio.timeout(20):
        async with working(team.queue(store), handler):
            await insert(store, job_for())
            await done.wait()
    assert lost == 1


async def test_dispatches_of_a_process_that_died_are_removed(
    team: OnPostgres, store: Records
) -> None:
    await insert(store, job_for())
    [(worker,)] = team.rows(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
        " RETURNING id"
    )
    team.rows("SELECT procrastinate_fetch_job_v2(%s, %s)", [dispatch_queue("fake")], worker)
    assert team.rows("SELECT status FROM procrastinate_jobs") == [("doing",)]
    done = asyncio.Event()

    async def handler(job: Job) -> None:
        await complete(store, job)
        done.set()

    async with working(team.queue(store), handler):
        await done.wait()
        while team.rows("SELECT 1 FROM procrastinate_jobs"):
            await asyncio.sleep(0.05)
        assert team.rows("SELECT count(*) FROM procrastinate_workers") == [(1,)]
    assert await store.unfinished() == 0


async def test_who_sleeps_in_a_transaction_does_not_keep_its_jobs(
    team: OnPostgres, store: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "_ASLEEP_SECONDS", 0.3)
    done = asyncio.Event()

    async def handler(job: Job) -> None:
        await complete(store, job)
        done.set()

    await insert(store, job_for())
    with psycopg.connect(team.dsn, autocommit=True, application_name="flexura") as asleep:
        # As a transaction begins there: on its way with the first statement.
        with asleep.pipeline():
            asleep.execute("BEGIN")
            asleep.execute("SELECT id FROM jobs FOR UPDATE")
        async with working(team.queue(store), handler):
            await done.wait()
        with pytest.raises(psycopg.OperationalError):
            asleep.execute("COMMIT")


async def test_a_machine_whose_clock_is_wrong_takes_nothing_from_the_others(
    team: OnPostgres, store: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flexura.queues import procrastinate

    attempts, began, real = list[int](), asyncio.Event(), procrastinate.now_ms
    hold, done = asyncio.Event(), asyncio.Event()

    async def handler(job: Job) -> None:
        attempts.append(job.attempt)
        began.set()
        await hold.wait()
        await complete(store, job)
        if len(attempts) == 2:
            done.set()

    first: Any = team.queue(store, 60)
    async with working(first, handler):
        await insert(store, job_for())
        await began.wait()
        monkeypatch.setattr(procrastinate, "now_ms", lambda: real() + 3_600_000)
        while first._ahead > -3_000_000:
            # The two share the clock here: for the first it jumped, and it has to look at it again.
            await asyncio.sleep(0.01)
        async with team.opened() as other, working(team.queue(other, 60), handler):
            await insert(other, job_for())
            hold.set()
            await done.wait()
    assert attempts == [1, 1]


async def test_a_process_holds_few_connections_whatever_runs(
    team: OnPostgres, store: Records
) -> None:
    running, hold = 0, asyncio.Event()

    async def handler(job: Job) -> None:
        nonlocal running
        running += 1
        await hold.wait()
        await complete(store, job)

    async with working(team.queue(store), handler, {"fake": 50}):
        await insert(store, *(job_for() for _ in range(50)))
        while running < 50:
            await asyncio.sleep(0.01)
        listening = team.rows(
            "SELECT count(*) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%%'"
            " AND datname = current_database()"
        )
        held = team.rows("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        hold.set()
    assert listening[0][0] <= 2 and held[0][0] <= 16
