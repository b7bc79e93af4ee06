"""Files that can be made again, kept in one folder up to so many bytes; the least used go first."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from pathlib import Path


class VariantCache:
    """Every method works on files: call it beside the event loop."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] | None = None
        self._bytes = 0

    def get(self, name: str) -> Path | None:
        """The file, if it is here; it counts as used now."""
        with self._lock:
            known = self._known()
            path = self._folder / name
            if name not in known:
                return None
            known.move_to_end(name)
            try:
                os.utime(path)
            except FileNotFoundError:
                self._forget(name)
                return None
            return path

    def put(self, name: str, file: Path) -> Path:
        """Move a finished file in, and what is used least out."""
        with self._lock:
            known = self._known()
            self._folder.mkdir(parents=True, exist_ok=True)
            path, size = self._folder / name, file.stat().st_size
            file.replace(path)
            self._bytes += size - known.get(name, 0)
            known[name] = size
            known.move_to_end(name)
            # The newest stays even if it alone is too large: somebody waits for it.
            while self._bytes > self._most and len(known) > 1:
                self._remove(next(iter(known)))
            return path

    def forget(self, prefix: str) -> None:
        """Remove every file whose name starts like this."""
        with self._lock:
            for name in [n for n in self._known() if n.startswith(prefix)]:
                self._remove(name)

    def _known(self) -> OrderedDict[str, int]:
        if self._sizes is None:
            found = self._folder.iterdir() if self._folder.is_dir() else ()
            files = sorted(((f, f.stat()) for f in found), key=lambda pair: pair[1].st_mtime_ns)
            self._sizes = OrderedDict((file.name, stat.st_size) for file, stat in files)
            self._bytes = sum(self._sizes.values())
        return self._sizes

    def _remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            (self._folder / name).unlink()
        self._forget(name)

    def _forget(self, name: str) -> None:
        assert self._sizes is not None, "what is forgotten was known"
        self._bytes -= self._sizes.pop(name, 0)
