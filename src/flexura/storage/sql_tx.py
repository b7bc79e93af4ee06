"""One transaction on either database, as the port `Tx` names its steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from flexura.domain.artifact import Artifact
from flexura.domain.credits import BudgetUse
from flexura.domain.job import Job
from flexura.domain.webhook import Delivery
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Idempotency, Record
from flexura.storage import rows
from flexura.storage.expiry import expire
from flexura.storage.kinds import kind_of
from flexura.storage.statements import access, claims, ledger, stored, timed
from flexura.storage.statements import jobs as job_sql
from flexura.storage.statements.compiling import Sql

R = TypeVar("R", bound=Record)


class Cursor(Protocol):
    """What both drivers give back."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class SqlTx(ABC):
    """Statements on a connection: inside of a transaction that writes, or on one that only reads."""

    def __init__(self) -> None:
        self.told: list[Callable[[], None]] = []
        """What is to be called after the commit."""

    def afterwards(self, tell: Callable[[], None]) -> None:
        self.told.append(tell)

    @abstractmethod
    def run(self, statement: Sql, **values: Any) -> Cursor:
        """Run a statement with the values of its parameters."""

    def put(self, statement: Sql, **values: Any) -> None:
        """Run a statement whose answer nobody wants; what is run later finds it done."""
        self.run(statement, **values)

    def locks(self, kind: type[Any], *, listed: bool = False) -> bool:
        """Whether records of a kind are locked as they are read, alone or in a list."""
        return False

    def _job(self, statement: Sql, **values: Any) -> Job | None:
        row = self.run(statement, **values).fetchone()
        return rows.job_from(row) if row else None

    # -- jobs ---------------------------------------------------------------------------------------
    def insert_job(self, job: Job) -> None:
        self.put(job_sql.INSERT, **rows.job_row(job))

    def job(self, job_id: str) -> Job | None:
        return self._job(job_sql.BY_ID, id=job_id)

    def update_job(self, job_id: str, *, attempt: int | None = None, **columns: Any) -> Job | None:
        statement = job_sql.changed(frozenset(columns), attempt is not None)
        values = {f"new_{name}": value for name, value in rows.encoded(columns).items()}
        return self._job(statement, id=job_id, attempt=attempt, **values)

    def mark_published(self, job_id: str) -> Job | None:
        return self._job(job_sql.PUBLISHED, id=job_id)

    def children(self, parent_id: str) -> list[Job]:
        found = self.run(job_sql.CHILDREN, parent_id=parent_id).fetchall()
        return [rows.job_from(row) for row in found]

    def queued(self, workspace_id: str, most: int) -> int:
        return int(self.run(claims.QUEUED, workspace_id=workspace_id, most=most).fetchone()[0])

    def joinable(self, job: Job, session: str) -> Job | None:
        return self._job(
            job_sql.JOINABLE,
            order_key=job.order_key,
            workspace_id=job.workspace_id,
            project=job.project,
            tool=job.tool,
            session=session,
        )

    def add_call(self, job_id: str, session: str) -> None:
        self.put(job_sql.ADD_CALL, job_id=job_id, session=session)

    def mark_delivered(self, job_id: str, session: str, at: int) -> None:
        self.put(job_sql.MARK_DELIVERED, job_id=job_id, session=session, at=at)

    def mark_saved(self, job_id: str, at: int) -> None:
        statement = job_sql.changed(frozenset({"saved_at"}), False, any_state=True)
        self.put(statement, id=job_id, new_saved_at=at)

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
        free = most - self.running(provider, now)
        wanted = free if take is None else min(free, take)
        if wanted <= 0:
            return []
        found = self.run(
            claims.CLAIM, provider=provider, most=wanted, owner=owner, now=now, until=until
        ).fetchall()
        # The database returns them in no order.
        claimed = (rows.job_from(row) for row in found)
        return sorted(claimed, key=lambda job: (-job.priority, job.run_at, job.created_at))

    def running(self, provider: str, now: int) -> int:
        return int(self.run(claims.RUNNING, provider=provider, now=now).fetchone()[0])

    def extend(self, owner: str, until: int) -> set[tuple[str, int]]:
        return set(self.run(claims.EXTEND, owner=owner, until=until).fetchall())

    def idempotency(self, workspace_id: str, route: str, key: str) -> Idempotency | None:
        row = self.run(
            access.IDEMPOTENCY, workspace_id=workspace_id, route=route, key=key
        ).fetchone()
        return Idempotency(*row) if row else None

    def insert_idempotency(
        self, workspace_id: str, route: str, key: str, used: Idempotency, at: int
    ) -> None:
        self.put(
            access.INSERT_IDEMPOTENCY,
            workspace_id=workspace_id,
            route=route,
            key=key,
            body_sha256=used.body_sha256,
            job_id=used.job_id,
            status=used.status,
            answer=used.answer,
            created_at=at,
        )

    def forget_idempotency(self, before: int, most: int) -> int:
        return self.run(access.FORGET_IDEMPOTENCY, before=before, most=most).rowcount

    # -- records that are kept as they are ----------------------------------------------------------
    def insert(self, record: Record) -> None:
        kind = kind_of(type(record))
        self.put(stored.insert(kind), **kind.row(record))

    def get(self, kind: type[R], record_id: str, /) -> R | None:
        kept = kind_of(kind)
        row = self.run(stored.get(kept, self.locks(kind)), key=record_id).fetchone()
        return kept.read(row) if row else None

    def find(
        self,
        kind: type[R],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        before: tuple[int, str] | None = None,
        **equal: Any,
    ) -> list[R]:
        kept = kind_of(kind)
        null = frozenset(name for name, value in equal.items() if value is None)
        given = {name: value for name, value in equal.items() if value is not None}
        statement = stored.find(
            kept,
            frozenset(given),
            null,
            newest_first,
            before is not None,
            self.locks(kind, listed=True),
        )
        values = kept.encoded(given, "is_")
        if before is not None:
            values |= {"before_at": before[0], "before_key": before[1]}
        found = self.run(statement, most=limit, **values).fetchall()
        return [kept.read(row) for row in found]

    def change(self, kind: type[R], record_id: str, /, **columns: Any) -> R | None:
        if not columns:
            return self.get(kind, record_id)
        kept = kind_of(kind)
        statement = stored.change(kept, frozenset(columns))
        row = self.run(statement, key=record_id, **kept.encoded(columns, "new_")).fetchone()
        return kept.read(row) if row else None

    def remove(self, kind: type[R], record_id: str, /) -> bool:
        return self.run(stored.remove(kind_of(kind)), key=record_id).rowcount > 0

    def insert_artifact(self, artifact: Artifact) -> None:
        self.insert(artifact)

    def insert_workspace(self, workspace: Workspace) -> None:
        self.insert(workspace)

    def insert_key(self, key: ApiKey) -> None:
        self.insert(key)

    def revoke_key(self, key_id: str, at: int) -> bool:
        return self.run(access.REVOKE_KEY, id=key_id, at=at).rowcount > 0

    def touch_keys(self, key_ids: Sequence[str], at: int) -> None:
        for key_id in key_ids:
            self.put(access.TOUCH_KEY, key_id=key_id, at=at)

    def secret(self, name: str, fresh: str) -> str:
        self.put(access.INSERT_SECRET, name=name, value=fresh)
        return str(self.run(access.SECRET, name=name).fetchone()[0])

    # -- credits, messages, files whose time is over ------------------------------------------------
    def move_account(
        self, workspace_id: str, *, granted: int = 0, reserved: int = 0, spent: int = 0
    ) -> bool:
        values = {"granted": granted, "reserved": reserved, "spent": spent}
        return self.run(ledger.MOVE_ACCOUNT, workspace_id=workspace_id, **values).rowcount > 0

    def move_budget(
        self, budget_id: str, window: str, most: int, *, reserved: int = 0, spent: int = 0
    ) -> bool:
        values = {"most": most, "reserved": reserved, "spent": spent}
        moved = self.run(ledger.MOVE_BUDGET, budget_id=budget_id, window=window, **values)
        return moved.rowcount > 0

    def budget_use(self, budget_id: str, window: str) -> BudgetUse:
        row = self.run(ledger.BUDGET_USE, budget_id=budget_id, window=window).fetchone()
        return BudgetUse(budget_id, window, *(row or ()))

    def claim_deliveries(self, now: int, until: int, most: int) -> list[Delivery]:
        found = self.run(timed.CLAIM_DELIVERIES, now=now, until=until, most=most).fetchall()
        kind = kind_of(Delivery)
        return sorted((kind.read(row) for row in found), key=lambda d: (d.created_at, d.id))

    def expire_artifacts(self, now: int, most: int) -> list[Artifact]:
        return expire(self.run, now, most)

    def expiring_artifacts(self, after: tuple[int, str], until: int, most: int) -> list[Artifact]:
        moment, last = after
        found = self.run(timed.EXPIRING, after=moment, last=last, until=until, most=most)
        return [kind_of(Artifact).read(row) for row in found.fetchall()]
