"""A long history costs nothing: counted in steps of the database, which are the same on every machine."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.artifact import Artifact
from flexura.domain.credits import CreditEntry
from flexura.domain.publication import Publication
from flexura.domain.template import Template
from flexura.domain.webhook import Delivery, Endpoint, SigningSecret
from flexura.ports.records import JobFilter
from flexura.storage.kinds import kind_of
from flexura.storage.migrate import migrate
from flexura.storage.pages import Pages
from flexura.storage.sqlite import connect
from flexura.storage.sqlite_tx import SqliteTx
from flexura.storage.statements import access, claims, jobs, listing, statistics, stored, timed
from flexura.storage.statements.compiling import Sql
from flexura.storage.statements.listing import Shape
from storage_house import LONG_AGO, NOW, Steps, fill, job, numbered

SHORT, LONG = 1_000, 100_000
RARE = {"state": "CASE WHEN n % 500 = 250 THEN 'awaiting_approval' ELSE 'completed' END"}
"""Two among a thousand, two hundred among a hundred thousand."""
UNSAVED = {"saved_at": "NULL"}
FRESH = {"saved_at": "CASE WHEN n % 333 = 0 THEN NULL ELSE 1 END"}


def middle(count: int) -> tuple[int, str]:
    """The place of the job in the middle of a history."""
    return LONG_AGO + count // 2 * 1000, numbered(count // 2)


PAGES: dict[str, tuple[dict[str, str], Callable[[int], JobFilter]]] = {
    "first page": ({}, lambda n: JobFilter("ws_1")),
    "cursor page": ({}, lambda n: JobFilter("ws_1", before=middle(n))),
    "deep offset": ({}, lambda n: JobFilter("ws_1", offset=900)),
    "one state": ({}, lambda n: JobFilter("ws_1", states=("completed",))),
    "a state that nobody is in": ({}, lambda n: JobFilter("ws_1", states=("queued",))),
    "a rare state": (RARE, lambda n: JobFilter("ws_1", states=("awaiting_approval",), limit=2)),
    "rare states from the middle on": (
        RARE,
        lambda n: JobFilter(
            "ws_1", states=("awaiting_approval", "failed"), limit=1, before=middle(n)
        ),
    ),
    "a project": ({}, lambda n: JobFilter("ws_1", project="alpha")),
    "a project from the middle on": (
        {},
        lambda n: JobFilter("ws_1", project="alpha", before=middle(n)),
    ),
    "a rare state of a project": (
        RARE,
        lambda n: JobFilter("ws_1", project="alpha", states=("awaiting_approval",), limit=1),
    ),
    "unsaved first, all at home": ({}, lambda n: JobFilter("ws_1", unsaved_first=True)),
    "unsaved first, none at home": (UNSAVED, lambda n: JobFilter("ws_1", unsaved_first=True)),
    "unsaved first, of a project": (
        FRESH,
        lambda n: JobFilter("ws_1", project="alpha", unsaved_first=True, limit=3),
    ),
    "unsaved first, beyond them": (
        {},
        lambda n: JobFilter("ws_1", unsaved_first=True, offset=40),
    ),
}


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """A connection to a history of some length, made once for all tests of this file."""
    made: dict[tuple[Any, ...], sqlite3.Connection] = {}

    def history(count: int, computed: dict[str, str]) -> sqlite3.Connection:
        key = (count, *sorted(computed.items()))
        if key not in made:
            path = tmp_path_factory.mktemp("history") / "flexura.db"
            migrate(path)
            fill(path, count, **computed)
            made[key] = connect(path, writing=True)
        return made[key]

    yield history
    for connection in made.values():
        connection.close()


def reading(connection: sqlite3.Connection) -> Pages:
    def read(statement: Sql, **values: Any) -> list[tuple[Any, ...]]:
        return connection.execute(
            statement.sqlite.text, {**statement.sqlite.constants, **values}
        ).fetchall()

    return Pages(read)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_a_long_history_takes_no_more_steps_than_one_of_a_short_history(
    name: str, histories: Callable[..., sqlite3.Connection]
) -> None:
    computed, filtered = PAGES[name]
    steps: list[int] = []
    lengths: list[int] = []
    for count in (SHORT, LONG):
        connection = histories(count, computed)
        with Steps(connection) as work:
            lengths.append(len(reading(connection).jobs(filtered(count))))
        steps.append(work.count)
    assert lengths[0] == lengths[1]
    assert 0 < steps[1] <= 2 * steps[0], (name, steps)


@pytest.mark.parametrize(
    "wanted", [JobFilter("ws_1"), JobFilter("ws_1", states=("completed", "failed"))]
)
def test_counting_stops_at_its_bound(
    wanted: JobFilter, histories: Callable[..., sqlite3.Connection]
) -> None:
    steps: list[int] = []
    for count in (SHORT, LONG):
        connection = histories(count, {})
        with Steps(connection) as work:
            assert reading(connection).count(wanted, 500) == 500
        steps.append(work.count)
    assert steps[1] <= 2 * steps[0], steps


def test_a_claim_from_a_long_queue_takes_no_more_steps_than_one_from_a_short_queue(
    histories: Callable[..., sqlite3.Connection],
) -> None:
    steps: list[int] = []
    for count in (SHORT, LONG):
        connection = histories(count, {"state": "'queued'"})
        tx = SqliteTx(connection)
        connection.execute("BEGIN")
        with Steps(connection) as work:
            claimed = tx.claim("fake", 4, "a", NOW, NOW + 10)
            assert tx.queued("ws_1", 10) == 10
            assert len(tx.extend("a", NOW + 20)) == 4
        connection.execute("ROLLBACK")
        assert [j.id for j in claimed] == [numbered(n) for n in (1, 2, 3, 4)]
        steps.append(work.count)
    assert steps[1] <= 2 * steps[0], steps


def test_looking_for_due_jobs_costs_nothing_beside_many_that_wait_for_people(
    histories: Callable[..., sqlite3.Connection],
) -> None:
    connection = histories(LONG, {"state": "'awaiting_approval'"})
    with Steps(connection) as work:
        found = connection.execute(
            claims.DUE.sqlite.text, {**claims.DUE.sqlite.constants, "now": NOW}
        ).fetchall()
    assert found == [] and work.count < 200


def test_a_repeat_among_many_jobs_is_looked_for_by_its_order_alone(
    histories: Callable[..., sqlite3.Connection],
) -> None:
    connection = histories(LONG, {"order_key": "'k' || (n % 10000)"})
    with Steps(connection) as work:
        SqliteTx(connection).joinable(job(order_key="k77", project="none"), "s")
    assert work.count < 1000


SHAPES = [
    Shape(project, states, before, unsaved)
    for project in (False, True)
    for states in (0, 1, 3)
    for before in (False, True)
    for unsaved in (None, True, False)
]
PLANS: dict[str, Sql] = {
    **{f"page {shape}": listing.page(shape) for shape in SHAPES},
    **{f"count {shape}": listing.counted(shape) for shape in SHAPES},
    "claim": claims.CLAIM,
    "due": claims.DUE,
    "running": claims.RUNNING,
    "extend": claims.EXTEND,
    "queued": claims.QUEUED,
    "job": jobs.BY_ID,
    "job of workspace": jobs.OF_WORKSPACE,
    "version": jobs.VERSION,
    "changes": jobs.CHANGES,
    "last change": jobs.LAST_CHANGE,
    "joinable": jobs.JOINABLE,
    "published": jobs.PUBLISHED,
    "changed": jobs.changed(frozenset({"note"}), True),
    "durations": statistics.DURATIONS,
    "deliveries": timed.CLAIM_DELIVERIES,
    "next delivery": timed.NEXT_DELIVERY,
    "expire": timed.EXPIRE,
    "over": timed.OVER,
    "expiring": timed.EXPIRING,
    "needed": timed.NEEDED,
    "artifacts": access.artifacts_of(3),
    **{
        f"find {kind.__name__} by {', '.join(names)}": stored.find(
            kind_of(kind), frozenset(names), frozenset(), True
        )
        for kind, *names in [
            (CreditEntry, "workspace_id"),
            (Delivery, "workspace_id"),
        ]
    },
}


@pytest.mark.parametrize("name", PLANS)
def test_a_statement_walks_an_index_and_sorts_nothing(name: str, database: Path) -> None:
    statement = PLANS[name]
    values = (
        dict.fromkeys(re.findall(r":(\w+)", statement.sqlite.text), 1) | statement.sqlite.constants
    )
    connection = connect(database, writing=True)
    plan = [
        row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + statement.sqlite.text, values)
    ]
    connection.close()
    tables = "jobs|deliveries|artifacts|credit_entries|calls"
    assert not [line for line in plan if re.match(rf"SCAN ({tables})\b", line)], plan
    assert not [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line], plan
    assert not [line for line in plan if re.match(r"MATERIALIZE", line)], plan


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Artifact, "job_id"),
        (Artifact, "sha256"),
        (CreditEntry, "job_id"),
        (Endpoint, "workspace_id"),
        (Publication, "job_id"),
        (SigningSecret, "workspace_id"),
        (Template, "workspace_id"),
    ],
)
def test_records_are_found_by_an_index(kind: Any, name: str, database: Path) -> None:
    statement = stored.find(kind_of(kind), frozenset({name}), frozenset(), False)
    connection = connect(database, writing=True)
    values = {f"is_{name}": "x", "most": 9, **statement.sqlite.constants}
    plan = [
        row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + statement.sqlite.text, values)
    ]
    connection.close()
    assert plan[0].startswith("SEARCH"), plan
