"""A store on a disk that is full or read-only: read, and an ordinary one as soon as it can be written."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flexura.domain.errors import DiskFull
from flexura.domain.job import Job
from flexura.domain.workspace import ApiKey
from flexura.ports.records import Tx
from flexura.storage.integrity import look_into, schema_of
from flexura.storage.migrate import HEAD, migrate
from flexura.storage.sqlite import SqliteRecords, connect
from flexura.storage.sqlite_tx import SqliteReader
from flexura.storage.writer import NEXT, translated

log = logging.getLogger(__name__)
T = TypeVar("T")
_AGAIN_SECONDS = 1.0


class AwaitingRecords(SqliteRecords):
    """The port `Records` over a connection that only reads, until one that writes can be opened.

    Every write tries that first, at most once a second, and answers DiskFull at once where it cannot.
    """

    def __init__(self, path: Path, refused: DiskFull) -> None:
        """Raises sqlite3.DatabaseError where it cannot be read either."""
        self._path = path
        self._connection = look_into(path)
        self._reader = SqliteReader(self._connection)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._keys: OrderedDict[str, tuple[tuple[Any, ...], ApiKey]] = OrderedDict()
        self._listeners: list[Callable[[], None]] = []
        self._refused = refused
        self._writes = False
        self._tried = float("-inf")
        self._turn = asyncio.Lock()

    async def transact(self, work: Callable[[Tx], T]) -> T:
        if not self._writes:
            await self.recover()
        return await super().transact(work)

    def on_commit(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)
        if self._writes:
            super().on_commit(listener)

    def on_change(self, listener: Callable[[], None]) -> None:
        self.on_commit(listener)

    async def recover(self) -> None:
        """Open it for writing. Raises DiskFull while that cannot be done."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._writes:
                return
            if now - self._tried < _AGAIN_SECONDS:
                raise DiskFull(next_step=self._refused.next_step)
            self._tried = now
            self._swap()
            for listener in self._listeners:
                super().on_commit(listener)
            self._writes = True
            log.warning("The disk can be written again, and so is the database.")

    def _swap(self) -> None:
        """Without an await, so that nobody reads in between. Raises DiskFull."""
        if not os.access(self._path.parent, os.W_OK):
            raise DiskFull(next_step=NEXT)
        # While a connection of this process reads a WAL that it cannot write, SQLite opens none that writes.
        self._connection.close()
        try:
            whole = _opened(self._path)
        except BaseException:
            self._connection = look_into(self._path)
            self._reader = SqliteReader(self._connection)
            raise
        vars(self).update(vars(whole))

    async def recovered(self) -> None:
        """Until it can be written; tries once a second."""
        refused = self._refused
        log.error("Nothing is written for now: %s %s", refused.message, refused.next_step)
        while not self._writes:
            await asyncio.sleep(_AGAIN_SECONDS)
            with contextlib.suppress(DiskFull, sqlite3.Error):
                await self.recover()

    async def aclose(self) -> None:
        if self._writes:
            await super().aclose()
        else:
            self._connection.close()


def open_store(path: Path) -> SqliteRecords:
    """The store of a database that has this release's schema.

    On a disk that cannot be written now it is one that only reads, and waits. Raises StoreDamaged; DiskFull
    where there is nothing to read yet.
    """
    try:
        migrate(path)
        return _opened(path)
    except DiskFull as refused:
        try:
            if not path.exists() or schema_of(path) != HEAD:
                raise
            return AwaitingRecords(path, refused)
        except sqlite3.Error:
            raise refused from None


def _opened(path: Path) -> SqliteRecords:
    """Raises DiskFull."""
    # A connection that opens is not one that writes: on a read-only disk it stays read-only for good, and
    # beside the WAL of a killed process SQLite even begins a transaction there.
    if not all(os.access(place, os.W_OK) for place in (path, path.parent)):
        raise DiskFull(next_step=NEXT)
    with contextlib.closing(connect(path, writing=True)) as probe:
        try:
            probe.execute("PRAGMA busy_timeout=0")
            probe.execute("BEGIN IMMEDIATE")
            probe.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise translated(error) from None
    return SqliteRecords(path)
