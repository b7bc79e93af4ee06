"""Records in one SQLite file: WAL, every commit synced, one writer, reads inline."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from flexura.domain.artifact import Artifact
from flexura.domain.credits import BudgetUse
from flexura.domain.job import Job
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.census import Census
from flexura.ports.gallery import Choices, GalleryFilter, Shown
from flexura.ports.records import Change, JobFilter, Record, Run, Tx
from flexura.ports.tracing import span
from flexura.ports.usage import UsageLine
from flexura.storage.checkpoint import Checkpointer
from flexura.storage.integrity import look_into
from flexura.storage.sqlite_tx import SqliteReader, SqliteTx
from flexura.storage.statements import access
from flexura.storage.writer import Writer, translated

T = TypeVar("T")
R = TypeVar("R", bound=Record)
_BUSY_MS = 30_000
_WAL_PAGES = 32_768
_MOST_REMEMBERED = 2048
_MOST = 1_000_000
"""Where every row is wanted."""


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    """A connection with our pragmas; transactions are begun by hand. Raises DiskFull, StoreDamaged."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _prepare(connection, writing)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise translated(error) from None
    return connection


def _prepare(connection: sqlite3.Connection, writing: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    if writing:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # The checkpointer does it beside the writer; this is for when it cannot keep up.
        connection.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
        connection.execute("PRAGMA foreign_keys=ON")
    else:
        connection.execute("PRAGMA query_only=ON")


def _remember(known: OrderedDict[str, T], name: str, value: T) -> T:
    """Keep a value that was read, and forget the oldest beyond a bound."""
    known[name] = value
    if len(known) > _MOST_REMEMBERED:
        known.popitem(last=False)
    return value


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


class SqliteRecords:
    """The port `Records` on SQLite. Reads cost microseconds and run on the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = Writer(connect(path, writing=True))
        self._checkpointer = Checkpointer(path, lambda: connect(path, writing=True))
        self._connection = connect(path, writing=False)
        self._reader = SqliteReader(self._connection)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._keys: OrderedDict[str, tuple[tuple[Any, ...], ApiKey]] = OrderedDict()

    async def transact(self, work: Callable[[Tx], T]) -> T:
        def unit(connection: sqlite3.Connection) -> tuple[T, SqliteTx]:
            tx = SqliteTx(connection)
            return work(tx), tx

        with span("store transaction", inside=True):
            result, tx = await self._writer.run(unit)
        for tell in tx.told:
            tell()
        return result

    def refuse_writes(self, what: str) -> None:
        """Only read from now on: the file is damaged; `what` in SQLite's words."""
        self._writer.refuse(what)

    def kept_secret(self, name: str) -> str | None:
        """A secret that was made before; for a store that cannot be written now."""
        row = self._reader.one(access.SECRET, name=name)
        return None if row is None else str(row[0])

    def on_commit(self, listener: Callable[[], None]) -> None:
        self._writer.on_commit(listener)

    def on_change(self, listener: Callable[[], None]) -> None:
        self._writer.on_commit(listener)

    async def changes(self, since: int) -> list[Change]:
        return self._reader.changes(since)

    async def last_change(self) -> int:
        return self._reader.last_change()

    async def job(self, workspace_id: str, job_id: str) -> Job | None:
        # A version names one content for ever, so asking for it alone is enough for a job seen before.
        version = self._reader.version(workspace_id, job_id)
        if version is None:
            return None
        known = self._jobs.get(job_id)
        if known is not None and known.version == version:
            return known
        found = self._reader.job_of(workspace_id, job_id)
        return _remember(self._jobs, job_id, found) if found else None

    async def jobs(self, wanted: JobFilter) -> list[Job]:
        return self._reader.jobs(wanted)

    async def count_jobs(self, wanted: JobFilter, most: int) -> int:
        return self._reader.count_jobs(wanted, most)

    async def children(self, parent_id: str) -> list[Job]:
        return self._reader.children(parent_id)

    async def get(self, kind: type[R], record_id: str, /) -> R | None:
        return self._reader.get(kind, record_id)

    async def find(
        self,
        kind: type[R],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        before: tuple[int, str] | None = None,
        **equal: Any,
    ) -> list[R]:
        return self._reader.find(
            kind, limit=limit, newest_first=newest_first, before=before, **equal
        )

    async def budget_use(self, budget_id: str, window: str) -> BudgetUse:
        return self._reader.budget_use(budget_id, window)

    async def next_delivery(self) -> int | None:
        return self._reader.next_delivery()

    async def unfinished(self) -> int:
        return self._reader.unfinished()

    async def due(self, now: int) -> bool:
        return self._reader.due(now)

    async def queue(self, most: int) -> list[tuple[str, str]]:
        return self._reader.queue(most)

    async def durations(self, model_id: str, limit: int) -> list[int]:
        return self._reader.durations(model_id, limit)

    async def runs(self, since: int, most: int, ignored: Sequence[str]) -> list[Run]:
        def read() -> list[Run]:
            # A connection of its own: this may take some tens of milliseconds, beside the event loop.
            with contextlib.closing(look_into(self._path)) as connection:
                return SqliteReader(connection).runs(since, most, ignored)

        return await asyncio.to_thread(read)

    async def usage(self, workspace_id: str, since: int, until: int, most: int) -> list[UsageLine]:
        def read() -> list[UsageLine]:
            with contextlib.closing(look_into(self._path)) as connection:
                return SqliteReader(connection).usage(workspace_id, since, until, most)

        return await asyncio.to_thread(read)

    async def census(self) -> Census:
        def read() -> Census:
            with contextlib.closing(look_into(self._path)) as connection:
                found = SqliteReader(connection).census()
            log = self._path.with_name(f"{self._path.name}-wal")
            return replace(found, bytes=_size(self._path), log_bytes=_size(log))

        return await asyncio.to_thread(read)

    async def artifacts_of(self, job_ids: Sequence[str]) -> dict[str, list[Artifact]]:
        return self._reader.artifacts_of(job_ids)

    async def artifact(self, workspace_id: str, artifact_id: str) -> Artifact | None:
        return self._reader.artifact(workspace_id, artifact_id)

    async def asset(self, name: str) -> Artifact | None:
        return self._reader.asset(name)

    async def gallery(self, wanted: GalleryFilter) -> list[Shown]:
        return await self._beside(lambda read: read.gallery(wanted))

    async def count_gallery(self, wanted: GalleryFilter, most: int) -> int:
        return await self._beside(lambda read: read.count_gallery(wanted, most))

    async def gallery_item(self, workspace_id: str, artifact_id: str) -> Shown | None:
        return self._reader.gallery_item(workspace_id, artifact_id)

    async def gallery_choices(self, workspace_id: str) -> Choices:
        return await self._beside(lambda read: read.gallery_choices(workspace_id))

    async def _beside(self, read: Callable[[SqliteReader], T]) -> T:
        """Read on a connection of its own, beside the event loop: a rare filter may pass by many rows."""

        def work() -> T:
            with contextlib.closing(look_into(self._path)) as connection:
                return read(SqliteReader(connection))

        return await asyncio.to_thread(work)

    async def key_by_digest(self, sha256: str) -> ApiKey | None:
        row = self._reader.key_row(sha256)
        if row is None:
            return None
        known = self._keys.get(sha256)
        if known is not None and known[0] == row:
            return known[1]
        return _remember(self._keys, sha256, (row, self._reader.key_from(row)))[1]

    async def keys(self, workspace_id: str) -> list[ApiKey]:
        return self._reader.find(ApiKey, limit=_MOST, workspace_id=workspace_id)

    async def workspaces(self) -> list[Workspace]:
        return self._reader.find(Workspace, limit=_MOST)

    async def aclose(self) -> None:
        self._checkpointer.close()
        await self._writer.aclose()
        self._connection.close()
