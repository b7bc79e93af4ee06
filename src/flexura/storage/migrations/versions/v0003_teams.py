"""What many machines need: priority, a trace to follow, a vendor's pace that all processes share.

Runs before the release that needs it starts. Columns are added with constant defaults, which rewrites no
row.
"""

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
    op.create_table(
        "paces",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider"),
    )
