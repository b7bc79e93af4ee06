"""A database of its own on a PostgreSQL server that the user names: made, cut off now and then, dropped."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, LiteralString
from urllib.parse import urlsplit, urlunsplit

from flexura.domain.errors import InvalidRequest

if TYPE_CHECKING:
    import psycopg

_CUT: LiteralString = (
    "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE datname = %s"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 1) AS one"
)


class Server:
    """The server, through a database that is there already."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = f"flexura_torture_{secrets.token_hex(4)}"

    @property
    def url(self) -> str:
        """Of the database that is tortured."""
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{self.name}"))

    @contextmanager
    def fresh(self, *, keep: bool = False) -> Generator[Server]:
        """The database exists inside this context; after it only where it is to be kept."""
        self._run(f'CREATE DATABASE "{self.name}"')
        try:
            yield self
        finally:
            if not keep:
                self._run(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def cut(self) -> bool:
        """End one connection to the database, as a failing network or server does; whether there was one."""
        with self._connected() as connection:
            row = connection.execute(_CUT, (self.name,)).fetchone()
        return bool(row and row[0])

    def _run(self, statement: str) -> None:
        with self._connected() as connection:
            connection.execute(statement.encode())

    def _connected(self) -> psycopg.Connection:
        try:
            import psycopg
        except ImportError as missing:
            raise InvalidRequest(
                f"--database needs the package {missing.name}, which is not installed.",
                next_step="Install flexura with its extra for teams: pip install 'flexura[team]'.",
            ) from None
        try:
            return psycopg.connect(self._url, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as problem:
            raise InvalidRequest(
                f"The PostgreSQL server cannot be reached: {str(problem).strip().splitlines()[0][:200]}",
                field="database",
                next_step="Name one whose user may create databases: postgresql://user@host/postgres.",
            ) from None
