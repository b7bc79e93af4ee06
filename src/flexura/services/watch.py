"""Waiting for jobs: one watcher per process, no query and no work per waiter."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict

from flexura.domain.errors import Overloaded
from flexura.ports.records import Records

_LOOK_AGAIN = 0.25
_MOST_WAITERS = 5000


class Watcher:
    """Tells who waits that a job changed; other processes' changes are seen within 250 ms."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._wake = asyncio.Event()
        self._waiting: dict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._count = 0
        self._seen = 0

    async def run(self) -> None:
        """Watch until cancelled."""
        self._seen = await self._records.last_change()
        self._records.on_commit(self._wake.set)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), None if not self._waiting else _LOOK_AGAIN)
            self._wake.clear()
            if self._waiting:
                await self._look()
            else:
                self._seen = -1

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
        for future in self._waiting.pop(job_id, ()):
            if not future.done():
                future.set_result(None)

    async def changed(self, job_id: str, seconds: float) -> None:
        """Return when the job may have changed, or after that many seconds. Raises Overloaded."""
        if self._count >= _MOST_WAITERS:
            raise Overloaded(
                "Too many requests are waiting.", next_step="Ask without wait.", retry_after=5
            )
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[job_id].add(future)
        self._count += 1
        self._wake.set()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(future, seconds)
        finally:
            self._count -= 1
            waiting = self._waiting.get(job_id)
            if waiting is not None:
                waiting.discard(future)
                if not waiting:
                    del self._waiting[job_id]
