"""`flexura migrate`: which schema the store has, and bringing it to this release's."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from flexura.cli.main import flexura
from flexura.local import paths
from flexura.runtime.schema import migrate_store, schema_of
from flexura.settings import load
from flexura.storage.migrate import HEAD, upgrade

OLDER = "0002"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLEXURA_HOME", str(tmp_path))
    return paths.database()


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        flexura.main(["migrate", *arguments])
    return int(ended.value.code or 0)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out)


def test_a_store_that_is_not_there_is_told_of_and_not_made_by_a_check(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--check", "--json") == 1
    assert told(capsys) == {
        "store": str(database),
        "from": None,
        "to": HEAD,
        "migrated": False,
        "up_to_date": False,
    }
    assert not database.exists()


def test_an_older_store_is_brought_up_once_and_both_schemas_are_named(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upgrade(f"sqlite:///{database}", OLDER)
    assert run("--check") == 1
    seen = capsys.readouterr()
    assert f"schema {OLDER}" in seen.out and HEAD in seen.out
    assert "flexura migrate" in seen.err
    assert run("--json") == 0
    first = told(capsys)
    assert (first["from"], first["to"], first["migrated"]) == (OLDER, HEAD, True)
    assert run("--json") == 0
    again = told(capsys)
    assert (again["from"], again["migrated"], again["up_to_date"]) == (HEAD, False, True)
    assert run("--check") == 0
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_a_store_of_a_newer_release_is_left_alone(
    database: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    capsys.readouterr()
    assert run(*arguments, "--json") == 1
    error = told(capsys)["error"]
    assert isinstance(error, dict)
    assert "9999" in error["message"] and "Upgrade flexura" in error["next_step"]


def test_a_teams_database_is_named_without_its_password(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXURA_DATABASE_URL", postgres_url)
    found = migrate_store(load())
    assert (found.before, found.after, found.behind) == (HEAD, HEAD, False)
    assert schema_of(load()) == found
    assert "://" not in found.store


def test_a_teams_database_out_of_reach_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLEXURA_DATABASE_URL", "postgresql://someone:hidden@127.0.0.1:1/none")
    assert run("--check", "--json") == 2
    error = told(capsys)["error"]
    assert isinstance(error, dict)
    assert error["next_step"]
    assert "hidden" not in json.dumps(error)
