"""The tables. SQLAlchemy Core is their definition; Alembic (`migrations/`) makes and changes them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

metadata = MetaData()

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("sha256", Text, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("phase", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("operation", Text),
    Column("progress", Float, nullable=False),
    Column("note", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("cost", Text),
    Column("error_code", Text, nullable=False),
    Column("error_message", Text, nullable=False),
    Column("error_next_step", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("order_key", Text, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("lease_owner", Text, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("run_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("saved_at", BigInteger),
    Column("change_seq", BigInteger, nullable=False),
)
Index("jobs_changes", jobs.c.change_seq)
Index("jobs_of_workspace", jobs.c.workspace_id, jobs.c.created_at)
Index(
    "jobs_unfinished",
    jobs.c.provider,
    jobs.c.run_at,
    sqlite_where=text("state IN ('queued', 'running')"),
    postgresql_where=text("state IN ('queued', 'running')"),
)
Index(
    "jobs_by_order",
    jobs.c.order_key,
    sqlite_where=text("order_key <> ''"),
    postgresql_where=text("order_key <> ''"),
)

calls = Table(
    "calls",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id"), nullable=False),
    Column("session", Text, nullable=False),
    Column("delivered_at", BigInteger),
    PrimaryKeyConstraint("job_id", "session"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body_sha256", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace_id", "route", "key"),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("sha256", Text, nullable=False),
    Column("mime", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("seconds", Float),
    Column("metadata", Text, nullable=False),
)
Index("artifacts_of_job", artifacts.c.job_id)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
