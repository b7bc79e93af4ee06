"""Records in PostgreSQL: many processes on many machines, one store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from flexura.domain.artifact import Artifact
from flexura.domain.credits import BudgetUse
from flexura.domain.job import Job
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.census import Census
from flexura.ports.gallery import Choices, GalleryFilter, Shown
from flexura.ports.measures import committing
from flexura.ports.records import Change, JobFilter, Record, Run, Tx
from flexura.ports.tracing import span
from flexura.ports.usage import UsageLine
from flexura.storage.postgres_changes import Changes
from flexura.storage.postgres_sessions import Sessions
from flexura.storage.postgres_tx import PostgresTx
from flexura.storage.statements import statistics

T = TypeVar("T")
R = TypeVar("R", bound=Record)
_WRITERS = 3
_READERS = 2
_MOST = 1_000_000
"""Where every row is wanted."""
_GATHER_SECONDS = 0.05


class PostgresRecords:
    """The port `Records` on PostgreSQL."""

    def __init__(self, dsn: str) -> None:
        self._writers = Sessions(dsn, _WRITERS, "write")
        self._readers = Sessions(dsn, _READERS, "read")
        self._changes = Changes(dsn, self._recent, self._readers.execute)
        self._listeners: list[Callable[[], None]] = []
        self._gathering: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Hear of what other processes change."""
        self._changes.start()

    async def transact(self, work: Callable[[Tx], T]) -> T:
        with span("store transaction", inside=True), committing():
            return await self._writers.transact(work, self._committed)

    def _committed(self, tx: PostgresTx) -> None:
        if tx.changed:
            self._changes.changed(dict.fromkeys(tx.changed))
        if tx.wrote and self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = loop.call_later(_GATHER_SECONDS, self._tell)
        for tell in tx.told:
            tell()

    def _tell(self) -> None:
        self._gathering = None
        for listener in self._listeners:
            listener()

    def on_commit(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def on_change(self, listener: Callable[[], None]) -> None:
        self._changes.on_change(listener)

    async def changes(self, since: int) -> list[Change]:
        return self._changes.since(since)

    async def last_change(self) -> int:
        return self._changes.last

    async def _recent(self, since: int) -> list[str]:
        return await self._readers.read(lambda read: read.recent(since))

    async def job(self, workspace_id: str, job_id: str) -> Job | None:
        return await self._readers.read(lambda read: read.job_of(workspace_id, job_id))

    async def jobs(self, wanted: JobFilter) -> list[Job]:
        return await self._readers.read(lambda read: read.jobs(wanted))

    async def count_jobs(self, wanted: JobFilter, most: int) -> int:
        return await self._readers.read(lambda read: read.count_jobs(wanted, most))

    async def children(self, parent_id: str) -> list[Job]:
        return await self._readers.read(lambda read: read.children(parent_id))

    async def get(self, kind: type[R], record_id: str, /) -> R | None:
        return await self._readers.read(lambda read: read.get(kind, record_id))

    async def find(
        self,
        kind: type[R],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        before: tuple[int, str] | None = None,
        **equal: Any,
    ) -> list[R]:
        return await self._readers.read(
            lambda read: read.find(
                kind, limit=limit, newest_first=newest_first, before=before, **equal
            )
        )

    async def budget_use(self, budget_id: str, window: str) -> BudgetUse:
        return await self._readers.read(lambda read: read.budget_use(budget_id, window))

    async def next_delivery(self) -> int | None:
        return await self._readers.read(lambda read: read.next_delivery())

    async def unfinished(self) -> int:
        return await self._readers.read(lambda read: read.unfinished())

    async def due(self, now: int) -> bool:
        return await self._readers.read(lambda read: read.due(now))

    async def queue(self, most: int) -> list[tuple[str, str]]:
        return await self._readers.read(lambda read: read.queue(most))

    async def durations(self, model_id: str, limit: int) -> list[int]:
        return await self._readers.read(lambda read: read.durations(model_id, limit))

    async def runs(self, since: int, most: int, ignored: Sequence[str]) -> list[Run]:
        return await self._readers.read(lambda read: read.runs(since, most, ignored))

    async def usage(self, workspace_id: str, since: int, until: int, most: int) -> list[UsageLine]:
        return await self._readers.read(lambda read: read.usage(workspace_id, since, until, most))

    async def census(self) -> Census:
        def read_all(read: Any) -> Census:
            size = read.number(statistics.DATABASE_BYTES) or 0
            return replace(read.census(), bytes=size)

        return await self._readers.read(read_all)

    async def artifacts_of(self, job_ids: Sequence[str]) -> dict[str, list[Artifact]]:
        if not job_ids:
            return {}
        return await self._readers.read(lambda read: read.artifacts_of(job_ids))

    async def artifact(self, workspace_id: str, artifact_id: str) -> Artifact | None:
        return await self._readers.read(lambda read: read.artifact(workspace_id, artifact_id))

    async def asset(self, name: str) -> Artifact | None:
        return await self._readers.read(lambda read: read.asset(name))

    async def gallery(self, wanted: GalleryFilter) -> list[Shown]:
        return await self._readers.read(lambda read: read.gallery(wanted))

    async def count_gallery(self, wanted: GalleryFilter, most: int) -> int:
        return await self._readers.read(lambda read: read.count_gallery(wanted, most))

    async def gallery_item(self, workspace_id: str, artifact_id: str) -> Shown | None:
        return await self._readers.read(lambda read: read.gallery_item(workspace_id, artifact_id))

    async def gallery_choices(self, workspace_id: str) -> Choices:
        return await self._readers.read(lambda read: read.gallery_choices(workspace_id))

    async def key_by_digest(self, sha256: str) -> ApiKey | None:
        def read_key(read: Any) -> ApiKey | None:
            row = read.key_row(sha256)
            return read.key_from(row) if row else None

        return await self._readers.read(read_key)

    async def keys(self, workspace_id: str) -> list[ApiKey]:
        return await self.find(ApiKey, limit=_MOST, workspace_id=workspace_id)

    async def workspaces(self) -> list[Workspace]:
        return await self.find(Workspace, limit=_MOST)

    async def aclose(self) -> None:
        # First: what is committed by now is told as well.
        await self._writers.aclose()
        if self._gathering is not None:
            self._gathering.cancel()
        await self._changes.aclose()
        await self._readers.aclose()
