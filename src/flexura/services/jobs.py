"""Looking at jobs: one, many, waiting for the end, cancelling, and what reached the caller."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence

from flexura.domain.artifact import Artifact
from flexura.domain.errors import Conflict, NotFound
from flexura.domain.job import Job
from flexura.ports.records import JobFilter, Records, Tx
from flexura.services.clock import now_ms
from flexura.services.watch import Watcher


class Jobs:
    """The jobs of a workspace; another workspace's ids do not exist."""

    def __init__(self, records: Records, watcher: Watcher) -> None:
        self._records = records
        self._watcher = watcher

    async def get(self, workspace_id: str, job_id: str) -> Job:
        """The job. Raises NotFound."""
        job = await self._records.job(workspace_id, job_id)
        if job is None:
            raise NotFound(
                f"There is no job {job_id[:60]!r} in this workspace.",
                next_step="Check the id, or list recent jobs with GET /api/v1/jobs.",
            )
        return job

    async def wait(
        self, workspace_id: str, job_id: str, seconds: float, *, seen_version: int = 0
    ) -> Job:
        """The job as soon as it ends (or passes `seen_version`, if given), or after `seconds`."""
        job = await self.get(workspace_id, job_id)
        if job.final or seconds <= 0:
            return job
        with self._watcher.watching(job_id) as changed, contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    changed.clear()
                    job = await self.get(workspace_id, job_id)
                    if job.final or 0 < seen_version < job.version:
                        return job
                    await changed.wait()
        return job

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
        """How many jobs there are in all."""
        return await self._records.count_jobs(wanted)

    async def artifacts_of(self, jobs: Sequence[Job]) -> dict[str, list[Artifact]]:
        """The artifacts of several jobs in one query."""
        done = [j.id for j in jobs if j.state == "completed"]
        return await self._records.artifacts_of(done)

    async def cancel(self, workspace_id: str, job_id: str) -> Job:
        """Cancel a queued job at once, ask the worker of a running one to stop.

        Raises NotFound, or Conflict for a job that has ended.
        """
        await self.get(workspace_id, job_id)
        now = now_ms()

        def work(tx: Tx) -> Job | None:
            job = tx.job(job_id)
            if job is None or job.final:
                return None
            if job.state == "queued":
                return tx.update_job(
                    job_id,
                    state="canceled",
                    phase="done",
                    error_code="canceled",
                    error_message="The job was canceled.",
                    cancel_requested=True,
                    updated_at=now,
                    finished_at=now,
                )
            return tx.update_job(job_id, cancel_requested=True, updated_at=now)

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
        if job.final or job.started_at is None:
            return None
        took = await self._records.durations(job.model_id, 20)
        if not took:
            return None
        typical = sorted(took)[len(took) // 2]
        return max(0.0, round((job.started_at + typical - now_ms()) / 1000, 1))
