"""Records in one SQLite file: WAL, every commit synced, one writer, reads inline."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flexura.domain.artifact import Artifact
from flexura.domain.credits import BudgetUse
from flexura.domain.job import Job
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Change, JobFilter, Record, Run, Tx
from flexura.storage import rows
from flexura.storage.checkpoint import Checkpointer
from flexura.storage.kinds import kind_of
from flexura.storage.pages import Pages
from flexura.storage.sqlite_tx import SqliteTx
from flexura.storage.statements import access, claims, statistics, timed
from flexura.storage.statements import jobs as job_sql
from flexura.storage.statements.compiling import Sql
from flexura.storage.writer import Writer, translated

T = TypeVar("T")
R = TypeVar("R", bound=Record)
_BUSY_MS = 30_000
_WAL_PAGES = 32_768
_MOST_REMEMBERED = 2048
_NEWEST_JOBS = 20_000
"""Statistics look at so many jobs, those that changed last."""
_MOST = 1_000_000
"""Where every row is wanted."""
_ARTIFACT = kind_of(Artifact)
_KEY = kind_of(ApiKey)


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    """A connection with our pragmas; transactions are begun by hand. Raises DiskFull."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _prepare(connection, writing)
    except sqlite3.OperationalError as error:
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


class SqliteRecords:
    """The port `Records` on SQLite. Reads cost microseconds and run on the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = Writer(connect(path, writing=True))
        self._checkpointer = Checkpointer(path, lambda: connect(path, writing=True))
        self._reader = connect(path, writing=False)
        self._reading = SqliteTx(self._reader)
        self._pages = Pages(self._all)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._keys: OrderedDict[str, tuple[tuple[Any, ...], ApiKey]] = OrderedDict()

    def _all(self, statement: Sql, **values: Any) -> list[tuple[Any, ...]]:
        return self._reader.execute(statement.text, {**statement.constants, **values}).fetchall()

    def _one(self, statement: Sql, **values: Any) -> tuple[Any, ...] | None:
        rows_found = self._all(statement, **values)
        return rows_found[0] if rows_found else None

    async def transact(self, work: Callable[[Tx], T]) -> T:
        return await self._writer.run(lambda connection: work(SqliteTx(connection)))

    def on_commit(self, listener: Callable[[], None]) -> None:
        self._writer.on_commit(listener)

    async def changes(self, since: int) -> list[Change]:
        return [
            Change(seq, job_id, version, state, bool(cancel))
            for seq, job_id, version, state, cancel in self._all(job_sql.CHANGES, since=since)
        ]

    async def last_change(self) -> int:
        return self._number(job_sql.LAST_CHANGE) or 0

    async def job(self, workspace_id: str, job_id: str) -> Job | None:
        # A version names one content for ever, so asking for it alone is enough for a job seen before.
        version = self._one(job_sql.VERSION, id=job_id, workspace_id=workspace_id)
        if version is None:
            return None
        known = self._jobs.get(job_id)
        if known is not None and known.version == version[0]:
            return known
        row = self._one(job_sql.OF_WORKSPACE, id=job_id, workspace_id=workspace_id)
        return _remember(self._jobs, job_id, rows.job_from(row)) if row else None

    async def jobs(self, wanted: JobFilter) -> list[Job]:
        return self._pages.jobs(wanted)

    async def count_jobs(self, wanted: JobFilter, most: int) -> int:
        return self._pages.count(wanted, most)

    async def children(self, parent_id: str) -> list[Job]:
        return self._reading.children(parent_id)

    async def get(self, kind: type[R], record_id: str, /) -> R | None:
        return self._reading.get(kind, record_id)

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
        return self._reading.find(
            kind, limit=limit, newest_first=newest_first, before=before, **equal
        )

    async def budget_use(self, budget_id: str, window: str) -> BudgetUse:
        return self._reading.budget_use(budget_id, window)

    async def next_delivery(self) -> int | None:
        return self._number(timed.NEXT_DELIVERY)

    def _number(self, statement: Sql, **values: Any) -> int | None:
        row = self._one(statement, **values)
        return None if row is None or row[0] is None else int(row[0])

    async def unfinished(self) -> int:
        return self._number(claims.UNFINISHED_COUNT) or 0

    async def due(self, now: int) -> bool:
        return self._one(claims.DUE, now=now) is not None

    async def durations(self, model_id: str, limit: int) -> list[int]:
        return [
            int(row[0]) for row in self._all(statistics.DURATIONS, model_id=model_id, most=limit)
        ]

    async def runs(self, since: int, most: int, ignored: Sequence[str]) -> list[Run]:
        codes = {f"code_{i}": code for i, code in enumerate(ignored)}
        values = {"since": since, "most": most, "newest": _NEWEST_JOBS, **codes}
        return await asyncio.to_thread(self._runs, statistics.runs(len(codes)), values)

    def _runs(self, statement: Sql, values: dict[str, Any]) -> list[Run]:
        # A connection of its own: this may take some tens of milliseconds, beside the event loop.
        with contextlib.closing(connect(self._path, writing=False)) as reader:
            found = reader.execute(statement.text, {**statement.constants, **values})
            return [Run(model_id, int(took), bool(failed)) for model_id, took, failed in found]

    async def artifacts_of(self, job_ids: Sequence[str]) -> dict[str, list[Artifact]]:
        found: dict[str, list[Artifact]] = {job_id: [] for job_id in job_ids}
        if not job_ids:
            return found
        values = {f"job_{i}": job_id for i, job_id in enumerate(job_ids)}
        for row in self._all(access.artifacts_of(len(job_ids)), **values):
            artifact = _ARTIFACT.read(row)
            found[artifact.job_id].append(artifact)
        return found

    async def artifact(self, workspace_id: str, artifact_id: str) -> Artifact | None:
        row = self._one(access.ARTIFACT, id=artifact_id, workspace_id=workspace_id)
        return _ARTIFACT.read(row) if row else None

    async def asset(self, name: str) -> Artifact | None:
        row = self._one(access.ASSET, name=name)
        return _ARTIFACT.read(row) if row else None

    async def key_by_digest(self, sha256: str) -> ApiKey | None:
        row = self._one(access.KEY_BY_DIGEST, sha256=sha256)
        if row is None:
            return None
        known = self._keys.get(sha256)
        if known is not None and known[0] == row:
            return known[1]
        return _remember(self._keys, sha256, (row, _KEY.read(row)))[1]

    async def keys(self, workspace_id: str) -> list[ApiKey]:
        return self._reading.find(ApiKey, limit=_MOST, workspace_id=workspace_id)

    async def workspaces(self) -> list[Workspace]:
        return self._reading.find(Workspace, limit=_MOST)

    async def aclose(self) -> None:
        self._checkpointer.close()
        await self._writer.aclose()
        self._reader.close()
