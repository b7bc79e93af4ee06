"""Webhooks: who is told, and every message."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from flexura.storage.tables.schema import metadata, partial_index

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("events", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("disabled_at", BigInteger),
    Column("disabled_reason", Text, nullable=False),
)
Index("endpoints_of_workspace", endpoints.c.workspace_id)

signing_secrets = Table(
    "signing_secrets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
)
Index("signing_secrets_of_workspace", signing_secrets.c.workspace_id)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("endpoint_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Column("delivered_at", BigInteger),
)
partial_index(
    "deliveries_due",
    deliveries.c.next_at,
    deliveries.c.id,
    where=text("state = 'pending'"),
)
Index(
    "deliveries_of_workspace",
    deliveries.c.workspace_id,
    deliveries.c.created_at,
    deliveries.c.id,
)
