"""What only a store with many writers can get wrong: races, lost connections, news of other processes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest

from flexura.domain.credits import Account, Budget
from flexura.domain.errors import BudgetExceeded, Conflict, InvalidRequest, Overloaded
from flexura.domain.publication import Publication
from flexura.domain.workspace import Workspace
from flexura.ports.records import Idempotency, Tx
from flexura.services.clock import now_ms
from flexura.services.money import Money
from flexura.services.workspaces import Workspaces, WorkspaceTerms
from flexura.storage import postgres_schema, postgres_sessions
from flexura.storage.migrate import HEAD
from flexura.storage.postgres import PostgresRecords
from postgres_house import Cluster
from storage_house import NOW, insert, job

pytestmark = pytest.mark.anyio
AT_ONCE = 8


@pytest.fixture
async def stores(postgres_url: str) -> AsyncIterator[list[PostgresRecords]]:
    """Two processes' stores on one database."""
    both = [PostgresRecords(postgres_url) for _ in range(2)]
    for one in both:
        one.start()
    yield both
    for one in both:
        await one.aclose()


async def at_once(stores: list[PostgresRecords], work: Callable[[Tx, int], Any]) -> list[Any]:
    """The same transaction many times at once, from both processes; refusals come back as they are."""
    units = [
        stores[i % 2].transact(lambda tx, i=i: work(tx, i))  # type: ignore[misc]
        for i in range(AT_ONCE)
    ]
    return await asyncio.gather(*units, return_exceptions=True)


async def test_an_idempotency_key_that_many_use_at_once_is_written_once(
    stores: list[PostgresRecords],
) -> None:
    def work(tx: Tx, number: int) -> str:
        if used := tx.idempotency("ws_1", "r", "k"):
            return used.job_id
        tx.insert_job(job(id=f"job_{number}"))
        tx.insert_idempotency("ws_1", "r", "k", Idempotency("b", f"job_{number}"), NOW)
        return f"job_{number}"

    answers = await at_once(stores, work)
    assert len(set(answers)) == 1
    assert await stores[0].unfinished() == 1


async def test_orders_that_are_alike_and_come_at_once_are_one_job(
    stores: list[PostgresRecords],
) -> None:
    def work(tx: Tx, number: int) -> str:
        new = job(order_key="fox", tool="t")
        if earlier := tx.joinable(new, "s"):
            return earlier.id
        tx.insert_job(new)
        tx.add_call(new.id, "s")
        return new.id

    assert len(set(await at_once(stores, work))) == 1


async def test_the_last_credits_are_taken_once(stores: list[PostgresRecords]) -> None:
    await stores[0].transact(lambda tx: tx.insert(Account("ws_1", metered=True, granted=300)))
    taken = await at_once(stores, lambda tx, _: tx.move_account("ws_1", reserved=100))
    assert sorted(taken) == [False] * (AT_ONCE - 3) + [True] * 3
    account = await stores[0].get(Account, "ws_1")
    assert account is not None and account.reserved == 300


async def test_a_budget_holds_over_all_processes(stores: list[PostgresRecords]) -> None:
    taken = await at_once(stores, lambda tx, _: tx.move_budget("b", "day", 250, reserved=100))
    assert taken.count(True) == 2
    assert (await stores[0].budget_use("b", "day")).reserved == 200


async def test_orders_at_once_beyond_a_budget_are_refused_and_break_nothing(
    stores: list[PostgresRecords],
) -> None:
    budget = Budget("bud_1", "ws_1", "total", 2_500_000, NOW)
    await stores[0].transact(lambda tx: tx.insert(budget))
    money, cost = Money(), {"amount": 0.01, "currency": "USD"}
    answers = await at_once(stores, lambda tx, _: money.reserve(tx, job(cost=cost)))
    refused = [type(one) for one in answers if isinstance(one, Exception)]
    assert refused == [BudgetExceeded] * (AT_ONCE - 2)


async def test_what_is_committed_is_told_although_nobody_waits_for_it_any_more(
    stores: list[PostgresRecords],
) -> None:
    begun, goes_on, told, heard = (
        asyncio.Event(),
        threading.Event(),
        asyncio.Event(),
        asyncio.Event(),
    )
    loop, new = asyncio.get_running_loop(), job()

    def work(tx: Tx) -> None:
        tx.insert_job(new)
        tx.afterwards(told.set)
        loop.call_soon_threadsafe(begun.set)
        goes_on.wait(10)

    stores[0].on_change(heard.set)
    waiting = asyncio.create_task(stores[0].transact(work))
    async with asyncio.timeout(10):
        await begun.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        goes_on.set()
        await told.wait()
        while new.id not in [change.job_id for change in await stores[0].changes(0)]:
            heard.clear()
            await heard.wait()


async def test_rules_of_a_workspace_that_are_set_at_once_are_all_kept(
    stores: list[PostgresRecords],
) -> None:
    made = (await Workspaces(stores[0]).create("acme", WorkspaceTerms())).workspace
    changes = [
        Workspaces(stores[i % 2]).change(made.id, policy={f"rule_{i}": i}) for i in range(AT_ONCE)
    ]
    await asyncio.gather(*changes)
    found = await stores[0].get(Workspace, made.id)
    assert found is not None and len(found.policy) == AT_ONCE


async def test_a_full_queue_takes_no_more_however_many_come_at_once(
    stores: list[PostgresRecords],
) -> None:
    def work(tx: Tx, _: int) -> bool:
        if tx.queued("ws_1", 3) >= 3:
            return False
        tx.insert_job(job())
        return True

    assert (await at_once(stores, work)).count(True) == 3


async def test_the_limit_of_a_provider_holds_over_all_processes(
    stores: list[PostgresRecords],
) -> None:
    await insert(stores[0], *(job() for _ in range(AT_ONCE)))
    claimed = await at_once(
        stores, lambda tx, number: tx.claim("fake", 3, f"own_{number}", NOW, NOW + 10_000)
    )
    ids = [one.id for jobs in claimed for one in jobs]
    assert len(ids) == len(set(ids)) == 3


async def test_who_looks_for_something_in_order_to_change_it_is_alone_with_it(
    stores: list[PostgresRecords],
) -> None:
    row = Publication("pub_1", "job_1", "ws_1", "blog", "folder", NOW)
    await stores[0].transact(lambda tx: tx.insert(row))

    def work(tx: Tx, _: int) -> bool:
        found = tx.find(Publication, job_id="job_1", destination="blog")[0]
        tx.change(Publication, found.id, tries=found.tries + 1)
        return True

    await at_once(stores, work)
    found = await stores[0].get(Publication, "pub_1")
    assert found is not None and found.tries == AT_ONCE


async def test_transactions_that_lock_each_other_out_are_both_done_in_the_end(
    stores: list[PostgresRecords],
) -> None:
    one, two = job(), job()
    await insert(stores[0], one, two)
    meeting = threading.Barrier(2, timeout=20)
    met = threading.Event()

    def crossed(first: str, second: str) -> Callable[[Tx], None]:
        def work(tx: Tx) -> None:
            tx.update_job(first, note=first)
            if not met.is_set():
                meeting.wait()
                met.set()
            tx.update_job(second, note=first)

        return work

    await asyncio.gather(
        stores[0].transact(crossed(one.id, two.id)), stores[1].transact(crossed(two.id, one.id))
    )
    found = [await stores[0].job("ws_1", i.id) for i in (one, two)]
    assert [f.version for f in found if f] == [3, 3]


def end_sessions(url: str, mode: str = "pg_terminate_backend") -> None:
    """End every other session of this database, as a failover or a restart does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"SELECT {mode}(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_transaction_whose_connection_is_lost_is_done_once(
    postgres_url: str, stores: list[PostgresRecords]
) -> None:
    new, lost = job(), threading.Event()

    def work(tx: Tx) -> None:
        tx.insert_job(new)
        if not lost.is_set():
            lost.set()
            end_sessions(postgres_url)
            tx.job(new.id)

    await stores[0].transact(work)
    assert await stores[1].unfinished() == 1


@pytest.mark.parametrize("arrives", [True, False], ids=["the server has it", "it never arrived"])
async def test_a_commit_that_nobody_answers_is_looked_up(
    postgres_url: str,
    stores: list[PostgresRecords],
    monkeypatch: pytest.MonkeyPatch,
    arrives: bool,
) -> None:
    new, tries = job(), 0
    execute = psycopg.Connection.execute

    def cut(self: psycopg.Connection, query: Any, *rest: Any, **more: Any) -> Any:
        nonlocal tries
        if query == "COMMIT":
            tries += 1
            if tries == 1:
                if arrives:
                    execute(self, query)
                self.close()
                raise psycopg.OperationalError("the connection is lost")
        return execute(self, query, *rest, **more)

    monkeypatch.setattr(psycopg.Connection, "execute", cut)
    await stores[0].transact(lambda tx: tx.insert_job(new))
    assert tries == (1 if arrives else 2)
    assert await stores[1].unfinished() == 1


async def test_what_one_process_changes_the_others_hear_of(stores: list[PostgresRecords]) -> None:
    here, there = stores
    heard = asyncio.Event()
    there.on_change(heard.set)
    new = job()
    async with asyncio.timeout(10):
        # The first news are that listening has begun.
        while not await there.changes(0):
            await heard.wait()
            heard.clear()
        before = await there.last_change()
        await here.transact(lambda tx: tx.insert_job(new))
        while not (found := await there.changes(before)):
            heard.clear()
            await heard.wait()
    assert [change.job_id for change in found] == [new.id]


async def test_after_a_lost_connection_everybody_is_told_to_look(
    postgres_url: str, stores: list[PostgresRecords]
) -> None:
    heard = asyncio.Event()
    stores[0].on_change(heard.set)
    async with asyncio.timeout(20):
        await heard.wait()
        before = await stores[0].last_change()
        end_sessions(postgres_url)
        while not (found := await stores[0].changes(before)):
            heard.clear()
            await heard.wait()
    assert found[0].job_id == ""


async def test_a_change_that_nobody_told_is_found_by_looking(
    postgres_url: str, stores: list[PostgresRecords], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def untold(*_: object) -> None:
        return None

    monkeypatch.setattr(stores[0]._changes, "_tell", untold)  # pyright: ignore[reportPrivateUsage]
    looked, heard, new = asyncio.Event(), asyncio.Event(), job()
    other = PostgresRecords(postgres_url)
    recent = other._changes._recent  # pyright: ignore[reportPrivateUsage]

    async def look(since: int) -> list[str]:
        found = await recent(since)
        looked.set()
        return found

    monkeypatch.setattr(other._changes, "_recent", look)  # pyright: ignore[reportPrivateUsage]
    other.on_change(heard.set)
    other.start()
    try:
        async with asyncio.timeout(20):
            await looked.wait()
            await stores[0].transact(lambda tx: tx.insert_job(new))
            await stores[0].transact(
                lambda tx: tx.update_job(new.id, state="failed", finished_at=now_ms())
            )
            while new.id not in {change.job_id for change in await other.changes(0)}:
                heard.clear()
                await heard.wait()
    finally:
        await other.aclose()


async def test_a_database_that_is_away_is_said_to_be_and_comes_back(
    postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_sessions, "_AWAY_SECONDS", 0.2)
    url = postgres_cluster.fresh()
    store = PostgresRecords(url)
    try:
        await store.transact(lambda tx: tx.insert_job(job()))
        postgres_cluster.stop("fast")
        try:
            with pytest.raises(Overloaded) as away:
                await store.transact(lambda tx: tx.insert_job(job()))
            assert away.value.details["retry_after"] == 5
            with pytest.raises(Overloaded):
                await store.unfinished()
        finally:
            postgres_cluster.start()
        await store.transact(lambda tx: tx.insert_job(job()))
        assert await store.unfinished() == 2
    finally:
        await store.aclose()


async def test_processes_that_start_at_once_migrate_an_empty_database_once(
    postgres_cluster: Cluster,
) -> None:
    url = postgres_cluster.empty()
    program = f"from flexura.storage import postgres_schema; postgres_schema.migrate({url!r})"
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert postgres_schema.current(url) == HEAD


async def test_a_schema_of_a_later_release_is_left_alone(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match="9999"):
        postgres_schema.migrate(postgres_url)


async def test_a_database_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(InvalidRequest) as refused:
        postgres_schema.migrate("postgresql://me:secretword@127.0.0.1:1/none")
    assert "cannot be reached" in refused.value.message
    assert "secretword" not in str(refused.value.body())


async def test_another_kind_of_url_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no PostgreSQL URL"):
        postgres_schema.migrate("mysql://me@127.0.0.1/none")
