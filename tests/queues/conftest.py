"""The stores that queues are tried on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flexura.ports.records import Records
from queues_house import OnPostgres, OnSqlite, Place


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Each kind of store in turn; what a sweep finds is found ten times as soon as in earnest."""
    if request.param == "sqlite":
        return OnSqlite(tmp_path)
    return on_postgres(request, monkeypatch)


@pytest.fixture
def team(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> OnPostgres:
    """A store of many processes alone."""
    return on_postgres(request, monkeypatch)


def on_postgres(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> OnPostgres:
    dsn: str = request.getfixturevalue("postgres_url")
    from flexura.queues import procrastinate

    monkeypatch.setattr(procrastinate, "_SWEEP_SECONDS", 0.1)
    monkeypatch.setattr(procrastinate, "_RESCUE_SECONDS", 0.1)
    return OnPostgres(dsn)


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Any]:
    """The records of the first process."""
    async with place.opened() as records:
        opened: Records = records
        yield opened
