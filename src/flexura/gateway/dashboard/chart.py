"""Bars over days, worked out here and drawn as SVG by a template: no script, no library."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

HEIGHT = 100.0
"""Of the picture, in its own units; a day is `DAY` wide."""
DAY = 10.0
_GAP = 2.0
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One day. `part` is how much of the height is of the second colour, from the ground up."""

    x: float
    y: float
    height: float
    part: float
    label: str
    """What the bar says, in words."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot. `ticks` go from the top to the ground, at equal distances."""

    title: str
    width: float
    bars: tuple[Bar, ...]
    lines: tuple[float, ...]
    ticks: tuple[str, ...]
    dates: tuple[str, ...]
    """What stands below: the first day, the middle and the last."""
    summary: str
    bar_width: float = DAY - _GAP
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class Day:
    """What a bar shows."""

    date: str
    value: float
    part: float
    label: str


def chart(title: str, days: Sequence[Day], words: Callable[[float], str], summary: str) -> Chart:
    """The plot of some days, with an axis that begins at 0."""
    top, step = _axis(max((day.value for day in days), default=0.0), words is whole)
    count = round(top / step)
    bars: list[Bar] = []
    for place, day in enumerate(days):
        height = HEIGHT * day.value / top
        part = HEIGHT * day.part / top
        # The smallest amount is still to be seen.
        height = max(height, 1.0) if day.value else 0.0
        bars.append(
            Bar(
                round(place * DAY + _GAP / 2, 2),
                round(HEIGHT - height, 2),
                round(height, 2),
                round(part, 2),
                day.label,
            )
        )
    named = (days[0], days[len(days) // 2], days[-1]) if days else ()
    return Chart(
        title,
        len(days) * DAY,
        tuple(bars),
        tuple(round(HEIGHT * i / count, 2) for i in range(count)),
        tuple(_tick(words, top - step * i) for i in range(count + 1)),
        tuple(short_date(day.date) for day in named),
        summary,
    )


def _axis(most: float, is_whole: bool) -> tuple[float, float]:
    """Where the axis ends, and its steps: round numbers, at most `_TICKS` of them."""
    if most <= 0:
        return (1.0, 1.0) if is_whole else (0.01, 0.01)
    size = 10 ** math.floor(math.log10(most / _TICKS))
    step = next(size * s for s in _STEPS if size * s * _TICKS >= most * 0.9999)
    step = max(1.0, math.ceil(step)) if is_whole else step
    return step * math.ceil(most / step - 1e-9), step


def _tick(words: Callable[[float], str], value: float) -> str:
    return words(value).removesuffix(".00")


def whole(value: float) -> str:
    """A number of things."""
    return f"{value:,.0f}"


def usd(value: float | None) -> str:
    """An amount of money, as exact as it is worth."""
    if value is None:
        return "\u2013"
    if not value:
        return "$0"
    if value < 0.01:
        return f"${value:.4f}".rstrip("0")
    return f"${value:,.2f}"


def short_date(day: str) -> str:
    """`2026-11-22` as `22 Nov`."""
    found = date.fromisoformat(day)
    return f"{found.day} {found:%b}"
