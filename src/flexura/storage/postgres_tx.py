"""Transactions and reads on a PostgreSQL connection.

READ COMMITTED, where many write at once: what a transaction reads in order to decide on it, it locks until
it ends. Rows are locked as they are read; what is counted or looked for and may not be there yet has an
advisory lock of its name. So a check and the write after it are one, as they are with SQLite's one writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Budget
from flexura.domain.job import Job
from flexura.domain.publication import Publication
from flexura.domain.webhook import Endpoint
from flexura.domain.workspace import Invite, Workspace
from flexura.ports.records import Record
from flexura.storage.dispatch import dispatch, withdraw
from flexura.storage.reading import SqlReader
from flexura.storage.sql_tx import SqlTx
from flexura.storage.statements.compiling import Sql

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))"
_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%(name)s, 0))"
_EXPIRY = "flexura expiry"
_AT_ONCE = 64
"""So many transactions may insert a job at once; a queue that has room for them needs no lock."""
_DUE = ("queued", "scheduled")
_SET_AS_A_WHOLE: frozenset[type[Any]] = frozenset({Workspace, Budget, Endpoint})
"""Read with every order and changed by hand, to what somebody wants: the last one wins."""
_TAKEN_FROM_LISTS: frozenset[type[Any]] = frozenset({Invite, Publication})
"""Found by what they say, and then changed because of it."""


class _OnPostgres:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def run(self, statement: Sql, **values: Any) -> psycopg.Cursor:
        text, constants = statement.postgres
        return self.execute(text, {**constants, **values})

    def execute(self, text: str, values: Mapping[str, Any]) -> psycopg.Cursor:
        """Run SQL that no statement of `storage.statements` stands for."""
        return self._connection.execute(text.encode(), values)


class PostgresReader(_OnPostgres, SqlReader):
    """Reads outside of transactions."""


class PostgresTx(_OnPostgres, SqlTx):
    """A transaction that may write."""

    def __init__(self, connection: psycopg.Connection) -> None:
        super().__init__(connection)
        self.changed: list[str] = []
        """The jobs that it changed, as others are to be told."""
        self.wrote = False

    def run(self, statement: Sql, **values: Any) -> psycopg.Cursor:
        cursor = super().run(statement, **values)
        self.wrote = self.wrote or not (cursor.statusmessage or "").startswith("SELECT")
        return cursor

    def _lock(self, name: str, *, shared: bool = False) -> None:
        self.execute(_LOCK_SHARED if shared else _LOCK, {"name": name})

    def _note(self, jobs: Iterable[Job]) -> None:
        self.changed += [job.id for job in jobs]

    # -- jobs: others are told, and what is due is dispatched ---------------------------------------
    def insert_job(self, job: Job) -> None:
        super().insert_job(job)
        self._note([job])
        if job.state in _DUE:
            dispatch(self.execute, job)

    def update_job(self, job_id: str, *, attempt: int | None = None, **columns: Any) -> Job | None:
        job = super().update_job(job_id, attempt=attempt, **columns)
        if job is None:
            return None
        self._note([job])
        if job.state in _DUE and not columns.keys().isdisjoint(("state", "run_at")):
            dispatch(self.execute, job)
        return job

    def mark_published(self, job_id: str) -> Job | None:
        job = super().mark_published(job_id)
        self._note([job] if job else [])
        return job

    def claim(
        self,
        provider: str,
        most: int,
        owner: str,
        now: int,
        until: int,
        *,
        take: int | None = None,
    ) -> list[Job]:
        # Who counts what runs, and then takes more, must be alone with that.
        self._lock(f"flexura claim {provider}")
        jobs = super().claim(provider, most, owner, now, until, take=take)
        self._note(jobs)
        withdraw(self.execute, [job.id for job in jobs])
        return jobs

    def joinable(self, job: Job, session: str) -> Job | None:
        if job.order_key:
            self._lock(f"flexura order {job.order_key}")
        return super().joinable(job, session)

    def queued(self, workspace_id: str, most: int) -> int:
        found = super().queued(workspace_id, most)
        if found + _AT_ONCE < most:
            return found
        self._lock(f"flexura queue {workspace_id}")
        return super().queued(workspace_id, most)

    # -- records ------------------------------------------------------------------------------------
    def locks(self, kind: type[Any], *, listed: bool = False) -> bool:
        return kind in _TAKEN_FROM_LISTS if listed else kind not in _SET_AS_A_WHOLE

    def insert(self, record: Record) -> None:
        if isinstance(record, Artifact):
            # Between the look whether its bytes are still needed and their end no new file may name them.
            self._lock(_EXPIRY, shared=True)
        super().insert(record)

    def expire_artifacts(self, now: int, most: int) -> list[Artifact]:
        self._lock(_EXPIRY)
        return super().expire_artifacts(now, most)
