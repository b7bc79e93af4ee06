"""A real store with blobs and parts on the disk, without a gateway around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from flexura.domain.artifact import Artifact
from flexura.domain.workspace import Workspace
from flexura.ports.conversion import Variant
from flexura.ports.records import Tx
from flexura.services.events import Events
from flexura.services.retention import Retention, Sweeper
from flexura.services.uploads import Uploads
from flexura.storage.files import FileBlobs
from flexura.storage.migrate import migrate
from flexura.storage.parts import FileParts
from flexura.storage.sqlite import SqliteRecords

HOUR = 3_600_000
DAY = 24 * HOUR


@dataclass
class Clock:
    """A time that tests move."""

    now: int

    def __call__(self) -> int:
        return self.now


class Listener(Events):
    """Remembers which artifacts it was told of."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def expiring(self, tx: Tx, artifact: Artifact) -> None:
        self.told.append(artifact.id)


@dataclass
class Forgetful:
    """A converter that remembers only what it was to forget."""

    forgotten: list[str] = field(default_factory=list[str])

    async def convert(self, artifact: Artifact, variant: Variant) -> Path:
        raise AssertionError("nothing is converted here")

    async def forget(self, sha256: str) -> None:
        self.forgotten.append(sha256)


@dataclass
class Stores:
    """Everything that keeps files, and what works on it."""

    records: SqliteRecords
    blobs: FileBlobs
    parts: FileParts
    uploads: Uploads
    sweeper: Sweeper
    events: Listener
    converter: Forgetful
    clock: Clock

    def restarted(self) -> Stores:
        """The same stores, with nothing of what the process before had in memory."""
        sweeper = replace(self.sweeper, announced=0)
        retention = Retention(self.events)
        uploads = Uploads(self.records, self.blobs, self.parts, retention, self.clock)
        return replace(self, sweeper=sweeper, uploads=uploads)

    async def artifact(self, artifact_id: str) -> Artifact:
        """The artifact as it is now."""
        found = await self.records.get(Artifact, artifact_id)
        assert found is not None
        return found


@asynccontextmanager
async def stores(folder: Path, clock: Clock, days: float | None = None) -> AsyncIterator[Stores]:
    """Empty stores with the workspaces ws_1 and ws_2."""
    migrate(folder / "flexura.db")
    records = SqliteRecords(folder / "flexura.db")
    blobs, parts = FileBlobs(folder / "artifacts"), FileParts(folder / "uploads")
    events, converter = Listener(), Forgetful()
    retention = Retention(events, days)
    for name in ("ws_1", "ws_2"):
        workspace = Workspace(name, name, clock())
        await records.transact(lambda tx, one=workspace: tx.insert(one))
    uploads = Uploads(records, blobs, parts, retention, clock)
    sweeper = Sweeper(records, blobs, parts, converter, events, clock)
    try:
        yield Stores(records, blobs, parts, uploads, sweeper, events, converter, clock)
    finally:
        await records.aclose()
