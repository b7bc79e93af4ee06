"""Looks at the own store without a gateway: is the file sound, does the ledger add up?"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from flexura.services.ledger_check import ledger_problems
from flexura.storage.integrity import NotFinished, integrity, look_into, schema_of
from flexura.storage.migrate import HEAD
from flexura.storage.sqlite_tx import SqliteReader

__all__ = ["NotFinished", "check_ledger", "integrity"]


def check_ledger(path: Path) -> list[str]:
    """What does not add up in the ledger of a database, while others work on it; empty = every sum is exact.

    A database of another schema is not looked at. Raises sqlite3.DatabaseError.
    """
    if schema_of(path) != HEAD:
        return []
    with contextlib.closing(look_into(path)) as connection:
        # One state of the store, however many orders come in meanwhile.
        connection.execute("BEGIN")
        try:
            return ledger_problems(SqliteReader(connection))
        finally:
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()
