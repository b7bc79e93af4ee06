"""What came of it: files, and where they went."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from flexura.storage.tables.schema import metadata, partial_index

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
    Column("expires_at", BigInteger),
    Column("expired_at", BigInteger),
    Column("review", Text, nullable=False, server_default=""),
)
Index("artifacts_of_job", artifacts.c.job_id)
Index("artifacts_of_blob", artifacts.c.sha256)
partial_index(
    "artifacts_expiring",
    artifacts.c.expires_at,
    artifacts.c.id,
    where=text("expires_at IS NOT NULL AND expired_at IS NULL"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("writer", BigInteger, nullable=False, server_default="0"),
)
Index("uploads_expiring", uploads.c.expires_at)

publications = Table(
    "publications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("job_id", Text, nullable=False),
    Column("workspace_id", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("published_at", BigInteger),
    UniqueConstraint("job_id", "destination"),
)
