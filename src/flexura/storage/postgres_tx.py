"""Transactions and reads on a PostgreSQL connection.

READ COMMITTED, where many write at once: what a transaction reads in order to decide on it, it locks until
it ends. Rows are locked as they are read; what is counted or looked for and may not be there yet has an
advisory lock of its name. So a check and the write after it are one, as they are with SQLite's one writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

import psycopg

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account, Budget, BudgetUse
from flexura.domain.job import Job
from flexura.domain.publication import Publication
from flexura.domain.webhook import Endpoint
from flexura.domain.workspace import Invite, Workspace
from flexura.ports.records import NO_LIMIT, Record
from flexura.storage.dispatch import dispatch, withdraw
from flexura.storage.kinds import kind_of
from flexura.storage.reading import SqlReader
from flexura.storage.sql_tx import SqlTx
from flexura.storage.statements import ledger, stored
from flexura.storage.statements.compiling import Sql

R = TypeVar("R", bound=Record)
_LOCK_FOR_CLAIM = (
    "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0)),"
    " set_config('synchronous_commit', 'off', true)"
)
"""Whatever is bought for a claimed job is noted durably before, and that makes the claim durable as well."""
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
        super().__init__()
        self._connection = connection

    def run(self, statement: Sql, **values: Any) -> psycopg.Cursor:
        text, constants = statement.postgres
        return self._connection.execute(text.encode(), {**constants, **values})


class PostgresReader(_OnPostgres, SqlReader):
    """Reads outside of transactions."""


class PostgresTx(_OnPostgres, SqlTx):
    """A transaction that may write.

    Each answer costs a journey to the database, so what needs none travels with the next one that does: BEGIN
    with the first statement, writes with the read that follows or with COMMIT.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        super().__init__(connection)
        self.changed: list[str] = []
        """The jobs that it changed, as others are to be told."""
        self.wrote = False
        self.number = ""
        """Its number in the database, once it has begun there."""
        self._waiting: list[tuple[str, Mapping[str, Any]]] = []
        self._known: dict[tuple[type[Any], str], Record | None] = {}
        """What was read and is not locked: read once in a transaction."""
        self._unmetered: set[str] = set()
        self._last: list[tuple[Sql, dict[str, Any]]] = []
        """Additions that nothing refuses, to rows that every order of a workspace wants: made last of all."""

    def run(self, statement: Sql, **values: Any) -> psycopg.Cursor:
        text, constants = statement.postgres
        cursor = self._sent(text, {**constants, **values})
        self.wrote = self.wrote or not (cursor.statusmessage or "").startswith("SELECT")
        return cursor

    def put(self, statement: Sql, **values: Any) -> None:
        text, constants = statement.postgres
        self.send(text, {**constants, **values})
        self.wrote = True

    def send(self, text: str, values: Mapping[str, Any]) -> None:
        """Run SQL whose answer nobody wants, before what is run next."""
        self._waiting.append((text, values))

    def _sent(self, text: str, values: Mapping[str, Any]) -> psycopg.Cursor:
        """Send what waits and this; its answer."""
        if self.number and not self._waiting:
            return self._connection.execute(text.encode(), values)
        begun = None
        with self._connection.pipeline():
            if not self.number:
                self._connection.execute("BEGIN")
                begun = self._connection.execute("SELECT pg_current_xact_id()::text")
            self._send_waiting()
            cursor = self._connection.execute(text.encode(), values)
        if begun is not None:
            self.number = str((begun.fetchone() or ("",))[0])
        return cursor

    def _send_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for text, values in waiting:
            self._connection.execute(text.encode(), values)

    def commit(self) -> None:
        """Make it durable, with all that waits."""
        if not self.number and (self._waiting or self._last):
            # Without its number nobody could tell what became of a COMMIT that nobody answered.
            self._sent("SELECT 1", {})
        if not self.number:
            return
        with self._connection.pipeline():
            # In one go with COMMIT: rows that many want are locked for no longer than the server needs.
            self._settle()
            self._send_waiting()
            self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Undo it."""
        if not self._connection.closed:
            self._connection.execute("ROLLBACK")

    def _lock(self, name: str, *, shared: bool = False) -> None:
        self.send(_LOCK_SHARED if shared else _LOCK, {"name": name})

    def _note(self, jobs: Iterable[Job]) -> None:
        self.changed += [job.id for job in jobs]

    # -- jobs: others are told, and what is due is dispatched ---------------------------------------
    def insert_job(self, job: Job) -> None:
        super().insert_job(job)
        self._note([job])
        if job.state in _DUE:
            dispatch(self.send, job)

    def update_job(self, job_id: str, *, attempt: int | None = None, **columns: Any) -> Job | None:
        job = super().update_job(job_id, attempt=attempt, **columns)
        if job is None:
            return None
        self._note([job])
        if job.state in _DUE and not columns.keys().isdisjoint(("state", "run_at")):
            dispatch(self.send, job)
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
        self.send(_LOCK_FOR_CLAIM, {"name": f"flexura claim {provider}"})
        jobs = super().claim(provider, most, owner, now, until, take=take)
        self._note(jobs)
        withdraw(self.send, [job.id for job in jobs])
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

    # -- credits: a row that all orders of a workspace change is locked as briefly as can be --------
    def get(self, kind: type[R], record_id: str, /) -> R | None:
        if (kind, record_id) in self._known:
            return cast("R | None", self._known[kind, record_id])
        found = self._account(record_id) if kind is Account else super().get(kind, record_id)
        if kind in _SET_AS_A_WHOLE or record_id in self._unmetered:
            self._known[kind, record_id] = found
        return cast("R | None", found)

    def _account(self, workspace_id: str) -> Account | None:
        self._settle()
        kept = kind_of(Account)
        row = self.run(stored.get(kept, False), key=workspace_id).fetchone()
        account = kept.read(row) if row else None
        if account is None or account.metered:
            return super().get(Account, workspace_id)
        # Without a limit nothing is decided by what it holds.
        self._unmetered.add(workspace_id)
        return account

    def change(self, kind: type[R], record_id: str, /, **columns: Any) -> R | None:
        self._known.pop((kind, record_id), None)
        return super().change(kind, record_id, **columns)

    def remove(self, kind: type[R], record_id: str, /) -> bool:
        self._known.pop((kind, record_id), None)
        return super().remove(kind, record_id)

    def move_account(
        self, workspace_id: str, *, granted: int = 0, reserved: int = 0, spent: int = 0
    ) -> bool:
        # What gives back at least what it takes is refused by nothing.
        if granted or (reserved + spent > 0 and workspace_id not in self._unmetered):
            return super().move_account(
                workspace_id, granted=granted, reserved=reserved, spent=spent
            )
        self._known.pop((Account, workspace_id), None)
        values = {"reserved": reserved, "spent": spent}
        self._last.append((ledger.ADD_TO_ACCOUNT, {"workspace_id": workspace_id, **values}))
        return True

    def move_budget(
        self, budget_id: str, window: str, most: int, *, reserved: int = 0, spent: int = 0
    ) -> bool:
        if most < NO_LIMIT:
            return super().move_budget(budget_id, window, most, reserved=reserved, spent=spent)
        values = {"window": window, "most": most, "reserved": reserved, "spent": spent}
        self._last.append((ledger.MOVE_BUDGET, {"budget_id": budget_id, **values}))
        return True

    def budget_use(self, budget_id: str, window: str) -> BudgetUse:
        self._settle()
        # Whoever decides by it is alone with that until it has moved; the row may not be there yet.
        self._lock(f"flexura budget {budget_id} {window}")
        return super().budget_use(budget_id, window)

    def _settle(self) -> None:
        """Have the additions that were put off made before what is run next."""
        last, self._last = self._last, []
        for statement, values in last:
            self.put(statement, **values)

    # -- records ------------------------------------------------------------------------------------
    def locks(self, kind: type[Any], *, listed: bool = False) -> bool:
        return kind in _TAKEN_FROM_LISTS if listed else kind not in _SET_AS_A_WHOLE

    def insert(self, record: Record) -> None:
        self._known.clear()
        if isinstance(record, Artifact):
            # Between the look whether its bytes are still needed and their end no new file may name them.
            self._lock(_EXPIRY, shared=True)
        super().insert(record)

    def expire_artifacts(self, now: int, most: int) -> list[Artifact]:
        self._lock(_EXPIRY)
        return super().expire_artifacts(now, most)
