"""Brings a PostgreSQL database to this release's schema, once, however many processes start at once."""

from __future__ import annotations

import psycopg
from psycopg import errors

from flexura.domain.errors import Conflict, InvalidRequest
from flexura.storage.migrate import HEAD, upgrade

_SCHEMES = ("postgresql://", "postgres://")


def current(dsn: str) -> str:
    """The revision of the database; empty if it has none. Raises InvalidRequest: it cannot be reached."""
    try:
        with psycopg.connect(dsn, connect_timeout=10, application_name="flexura") as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else ""
    except errors.UndefinedTable:
        return ""
    except psycopg.OperationalError as error:
        raise InvalidRequest(
            f"The database of FLEXURA_DATABASE_URL cannot be reached: {_reason(error)}.",
            next_step="Correct the URL, or start the database, then start this again.",
        ) from None


def migrate(dsn: str) -> None:
    """Upgrade to HEAD, one process at a time. Raises Conflict for a schema newer than this release."""
    url = _for_sqlalchemy(dsn)
    revision = current(dsn)
    if revision > HEAD:
        raise Conflict(
            f"The database has schema {revision}; this flexura knows up to {HEAD}.",
            next_step="Upgrade flexura on this machine.",
        )
    if revision != HEAD:
        upgrade(url)


def _for_sqlalchemy(dsn: str) -> str:
    for scheme in _SCHEMES:
        if dsn.startswith(scheme):
            return "postgresql+psycopg://" + dsn.removeprefix(scheme)
    raise InvalidRequest(
        "FLEXURA_DATABASE_URL is no PostgreSQL URL.",
        next_step="Write postgresql://user:password@host:5432/name, or leave it out for a SQLite file.",
    )


def _reason(error: psycopg.OperationalError) -> str:
    """What the driver says, without the connection string that may be in it."""
    text = " ".join(str(error).split())
    return text.rpartition("failed: ")[2][:200] or type(error).__name__
