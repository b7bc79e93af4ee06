"""The store and what is administered straight in it, without a gateway."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from flexura.ports.records import Records
from flexura.runtime.schema import team_schema
from flexura.services.credits import Credits
from flexura.services.keys import Keys
from flexura.services.sign_ups import SignUps
from flexura.services.workspaces import Workspaces
from flexura.settings import Settings
from flexura.storage.sqlite_awaiting import open_store


@asynccontextmanager
async def open_records(settings: Settings) -> AsyncGenerator[Records]:
    """The store alone, migrated; for commands that need no gateway."""
    records = _team_store(settings.database_url) if settings.database_url else _own_store(settings)
    try:
        yield records
    finally:
        await records.aclose()


def _own_store(settings: Settings) -> Records:
    return open_store(settings.database)


def _team_store(dsn: str) -> Records:
    team_schema().migrate(dsn)
    # Whoever works alone neither has its packages nor waits for them.
    from flexura.storage.postgres import PostgresRecords

    records = PostgresRecords(dsn)
    records.start()
    return records


@asynccontextmanager
async def open_keys(settings: Settings) -> AsyncGenerator[tuple[Keys, str]]:
    """The API keys, straight from the database, and the first key if it was made just now."""
    async with open_records(settings) as records:
        keys = Keys(records)
        yield keys, await keys.first_start()


@dataclass(frozen=True)
class Tenants:
    """Workspaces and their keys, straight from the database."""

    keys: Keys
    workspaces: Workspaces
    sign_ups: SignUps
    first: str
    """The first key, if it was made just now."""


@asynccontextmanager
async def open_tenants(settings: Settings) -> AsyncGenerator[Tenants]:
    """What the operator administers without a gateway; a running one sees every change at once."""
    async with open_records(settings) as records:
        keys = Keys(records)
        first = await keys.first_start()
        yield Tenants(keys, Workspaces(records), SignUps(records, settings.access), first)


@asynccontextmanager
async def open_credits(settings: Settings) -> AsyncGenerator[tuple[Credits, str]]:
    """Accounts and budgets, straight from the database, and the first key if it was made just now."""
    async with open_records(settings) as records:
        first = await Keys(records).first_start()
        yield Credits(records, settings.credits), first
