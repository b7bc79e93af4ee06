"""Which schema the configured store has, and bringing it to this release's."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from flexura.domain.errors import InvalidRequest
from flexura.settings import Settings
from flexura.storage.migrate import HEAD, current, migrate


@dataclass(frozen=True)
class Schema:
    """A store's revision; `before` is empty for a store that has no tables yet."""

    store: str
    """How messages call it; never a URL, which may hold a password."""
    before: str
    after: str = HEAD
    """What this release needs."""

    @property
    def behind(self) -> bool:
        """Whether a migration has something to do."""
        return self.before < self.after


def schema_of(settings: Settings) -> Schema:
    """What is there; nothing is changed or made. Raises InvalidRequest for a database out of reach."""
    if settings.database_url:
        return Schema(
            "the database of FLEXURA_DATABASE_URL", team_schema().current(settings.database_url)
        )
    path = settings.database
    return Schema(str(path), current(path) if path.is_file() else "")


def migrate_store(settings: Settings) -> Schema:
    """Bring the store to this release's schema, once, however many ask at the same time.

    Raises Conflict for a schema newer than this release, InvalidRequest, DiskFull.
    """
    found = schema_of(settings)
    if settings.database_url:
        team_schema().migrate(settings.database_url)
    else:
        migrate(settings.database)
    return found


def team_schema() -> ModuleType:
    """The module of the schema of a team's store; its packages are imported only where there is one."""
    try:
        from flexura.storage import postgres_schema
    except ImportError as missing:
        raise InvalidRequest(
            f"FLEXURA_DATABASE_URL needs the package {missing.name}, which is not installed.",
            next_step="Install flexura with its extra for teams: pip install 'flexura[team]'.",
        ) from None
    return postgres_schema
