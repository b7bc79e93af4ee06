"""Brings a database to this release's schema. Alembic is imported only when there is something to do."""

from __future__ import annotations

import fcntl
import logging
import sqlite3
from pathlib import Path

from flexura.domain.errors import Conflict, DiskFull
from flexura.storage.sqlite import connect
from flexura.storage.writer import translated

log = logging.getLogger(__name__)
HEAD = "0004"
"""The newest revision in `migrations/versions/`; a test compares."""


def current(path: Path) -> str:
    """The revision of the database; empty if it has none."""
    connection = connect(path, writing=True)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""
    except sqlite3.OperationalError:
        return ""
    except sqlite3.DatabaseError as error:
        raise translated(error) from None
    finally:
        connection.close()


def migrate(path: Path) -> None:
    """Upgrade to HEAD, one process at a time.

    Raises Conflict for a schema newer than this release, DiskFull.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if current(path) == HEAD:
        return
    with path.with_suffix(".migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        revision = current(path)
        if revision > HEAD:
            raise Conflict(
                f"The database {path} has schema {revision}; this flexura knows up to {HEAD}.",
                next_step="Upgrade flexura, or set FLEXURA_HOME to another folder.",
            )
        if revision != HEAD:
            _upgrade(path)


def _upgrade(path: Path) -> None:
    from sqlalchemy.exc import DBAPIError

    try:
        upgrade(f"sqlite:///{path}")
    except DBAPIError as error:
        cause = error.orig
        if isinstance(cause, Exception) and isinstance(full := translated(cause), DiskFull):
            raise full from error
        raise


def upgrade(url: str, to: str = "head") -> None:
    """Run the migrations up to a revision on the database of a SQLAlchemy URL."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, to)
    log.info("the store has this release's schema now", extra={"event": "migration"})
