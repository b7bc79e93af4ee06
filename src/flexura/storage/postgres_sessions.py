"""Connections to PostgreSQL: a thread and a connection each, so that statements never hold up the event loop.

A transaction is run again where the database asks for that (a deadlock, somebody else was first) and where
its connection was lost before COMMIT was sent. A connection that is lost while COMMIT is under way leaves it
open what became of it: the database is asked (`pg_xact_status`), so nothing is done twice and nothing is
taken for done that is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg
from psycopg import errors

from flexura.domain.errors import DiskFull, Overloaded
from flexura.outbound.postgres import APPLICATION, LIVELY
from flexura.storage.postgres_tx import PostgresReader, PostgresTx

T = TypeVar("T")
log = logging.getLogger(__name__)
_MOST_WAITING = 2000
_MOST_TRIES = 40
_LONGEST_PAUSE = 0.25
_AWAY_SECONDS = 15.0
"""So long a database that cannot be reached is tried again before the caller is told."""
_CONNECT_SECONDS = 10
_AGAIN = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)
_MOST_CONFLICTS = 3
"""A unique value is taken by another transaction: the next try sees it. More often it is our own fault."""


class Away(Exception):
    """The connection is gone; whatever it did was rolled back."""


class Sessions:
    """A few threads with a connection each."""

    def __init__(self, dsn: str, size: int, name: str) -> None:
        self._dsn = dsn
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=f"flexura-{name}")
        self._local = threading.local()
        self._open: set[psycopg.Connection] = set()
        self._waiting = 0

    async def transact(
        self, work: Callable[[PostgresTx], T], committed: Callable[[PostgresTx], None]
    ) -> T:
        """Run `work` in a transaction; its result. `committed` is called on the event loop with the
        transaction before that, also where nobody waits for the result any more.

        Raises what `work` raises, DiskFull, Overloaded.
        """

        def done(future: asyncio.Future[tuple[T, PostgresTx]]) -> None:
            if not future.cancelled() and future.exception() is None:
                committed(future.result()[1])

        return (await self._run(lambda: self._transaction(work), done))[0]

    async def read(self, work: Callable[[PostgresReader], T]) -> T:
        """Run reads outside of transactions."""
        return await self._run(lambda: self._reading(work))

    async def execute(self, text: str, values: dict[str, object]) -> None:
        """Run one statement by itself."""

        def work() -> None:
            with self._guarded() as connection:
                connection.execute(text.encode(), values)

        await self._run(work)

    async def aclose(self) -> None:
        """Finish what waits, then close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._open:
            connection.close()

    async def _run(
        self, work: Callable[[], T], done: Callable[[asyncio.Future[T]], None] | None = None
    ) -> T:
        if self._waiting >= _MOST_WAITING:
            raise Overloaded(
                "Too much waits for the database.", next_step="Send it again in 5 s.", retry_after=5
            )
        self._waiting += 1
        asked = time.monotonic()
        future = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._patiently(work, asked)
        )
        future.add_done_callback(self._ended)
        if done is not None:
            future.add_done_callback(done)
        # Whoever gives up waiting does not undo it.
        return await asyncio.shield(future)

    def _ended(self, future: asyncio.Future[T]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            future.exception()  # looked at, also where nobody waits any more

    # -- in the thread ------------------------------------------------------------------------------
    def _connection(self) -> psycopg.Connection:
        known: psycopg.Connection | None = getattr(self._local, "connection", None)
        if known is not None and not known.closed:
            return known
        if known is not None:
            self._open.discard(known)
        try:
            made = psycopg.connect(
                self._dsn,
                autocommit=True,
                application_name=APPLICATION,
                connect_timeout=_CONNECT_SECONDS,
                **LIVELY,
                prepare_threshold=2,
            )
        except psycopg.OperationalError as error:
            log.debug("no connection: %s", type(error).__name__)
            raise Away from None
        self._local.connection = made
        self._open.add(made)
        return made

    @contextlib.contextmanager
    def _guarded(self) -> Generator[psycopg.Connection]:
        """The thread's connection. Raises Away where it is lost."""
        connection = self._connection()
        try:
            yield connection
        except psycopg.Error as error:
            if connection.closed or connection.broken:
                connection.close()
                raise Away from error
            raise

    def _patiently(self, work: Callable[[], T], asked: float) -> T:
        """Do it until it is done, or nothing more is to be expected.

        A database that is away is told of so long after it was `asked`: else whoever waits behind others
        would wait as long as all of them together.
        """
        tries, conflicts = 0, 0
        while True:
            try:
                return work()
            except Away:
                if time.monotonic() - asked > _AWAY_SECONDS:
                    raise _away() from None
            except _AGAIN as conflict:
                conflicts += isinstance(conflict, errors.UniqueViolation)
                if tries >= _MOST_TRIES or conflicts > _MOST_CONFLICTS:
                    raise
            except psycopg.Error as error:
                raise _translated(error) from error
            tries += 1
            time.sleep(random.uniform(0, min(0.002 * 2**tries, _LONGEST_PAUSE)))

    def _reading(self, work: Callable[[PostgresReader], T]) -> T:
        with self._guarded() as connection:
            return work(PostgresReader(connection))

    def _transaction(self, work: Callable[[PostgresTx], T]) -> tuple[T, PostgresTx]:
        with self._guarded() as connection:
            tx = PostgresTx(connection)
            try:
                result = work(tx)
            except BaseException:
                tx.roll_back()
                raise
        try:
            tx.commit()
        except psycopg.Error:
            if not (connection.closed or connection.broken):
                tx.roll_back()
                raise
            connection.close()
            if not (tx.number and self._committed(tx.number)):
                raise Away from None
        return result, tx

    def _committed(self, number: str) -> bool:
        """What became of a transaction whose COMMIT nobody answered."""
        deadline = time.monotonic() + _AWAY_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(Away), self._guarded() as connection:
                found = connection.execute(
                    "SELECT pg_xact_status(%(number)s::text::xid8)", {"number": number}
                ).fetchone()
                # Still in progress: the server has not noticed yet that its client is gone.
                if found is not None and found[0] != "in progress":
                    return found[0] == "committed"
            time.sleep(0.05)
        raise _away()


def _away() -> Overloaded:
    return Overloaded(
        "The database cannot be reached.",
        next_step="Send it again in a few seconds; `flexura doctor` on the gateway's machine says why.",
        retry_after=5,
    )


def _translated(error: psycopg.Error) -> Exception:
    """A full or read-only database as DiskFull, one that has no place for us as Overloaded."""
    if isinstance(error, errors.DiskFull | errors.ReadOnlySqlTransaction):
        step = (
            "Make room on the database's disk, or let it accept writes again; then send this again."
        )
        return DiskFull(f"The database cannot write: {error.sqlstate}.", next_step=step)
    if isinstance(error, errors.TooManyConnections | errors.OperatorIntervention):
        return _away()
    return error
