"""Transactions and reads on a SQLite connection."""

from __future__ import annotations

import sqlite3
from typing import Any

from flexura.storage.reading import SqlReader
from flexura.storage.sql_tx import SqlTx
from flexura.storage.statements.compiling import Sql


class SqliteTx(SqlTx):
    """The writer's transaction, or reads on any connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__()
        self._connection = connection

    def run(self, statement: Sql, **values: Any) -> sqlite3.Cursor:
        text, constants = statement.sqlite
        return self._connection.execute(text, {**constants, **values})


class SqliteReader(SqliteTx, SqlReader):
    """Reads outside of transactions."""
