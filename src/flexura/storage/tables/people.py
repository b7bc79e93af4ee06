"""Who calls, and what they called before."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
    true,
)

from flexura.storage.tables.schema import metadata, partial_index

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("plan", Text, nullable=False, server_default="operate"),
    Column("approved", Boolean, nullable=False, server_default=true()),
    Column("policy", Text, nullable=False, server_default="{}"),
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
    Column("limits", Text, nullable=False, server_default="{}"),
    Column("replaced_by", Text, nullable=False, server_default=""),
)

invites = Table(
    "invites",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sha256", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("workspace_id", Text, nullable=False),
)


def _lent(name: str) -> Table:
    """What may do for a while what a key may."""
    table = Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        Column("workspace_id", Text, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
    )
    Index(f"{name}_of_key", table.c.key_id)
    return table


sessions = _lent("sessions")
sign_in_codes = _lent("sign_in_codes")

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
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
    Column("status", Integer, nullable=False, server_default="0"),
    Column("answer", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("workspace_id", "route", "key"),
)
_NO_JOB = text("job_id = ''")
partial_index(
    "idempotency_keys_old",
    idempotency_keys.c.created_at,
    where=_NO_JOB,
)
