"""Looking at jobs: one, many, waiting for the end, cancelling, and what reached the caller."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

from flexura.domain.artifact import Artifact
from flexura.domain.errors import Conflict, NotFound
from flexura.domain.job import Job
from flexura.ports.records import JobFilter, Records, Tx
from flexura.services.clock import now_ms
from flexura.services.job_feed import JobFeed
from flexura.services.transitions import Transitions
from flexura.services.watch import Watcher

MOST_COUNTED = 5_000
_WITH_FILES = ("awaiting_approval", "scheduled", "publishing", "completed", "published")


def rests(job: Job) -> bool:
    """Whether nothing will happen to the job soon: it has ended, or it waits for a person or its time."""
    waits = job.state == "scheduled" and job.run_at > now_ms()
    return job.final or waits or job.state == "awaiting_approval"


def enough(job: Job, seen_version: int = 0) -> bool:
    """Whether nobody waits any longer: the job rests, or has passed the version that the caller has seen."""
    return job.final or (seen_version < job.version if seen_version else rests(job))


class Jobs:
    """The jobs of a workspace; another workspace's ids do not exist."""

    def __init__(self, records: Records, watcher: Watcher, transitions: Transitions) -> None:
        self._transitions = transitions
        self._records = records
        self._watcher = watcher
        self.feed = JobFeed(records, watcher)

    async def get(self, workspace_id: str, job_id: str) -> Job:
        """The job. Raises NotFound."""
        job = await self._records.job(workspace_id, job_id)
        if job is None:
            raise NotFound(
                f"There is no job {job_id[:60]!r} in this workspace.",
                next_step="Check the id; job_status(), `flexura status` and GET /api/v1/jobs list jobs.",
            )
        return job

    async def wait(
        self,
        workspace_id: str,
        job_id: str,
        seconds: float,
        *,
        seen_version: int = 0,
        place: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> Job:
        """The job as soon as it ends or waits for somebody, or after `seconds`.

        With `seen_version` as soon as it ends or passes that version. It waits inside a `place`, of which
        there may be none: then what that raises is raised, unless there is nothing to wait for.
        """
        if seconds <= 0:
            return await self.get(workspace_id, job_id)
        passed = partial(enough, seen_version=seen_version)
        with self._watcher.waiting(workspace_id, job_id, passed) as news:
            job = await self.get(workspace_id, job_id)
            if passed(job):
                return job
            with place(), contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    # Nothing runs for a waiter until this comes.
                    return await news or await self.get(workspace_id, job_id)
        return await self.get(workspace_id, job_id)

    async def follow(
        self, workspace_id: str, job_id: str, seen_version: int, every: float
    ) -> AsyncIterator[Job | None]:
        """The job now and at each change until it ends; None when nothing happened for `every` seconds."""
        while True:
            job = await self.get(workspace_id, job_id)
            if job.version > seen_version:
                seen_version = job.version
                yield job
            if job.final:
                return
            deadline = time.monotonic() + every
            after = await self.wait(workspace_id, job_id, every, seen_version=seen_version)
            if after.version == seen_version and time.monotonic() >= deadline:
                yield None

    async def list(self, wanted: JobFilter) -> list[Job]:
        """Jobs, newest first."""
        return await self._records.jobs(wanted)

    async def count(self, wanted: JobFilter) -> int:
        """How many jobs there are in all, counted up to `MOST_COUNTED`."""
        return await self._records.count_jobs(wanted, MOST_COUNTED)

    async def artifacts_of(self, jobs: Sequence[Job]) -> dict[str, list[Artifact]]:
        """The artifacts of several jobs in one query."""
        return await self._records.artifacts_of([j.id for j in jobs if j.state in _WITH_FILES])

    async def files(self, job: Job) -> list[Artifact]:
        """The artifacts of one job; none while it has none to show."""
        return (await self.artifacts_of([job])).get(job.id, [])

    async def steps(self, job: Job) -> list[Job]:
        """The jobs that a job's steps ordered, in the order in which they did."""
        return await self._records.children(job.id)

    async def cancel(self, workspace_id: str, job_id: str) -> Job:
        """Cancel a queued job at once, ask the worker of a running one to stop.

        Raises NotFound, or Conflict for a job that has ended.
        """
        await self.get(workspace_id, job_id)

        def work(tx: Tx) -> Job | None:
            job = tx.job(job_id)
            if job is None or job.final:
                return None
            return self._transitions.cancel(tx, job)

        job = await self._records.transact(work)
        if job is None:
            ended = await self.get(workspace_id, job_id)
            raise Conflict(
                f"The job has ended ({ended.state}); it cannot be canceled.",
                next_step="Nothing is left to do; its result stays where it is.",
            )
        return job

    async def delivered(self, workspace_id: str, job_id: str, session: str, *, saved: bool) -> None:
        """Note that the final result reached the user of that session (and, if so, their project)."""
        job = await self.get(workspace_id, job_id)

        def work(tx: Tx) -> None:
            tx.mark_delivered(job_id, session, now_ms())
            if saved and job.saved_at is None:
                tx.mark_saved(job_id, now_ms())

        await self._records.transact(work)

    async def eta_seconds(self, job: Job) -> float | None:
        """Seconds that are likely left, by how long this model's last jobs took."""
        if rests(job) or job.started_at is None:
            return None
        took = await self._records.durations(job.model_id, 20)
        if not took:
            return None
        typical = sorted(took)[len(took) // 2]
        return max(0.0, round((job.started_at + typical - now_ms()) / 1000, 1))
