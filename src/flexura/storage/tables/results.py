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
    Column("trashed_at", BigInteger),
)
Index("artifacts_of_job", artifacts.c.job_id)
Index("artifacts_of_blob", artifacts.c.sha256)
partial_index(
    "artifacts_expiring",
    artifacts.c.expires_at,
    artifacts.c.id,
    where=text("expires_at IS NOT NULL AND expired_at IS NULL"),
)

gallery = Table(
    "gallery",
    metadata,
    Column(
        "place",
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("artifact_id", Text, nullable=False, unique=True),
    Column("workspace_id", Text, nullable=False),
    Column("shelf", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("review", Text, nullable=False),
    Column("words", Text, nullable=False),
)
"""What people look at, kept by triggers of `artifacts`; nothing else writes it. On SQLite `place` is the
rowid, by which the FTS5 table `gallery_words` finds it; on PostgreSQL an index over `words` is that."""
_OF = (gallery.c.workspace_id, gallery.c.shelf)
Index("gallery_of_workspace", *_OF, gallery.c.place)
Index("gallery_of_kind", *_OF, gallery.c.kind, gallery.c.place)
Index("gallery_of_model", *_OF, gallery.c.model, gallery.c.place)
Index("gallery_of_project", *_OF, gallery.c.project, gallery.c.place)

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
