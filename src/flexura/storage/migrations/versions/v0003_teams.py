"""What many machines need: priority, a trace to follow, a vendor's pace that all processes share.

Runs before the release that needs it starts. Columns are added with constant defaults, which rewrites no
row. On PostgreSQL the first tables are as new as these, so there is nothing to be careful with.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_UNFINISHED = sa.text("state NOT IN ('completed', 'published', 'failed', 'canceled')")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("trace", sa.Text(), nullable=False, server_default=""))
    op.drop_index("jobs_unfinished", "jobs")
    op.create_index(
        "jobs_unfinished",
        "jobs",
        ["state", "provider", sa.text("priority DESC"), "run_at", "created_at"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.add_column(
        "uploads", sa.Column("writer", sa.BigInteger(), nullable=False, server_default="0")
    )
    ended = sa.text("finished_at IS NOT NULL")
    op.create_index(
        "jobs_ended", "jobs", ["finished_at"], sqlite_where=ended, postgresql_where=ended
    )
    op.create_table(
        "paces",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _only_on_postgres(op.get_bind())


def _only_on_postgres(connection: sa.Connection) -> None:
    from procrastinate.schema import SchemaManager

    # Changes are told, not counted; with this index no update of a job could leave the others alone.
    op.drop_index("jobs_changes", "jobs")
    # Ids are compared byte by byte, in the database as in the code that merges its pages.
    found = sa.inspect(connection)
    for table in found.get_table_names():
        texts = [c["name"] for c in found.get_columns(table) if isinstance(c["type"], sa.Text)]
        changes = [f'ALTER COLUMN "{name}" TYPE text COLLATE "C"' for name in texts]
        if changes:
            op.execute(f"ALTER TABLE {table} {', '.join(changes)}")
    # The queue's own tables and functions: many statements in one text, which only the driver takes.
    driver: Any = connection.connection.driver_connection
    driver.execute(SchemaManager.get_schema())
