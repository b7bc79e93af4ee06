"""Waiting for jobs: one watcher per process, no query and no work per waiter."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from flexura.domain.errors import Overloaded
from flexura.ports.records import Records

log = logging.getLogger(__name__)
_LOOK_AGAIN = 0.25
_TROUBLE_SECONDS = 1.0
_MOST_WAITERS = 5000


class Watcher:
    """Tells who waits that a job changed; other processes' changes are seen within 250 ms."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._wake = asyncio.Event()
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._count = 0
        self._seen = 0

    async def run(self) -> None:
        """Watch until cancelled."""
        self._records.on_commit(self._wake.set)
        self._seen = -1
        while True:
            # Not wait_for: in Python 3.11 it loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN if self._waiting else None):
                    await self._wake.wait()
            self._wake.clear()
            if not self._waiting:
                self._seen = -1
                continue
            try:
                await self._look()
            except Exception:
                # Whatever it was: whoever waits would wait in vain from now on.
                log.exception("Looking for changed jobs failed.")
                await asyncio.sleep(_TROUBLE_SECONDS)

    async def _look(self) -> None:
        if self._seen < 0:
            # Nobody waited for a while: whoever waits now is told to look, and the count starts here.
            self._seen = await self._records.last_change()
            for job_id in list(self._waiting):
                self._tell(job_id)
            return
        for change in await self._records.changes(self._seen):
            self._seen = change.seq
            self._tell(change.job_id)

    def _tell(self, job_id: str) -> None:
        for changed in self._waiting.get(job_id, ()):
            changed.set()

    @contextmanager
    def waiting(self, *job_ids: str) -> Generator[asyncio.Event]:
        """As `watching`, for a request. Raises Overloaded where too many of them wait."""
        if self._count >= _MOST_WAITERS:
            raise Overloaded(
                "Too many requests are waiting.", next_step="Ask without wait.", retry_after=5
            )
        self._count += 1
        try:
            with self.watching(*job_ids) as changed:
                yield changed
        finally:
            self._count -= 1

    @contextmanager
    def watching(self, *job_ids: str) -> Generator[asyncio.Event]:
        """An event that is set when one of the jobs may have changed; for workers, who are never refused.

        Clear it, then look at the job, then wait: so no change falls between looking and waiting.
        """
        changed = asyncio.Event()
        for job_id in job_ids:
            self._waiting[job_id].add(changed)
        self._wake.set()
        try:
            yield changed
        finally:
            for job_id in job_ids:
                self._waiting[job_id].discard(changed)
                if not self._waiting[job_id]:
                    del self._waiting[job_id]
