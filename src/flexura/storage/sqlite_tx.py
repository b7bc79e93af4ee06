"""One SQLite transaction, as the port `Tx` names its steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Idempotency
from flexura.storage import rows
from flexura.storage import statements as sql


class SqliteTx:
    """Statements on the writer's connection, inside its transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _run(self, statement: sql.Sql, **values: Any) -> sqlite3.Cursor:
        return self._connection.execute(statement.text, {**statement.constants, **values})

    def _job(self, statement: sql.Sql, **values: Any) -> Job | None:
        row = self._run(statement, **values).fetchone()
        return rows.job_from(row) if row else None

    def insert_job(self, job: Job) -> None:
        self._run(sql.INSERT_JOB, **rows.job_row(job))

    def job(self, job_id: str) -> Job | None:
        return self._job(sql.JOB, id=job_id)

    def update_job(self, job_id: str, *, attempt: int | None = None, **columns: Any) -> Job | None:
        statement = sql.update_job(frozenset(columns), attempt is not None)
        values = {f"new_{name}": value for name, value in rows.encoded(columns).items()}
        return self._job(statement, id=job_id, attempt=attempt, **values)

    def joinable(self, job: Job, session: str) -> Job | None:
        return self._job(
            sql.JOINABLE,
            order_key=job.order_key,
            workspace_id=job.workspace_id,
            project=job.project,
            tool=job.tool,
            session=session,
        )

    def add_call(self, job_id: str, session: str) -> None:
        self._run(sql.ADD_CALL, job_id=job_id, session=session)

    def mark_delivered(self, job_id: str, session: str, at: int) -> None:
        self._run(sql.MARK_DELIVERED, job_id=job_id, session=session, at=at)

    def mark_saved(self, job_id: str, at: int) -> None:
        statement = sql.update_job(frozenset({"saved_at"}), False, saved_only=True)
        self._run(statement, id=job_id, new_saved_at=at)

    def idempotency(self, workspace_id: str, route: str, key: str) -> Idempotency | None:
        row = self._run(sql.IDEMPOTENCY, workspace_id=workspace_id, route=route, key=key).fetchone()
        return Idempotency(*row) if row else None

    def insert_idempotency(
        self, workspace_id: str, route: str, key: str, used: Idempotency, at: int
    ) -> None:
        self._run(
            sql.INSERT_IDEMPOTENCY,
            workspace_id=workspace_id,
            route=route,
            key=key,
            body_sha256=used.body_sha256,
            job_id=used.job_id,
            created_at=at,
        )

    def claim(self, provider: str, most: int, owner: str, now: int, until: int) -> list[Job]:
        running = self._run(sql.RUNNING, provider=provider, now=now).fetchone()[0]
        if running >= most:
            return []
        found = self._run(
            sql.CLAIM, provider=provider, most=most - running, owner=owner, now=now, until=until
        ).fetchall()
        return [rows.job_from(row) for row in found]

    def extend(self, owner: str, until: int) -> set[tuple[str, int]]:
        return set(self._run(sql.EXTEND, owner=owner, until=until).fetchall())

    def insert_artifact(self, artifact: Artifact) -> None:
        self._run(sql.INSERT_ARTIFACT, **rows.artifact_row(artifact))

    def insert_workspace(self, workspace: Workspace) -> None:
        self._run(
            sql.INSERT_WORKSPACE,
            id=workspace.id,
            name=workspace.name,
            created_at=workspace.created_at,
        )

    def insert_key(self, key: ApiKey) -> None:
        self._run(sql.INSERT_KEY, **rows.key_row(key))

    def revoke_key(self, key_id: str, at: int) -> bool:
        return self._run(sql.REVOKE_KEY, id=key_id, at=at).rowcount > 0

    def touch_keys(self, key_ids: Sequence[str], at: int) -> None:
        for key_id in key_ids:
            self._run(sql.TOUCH_KEY, key_id=key_id, at=at)

    def secret(self, name: str, fresh: str) -> str:
        self._run(sql.INSERT_SECRET, name=name, value=fresh)
        return str(self._run(sql.SECRET, name=name).fetchone()[0])
