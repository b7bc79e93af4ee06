"""The queue inside the gateway: leases in the jobs table, a heartbeat, a fencing attempt number."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping

from flexura.domain.job import Job
from flexura.ports.queue import Handler
from flexura.ports.records import Records, Tx
from flexura.queues.leases import Lease, Leases

log = logging.getLogger(__name__)
_LOOK_AGAIN = 0.25
"""Seconds between looks for what no own commit tells: other processes' jobs, leases that ran out."""
_TROUBLE_SECONDS = 1.0
"""Seconds before the next look after one that failed."""


class EmbeddedQueue:
    """Runs due jobs as tasks of this process; several processes on one file share the work."""

    def __init__(self, records: Records, *, lease_seconds: float = 10.0) -> None:
        self._records = records
        self._wake = asyncio.Event()
        self._leases = Leases(records, lease_seconds, lambda _: self._wake.set())
        self._draining = False
        self._claimed_last = asyncio.Event()

    async def work(self, handler: Handler, limits: Mapping[str, int]) -> None:
        self._records.on_commit(self._wake.set)
        self._wake.set()
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
            if await self._records.due(self._leases.now()):
                return

    async def _claim(self, handler: Handler, limits: Mapping[str, int]) -> None:
        if not await self._records.due(self._leases.now()):
            return

        def claim(tx: Tx, lease: Lease) -> list[Job]:
            found: list[Job] = []
            for provider, most in limits.items():
                found += tx.claim(provider, most, *lease)
            return found

        await self._leases.claim(claim, handler)

    def pause(self) -> None:
        self._draining = True
        self._wake.set()

    async def drain(self, seconds: float) -> None:
        self.pause()
        await self._claimed_last.wait()
        await self._leases.drain(seconds)
