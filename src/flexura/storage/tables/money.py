"""Credits and budgets, in whole microcredits."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from flexura.storage.tables.schema import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("metered", Boolean, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
)

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("budgets", Text, nullable=False),
)
Index(
    "credit_entries_of_workspace",
    credit_entries.c.workspace_id,
    credit_entries.c.at,
    credit_entries.c.id,
)
Index("credit_entries_of_job", credit_entries.c.job_id)

budgets = Table(
    "budgets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("most", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("key_id", Text, nullable=False),
    UniqueConstraint("workspace_id", "key_id", "period"),
)

budget_uses = Table(
    "budget_uses",
    metadata,
    Column("budget_id", Text, nullable=False),
    Column("window", Text, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    PrimaryKeyConstraint("budget_id", "window"),
)
