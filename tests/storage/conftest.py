from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flexura.ports.records import Records
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An empty database with the newest schema."""
    path = tmp_path / "flexura.db"
    migrate(path)
    return path


@pytest.fixture
async def records(database: Path) -> AsyncIterator[Records]:
    """An empty store."""
    store = SqliteRecords(database)
    yield store
    await store.aclose()
