"""Waiting for jobs: one watcher per process, no query and no work per waiter.

Who waits lies in a table by job. A change of a job reads that job once, however many wait for it, and wakes
those alone to whom it is enough.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

from flexura.domain.job import Job
from flexura.ports.records import Records

log = logging.getLogger(__name__)
_LOOK_AGAIN = 0.25
_TROUBLE_SECONDS = 1.0
_READS_AT_ONCE = 16
"""Also how many jobs are read between two turns of the loop: others are answered meanwhile."""
ANY = ""
"""In the place of a job's id: whatever job changed."""
_WOKEN_AT_ONCE = 64
"""Of those who wait for one job: each then takes 0.1 ms to be answered."""

Enough = Callable[[Job], bool]
News = asyncio.Future[Job | None]
"""The job as it is now; None if it is gone."""


class _Watched:
    """Who waits for one job."""

    __slots__ = ("events", "waiters", "workspace_id")

    def __init__(self) -> None:
        self.events: set[asyncio.Event] = set()
        self.waiters: dict[News, Enough] = {}
        self.workspace_id = ""


class Watcher:
    """Tells who waits that a job changed; other processes' changes are seen within 250 ms."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._wake = asyncio.Event()
        self._watched: dict[str, _Watched] = {}
        self._seen = -1
        self.turn = 0
        """Another number whenever something may have changed, while anybody watches."""

    async def run(self) -> None:
        """Watch until cancelled."""
        self._records.on_change(self._wake.set)
        self._seen = -1
        while True:
            # Not wait_for: in Python 3.11 it loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN if self._watched else None):
                    await self._wake.wait()
            self._wake.clear()
            if not self._watched:
                self._seen = -1
                continue
            try:
                await self._look()
            except Exception:
                # Whatever it was: whoever waits would wait in vain from now on.
                log.exception("Looking for changed jobs failed.")
                self._seen = -1
                await asyncio.sleep(_TROUBLE_SECONDS)

    async def _look(self) -> None:
        if self._seen < 0:
            # Nobody waited for a while: whoever waits now is told to look, and the count starts here.
            self._seen = await self._records.last_change()
            self.turn += 1
            await self._tell(list(self._watched))
            return
        changes = await self._records.changes(self._seen)
        if not changes:
            return
        self._seen = changes[-1].seq
        self.turn += 1
        self._told(ANY)
        if all(change.job_id for change in changes):
            await self._tell(dict.fromkeys(change.job_id for change in changes))
        else:
            await self._tell(list(self._watched))

    async def _tell(self, job_ids: Iterable[str]) -> None:
        """Wake the workers, then read what requests wait for, a few jobs at a time."""
        asked = iter([job_id for job_id in job_ids if self._told(job_id)])
        while some := list(itertools.islice(asked, _READS_AT_ONCE)):
            if len(some) == 1:
                await self._bring(some[0])
            else:
                await asyncio.gather(*map(self._bring, some))

    def _told(self, job_id: str) -> bool:
        """Tell the workers; whether requests wait as well."""
        watched = self._watched.get(job_id)
        if watched is None:
            return False
        for changed in watched.events:
            changed.set()
        return bool(watched.waiters)

    async def _bring(self, job_id: str) -> None:
        watched = self._watched.get(job_id)
        if watched is None or not watched.waiters:
            return
        # Not those who come during the read: their own look at the job is as new as this one.
        waiters = list(watched.waiters.items())
        job = await self._records.job(watched.workspace_id, job_id)
        woken = 0
        for news, enough in waiters:
            if not news.done() and (job is None or enough(job)):
                news.set_result(job)
                woken += 1
                if woken % _WOKEN_AT_ONCE == 0:
                    await asyncio.sleep(0)

    @contextmanager
    def waiting(self, workspace_id: str, job_id: str, enough: Enough) -> Generator[News]:
        """The job, as soon as it has changed to what is `enough`, for a request.

        Look at the job inside this context before you wait: so no change falls in between. The job must be
        one of the workspace.
        """
        watched = self._entry(job_id)
        watched.workspace_id = workspace_id
        news: News = asyncio.get_running_loop().create_future()
        watched.waiters[news] = enough
        try:
            yield news
        finally:
            del watched.waiters[news]
            self._leave(job_id, watched)

    @contextmanager
    def watching(self, *job_ids: str) -> Generator[asyncio.Event]:
        """An event that is set when one of the jobs may have changed, or any job (`ANY`); for workers.

        Clear it, then look at the job, then wait: so no change falls between looking and waiting.
        """
        changed = asyncio.Event()
        entries = [(job_id, self._entry(job_id)) for job_id in dict.fromkeys(job_ids)]
        for _, watched in entries:
            watched.events.add(changed)
        try:
            yield changed
        finally:
            for job_id, watched in entries:
                watched.events.discard(changed)
                self._leave(job_id, watched)

    def _entry(self, job_id: str) -> _Watched:
        if not self._watched:
            self._wake.set()  # the watcher sleeps while nobody waits
        watched = self._watched.get(job_id)
        if watched is None:
            watched = self._watched[job_id] = _Watched()
        return watched

    def _leave(self, job_id: str, watched: _Watched) -> None:
        if not watched.events and not watched.waiters and self._watched.get(job_id) is watched:
            del self._watched[job_id]
