"""What was ordered and what it came to, summed up: the same on either store, out of its own time alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.credits import CreditEntry
from flexura.domain.workspace import Workspace
from flexura.ports.records import Records, Tx
from flexura.ports.usage import DAY_MS, By, UsageLine
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import connect
from flexura.storage.sqlite_tx import SqliteReader
from flexura.storage.statements import usage
from storage_house import LONG_AGO, NOW, Steps, fill, job

pytestmark = pytest.mark.anyio
TODAY = NOW // DAY_MS


def ordered(tx: Tx, number: int, spent: int = 0, **changes: Any) -> None:
    """An order that ended, and what it was charged."""
    made = replace(job(), id=f"job_{number:04d}", **{"state": "completed", **changes})
    tx.insert_job(made)
    for kind, reserved, charged in (("reserve", spent, 0), ("settle", -spent, spent)):
        if spent or kind == "settle":
            tx.insert(
                CreditEntry(
                    f"cr_{kind}_{number}",
                    made.workspace_id,
                    kind,  # type: ignore[arg-type]
                    made.created_at,
                    reserved=reserved,
                    spent=charged,
                    job_id=made.id,
                )
            )


async def lines(records: Records, by: By, workspace: str = "ws_1", most: int = 50) -> Any:
    found = await records.usage(workspace, (TODAY - 6) * DAY_MS, (TODAY + 1) * DAY_MS, most)
    return [one for one in found if one.by == by]


async def test_orders_are_summed_up_by_day_model_key_and_project(records: Records) -> None:
    def work(tx: Tx) -> None:
        ordered(tx, 1, 500, key_id="key_a", project="alpha")
        ordered(tx, 2, 300, key_id="key_b", project="alpha", model_id="fake:two")
        ordered(tx, 3, 0, key_id="key_a", created_at=NOW - DAY_MS)
        ordered(tx, 4, 0, key_id="key_a", state="failed")

    await records.transact(work)
    assert await lines(records, "day") == [
        UsageLine("day", str(TODAY), 3, 1, 2, 800),
        UsageLine("day", str(TODAY - 1), 1, 0, 0, 0),
    ]
    assert await lines(records, "model") == [
        UsageLine("model", "fake:one", 3, 1, 1, 500),
        UsageLine("model", "fake:two", 1, 0, 1, 300),
    ]
    assert await lines(records, "key") == [
        UsageLine("key", "key_a", 3, 1, 1, 500),
        UsageLine("key", "key_b", 1, 0, 1, 300),
    ]
    assert await lines(records, "project") == [
        UsageLine("project", "alpha", 2, 0, 2, 800),
        UsageLine("project", "", 2, 1, 0, 0),
    ]
    assert await lines(records, "workspace") == []


async def test_a_workspace_is_summed_up_by_itself_and_all_of_them_by_workspace(
    records: Records,
) -> None:
    def work(tx: Tx) -> None:
        for number, name in enumerate(("ws_1", "ws_2")):
            tx.insert_workspace(Workspace(name, name, NOW))
            ordered(tx, number, 100 * (number + 1), workspace_id=name)

    await records.transact(work)
    (mine,) = await lines(records, "model")
    assert mine == UsageLine("model", "fake:one", 1, 0, 1, 100)
    assert await lines(records, "workspace", "") == [
        UsageLine("workspace", "ws_2", 1, 0, 1, 200),
        UsageLine("workspace", "ws_1", 1, 0, 1, 100),
    ]


async def test_steps_of_orders_and_other_times_are_not_counted(records: Records) -> None:
    def work(tx: Tx) -> None:
        ordered(tx, 1, 100)
        ordered(tx, 2, 0, parent_id="job_0001", step="draw")
        ordered(tx, 3, 100, created_at=(TODAY - 6) * DAY_MS - 1)
        ordered(tx, 4, 100, created_at=(TODAY - 6) * DAY_MS)
        ordered(tx, 5, 100, created_at=(TODAY + 1) * DAY_MS)

    await records.transact(work)
    assert [(one.name, one.jobs, one.spent) for one in await lines(records, "day")] == [
        (str(TODAY - 6), 1, 100),
        (str(TODAY), 1, 100),
    ]


async def test_of_many_models_the_dearest_are_told(records: Records) -> None:
    def work(tx: Tx) -> None:
        for number in range(9):
            ordered(tx, number, number * 10, model_id=f"fake:m{number}")

    await records.transact(work)
    assert [one.name for one in await lines(records, "model", most=2)] == ["fake:m8", "fake:m7"]


async def test_an_empty_store_has_no_use(records: Records) -> None:
    assert await records.usage("ws_1", 0, NOW, 9) == []
    assert await records.usage("", 0, NOW, 9) == []


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    made = tmp_path_factory.mktemp("short") / "a.db", tmp_path_factory.mktemp("long") / "a.db"
    for path, count in zip(made, (2_000, 40_000), strict=True):
        migrate(path)
        fill(path, count, created_at=f"{LONG_AGO} + ({count} - n) * 60000")
    yield made


def test_a_long_history_costs_no_more_than_the_time_that_is_looked_at(
    databases: tuple[Path, Path],
) -> None:
    steps: list[int] = []
    for path in databases:
        with closing(connect(path, writing=False)) as connection, Steps(connection) as work:
            found = SqliteReader(connection).usage("ws_1", LONG_AGO, LONG_AGO + 60_000_000, 50)
        assert sum(one.jobs for one in found if one.by == "day") == 1000
        steps.append(work.count)
    assert steps[1] <= 1.2 * steps[0], steps


@pytest.mark.parametrize("statement", [usage.OF_WORKSPACE, usage.OF_ALL])
def test_orders_are_found_by_the_index_of_their_workspace(statement: Any, database: Path) -> None:
    values = dict.fromkeys(("workspace_id", "since", "until", "most"), 1)
    with closing(connect(database, writing=False)) as connection:
        text, constants = statement.sqlite
        plan = [
            row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", constants | values)
        ]
    assert any("SEARCH jobs USING INDEX jobs_of_workspace" in one for one in plan), plan
    assert any("credit_entries USING INDEX credit_entries_of_job" in one for one in plan), plan
    assert not [one for one in plan if one.startswith(("SCAN jobs", "SCAN credit_entries"))], plan
