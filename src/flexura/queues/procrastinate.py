"""The queue of a team: procrastinate tells which provider has something to do, the jobs table says what.

A dispatch gives this process one more try at a place of its provider. Jobs are claimed from the jobs table,
in its order and within the provider's limit over all processes, and whoever ends one takes the next. So a
dispatch too many ends at once, and one that was lost costs a second: the sweep finds what is due and waits.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from flexura.domain.job import Job
from flexura.ports.queue import DISPATCH_TASK, Handler, dispatch_queue
from flexura.ports.records import Records, Tx
from flexura.ports.tasks import ended
from flexura.queues.dispatcher import Dispatcher
from flexura.queues.leases import Lease, Leases, now_ms

log = logging.getLogger(__name__)
_SWEEP_SECONDS = 1.0
_RESCUE_SECONDS = 10.0
_SURE_MS = 1000
"""An answer that took longer says too little about the database's clock."""
_FULL_SECONDS = 0.25
"""So long the dispatches of a provider are left alone after all its places were found taken."""


@dataclass(slots=True)
class _Line:
    """What waits for one provider, as this process sees it."""

    provider: str
    most: int
    asked: int = 0
    """Places that this process may try to take: one for each dispatch and for each job that ended here."""
    full_until: float = 0.0
    missed: bool = False
    """Dispatches may have come while jobs were being claimed: more are asked for until there are no more."""
    filling: asyncio.Task[None] | None = None


class ProcrastinateQueue:
    """Runs due jobs of the providers that this process knows, as one of many."""

    def __init__(
        self, records: Records, dsn: str, sweep: str, *, lease_seconds: float = 7.0
    ) -> None:
        """`sweep` is the store's statement that dispatches what has no dispatch."""
        self._dsn = dsn
        self._sweep_text = sweep
        self._ahead = 0
        """Milliseconds by which the database's clock is ahead of ours: leases are counted with the former."""
        self._clock_known = False
        self._leases = Leases(records, lease_seconds, self._ended, lambda: now_ms() + self._ahead)
        self._lines: dict[str, _Line] = {}
        self._seen: list[str] = []
        """Jobs that were due and in no dispatch at the last look."""
        self._handler: Handler | None = None
        self._draining = False
        self._working: asyncio.Task[None] | None = None

    async def work(self, handler: Handler, limits: Mapping[str, int]) -> None:
        self._handler = handler
        self._lines = {name: _Line(name, most) for name, most in limits.items()}
        self._working = asyncio.create_task(self._work())
        try:
            await asyncio.wait([self._working])
        finally:
            await ended(self._working)
        if not self._working.cancelled() and (problem := self._working.exception()):
            raise problem

    async def _work(self) -> None:
        dispatcher = Dispatcher(self._dsn, self._lines, self._wanted)
        async with dispatcher.opened():
            # First: nothing may be claimed before the database's clock is known.
            while not await self._swept(dispatcher):
                await asyncio.sleep(_SWEEP_SECONDS)
            fetching = asyncio.create_task(dispatcher.run(self._ask))
            try:
                await self._keep_sweeping(dispatcher)
            finally:
                # No TaskGroup: it cancels once, and procrastinate forgets that where its connection is lost.
                await ended(fetching)

    def _wanted(self, provider: str) -> bool:
        """Whether to fetch dispatches of a provider: not where jobs are being claimed, or could not be."""
        line = self._lines[provider]
        line.missed = line.missed or line.filling is not None
        return line.filling is None and line.full_until <= time.monotonic()

    # -- claiming -----------------------------------------------------------------------------------
    def _ended(self, job: Job) -> None:
        self._ask(job.provider)

    def _ask(self, provider: str) -> None:
        """Try for one more place of a provider."""
        line = self._lines.get(provider)
        if line is None or self._draining:
            return
        line.asked += 1
        if line.filling is None:
            line.filling = asyncio.create_task(self._fill(line))

    async def _fill(self, line: _Line) -> None:
        try:
            while line.asked and not self._draining:
                await self._claim(line)
        except Exception:
            # What is due stays due: the sweep tells of it again.
            log.exception("Claiming jobs of %s failed.", line.provider)
        finally:
            line.filling = None

    async def _claim(self, line: _Line) -> None:
        take, line.asked = line.asked, 0
        more, line.missed = line.missed, False
        claimed, full = 0, False

        def claim(tx: Tx, lease: Lease) -> list[Job]:
            nonlocal claimed, full
            jobs = tx.claim(line.provider, line.most, *lease, take=take)
            claimed = len(jobs)
            full = claimed < take and tx.running(line.provider, lease.now) >= line.most
            return jobs

        assert self._handler is not None
        await self._leases.claim(claim, self._handler)
        line.full_until = time.monotonic() + _FULL_SECONDS if full else 0.0
        if claimed == take and (more or line.missed):
            line.missed, line.asked = True, max(line.asked, 2 * take)
        elif line.missed and not full:
            # It came during this claim, which may not have seen its job.
            line.asked = max(line.asked, 1)

    # -- what was forgotten -------------------------------------------------------------------------
    async def _keep_sweeping(self, dispatcher: Dispatcher) -> None:
        rescued = time.monotonic()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            if await self._swept(dispatcher) and time.monotonic() - rescued > _RESCUE_SECONDS:
                rescued = time.monotonic()
                await self._rescued(dispatcher)

    async def _rescued(self, dispatcher: Dispatcher) -> None:
        try:
            await dispatcher.rescue()
        except Exception as problem:
            log.warning("Looking for dispatches of dead processes failed: %s", problem)

    async def _swept(self, dispatcher: Dispatcher) -> bool:
        """Dispatch what is due and in no dispatch, and look at the database's clock; False if that failed."""
        lines = self._lines.values()
        values = {
            "names": [line.provider for line in lines],
            "queues": [dispatch_queue(line.provider) for line in lines],
            "limits": [line.most for line in lines],
            "task": DISPATCH_TASK,
            "seen": self._seen,
        }
        began = now_ms()
        try:
            found = await dispatcher.execute(self._sweep_text, values)
        except Exception as problem:
            log.warning("Looking for forgotten jobs failed: %s", problem)
            return False
        self._seen = list(found["due"])
        ended_at = now_ms()
        if not self._clock_known or ended_at - began <= _SURE_MS:
            # It may be wrong by half the time that it took: whoever lives would seem to be dead.
            self._ahead = int(found["now"]) - (began + ended_at) // 2
            self._clock_known = True
        return True

    # -- the end ------------------------------------------------------------------------------------
    def pause(self) -> None:
        self._draining = True
        if self._working:
            # Dispatches are left to those who go on.
            self._working.cancel()

    async def drain(self, seconds: float) -> None:
        self.pause()
        filling = [line.filling for line in self._lines.values() if line.filling]
        if self._working:
            await ended(self._working)
        if filling:
            await asyncio.wait(filling)
        await self._leases.drain(seconds)
