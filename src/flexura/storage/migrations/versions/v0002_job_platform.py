"""What the job platform keeps: steps, money, webhooks, templates, destinations, retention.

Runs before the release that needs it starts. Columns are added with constant defaults, which rewrites no
row; only indexes read the jobs that are there.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ORDERED = sa.text("parent_id = ''")
_UNFINISHED = sa.text("state NOT IN ('completed', 'published', 'failed', 'canceled')")
_DONE = sa.text("state IN ('completed', 'published')")
_UNSAVED = sa.text("parent_id = '' AND saved_at IS NULL AND state IN ('completed', 'published')")


def upgrade() -> None:
    _columns()
    _invites()
    _templates()
    _money()
    _webhooks()
    _publications()
    _uploads()
    _indexes_of_jobs()
    _other_indexes()


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _big(name: str, nullable: bool = False, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, server_default=default)


def _columns() -> None:
    added: dict[str, list[sa.Column[Any]]] = {
        "workspaces": [
            _text("plan", "operate"),
            sa.Column("approved", sa.Boolean(), nullable=False, server_default=sa.true()),
            _text("policy", "{}"),
        ],
        "api_keys": [_text("limits", "{}"), _text("replaced_by", "")],
        "jobs": [
            *(_text(name, "") for name in ("parent_id", "step", "template", "pipeline", "preset")),
            _text("key_id", ""),
            _big("reserved", default="0"),
            _text("callback_url", ""),
            _text("publish", "[]"),
            _big("publish_at", nullable=True),
            sa.Column("staging", sa.Boolean(), nullable=False, server_default=sa.false()),
        ],
        "idempotency_keys": [
            sa.Column("status", sa.Integer(), nullable=False, server_default="0"),
            _text("answer", ""),
        ],
        "artifacts": [
            _big("expires_at", nullable=True),
            _big("expired_at", nullable=True),
            _text("review", ""),
        ],
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, column)


def _invites() -> None:
    op.create_table(
        "invites",
        _text("id"),
        _text("sha256"),
        *(_big(name) for name in ("created_at", "expires_at", "credits")),
        _big("used_at", nullable=True),
        _text("workspace_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )


def _templates() -> None:
    op.create_table(
        "templates",
        _text("id"),
        _text("workspace_id"),
        _text("slug"),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("name"),
        _big("created_at"),
        *(_text(name) for name in ("description", "views", "inputs", "steps", "outputs")),
        _big("deleted_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "slug", "version"),
    )


def _money() -> None:
    op.create_table(
        "accounts",
        _text("workspace_id"),
        sa.Column("metered", sa.Boolean(), nullable=False),
        *(_big(name) for name in ("granted", "spent", "reserved")),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    op.create_table(
        "credit_entries",
        *(_text(name) for name in ("id", "workspace_id", "kind")),
        *(_big(name) for name in ("at", "granted", "reserved", "spent")),
        *(_text(name) for name in ("job_id", "key_id", "note", "budgets")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "budgets",
        *(_text(name) for name in ("id", "workspace_id", "period")),
        _big("most"),
        _big("created_at"),
        _text("key_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "key_id", "period"),
    )
    op.create_table(
        "budget_uses",
        _text("budget_id"),
        _text("window"),
        _big("reserved"),
        _big("spent"),
        sa.PrimaryKeyConstraint("budget_id", "window"),
    )


def _webhooks() -> None:
    op.create_table(
        "endpoints",
        *(_text(name) for name in ("id", "workspace_id", "url")),
        _big("created_at"),
        _text("events"),
        _text("description"),
        _big("disabled_at", nullable=True),
        _text("disabled_reason"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "signing_secrets",
        *(_text(name) for name in ("id", "workspace_id", "secret")),
        _big("created_at"),
        _big("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "deliveries",
        *(_text(name) for name in ("id", "workspace_id", "url", "event", "payload")),
        _big("created_at"),
        *(_text(name) for name in ("endpoint_id", "job_id", "state")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _big("next_at"),
        sa.Column("status", sa.Integer(), nullable=True),
        _text("error"),
        _big("delivered_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _publications() -> None:
    op.create_table(
        "publications",
        *(_text(name) for name in ("id", "job_id", "workspace_id", "destination", "platform")),
        _big("created_at"),
        *(_text(name) for name in ("state", "url", "error")),
        sa.Column("tries", sa.Integer(), nullable=False),
        _big("published_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job_id", "destination"),
    )


def _uploads() -> None:
    op.create_table(
        "uploads",
        _text("id"),
        _text("workspace_id"),
        *(_big(name) for name in ("length", "received", "created_at", "expires_at")),
        sa.PrimaryKeyConstraint("id"),
    )


def _partial(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _indexes_of_jobs() -> None:
    for name in ("jobs_of_workspace", "jobs_unfinished", "jobs_by_order"):
        op.drop_index(name, "jobs")
    newest = ["created_at", "id"]
    _partial("jobs_of_workspace", "jobs", ["workspace_id", *newest], _ORDERED)
    _partial("jobs_by_state", "jobs", ["workspace_id", "state", *newest], _ORDERED)
    _partial("jobs_of_project", "jobs", ["workspace_id", "project", "state", *newest], _ORDERED)
    _partial("jobs_unsaved", "jobs", ["workspace_id", *newest], _UNSAVED)
    _partial("jobs_unsaved_of_project", "jobs", ["workspace_id", "project", *newest], _UNSAVED)
    _partial("jobs_of_parent", "jobs", ["parent_id"], sa.text("parent_id <> ''"))
    due = ["state", "provider", "run_at", "created_at"]
    _partial("jobs_unfinished", "jobs", due, _UNFINISHED)
    order = ["order_key", "workspace_id", "created_at"]
    _partial("jobs_by_order", "jobs", order, sa.text("order_key <> ''"))
    _partial("jobs_done", "jobs", ["model_id", "finished_at"], _DONE)


def _other_indexes() -> None:
    stays = sa.text("expires_at IS NOT NULL AND expired_at IS NULL")
    _partial("artifacts_expiring", "artifacts", ["expires_at", "id"], stays)
    _partial("deliveries_due", "deliveries", ["next_at", "id"], sa.text("state = 'pending'"))
    _partial("idempotency_keys_old", "idempotency_keys", ["created_at"], sa.text("job_id = ''"))
    op.create_index("artifacts_of_blob", "artifacts", ["sha256"])
    op.create_index("credit_entries_of_workspace", "credit_entries", ["workspace_id", "at", "id"])
    op.create_index("credit_entries_of_job", "credit_entries", ["job_id"])
    op.create_index("endpoints_of_workspace", "endpoints", ["workspace_id"])
    op.create_index("signing_secrets_of_workspace", "signing_secrets", ["workspace_id"])
    op.create_index("deliveries_of_workspace", "deliveries", ["workspace_id", "created_at", "id"])
    op.create_index("uploads_expiring", "uploads", ["expires_at"])
