"""How long the last runs of a model took, as small bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flexura.gateway.dashboard.phrases import duration

HEIGHT = 40.0
_WIDE = 6.0


@dataclass(frozen=True, slots=True)
class Runs:
    """The plot, the oldest run first; empty without runs."""

    bars: tuple[tuple[float, float, float, str], ...]
    """x, y, height, and how long that run took."""
    width: float
    slowest: str
    height: float = HEIGHT


def run_plot(milliseconds: Sequence[int]) -> Runs:
    """The plot of these runs, of which the newest comes first."""
    longest = max(milliseconds, default=0) or 1
    bars: list[tuple[float, float, float, str]] = []
    for place, took in enumerate(reversed(milliseconds)):
        height = round(max(1.5, HEIGHT * took / longest), 2)
        bars.append((place * _WIDE, round(HEIGHT - height, 2), height, duration(took)))
    return Runs(tuple(bars), len(bars) * _WIDE, duration(longest))
