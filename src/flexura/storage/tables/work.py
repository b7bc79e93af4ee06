"""What is ordered: jobs, who waits for them, templates."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from flexura.storage.tables.schema import metadata, partial_index

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
    Column("parent_id", Text, nullable=False, server_default=""),
    Column("step", Text, nullable=False, server_default=""),
    Column("template", Text, nullable=False, server_default=""),
    Column("pipeline", Text, nullable=False, server_default=""),
    Column("preset", Text, nullable=False, server_default=""),
    Column("key_id", Text, nullable=False, server_default=""),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    Column("callback_url", Text, nullable=False, server_default=""),
    Column("publish", Text, nullable=False, server_default="[]"),
    Column("publish_at", BigInteger),
    Column("staging", Boolean, nullable=False, server_default=false()),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("trace", Text, nullable=False, server_default=""),
    Column("change_seq", BigInteger, nullable=False),
)
_ORDERED = text("parent_id = ''")
"""What a caller ordered, without the steps of it: what lists show."""
_UNFINISHED = text("state NOT IN ('completed', 'published', 'failed', 'canceled')")
_DONE = text("state IN ('completed', 'published')")
_UNSAVED = text("parent_id = '' AND saved_at IS NULL AND state IN ('completed', 'published')")
Index("jobs_changes", jobs.c.change_seq)
partial_index(
    "jobs_of_workspace",
    jobs.c.workspace_id,
    jobs.c.created_at,
    jobs.c.id,
    where=_ORDERED,
)
partial_index(
    "jobs_by_state",
    jobs.c.workspace_id,
    jobs.c.state,
    jobs.c.created_at,
    jobs.c.id,
    where=_ORDERED,
)
partial_index(
    "jobs_of_project",
    jobs.c.workspace_id,
    jobs.c.project,
    jobs.c.state,
    jobs.c.created_at,
    jobs.c.id,
    where=_ORDERED,
)
partial_index(
    "jobs_unsaved",
    jobs.c.workspace_id,
    jobs.c.created_at,
    jobs.c.id,
    where=_UNSAVED,
)
partial_index(
    "jobs_unsaved_of_project",
    jobs.c.workspace_id,
    jobs.c.project,
    jobs.c.created_at,
    jobs.c.id,
    where=_UNSAVED,
)
partial_index(
    "jobs_of_parent",
    jobs.c.parent_id,
    where=text("parent_id <> ''"),
)
partial_index(
    "jobs_unfinished",
    jobs.c.state,
    jobs.c.provider,
    jobs.c.priority.desc(),
    jobs.c.run_at,
    jobs.c.created_at,
    where=_UNFINISHED,
)
partial_index(
    "jobs_ended",
    jobs.c.finished_at,
    where=text("finished_at IS NOT NULL"),
)
partial_index(
    "jobs_done",
    jobs.c.model_id,
    jobs.c.finished_at,
    where=_DONE,
)
partial_index(
    "jobs_by_order",
    jobs.c.order_key,
    jobs.c.workspace_id,
    jobs.c.created_at,
    where=text("order_key <> ''"),
)

paces = Table(
    "paces",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("counted_at", BigInteger, nullable=False),
    Column("blocked_until", BigInteger, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id"), nullable=False),
    Column("session", Text, nullable=False),
    Column("delivered_at", BigInteger),
    PrimaryKeyConstraint("job_id", "session"),
)

templates = Table(
    "templates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("views", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("steps", Text, nullable=False),
    Column("outputs", Text, nullable=False),
    Column("deleted_at", BigInteger),
    UniqueConstraint("workspace_id", "slug", "version"),
)
