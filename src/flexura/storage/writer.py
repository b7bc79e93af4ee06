"""The one writer of a SQLite file: a thread that commits what waits in one transaction (group commit)."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from flexura.domain.errors import DiskFull, FlexuraError

T = TypeVar("T")
_MOST_IN_ONE_COMMIT = 256
_FULL = ("full", "readonly", "read-only", "disk i/o", "unable to open")

Work = Callable[[sqlite3.Connection], Any]
Unit = tuple[Work, "Future[Any]"]


def translated(error: Exception) -> Exception:
    """A full or unwritable disk as DiskFull, anything else as it is."""
    if isinstance(error, sqlite3.OperationalError) and any(w in str(error) for w in _FULL):
        step = "Free some space or make the folder writable (`flexura doctor` names it), then send this again."
        return DiskFull(next_step=step)
    return error


class Writer:
    """Runs units of work in order, many to a transaction; a future resolves only after COMMIT."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._waiting: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._listeners: list[tuple[asyncio.AbstractEventLoop, Callable[[], None]]] = []
        self._thread = threading.Thread(target=self._run, name="flexura-writer", daemon=True)
        self._thread.start()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the current event loop after each commit."""
        self._listeners.append((asyncio.get_running_loop(), listener))

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run one unit of work; durable when this returns. Raises what it raises, or DiskFull."""
        future: Future[Any] = Future()
        self._waiting.put((work, future))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Finish what waits, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        connection = self._connect()
        with contextlib.closing(connection):
            while (first := self._waiting.get()) is not None:
                batch, last = self._gather(first)
                self._commit(connection, batch)
                if last:
                    return

    def _gather(self, first: Unit) -> tuple[list[Unit], bool]:
        batch = [first]
        while len(batch) < _MOST_IN_ONE_COMMIT:
            try:
                unit = self._waiting.get_nowait()
            except queue.Empty:
                break
            if unit is None:
                return batch, True
            batch.append(unit)
        return batch, False

    def _commit(self, connection: sqlite3.Connection, batch: list[Unit]) -> None:
        try:
            outcomes = self._attempt(connection, batch)
        except Exception as error:
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()
            if len(batch) == 1:
                _settle(batch[0][1], translated(error))
                return
            for unit in batch:
                # One bad unit must not fail its neighbours: each is replayed alone.
                self._commit(connection, [unit])
            return
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            _settle(future, outcome)
        for loop, listener in self._listeners:
            with contextlib.suppress(RuntimeError):  # that loop has been closed
                loop.call_soon_threadsafe(listener)

    @staticmethod
    def _attempt(connection: sqlite3.Connection, batch: list[Unit]) -> list[Any]:
        connection.execute("BEGIN IMMEDIATE")
        outcomes: list[Any] = []
        for work, _ in batch:
            before = connection.total_changes
            try:
                outcomes.append(work(connection))
            except FlexuraError as refusal:
                if connection.total_changes != before:
                    raise
                outcomes.append(refusal)
        connection.commit()
        return outcomes


def _settle(future: Future[Any], outcome: Any) -> None:
    if not future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
