"""Looks again and again whether something changed that a build depends on. Standard library only."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

EVERY = 0.5
"""Seconds between two looks."""
QUIET = 0.3
"""So long nothing may change any more: editors and checkouts write in several steps."""

Stamps = Mapping[Path, tuple[int, int, int] | None]
"""Of each file when it was written, its size and which one it is; None = it is not there."""


def stamps(files: Iterable[Path]) -> Stamps:
    """The same as long as no file is written, replaced, made or removed."""
    return {file: _stamp(file) for file in files}


def changed(before: Stamps, pause: Callable[[float], None] = time.sleep) -> None:
    """Wait until something is not as before, and has come to rest."""
    while (now := stamps(before)) == before:
        pause(EVERY)
    while True:
        pause(QUIET)
        later = stamps(before)
        if later == now:
            return
        now = later


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
