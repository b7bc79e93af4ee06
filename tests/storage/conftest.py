from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.ports.records import Records
from flexura.storage.migrate import migrate
from flexura.storage.postgres import PostgresRecords
from flexura.storage.sqlite import SqliteRecords


@pytest.fixture(scope="module", autouse=True)
def migrated_in_earnest(schema_made_once: Callable[[Path], None]) -> Iterator[None]:
    """No copy of a schema here: each store is migrated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flexura.storage.migrate._upgrade", schema_made_once)
        yield


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An empty database with the newest schema."""
    path = tmp_path / "flexura.db"
    migrate(path)
    return path


@pytest.fixture(params=["sqlite", "postgres"])
async def records(request: pytest.FixtureRequest) -> AsyncIterator[Records]:
    """An empty store, on each database: what is asked of the port, every store must do."""
    store: Any
    if request.param == "sqlite":
        store = SqliteRecords(request.getfixturevalue("database"))
    else:
        store = PostgresRecords(request.getfixturevalue("postgres_url"))
        store.start()
    yield store
    await store.aclose()
