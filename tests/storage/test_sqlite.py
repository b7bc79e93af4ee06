"""What is SQLite's own: several processes on one file, migrations, a full disk."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from flexura.domain.errors import Conflict, DiskFull
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.storage import tables
from flexura.storage.migrate import HEAD, current, migrate
from flexura.storage.sqlite import SqliteRecords, connect

MANY = """
import asyncio, sys
from pathlib import Path
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

async def main():
    migrate(Path(sys.argv[1]))
    records = SqliteRecords(Path(sys.argv[1]))
    def job():
        return Job(new_id("job"), "ws", "image", "queued", "fake", "m", "p", {}, {}, 1, 1)
    await asyncio.gather(*(records.transact(lambda tx, j=job(): tx.insert_job(j)) for _ in range(150)))
    taken = []
    while found := await records.transact(lambda tx: tx.claim("fake", 10**6, sys.argv[2], 5, 60_000)):
        taken += [job.id for job in found]
        await asyncio.sleep(0)
    print("\\n".join(taken))
    await records.aclose()

asyncio.run(main())
"""


def test_several_processes_start_on_an_empty_file_and_no_job_is_claimed_twice(
    tmp_path: Path,
) -> None:
    path = tmp_path / "flexura.db"
    command = [sys.executable, "-c", MANY, str(path)]
    running = [
        subprocess.Popen([*command, f"owner{i}"], stdout=subprocess.PIPE, text=True)
        for i in range(3)
    ]
    taken = [line for process in running for line in process.communicate(timeout=60)[0].split()]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(taken) == len(set(taken)) == 450


def test_a_new_database_has_the_newest_schema_and_a_second_start_changes_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "flexura.db"
    migrate(path)
    assert current(path) == HEAD
    before = path.read_bytes()
    migrate(path)
    assert path.read_bytes() == before


def test_the_migrations_make_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine

    path = tmp_path / "flexura.db"
    migrate(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        # What belongs to FTS5 is no table of ours; a test of its own looks at it.
        known = {"include_name": lambda name, *_: not str(name).startswith("gallery_words")}
        context = MigrationContext.configure(connection, opts=known)
        differences = compare_metadata(context, tables.metadata)
    engine.dispose()
    assert differences == []


def test_a_migration_that_is_broken_off_leaves_nothing_and_is_done_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    make_index, path = op.create_index, tmp_path / "flexura.db"

    def broken_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(op, "create_index", broken_off)
    with pytest.raises(KeyboardInterrupt):
        migrate(path)
    assert current(path) == ""
    monkeypatch.setattr(op, "create_index", make_index)
    migrate(path)
    assert current(path) == HEAD


def test_a_schema_from_the_future_is_refused_with_the_next_step(tmp_path: Path) -> None:
    path = tmp_path / "flexura.db"
    migrate(path)
    connection = connect(path, writing=True)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Conflict) as refusal:
        migrate(path)
    assert "9999" in refusal.value.message and "Upgrade flexura" in refusal.value.next_step


def test_every_commit_is_synced_to_disk(tmp_path: Path) -> None:
    connection = connect(tmp_path / "flexura.db", writing=True)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


@pytest.mark.anyio
async def test_a_full_disk_is_an_error_with_a_next_step_and_reads_go_on(tmp_path: Path) -> None:
    path = tmp_path / "flexura.db"
    migrate(path)
    records = SqliteRecords(path)
    first = Job(new_id("job"), "ws", "image", "queued", "fake", "m", "p", {}, {}, 1, 1)
    await records.transact(lambda tx: tx.insert_job(first))

    def no_more_pages(tx: object) -> None:
        connection: sqlite3.Connection = tx._connection  # type: ignore[attr-defined]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    await records.transact(no_more_pages)
    big = first.evolve(id=new_id("job"), prompt="x" * 500_000)
    with pytest.raises(DiskFull) as refusal:
        await records.transact(lambda tx: tx.insert_job(big))
    assert "doctor" in refusal.value.next_step
    assert await records.job("ws", first.id) == first
    await records.aclose()


@pytest.mark.anyio
async def test_a_write_waits_for_another_process_without_holding_up_the_loop(
    tmp_path: Path,
) -> None:
    path = tmp_path / "flexura.db"
    migrate(path)
    records = SqliteRecords(path)
    other = connect(path, writing=True)
    other.execute("BEGIN IMMEDIATE")
    job = Job(new_id("job"), "ws", "image", "queued", "fake", "m", "p", {}, {}, 1, 1)
    writing = asyncio.create_task(records.transact(lambda tx: tx.insert_job(job)))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    async with asyncio.timeout(10):
        await writing
    assert await records.job("ws", job.id) == job
    await records.aclose()
