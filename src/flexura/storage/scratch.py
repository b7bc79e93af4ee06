"""A folder for what a process has in its hands: half a download, a drawing. It goes when the process does."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(place: Path) -> Generator[Path]:
    """A folder of this process below `place`, removed at the end; those of processes that died go first.

    Each is locked while its process lives, and the kernel gives the lock back however that ends. On a disk
    that cannot be written there is no such folder, and whoever writes into it is told so.
    """
    folder, descriptor = place / secrets.token_hex(6), -1
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        _remove_the_dead(place)
        descriptor = _made(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor >= 0:
            os.close(descriptor)


def _made(folder: Path) -> int:
    """Make and lock it; the descriptor holds the lock."""
    while True:
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if folder.exists():
            return descriptor
        # Somebody who started at this moment took it for a dead one's.
        os.close(descriptor)


def _remove_the_dead(place: Path) -> None:
    for folder in place.iterdir():
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
