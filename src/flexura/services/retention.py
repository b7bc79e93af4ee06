"""How long bytes are kept: a date for each file when it is stored, and the sweep that keeps to it.

Rows are marked first and bytes removed after, so a crash in between leaves bytes without a use, never a row
that promises bytes which are gone; `Sweeper.collect` finds such bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from flexura.domain.artifact import Artifact
from flexura.domain.errors import ArtifactExpired, DiskFull, FlexuraError
from flexura.domain.upload import Upload
from flexura.domain.workspace import Workspace
from flexura.ports.blobs import SHELVES, Blobs, Parts
from flexura.ports.conversion import Converter
from flexura.ports.records import Records, Tx
from flexura.services.clock import iso, now_ms
from flexura.services.events import Events

log = logging.getLogger(__name__)
_HOUR = 3_600_000
DAY = 24 * _HOUR
WARNED = DAY
"""So long before its bytes go, `artifact.expiring` is sent."""
_FRESH = 6 * _HOUR
"""Bytes are stored before the row that names them is written; no job takes longer than this in between."""
_BATCH = 500
EXPIRING_NOTED = "expiring_noted"
"""In the metadata of a file of which somebody was told that its bytes are going to go."""
KEPT_UNTIL = "kept_until"
"""In the metadata of a file in the trash: when its time ended before it was put there; None = never."""


def check_kept(artifact: Artifact) -> None:
    """Raises ArtifactExpired, with the date, for a file whose bytes have gone."""
    if artifact.expired_at is None:
        return
    gone = iso(artifact.expired_at)
    raise ArtifactExpired(
        f"The bytes of this file were removed on {gone}, when its retention ended; its metadata is kept.",
        next_step=f"Look at /api/v1/artifacts/{artifact.id}/metadata and make it again from that.",
        expired_at=gone,
    )


class Retention:
    """Dates files. `days` is what the operator set; None = kept for good."""

    def __init__(self, events: Events, days: float | None = None) -> None:
        self._events = events
        self._days = days

    def store(self, tx: Tx, artifact: Artifact) -> Artifact:
        """Store a new artifact with the date on which its bytes go; the artifact with that date."""
        if (days := self._window(tx, artifact.workspace_id)) is not None:
            artifact = replace(artifact, expires_at=artifact.created_at + round(days * DAY))
        tx.insert_artifact(artifact)
        if artifact.expires_at is not None and artifact.expires_at - artifact.created_at <= WARNED:
            note_expiring(tx, artifact, self._events)
        return artifact

    def _window(self, tx: Tx, workspace_id: str) -> float | None:
        workspace = tx.get(Workspace, workspace_id)
        days = self._days
        if workspace is not None and "retention_days" in workspace.policy:
            days = workspace.policy["retention_days"]
        return float(days) if days else None


def note_expiring(tx: Tx, artifact: Artifact, events: Events) -> None:
    """Tell whoever listens, once, that the bytes of an artifact are going to go."""
    if EXPIRING_NOTED not in artifact.metadata:
        tx.change(Artifact, artifact.id, metadata={**artifact.metadata, EXPIRING_NOTED: True})
        events.expiring(tx, artifact)


@dataclass
class Sweeper:
    """Removes what has had its time: bytes of artifacts, forgotten uploads, bytes that nothing names."""

    records: Records
    blobs: Blobs
    parts: Parts
    converter: Converter
    events: Events
    clock: Callable[[], int] = now_ms
    announced: int = 0
    """Whoever listens knows of everything that goes until then."""

    async def run(self, every: float = 60.0, collections: int = 360) -> None:
        """Sweep for ever, and collect at the start and once in so many sweeps."""
        sweeps, full = 0, False
        while True:
            try:
                await self.sweep()
                if sweeps % collections == 0:
                    await self.collect()
                full = False
            except DiskFull as problem:
                # Said once: a log that grows with every sweep would keep the disk full.
                if not full:
                    log.warning("Nothing is removed for now: %s", problem.message)
                full = True
            except FlexuraError as problem:
                log.warning("Nothing is removed for now: %s", problem.message)
            except Exception:
                log.exception("a sweep failed; the next one is in %.0f s", every)
            sweeps += 1
            await asyncio.sleep(every)

    async def sweep(self) -> None:
        """Announce what goes soon, remove what has had its time."""
        now = self.clock()
        await self._announce(now)
        while gone := await self.records.transact(lambda tx: tx.expire_artifacts(now, _BATCH)):
            for digest in {artifact.sha256 for artifact in gone}:
                await self.converter.forget(digest)
                await self.blobs.delete(digest, now - _FRESH)
        await self._forget_uploads(now)

    async def _announce(self, now: int) -> None:
        """In the order of their dates; after a restart, those that were told before are passed over."""
        until = now + WARNED
        after: tuple[int, str] | None = (max(now, self.announced) + 1, "")
        while after is not None:
            after = await self.records.transact(
                lambda tx, after=after: self._note(tx, after, until)
            )
        self.announced = until

    def _note(self, tx: Tx, after: tuple[int, str], until: int) -> tuple[int, str] | None:
        """One batch; where the next one starts."""
        found = tx.expiring_artifacts(after, until, _BATCH)
        for artifact in found:
            if EXPIRING_NOTED in artifact.metadata:
                continue
            # Read again, which locks it: another process may be telling of it at this moment.
            current = tx.get(Artifact, artifact.id)
            if current is not None and current.expired_at is None:
                note_expiring(tx, current, self.events)
        return (found[-1].expires_at or until, found[-1].id) if len(found) == _BATCH else None

    async def _forget_uploads(self, now: int) -> None:
        for upload in await self.records.find(Upload):
            if upload.expires_at <= now:
                await self.records.transact(lambda tx, key=upload.id: tx.remove(Upload, key))
                await self.parts.remove(upload.id)

    async def collect(self) -> None:
        """Remove the bytes that no artifact names any more, or never did."""
        before = self.clock() - _FRESH
        for shelf in range(SHELVES):
            for digest in await self.blobs.stored(shelf, before):
                kept = await self.records.find(Artifact, limit=1, sha256=digest, expired_at=None)
                if not kept:
                    await self.converter.forget(digest)
                    await self.blobs.delete(digest, before)
        await self.blobs.tidy(before)
        await self.parts.tidy(self.clock() - 2 * DAY)
