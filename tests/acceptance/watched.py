"""Processes that a test watches until they are gone, however they end. Linux."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterable
from pathlib import Path


class Watched:
    """Some processes, held by descriptors, so that a number that is given again fools nobody."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._open: dict[int, int] = {}
        for pid in pids:
            try:
                self._open[os.pidfd_open(pid)] = pid
            except ProcessLookupError:
                continue

    def __len__(self) -> int:
        return len(self._open)

    def left_after(self, seconds: float) -> list[int]:
        """Those that still run then; returns at once when all are gone."""
        poll = select.poll()
        for descriptor in self._open:
            poll.register(descriptor, select.POLLIN)
        end = time.monotonic() + seconds
        while self._open and (left := end - time.monotonic()) > 0:
            for descriptor, _ in poll.poll(left * 1000):
                poll.unregister(descriptor)
                os.close(descriptor)
                del self._open[descriptor]
        left_over = list(self._open.values())
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()
        return left_over


def children(pid: int) -> list[int]:
    """The processes that a process has started. Reads /proc."""
    found: list[int] = []
    for path in Path("/proc").glob(f"{pid}/task/*/children"):
        try:
            found += map(int, path.read_text().split())
        except OSError:
            continue
    return found
