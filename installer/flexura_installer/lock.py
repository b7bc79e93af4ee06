"""One installer at a time: a lock in the state directory."""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from flexura_installer import writing
from flexura_installer.errors import InstallError
from flexura_installer.ledger import FILE_NAME

WAIT = 10.0  # seconds
_EVERY = 0.05  # seconds
NAME = "install.lock"


@contextmanager
def held(state: Path, *, wait: float = WAIT) -> Generator[None]:
    """Hold the lock of the state directory, which is made if need be.

    Raises InstallError when another installer holds it for longer than `wait` seconds, or it cannot be made.
    When nothing is recorded at the end, the lock and the directories that were made for it go too.
    """
    path = state / NAME
    handle = _taken(path, time.monotonic() + wait)
    try:
        yield
    finally:
        try:
            if not os.path.lexists(state / FILE_NAME):
                _leave_nothing(path)
        finally:
            os.close(handle)


def _taken(path: Path, until: float) -> int:
    made: list[str] = []
    while True:
        try:
            made += _make(path.parent)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            if error.errno == errno.ENOENT and time.monotonic() < until:
                continue  # whoever held it removed the directory just now
            raise InstallError(
                f"{path}, the lock of the installer, cannot be made ({error.strerror}).",
                f"Make {path.parent} a directory that you can write to, then run again.",
            ) from error
        if _locked(handle) and _is_at(handle, path):
            if made:
                os.ftruncate(handle, 0)
                os.write(handle, json.dumps(made).encode())
            return handle
        os.close(handle)
        if time.monotonic() >= until:
            raise InstallError(
                "Another flexura installer is at work and has not finished in time.",
                f"Wait for it to end, then run the same command again (lock: {path}).",
            )
        time.sleep(_EVERY)


def _make(directory: Path) -> list[str]:
    made: list[Path] = []
    above = directory
    while not os.path.isdir(above) and above != above.parent:
        made.insert(0, above)
        above = above.parent
    os.makedirs(directory, mode=0o700, exist_ok=True)
    return [str(one) for one in made]


def _locked(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether the file that we locked is still the one of that name: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def _leave_nothing(path: Path) -> None:
    with suppress(OSError, ValueError):
        made = json.loads(path.read_bytes() or b"[]")
        os.unlink(path)
        writing.remove_directories([str(one) for one in made])
