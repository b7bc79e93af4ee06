"""The queue inside the gateway: leases in the jobs table, a heartbeat, a fencing attempt number."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping

from flexura.domain.errors import DiskFull
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.ports.queue import Handler
from flexura.ports.records import Records, Tx

log = logging.getLogger(__name__)
_LOOK_AGAIN = 0.25
"""Seconds between looks for what no own commit tells: other processes' jobs, leases that ran out."""
_TROUBLE_SECONDS = 1.0
"""Seconds before the next look after one that failed."""


def _now() -> int:
    return time.time_ns() // 1_000_000


class EmbeddedQueue:
    """Runs due jobs as tasks of this process; several processes on one file share the work."""

    def __init__(self, records: Records, *, lease_seconds: float = 10.0) -> None:
        self._records = records
        self._lease_ms = int(lease_seconds * 1000)
        self._owner = new_id("own")
        self._wake = asyncio.Event()
        self._held: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._failed: set[tuple[str, int]] = set()
        """Leases whose handler failed: they are ours and nobody works on them."""
        self._beaten = _now()
        """When the leases were renewed last."""
        self._draining = False
        self._disk_is_full = False
        self._claimed_last = asyncio.Event()
        self._beating: asyncio.Task[None] | None = None

    async def work(self, handler: Handler, limits: Mapping[str, int]) -> None:
        self._records.on_commit(self._wake.set)
        self._wake.set()
        self._beating = asyncio.create_task(self._heartbeat())
        try:
            while not self._draining:
                try:
                    await self._wait()
                    self._wake.clear()
                    await self._claim(handler, limits)
                except Exception:
                    # Whatever it was: a gateway that takes orders and runs none is the worst of all.
                    log.exception("Looking for jobs to run failed.")
                    await asyncio.sleep(_TROUBLE_SECONDS)
        finally:
            self._claimed_last.set()

    async def _wait(self) -> None:
        """Until something may be due: an own commit tells at once, a look every 250 ms finds the rest."""
        while not self._wake.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self._wake.wait()
            if await self._records.due(_now()):
                return

    async def _claim(self, handler: Handler, limits: Mapping[str, int]) -> None:
        now = _now()
        if not await self._records.due(now):
            return
        if self._held and now - self._beaten > self._lease_ms:
            # The machine slept or its clock was set: what is due may be what we are working on ourselves.
            await self._beat()

        def claim(tx: Tx) -> list[Job]:
            found: list[Job] = []
            for provider, most in limits.items():
                found += tx.claim(provider, most, self._owner, now, now + self._lease_ms)
            return found

        try:
            jobs = await self._records.transact(claim)
        except DiskFull as error:
            # Said once: a log that grows with every look would keep the disk full.
            if not self._disk_is_full:
                log.error("No job is begun for now: %s %s", error.message, error.next_step)
            self._disk_is_full = True
            return
        self._disk_is_full = False
        for job in jobs:
            self._start(job, handler)

    def _start(self, job: Job, handler: Handler) -> None:
        lease = (job.id, job.attempt)
        task = asyncio.create_task(self._guard(job, handler), name=job.id)
        self._held[lease] = task
        task.add_done_callback(lambda _: self._let_go(lease))

    def _let_go(self, lease: tuple[str, int]) -> None:
        self._held.pop(lease, None)
        self._wake.set()

    async def _guard(self, job: Job, handler: Handler) -> None:
        try:
            await handler(job)
        except Exception:
            # The lease runs out and the job is taken up again with a new attempt number.
            log.exception("job %s: its handler failed", job.id)
            self._failed.add((job.id, job.attempt))

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(self._lease_ms / 3000)
            if not self._held and not self._failed:
                self._beaten = _now()
                continue
            try:
                await self._beat()
            except DiskFull:
                continue  # said where jobs are claimed
            except Exception:
                log.exception("The leases of running jobs could not be renewed.")

    async def _beat(self) -> None:
        """Renew what is being worked on, and let go of what no handler works on any more."""
        held, failed, now = set(self._held), frozenset(self._failed), _now()
        until = now + self._lease_ms

        def renew(tx: Tx) -> set[tuple[str, int]]:
            # First: the renewal asks for the owner alone, and would keep a job for ever that nobody runs.
            for job_id, attempt in failed:
                tx.update_job(job_id, attempt=attempt, lease_owner="")
            return tx.extend(self._owner, until)

        kept = await self._records.transact(renew)
        self._failed -= failed
        self._beaten = now
        for lost in held - kept:
            if task := self._held.get(lost):
                task.cancel()

    async def drain(self, seconds: float) -> None:
        self._draining = True
        self._wake.set()
        await self._claimed_last.wait()
        # A handler that is being cancelled finishes a submission that is under way; all else can go on later.
        left = list(self._held.values())
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=seconds)
        if self._beating:
            self._beating.cancel()
        past = _now() - 1
        with contextlib.suppress(DiskFull):
            await self._records.transact(lambda tx: tx.extend(self._owner, past))
