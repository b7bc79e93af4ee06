"""The one writer of a SQLite file: what waits is written in one transaction (group commit).

Statements run on the event loop, where nothing competes for the GIL: each takes some 20 µs. Only COMMIT,
which waits for the disk, goes to a thread, and while it does the next batch gathers. A writer thread
that also runs the statements gives the GIL away at each of them and gets it back late: a fifth fewer
orders a second (measured).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from flexura.domain.errors import DiskFull, FlexuraError, Overloaded, StoreDamaged
from flexura.ports.measures import committed as noted

log = logging.getLogger(__name__)
T = TypeVar("T")
_MOST_IN_ONE_COMMIT = 256
MOST_WAITING = 10_000
"""Units that wait: a few times what requests and workers can ask for at once, so only a disk that hangs
comes so far."""
_BUSY_SECONDS = 30.0
_FULL = ("full", "readonly", "read-only", "disk i/o", "unable to open")
_DAMAGED = ("malformed", "not a database", "corrupt")
NEXT = (
    "Free some space or make the folder writable (`flexura doctor` names it), then send this again."
)

Work = Callable[[sqlite3.Connection], Any]


@dataclass(slots=True)
class Unit:
    """One unit of work, and who waits for it."""

    work: Work
    future: asyncio.Future[Any]
    outcome: Any = None

    def settle(self) -> None:
        """Tell who waits."""
        if self.future.done():  # they gave up; the work is done all the same
            return
        if isinstance(self.outcome, Exception):
            self.future.set_exception(self.outcome)
        else:
            self.future.set_result(self.outcome)


def translated(error: Exception) -> Exception:
    """A full or unwritable disk as DiskFull, a damaged file as StoreDamaged, anything else as it is."""
    if isinstance(error, sqlite3.OperationalError) and any(w in str(error).lower() for w in _FULL):
        return DiskFull(next_step=NEXT)
    if type(error) is sqlite3.DatabaseError and any(w in str(error) for w in _DAMAGED):
        return damaged(str(error))
    return error


def damaged(what: str) -> StoreDamaged:
    """The database is damaged; `what` in SQLite's words."""
    return StoreDamaged(
        f"The database is damaged ({what}), so nothing is written to it; what can be read is.",
        next_step="Stop the gateway, then `flexura restore BACKUP --force`; `flexura doctor` says more.",
        found=what,
    )


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def _attempt(connection: sqlite3.Connection, batch: list[Unit]) -> None:
    """Run every unit inside the open transaction; a refusal before its first write fails that unit alone."""
    for unit in batch:
        before = connection.total_changes
        try:
            unit.outcome = unit.work(connection)
        except FlexuraError as refusal:
            if connection.total_changes != before:
                raise
            unit.outcome = refusal


class Writer:
    """Runs units of work in order, many to a transaction; `run` returns only after COMMIT."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        # The event loop never waits for another process: `_begin` does, in the thread.
        connection.execute("PRAGMA busy_timeout=0")
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="flexura-commit")
        self._waiting: list[Unit] = []
        self._listeners: list[Callable[[], None]] = []
        self._under_way = False
        self._refusal = ""

    def refuse(self, what: str) -> None:
        """Write nothing more: the file is damaged; `what` in SQLite's words."""
        if not self._refusal:
            self._refusal = what
            refused = damaged(what)
            log.error("%s %s", refused.message, refused.next_step)

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the event loop after each commit that changed something."""
        self._listeners.append(listener)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run one unit of work; durable when this returns.

        Raises what it raises, DiskFull, StoreDamaged, or Overloaded where too much waits for the disk.
        """
        if self._refusal:
            raise damaged(self._refusal)
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded(
                "Too much waits to be written to the disk.",
                next_step="Send it again in 5 s; if it goes on, look at the disk of the gateway.",
                retry_after=5,
            )
        loop = asyncio.get_running_loop()
        unit = Unit(work, loop.create_future())
        self._waiting.append(unit)
        self._go_on(loop)
        return await unit.future

    async def aclose(self) -> None:
        """Finish what waits, then close the connection."""
        if not self._refusal:
            await self.run(lambda connection: None)
        while self._under_way:
            await asyncio.sleep(0)
        self._thread.shutdown()
        self._connection.close()

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._waiting and not self._under_way:
            self._under_way = True
            # After every callback that is due now: their units share this commit.
            loop.call_soon(self._flush, loop)

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = self._waiting[:_MOST_IN_ONE_COMMIT]
        del self._waiting[:_MOST_IN_ONE_COMMIT]
        finish: Callable[[], None]
        before, began = self._connection.total_changes, time.perf_counter()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            _attempt(self._connection, batch)
            finish = self._connection.commit
        except Exception:
            # Another process writes now, or a unit failed: in the thread, each by itself, so that a bad
            # one does not fail its neighbours.
            self._roll_back()
            finish = lambda: self._one_by_one(batch)  # noqa: E731

        def done(future: Any) -> None:
            error = future.exception()
            noted(len(batch), time.perf_counter() - began, error is None)
            with contextlib.suppress(RuntimeError):  # the loop was closed in the middle
                loop.call_soon_threadsafe(self._settle, loop, batch, error, before)

        self._thread.submit(finish).add_done_callback(done)

    def _settle(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[Unit],
        error: BaseException | None,
        before: int,
    ) -> None:
        if error is not None:
            self._roll_back()
            for unit in batch:
                unit.outcome = translated(error) if isinstance(error, Exception) else error
        # What was rolled back counts as changes too; whoever tries again at each commit would never rest.
        if spoiled := next((u for u in batch if isinstance(u.outcome, StoreDamaged)), None):
            self.refuse(str(spoiled.outcome.details.get("found", "found while writing")))
        committed = any(not isinstance(unit.outcome, BaseException) for unit in batch)
        changed = committed and self._connection.total_changes != before
        self._under_way = False
        self._go_on(loop)
        for unit in batch:
            unit.settle()
        for listener in self._listeners if changed else ():
            listener()

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.rollback()

    def _one_by_one(self, batch: list[Unit]) -> None:
        for unit in batch:
            try:
                self._begin()
                _attempt(self._connection, [unit])
                self._connection.commit()
            except Exception as error:
                self._roll_back()
                unit.outcome = translated(error)

    def _begin(self) -> None:
        """Wait for another process's transaction, politely and not for ever."""
        deadline, pause = time.monotonic() + _BUSY_SECONDS, 0.0005
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > deadline:
                    raise
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
