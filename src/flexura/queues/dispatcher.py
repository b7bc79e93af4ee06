"""The part of procrastinate that is used: dispatches are fetched as they come, each by one process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, exceptions, jobs
from procrastinate.manager import JobManager, NotificationCallback
from psycopg_pool import AsyncConnectionPool

from flexura.outbound.postgres import APPLICATION, LIVELY
from flexura.ports.queue import DISPATCH_TASK, dispatch_queue

log = logging.getLogger(__name__)
# It tells of every dispatch, at every start and end: what is of use is told of the job.
logging.getLogger("procrastinate").setLevel(logging.WARNING)
_CONNECTIONS = 2
"""Beside the one that listens."""
_AT_ONCE = 4
"""A dispatch is over as soon as it is noted, so a few suffice."""
_LOOK_SECONDS = 0.5
"""Between looks for dispatches whose time has come; new ones are told by NOTIFY."""
_TROUBLE_SECONDS = 0.5
_HEARTBEAT_SECONDS = 5.0
_STALLED_SECONDS = 30.0
"""A process that was silent for so long is taken for gone, with the dispatches that it had just fetched."""
_ASLEEP_SECONDS = 10.0
_END_THE_ASLEEP = """
    SELECT count(pg_terminate_backend(pid)) AS ended FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = %(name)s
      AND state LIKE 'idle in transaction%%' AND state_change < now() - make_interval(secs => %(seconds)s)
"""
"""A process that is put to sleep in the middle of a transaction (a frozen machine) keeps its rows locked, and
with them its jobs: without its connection it loses them, and begins the transaction anew when it wakes.
`idle_in_transaction_session_timeout` does not: the server sets no timer after what psycopg pipelines."""

Wanted = Callable[[str], bool]
"""Whether dispatches of a provider are to be fetched just now."""


class Dispatcher:
    """Fetches dispatches of some providers while it is open."""

    def __init__(self, dsn: str, providers: Iterable[str], wanted: Wanted) -> None:
        self._queues = {dispatch_queue(name): name for name in providers}
        self._pool = AsyncConnectionPool(
            dsn,
            min_size=1,
            max_size=_CONNECTIONS,
            configure=_configure,
            kwargs={"application_name": "flexura dispatches", **LIVELY},
            open=False,
        )
        self._app = App(connector=PsycopgConnector(configure=_configure))
        self._manager = _Manager(self._app.connector, self._queues, wanted)
        self._app.job_manager = self._manager

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Connections are there, or being made."""
        async with self._pool, self._app.open_async(pool=self._pool):
            yield

    async def run(self, begin: Callable[[str], None]) -> None:
        """Call `begin` with the provider of each dispatch, until cancelled."""

        @self._app.task(name=DISPATCH_TASK)
        async def run(job_id: str, provider: str) -> None:
            begin(provider)

        while True:
            try:
                await self._app.run_worker_async(
                    queues=list(self._queues),
                    concurrency=_AT_ONCE,
                    fetch_job_polling_interval=_LOOK_SECONDS,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=_HEARTBEAT_SECONDS,
                    stalled_worker_timeout=_STALLED_SECONDS,
                )
            except Exception as problem:
                # The database is away, or took us for dead while we slept: begun anew, with a new number.
                log.warning("Dispatches cannot be fetched for a moment: %s", problem)
            await asyncio.sleep(_TROUBLE_SECONDS)

    async def execute(self, text: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run a statement that answers with one row. Raises procrastinate's ConnectorException."""
        return await self._manager.connector.execute_query_one_async(text, **values)  # type: ignore[arg-type]

    async def rescue(self) -> int:
        """Remove the dispatches that died with whoever had fetched them, and their process; how many.

        Whoever sleeps in the middle of a transaction is cut off.
        """
        asleep = await self.execute(
            _END_THE_ASLEEP, {"name": APPLICATION, "seconds": _ASLEEP_SECONDS}
        )
        if asleep["ended"]:
            log.warning("%s connections slept in a transaction and were ended.", asleep["ended"])
        stalled = list(
            await self._manager.get_stalled_jobs(
                task_name=DISPATCH_TASK, seconds_since_heartbeat=_STALLED_SECONDS
            )
        )
        for dispatch in stalled:
            # Not retried: the sweep finds every job that is due and has none.
            await self._manager.finish_job(dispatch, jobs.Status.FAILED, delete_job=True)
        await self._manager.prune_stalled_workers(_STALLED_SECONDS)
        return len(stalled)


class _Manager(JobManager):
    """Passes over the queues of providers that have no place, and listens on where procrastinate gives up."""

    def __init__(self, connector: Any, providers: Mapping[str, str], wanted: Wanted) -> None:
        super().__init__(connector)
        self._providers = providers
        self._wanted = wanted

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        open_queues = [q for q, provider in self._providers.items() if self._wanted(provider)]
        return await super().fetch_job(open_queues, worker_id) if open_queues else None

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        async def heard(*, channel: str, notification: jobs.Notification) -> None:
            if self._wanted(self._providers[channel.partition("#")[2]]):
                await on_notification(channel=channel, notification=notification)

        while True:
            try:
                await super().listen_for_jobs(on_notification=heard, queues=queues)
            except exceptions.ConnectorException as problem:
                log.warning("Listening for dispatches failed: %s", problem)
            await asyncio.sleep(_TROUBLE_SECONDS)

    async def update_heartbeat(self, worker_id: int) -> None:
        try:
            await super().update_heartbeat(worker_id)
        except exceptions.ConnectorException as problem:
            log.warning("The heartbeat of this worker failed: %s", problem)


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)
    # A dispatch that is lost in a crash of the database is written again by the sweep.
    await connection.execute("SET synchronous_commit = off")
