"""Local copies of blobs that lie elsewhere, up to so many bytes; the least used go first.

Several processes of one machine may share the folder. Who reads a copy holds a shared lock on it, which the
kernel takes back from a process that dies; who removes copies takes only those that nobody holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from flexura.storage.files import remove_old

MOST_BYTES = 5 << 30
_UNUSED = 86_400.0
"""Seconds after which a copy that nobody read goes: what was removed elsewhere does not stay here."""
_SHARE = 20
"""It is counted again when so large a share of its bound has come in since the last time."""


def bound_of(folder: Path) -> int:
    """5 GiB, or a tenth of the disk where that is less."""
    known = next(p for p in (folder, *folder.parents) if p.exists())
    return min(MOST_BYTES, shutil.disk_usage(known).total // 10)


@dataclass
class Lease:
    """A copy that stays while this is open."""

    path: Path
    _file: BinaryIO

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


class BlobCache:
    """Every method works on files: call it beside the event loop."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes
        self._came: int | None = None
        """Bytes that came since they were counted last; None = never counted."""

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:]

    def lease(self, sha256: str) -> Lease | None:
        """The copy, held; None where there is none."""
        path = self._place(sha256)
        with contextlib.suppress(OSError):
            file = path.open("rb")
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                # Removed between opening and locking?
                if os.fstat(file.fileno()).st_ino == path.stat().st_ino:
                    os.utime(path)
                    return Lease(path, file)
            except BaseException:
                file.close()
                raise
            file.close()
        return None

    def aside(self) -> Path:
        """A new name in the folder, on the same disk, for what is not whole yet."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{secrets.token_hex(8)}.part"

    def keep(self, file: Path, sha256: str) -> None:
        """Move a whole file in, and what is used least out."""
        place = self._place(sha256)
        with contextlib.suppress(FileNotFoundError):
            # The same bytes: whoever holds that copy holds it by its name.
            os.utime(place)
            file.unlink()
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        os.utime(file)
        size = file.stat().st_size
        file.replace(place)
        came = None if self._came is None else self._came + size
        self._came = came
        if came is None or came > self._most // _SHARE:
            self.trim(but=sha256)

    def forget(self, sha256: str) -> None:
        """Remove a copy, unless somebody reads it."""
        _remove(self._place(sha256))

    def trim(self, but: str = "") -> None:
        """Remove what nobody read for a day, and the least used beyond the bound, but never `but`."""
        found = sorted(self._copies(), key=lambda pair: pair[1].st_mtime)
        total, old = sum(stat.st_size for _, stat in found), time.time() - _UNUSED
        for path, stat in found:
            if total <= self._most - self._most // _SHARE and stat.st_mtime >= old:
                break
            if path != self._place(but or "-") and _remove(path):
                total -= stat.st_size
        self._came = 0

    def _copies(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):
                yield path, path.stat()

    def tidy(self, before: int) -> None:
        """Remove what never became whole (last written before that time, in ms), and what is not used."""
        remove_old(self._folder, before)
        self.trim()


def _remove(path: Path) -> bool:
    """Whether it is gone: not while somebody holds it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
