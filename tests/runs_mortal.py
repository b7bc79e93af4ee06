"""Workers that die: at a chosen transaction everything stops, and the next one takes over what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.ports.records import Records, Tx
from flexura.services.breaker import Breakers
from flexura.services.buying import Patience
from flexura.services.clock import now_ms
from flexura.services.runs.run import Means
from flexura.services.runs.runner import Runner
from flexura.services.watch import Watcher
from flexura.services.work import Worker
from runs_house import Desk

T = TypeVar("T")
_LEASE = 600_000


class Death(BaseException):
    """The process is gone; nothing handles that."""


Meanwhile = Mapping[int, Callable[[], Awaitable[None]]]
"""What happens elsewhere just before a transaction of a worker, by the number of that transaction."""


class Mortal:
    """The store of a process that dies at its `at`-th transaction, before or after it became durable."""

    def __init__(
        self, records: Records, at: int, *, after: bool, meanwhile: Meanwhile | None = None
    ) -> None:
        self._records = records
        self._left = at
        self._after = after
        self._dead = False
        self._meanwhile = meanwhile or {}
        self.transactions = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    async def transact(self, work: Callable[[Tx], T]) -> T:
        self.transactions += 1
        if elsewhere := self._meanwhile.get(self.transactions):
            await elsewhere()
        self._left -= 1
        last = self._left == 0
        if self._dead or (last and not self._after):
            self._dead = True
            raise Death
        result = await self._records.transact(work)
        if last:
            self._dead = True
            raise Death
        return result


@dataclass
class Town:
    """Worker after worker on one store. Each lives hours later, so that the leases before are over."""

    desk: Desk
    mortal_children: bool = False
    patience: Patience = field(default_factory=lambda: Patience(pace=0.001))
    lives: int = 0
    attempts: dict[str, int] = field(default_factory=dict[str, int])

    async def live(
        self, dies_at: int = 0, *, after: bool = False, meanwhile: Meanwhile | None = None
    ) -> tuple[bool, int]:
        """One worker, until nothing is due or it dies: whether it died, and its transactions."""
        self.lives += 1
        records = Mortal(self.desk.services.records, dies_at, after=after, meanwhile=meanwhile)
        watcher = Watcher(self.desk.services.records)
        watching = asyncio.create_task(watcher.run())
        tasks: set[asyncio.Task[None]] = set()
        try:
            worker = self._worker(cast("Records", records), watcher)
            while True:
                tasks |= {asyncio.create_task(worker.run(job)) for job in await self._claimed()}
                if not tasks:
                    return False, records.transactions
                told = asyncio.create_task(self._due())
                done, _ = await asyncio.wait(
                    {*tasks, told}, return_when=asyncio.FIRST_COMPLETED, timeout=20
                )
                told.cancel()
                assert done, "nothing happens any more"
                tasks -= done
                ends = [task.exception() for task in done - {told}]
                if any(isinstance(end, Death) for end in ends):
                    return True, records.transactions
                assert not any(ends), ends
        finally:
            for task in (*tasks, watching):
                task.cancel()
            await asyncio.gather(*tasks, watching, return_exceptions=True)

    def _worker(self, records: Records, watcher: Watcher) -> Worker:
        services, quick = self.desk.services, self.patience
        whole = services.records
        means = Means(
            records,
            watcher,
            services.runs.transitions,
            services.generation,
            services.search,
            replace(services.publishing, records=records),
            quick,
        )
        return Worker(
            records=records if self.mortal_children else whole,
            blobs=services.blobs,
            providers={"fake": self.desk.provider},
            watcher=watcher,
            breakers=Breakers(),
            transitions=services.runs.transitions,
            scratch=self.desk.press.parent / "scratch",
            patience=quick,
            runs=Runner(means).run,
        )

    def _now(self) -> int:
        return now_ms() + self.lives * 2 * _LEASE

    async def _due(self) -> None:
        changed = asyncio.Event()
        self.desk.services.records.on_commit(changed.set)
        while not await self.desk.services.records.due(self._now()):
            changed.clear()
            await changed.wait()

    async def _claimed(self) -> list[Job]:
        now = self._now()

        def claim(tx: Tx) -> list[Job]:
            return [
                job
                for provider in (TEMPLATE_PROVIDER, "fake")
                for job in tx.claim(provider, 100, f"life {self.lives}", now, now + _LEASE)
            ]

        return await self.desk.services.records.transact(claim)
