"""The jobs that a process holds: their leases and heartbeat, what becomes of lost ones, letting them go."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from flexura.domain.errors import DiskFull
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.ports.queue import MOST_LEASE_MS, Handler
from flexura.ports.records import Records, Tx

log = logging.getLogger(__name__)
_BEATS = 3.5
"""Renewals in the time of one lease: three may fail before it is lost."""


def now_ms() -> int:
    """Milliseconds since 1970, by this machine's clock."""
    return time.time_ns() // 1_000_000


class Lease(NamedTuple):
    """What a job that is claimed now is held by."""

    owner: str
    now: int
    until: int


class Leases:
    """Runs claimed jobs as tasks and keeps their leases for as long as they run."""

    def __init__(
        self,
        records: Records,
        seconds: float,
        ended: Callable[[Job], None],
        clock: Callable[[], int] | None = None,
    ) -> None:
        """`ended` is told of each job whose handler is done; `clock` is what all processes go by (ms)."""
        self._records = records
        self._owner = new_id("own")
        # Half of it: the clocks of two processes are never quite the same.
        self._milliseconds = min(int(seconds * 1000), MOST_LEASE_MS // 2)
        self._ended = ended
        self._clock = clock
        self._held: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._failed: set[tuple[str, int]] = set()
        """Leases whose handler failed: they are ours and nobody works on them."""
        self._strays: set[tuple[str, int]] = set()
        """Leases of ours at the last look that no task of ours works on."""
        self._beaten = self.now()
        """When the leases were renewed last."""
        self._offset = None if clock else self._beyond()
        """What the clock said beyond one that cannot be set, at the last look; None = it is not known yet."""
        self._quiet_until = 0.0
        """Until then (monotonic seconds) nothing is claimed."""
        self._beating: asyncio.Task[None] | None = None
        self._disk_is_full = False

    def now(self) -> int:
        """The moment by the clock that leases are counted with (ms)."""
        return self._clock() if self._clock else now_ms()

    def _beyond(self) -> int:
        return self.now() - time.monotonic_ns() // 1_000_000

    def _clock_was_set(self) -> bool:
        """Whether the clock jumped since the last look, in either direction, or the machine slept."""
        before, self._offset = self._offset, self._beyond()
        return before is not None and abs(self._offset - before) > self._milliseconds

    async def claim(self, work: Callable[[Tx, Lease], list[Job]], handler: Handler) -> None:
        """Run the jobs that `work` claims in a transaction; none while the disk is full."""
        if self._clock_was_set():
            # What seems due may be what somebody works on: whoever lives renews its leases first, we too.
            self._quiet_until = time.monotonic() + self._milliseconds / 1000
        if self._held and abs(self.now() - self._beaten) > self._milliseconds:
            await self._beat()
        if time.monotonic() < self._quiet_until:
            return
        now = self.now()
        lease = Lease(self._owner, now, now + self._milliseconds)
        try:
            jobs = await self._records.transact(lambda tx: work(tx, lease))
        except DiskFull as error:
            # Said once: a log that grows with every look would keep the disk full.
            if not self._disk_is_full:
                log.error("No job is begun for now: %s %s", error.message, error.next_step)
            self._disk_is_full = True
            return
        self._disk_is_full = False
        self._start(jobs, handler)

    def _start(self, jobs: Iterable[Job], handler: Handler) -> None:
        if self._beating is None:
            self._beating = asyncio.create_task(self._heartbeat())
        for job in jobs:
            task = asyncio.create_task(self._guard(job, handler), name=job.id)
            self._held[job.id, job.attempt] = task
            task.add_done_callback(lambda _, job=job: self._let_go(job))

    def _let_go(self, job: Job) -> None:
        self._held.pop((job.id, job.attempt), None)
        self._ended(job)

    async def _guard(self, job: Job, handler: Handler) -> None:
        try:
            await handler(job)
        except Exception:
            # The lease runs out and the job is taken up again with a new attempt number.
            log.exception("job %s: its handler failed", job.id)
            self._failed.add((job.id, job.attempt))

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(self._milliseconds / 1000 / _BEATS)
            if not self._held and not self._failed and not self._strays:
                self._beaten = self.now()
                continue
            try:
                await self._beat()
            except DiskFull:
                continue  # said where jobs are claimed
            except Exception:
                log.exception("The leases of running jobs could not be renewed.")

    async def _beat(self) -> None:
        """Renew what is being worked on, and let go of what no handler works on any more."""
        held, failed, now = set(self._held), frozenset(self._failed), self.now()
        until = now + self._milliseconds

        def renew(tx: Tx) -> set[tuple[str, int]]:
            # First: the renewal asks for the owner alone, and would keep a job for ever that nobody runs.
            for job_id, attempt in failed:
                tx.update_job(job_id, attempt=attempt, lease_owner="")
            return tx.extend(self._owner, until)

        kept = await self._records.transact(renew)
        self._failed -= failed
        # A claim of which only the answer was lost, or a handler that was cancelled by something else: at the
        # second look nobody is about to begin it any more.
        strays = kept - set(self._held)
        self._failed |= strays & self._strays
        self._strays = strays
        self._beaten = now
        for lost in held - kept:
            if task := self._held.get(lost):
                task.cancel()

    async def drain(self, seconds: float) -> None:
        """Cancel what runs, give it that long, and let the leases go; nothing may be claimed any more."""
        # A handler that is being cancelled finishes a submission that is under way; all else can go on later.
        left = list(self._held.values())
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=seconds)
        if self._beating:
            self._beating.cancel()
        past = self.now() - 1
        with contextlib.suppress(DiskFull):
            await self._records.transact(lambda tx: tx.extend(self._owner, past))
