"""A store and the queues on it, as processes of their own would have them, for either kind of store."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.ports.queue import Handler, Queue
from flexura.ports.records import Records, Tx

LIMITS = {"fake": 4}


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def job_for(provider: str = "fake", **fields: Any) -> Job:
    """A job that is due, unless something else is said."""
    at = now()
    known = {"state": "queued", "prompt": "p", "created_at": at, "updated_at": at, "run_at": at}
    values = known | {"kind": "image", "model_id": "m", "request": {}, "call": {}} | fields
    return Job(id=new_id("job"), workspace_id="ws", provider=provider, **values)


async def insert(records: Records, *jobs: Job) -> list[Job]:
    """Store jobs in one transaction."""

    def work(tx: Tx) -> None:
        for job in jobs:
            tx.insert_job(job)

    await records.transact(work)
    return list(jobs)


async def complete(records: Records, job: Job) -> Job | None:
    """End a job, as its worker does."""
    return await records.transact(
        lambda tx: tx.update_job(job.id, attempt=job.attempt, state="completed")
    )


class Place(ABC):
    """Where one store is; every `opened` is a process of its own."""

    name: str

    @abstractmethod
    def opened(self) -> Any:
        """An async context with the records as one process has them."""

    @abstractmethod
    def queue(self, records: Records, lease_seconds: float = 7.0) -> Queue:
        """The queue of that process."""

    @abstractmethod
    def forget(self, tx: Tx, job: Job) -> None:
        """Make the queue forget a job that the transaction has inserted."""


class OnSqlite(Place):
    """A file."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        from flexura.storage.migrate import migrate

        self._path = folder / "queue.db"
        migrate(self._path)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Records]:
        from flexura.storage.sqlite import SqliteRecords

        records = SqliteRecords(self._path)
        try:
            yield records
        finally:
            await records.aclose()

    def queue(self, records: Records, lease_seconds: float = 7.0) -> Queue:
        from flexura.queues.embedded import EmbeddedQueue

        return EmbeddedQueue(records, lease_seconds=lease_seconds)

    def forget(self, tx: Tx, job: Job) -> None:
        """Nothing tells this queue of what another process has inserted."""


class OnPostgres(Place):
    """A database."""

    name = "postgres"

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Records]:
        from flexura.storage.postgres import PostgresRecords

        records = PostgresRecords(self.dsn)
        records.start()
        try:
            yield records
        finally:
            await records.aclose()

    def queue(self, records: Records, lease_seconds: float = 7.0) -> Queue:
        from flexura.queues.procrastinate import ProcrastinateQueue
        from flexura.storage.dispatch import SWEEP

        return ProcrastinateQueue(records, self.dsn, SWEEP, lease_seconds=lease_seconds)

    def forget(self, tx: Any, job: Job) -> None:
        from flexura.storage.dispatch import withdraw

        withdraw(tx._connection.execute, [job.id])

    def rows(self, text: str, *values: Any) -> list[Any]:
        """What a statement answers with."""
        import psycopg

        with psycopg.connect(self.dsn, autocommit=True) as connection:
            done = connection.execute(text.encode(), values)
            return done.fetchall() if done.description else []


@asynccontextmanager
async def working(
    queue: Queue, handler: Handler, limits: Mapping[str, int] = LIMITS, seconds: float = 20
) -> AsyncIterator[None]:
    """The queue at work, drained at the end."""
    task = asyncio.create_task(queue.work(handler, limits))
    try:
        async with asyncio.timeout(seconds):
            yield
    finally:
        await queue.drain(5)
        await task
