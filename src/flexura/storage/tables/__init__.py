"""The tables. SQLAlchemy Core is their definition; Alembic (`migrations/`) makes and changes them."""

from __future__ import annotations

from flexura.storage.tables.messages import deliveries, endpoints, signing_secrets
from flexura.storage.tables.money import accounts, budget_uses, budgets, credit_entries
from flexura.storage.tables.people import (
    api_keys,
    idempotency_keys,
    invites,
    secrets,
    sessions,
    sign_in_codes,
    workspaces,
)
from flexura.storage.tables.results import artifacts, gallery, publications, uploads
from flexura.storage.tables.schema import metadata
from flexura.storage.tables.work import calls, jobs, paces, templates

__all__ = [
    "accounts",
    "api_keys",
    "artifacts",
    "budget_uses",
    "budgets",
    "calls",
    "credit_entries",
    "deliveries",
    "endpoints",
    "gallery",
    "idempotency_keys",
    "invites",
    "jobs",
    "metadata",
    "paces",
    "publications",
    "secrets",
    "sessions",
    "sign_in_codes",
    "signing_secrets",
    "templates",
    "uploads",
    "workspaces",
]
