"""A database of the first release becomes one of this release, with everything that was in it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic import op

from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Idempotency, JobFilter
from flexura.storage import migrate as migrating
from flexura.storage.migrate import HEAD, current, migrate
from flexura.storage.sqlite import SqliteRecords, connect
from storage_house import NOW, artifact, job

FIRST = "0001"
OLD_JOB = job(order_key="k", tool="t", project="alpha", warnings=(), cost={"amount": 0.5})
OLD_ARTIFACT = artifact(job_id=OLD_JOB.id)
OLD_KEY = ApiKey("key_1", "ws_1", "mine", "p", "f" * 64, frozenset({"read", "admin"}), NOW)


def put(connection: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    """Insert what the first release knew of these values."""
    known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    row = {k: json.dumps(v) if isinstance(v, dict | list | tuple) else v for k, v in values.items()}
    row = {k: v for k, v in row.items() if k in known}
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", row)


def fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database that the first release wrote."""
    path = tmp_path / "flexura.db"
    migrating.upgrade(f"sqlite:///{path}", FIRST)
    connection = connect(path, writing=True)
    put(connection, "workspaces", fields(Workspace("ws_1", "default", NOW)))
    put(connection, "api_keys", fields(OLD_KEY) | {"scopes": "admin read"})
    put(connection, "jobs", fields(OLD_JOB) | {"change_seq": 1})
    put(connection, "artifacts", fields(OLD_ARTIFACT))
    put(connection, "calls", {"job_id": OLD_JOB.id, "session": "s", "delivered_at": None})
    put(connection, "secrets", {"name": "links", "value": "one"})
    used = {"workspace_id": "ws_1", "route": "r", "key": "k", "body_sha256": "b"}
    put(connection, "idempotency_keys", used | {"job_id": OLD_JOB.id, "created_at": NOW})
    connection.close()
    assert current(path) == FIRST
    return path


@pytest.mark.anyio
async def test_everything_of_the_first_release_is_there_after_the_upgrade(old: Path) -> None:
    migrate(old)
    assert current(old) == HEAD
    records = SqliteRecords(old)
    assert await records.job("ws_1", OLD_JOB.id) == OLD_JOB
    assert await records.jobs(JobFilter("ws_1", project="alpha")) == [OLD_JOB]
    assert await records.artifact("ws_1", OLD_ARTIFACT.id) == OLD_ARTIFACT
    assert await records.key_by_digest("f" * 64) == OLD_KEY
    assert await records.workspaces() == [Workspace("ws_1", "default", NOW)]
    used = await records.transact(lambda tx: tx.idempotency("ws_1", "r", "k"))
    assert used == Idempotency("b", OLD_JOB.id)
    assert await records.transact(lambda tx: tx.secret("links", "two")) == "one"
    again = job(order_key="k", tool="t", project="alpha")
    joined = await records.transact(lambda tx: tx.joinable(again, "s"))
    assert joined == OLD_JOB
    claimed = await records.transact(lambda tx: tx.claim("fake", 1, "a", NOW, NOW + 10))
    assert [j.id for j in claimed] == [OLD_JOB.id]
    await records.aclose()


def test_an_upgraded_database_has_the_tables_and_indexes_of_a_new_one(
    old: Path, tmp_path: Path
) -> None:
    def schema(path: Path) -> tuple[dict[str, str], dict[str, set[tuple[Any, ...]]]]:
        connection = connect(path, writing=True)
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        indexes = {name: sql for kind, name, sql in rows if kind == "index" and sql}
        columns = {
            name: {row[1:] for row in connection.execute(f"PRAGMA table_info({name})")}
            for kind, name, _ in rows
            if kind == "table"
        }
        connection.close()
        return indexes, columns

    new = tmp_path / "new.db"
    migrate(new)
    migrate(old)
    assert schema(old) == schema(new)


def test_an_upgrade_rewrites_no_job(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a table is copied: that takes minutes where there are many jobs")

    monkeypatch.setattr(op, "batch_alter_table", refused)
    monkeypatch.setattr(op, "execute", refused)
    migrate(old)


@pytest.mark.parametrize("broken", ["add_column", "create_table", "create_index"])
def test_an_upgrade_that_is_broken_off_leaves_the_first_release_its_database(
    old: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    done, most = getattr(op, broken), 5

    def broken_off(*arguments: Any, **options: Any) -> Any:
        nonlocal most
        most -= 1
        if most < 0:
            raise KeyboardInterrupt
        return done(*arguments, **options)

    def dump() -> list[str]:
        connection = connect(old, writing=True)
        lines = list(connection.iterdump())
        connection.close()
        return lines

    before = dump()
    monkeypatch.setattr(op, broken, broken_off)
    with pytest.raises(KeyboardInterrupt):
        migrate(old)
    assert current(old) == FIRST and dump() == before
    monkeypatch.setattr(op, broken, done)
    migrate(old)
    assert current(old) == HEAD


def test_the_newest_migration_is_the_one_that_is_asked_for() -> None:
    names = sorted(
        path.name for path in (Path(migrating.__file__).parent / "migrations/versions").glob("v*")
    )
    assert names[-1].startswith(f"v{HEAD}_")
