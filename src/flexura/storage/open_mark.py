"""Tells whether the last process that used a database ended well: a mark beside it, locked while it lives."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path


class OpenMark:
    """The mark of one process. The kernel gives its lock back when the process dies; the file stays then."""

    def __init__(self, database: Path) -> None:
        self.cut_off = _left_behind(database)
        """Whether a process that used the database was killed, or the machine went down."""
        self._path = database.with_name(f"{database.name}-open-{secrets.token_hex(4)}")
        self._descriptor = -1
        # A disk that cannot be written gets no mark; nothing is written to its database either.
        with contextlib.suppress(OSError):
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """The process ends well."""
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                self._path.unlink()
            os.close(self._descriptor)
            self._descriptor = -1


def _left_behind(database: Path) -> bool:
    """Whether there are marks that nobody holds; they are removed."""
    found = False
    for mark in database.parent.glob(f"{database.name}-open-*"):
        with contextlib.suppress(OSError), mark.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = True
            mark.unlink()
    return found
