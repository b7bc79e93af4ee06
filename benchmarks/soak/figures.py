"""What a process takes, minute by minute, and whether it grows."""

from __future__ import annotations

import os
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

MOST_GROWTH = 5.0
"""Per cent of memory, after warming up."""
MOST_MORE_FILES = 8
WARM_SHARE = 0.3
"""Of the time: caches fill first."""


@dataclass(frozen=True)
class Sample:
    """One look at a process."""

    seconds: float
    megabytes: float
    files: int


def look(pid: int, seconds: float) -> Sample:
    """Resident memory and open descriptors at this moment."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    rss = next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) / 1024
    return Sample(seconds, rss, len(os.listdir(f"/proc/{pid}/fd")))


@dataclass
class Log:
    """What was asked, how long it took, what went wrong."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def lines(self) -> list[str]:
        """p50 and p99 of each kind, in milliseconds, and its errors."""
        rows = [f"{'kind':10}{'count':>8}{'p50 ms':>9}{'p99 ms':>9}"]
        for kind, took in sorted(self.took.items()):
            found = sorted(took)
            p99 = found[int(len(found) * 0.99)]
            rows.append(f"{kind:10}{len(found):8}{statistics.median(found):9.1f}{p99:9.1f}")
        return rows + [f"ERROR {what}: {count}" for what, count in sorted(self.errors.items())]


def growth(samples: Sequence[Sample]) -> float:
    """Per cent of memory: the last fifth of what came after warming up, beside the first; medians of both."""
    warm = samples[int(len(samples) * WARM_SHARE) :]
    fifth = max(1, len(warm) // 5)
    first, last = warm[:fifth], warm[-fifth:]
    before, after = (statistics.median(s.megabytes for s in part) for part in (first, last))
    return (after - before) / before * 100
