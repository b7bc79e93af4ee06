"""A SQLite file is looked at within bounds, a ledger is added up, and what is wrong is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flexura.domain.credits import Account, Budget
from flexura.ports.records import Tx
from flexura.runtime.stores import open_records
from flexura.services.ledger_check import ledger_problems
from flexura.storage.integrity import NotFinished, integrity, was_cut_off
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import connect
from portable_house import furnish
from storage_house import fill

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "flexura.db"
    migrate(path)
    fill(path, 3000)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def spoil(path: Path) -> None:
    """What a bad disk does: some pages in the middle are somebody else's."""
    with path.open("r+b") as file:
        file.seek(40 * 4096)
        file.write(b"\xa5" * 40 * 4096)


def test_a_sound_database_has_no_problems(database: Path) -> None:
    assert integrity(database) == []
    assert integrity(database, quick=True) == []


def test_pages_that_were_overwritten_are_found(database: Path) -> None:
    spoil(database)
    assert integrity(database, quick=True)
    found = integrity(database, most=3)
    assert 0 < len(found) <= 3


def test_a_file_that_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "flexura.db"
    path.write_bytes(b"not a database at all" * 100)
    assert integrity(path) == ["file is not a database"]


def test_a_row_that_names_nobody_is_found(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO calls (job_id, session) VALUES ('job_gone', 's')")
    (problem,) = integrity(database)
    assert "calls" in problem
    assert "jobs" in problem


def test_a_check_that_takes_too_long_is_given_up(database: Path) -> None:
    with pytest.raises(NotFinished):
        integrity(database, seconds=0.0)


def test_a_database_that_nobody_closed_is_recognised(database: Path) -> None:
    assert not was_cut_off(database)
    with closing(connect(database, writing=True)) as connection:
        connection.execute("UPDATE jobs SET note = 'x' WHERE id = (SELECT min(id) FROM jobs)")
        assert was_cut_off(database)
    assert not was_cut_off(database)


async def test_the_ledger_of_a_busy_store_adds_up(tmp_path: Path) -> None:
    made = await furnish(tmp_path)
    async with open_records(made.settings) as records:
        assert await records.transact(ledger_problems) == []


async def test_credits_that_no_entry_explains_are_found(tmp_path: Path) -> None:
    made = await furnish(tmp_path)
    async with open_records(made.settings) as records:
        (workspace,) = await records.workspaces()

        def steal(tx: Tx) -> None:
            account = tx.get(Account, workspace.id)
            assert account is not None
            tx.change(Account, workspace.id, spent=account.spent + 1)
            tx.update_job(made.open["queued"], reserved=1)
            (budget,) = tx.find(Budget)
            tx.move_budget(budget.id, "all", 10**12, reserved=5)

        await records.transact(steal)
        found = await records.transact(ledger_problems)
    assert len(found) == 4
    told = "\n".join(found)
    for word in (workspace.id, made.open["queued"], "the budget", "by day and month"):
        assert word in told
