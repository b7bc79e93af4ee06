"""Moves the WAL into the database beside the writer, so that no commit has to wait for it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from flexura.domain.errors import DiskFull

_LOOK_SECONDS = 1.0
_LARGE = 8 * 2**20


class Checkpointer:
    """A thread that checkpoints passively whenever the WAL has grown; passive ones block nobody."""

    def __init__(self, database: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._wal = database.with_name(database.name + "-wal")
        self._connect = connect
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flexura-checkpoint", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            # A full disk fails the writer too, which says so; the next look tries again.
            with contextlib.suppress(OSError, sqlite3.Error, DiskFull):
                if self._wal.stat().st_size > _LARGE:
                    with contextlib.closing(self._connect()) as connection:
                        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Stop the thread."""
        self._stop.set()
        self._thread.join()
