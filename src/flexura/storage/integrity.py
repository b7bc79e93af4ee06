"""Whether a SQLite file is sound: what SQLite finds in it, within a bounded time."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

_LOOK_EVERY = 10_000
"""Instructions of SQLite's machine between looks at the clock: some 100 µs."""
_BUSY_SECONDS = 5.0


class NotFinished(Exception):
    """The file is too large to be checked within the time that was given; nothing is known of it."""


def look_into(path: Path) -> sqlite3.Connection:
    """A connection that only reads, also where the folder cannot be written. Raises sqlite3.Error."""
    way = f"{path.absolute().as_uri()}?mode=ro"
    try:
        return _look(way)
    except sqlite3.OperationalError:
        if was_cut_off(path):
            raise
    # SQLite wants to make the files of its WAL, though nothing is in it, and cannot.
    return _look(f"{way}&immutable=1")


def _look(way: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        way, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def integrity(
    path: Path, *, quick: bool = False, seconds: float | None = None, most: int = 20
) -> list[str]:
    """What is wrong with a database, in SQLite's words, at most `most` of it; empty = it is sound.

    `quick` leaves out whether indexes agree with their tables (`PRAGMA quick_check`, some five times
    faster); else it is `PRAGMA integrity_check`. A running gateway is not held up. Raises NotFinished after
    `seconds`, FileNotFoundError.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist.")
    until = None if seconds is None else time.monotonic() + seconds
    try:
        with contextlib.closing(look_into(path)) as connection:
            if until is not None:
                end = until
                connection.set_progress_handler(lambda: int(time.monotonic() > end), _LOOK_EVERY)
            name = "quick_check" if quick else "integrity_check"
            found = [str(row[0]) for row in connection.execute(f"PRAGMA {name}({most})")]
            if not quick:
                found += _strangers(connection, most)
    except sqlite3.DatabaseError as error:
        if str(error) == "interrupted":
            raise NotFinished(f"{path} is not checked within {seconds} s") from None
        return [str(error)]
    return [line for line in found if line != "ok"][:most]


def _strangers(connection: sqlite3.Connection, most: int) -> list[str]:
    """Rows that name a row which is not there; SQLite does not count these as damage."""
    rows = connection.execute("PRAGMA foreign_key_check").fetchmany(most)
    return [
        f"row {row} of {table} names a row of {parent} that is not there"
        for table, row, parent, _ in rows
    ]


def was_cut_off(path: Path) -> bool:
    """Whether the last process that wrote this database did not close it, or one has it open now.

    Whoever closes a database last moves the WAL into it and removes the WAL.
    """
    try:
        return _wal(path).stat().st_size > 0
    except FileNotFoundError:
        return False


def schema_of(path: Path) -> str:
    """The schema revision of a database; empty if it has none. Raises sqlite3.DatabaseError."""
    with contextlib.closing(look_into(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return ""
        return str(row[0]) if row else ""


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
