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
        folder, descriptor = _made(place)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor >= 0:
            os.close(descriptor)


def _made(place: Path) -> tuple[Path, int]:
    """A folder and the descriptor that holds its lock.

    Whoever starts at this moment may take it for a dead one's before it is locked; then another is made.
    """
    while True:
        # Another name at each try: who saw the last one may be about to remove what bears that name.
        folder = place / secrets.token_hex(6)
        folder.mkdir()
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.exists():
                return folder, descriptor
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
