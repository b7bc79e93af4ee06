"""A lock file: held by one process for as long as it lives, released by the kernel when it dies."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _take(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """A held lock; `release()` or the end of the process gives it back."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def acquire(path: Path, patience: float = 0.0) -> Lock | None:
    """The lock, or None when somebody else still holds it after `patience` seconds."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Not inherited: a child that outlives its parent must not keep the parent's lock alive.
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    end = time.monotonic() + patience
    while True:
        try:
            _take(fd)
            return Lock(fd)
        except OSError:
            if time.monotonic() >= end:
                os.close(fd)
                return None
        time.sleep(0.01)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock. Asking takes it for an instant, so a taker needs patience."""
    if not path.exists():
        return False
    lock = acquire(path)
    if lock is None:
        return True
    lock.release()
    return False
