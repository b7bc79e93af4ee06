"""Pages of jobs that stay true: what changed on them since somebody looked, for as long as they look.

One look for each page that is open and each burst of changes, however many jobs changed and however many
people look at it; none while nothing changes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from flexura.domain.job import Job
from flexura.ports.records import JobFilter, Records
from flexura.services.clock import now_ms
from flexura.services.shared import Shared
from flexura.services.watch import ANY, Watcher

_PAUSE = 0.4
"""Seconds between two looks at most: progress that comes faster is told together."""
_MOST_QUEUED = 2_000
"""So many places in queues are known; who waits further behind is told none."""
_MOST_LEFT = 10
"""So many jobs that no longer belong to the page are looked at one by one."""
_QUEUE_HOLDS, _TYPICAL_HOLDS = 0.3, 30.0
_FOR_TYPICAL = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """A job, and what only the others tell of it."""

    job: Job
    place: int | None = None
    """Its place in the queue of its provider, from 1; None where it does not wait, or far behind."""
    left: float | None = None
    """Seconds that it is likely to take from now on."""

    @property
    def token(self) -> str:
        """Another one whenever something else is to be shown."""
        return f"{self.job.version}.{self.place or 0}"


class JobFeed:
    """How jobs stand, and what changes on a page of them."""

    def __init__(self, records: Records, watcher: Watcher) -> None:
        self._records = records
        self._watcher = watcher
        self._pages = Shared[list[Job]](_PAUSE)
        self._queue = Shared[Mapping[str, int]](_QUEUE_HOLDS)
        self._took = Shared[int | None](_TYPICAL_HOLDS)

    async def _typical(self, model_id: str) -> int | None:
        """Milliseconds that a job of this model usually takes; None where nobody knows yet."""
        return await self._took.get(model_id, lambda: self._usually(model_id))

    async def standing(self, jobs: list[Job]) -> list[Standing]:
        """The jobs with their places in the queue and the time that they are likely to take."""
        waits = any(job.state == "queued" for job in jobs)
        places: Mapping[str, int] = (
            await self._queue.get(self._watcher.turn, self._places) if waits else {}
        )
        return [
            Standing(
                job,
                places.get(job.id) if job.state == "queued" else None,
                await self._left(job),
            )
            for job in jobs
        ]

    async def page(self, wanted: JobFilter) -> list[Standing]:
        """A page as it is now."""
        return await self.standing(await self._records.jobs(wanted))

    async def follow(
        self, wanted: JobFilter, seen: Mapping[str, str], every: float
    ) -> AsyncGenerator[list[Standing]]:
        """What changed on a page, and what came to it, as it happens; an empty list after `every` seconds
        without news.

        `seen` holds the tokens of what is shown already. A job that leaves the page is told once more, and
        further while it is under way.
        """
        known = dict(seen)
        with self._watcher.watching(ANY) as changed:
            while True:
                changed.clear()
                news = await self._news(wanted, known)
                if news:
                    yield news
                if not await _heard(changed, every):
                    yield []
                await asyncio.sleep(_PAUSE)

    async def _news(self, wanted: JobFilter, known: dict[str, str]) -> list[Standing]:
        # Whoever is told of the same change looks once; who is told of a later one looks again.
        name = (wanted, self._watcher.turn)
        jobs = await self._pages.get(name, lambda: self._records.jobs(wanted))
        found = await self.standing(jobs)
        there = {standing.job.id for standing in found}
        gone = [job_id for job_id in known if job_id not in there][:_MOST_LEFT]
        left = [await self._records.job(wanted.workspace_id, job_id) for job_id in gone]
        found += await self.standing([job for job in left if job is not None])
        news = [s for s in found if known.get(s.job.id) != s.token]
        known.update({s.job.id: s.token for s in news})
        for job_id, job in zip(gone, left, strict=True):
            if job is None or job.final:
                del known[job_id]
        return news

    async def _places(self) -> Mapping[str, int]:
        places: dict[str, int] = {}
        before, place = "", 0
        for provider, job_id in await self._records.queue(_MOST_QUEUED):
            place = place + 1 if provider == before else 1
            before = provider
            places[job_id] = place
        return places

    async def _usually(self, model_id: str) -> int | None:
        took = await self._records.durations(model_id, _FOR_TYPICAL)
        return sorted(took)[len(took) // 2] if took else None

    async def _left(self, job: Job) -> float | None:
        if job.state != "running" or job.started_at is None:
            return None
        typical = await self._typical(job.model_id)
        if typical is None:
            return None
        return max(0.0, round((job.started_at + typical - now_ms()) / 1000, 1))


async def _heard(changed: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await changed.wait()
    return False
