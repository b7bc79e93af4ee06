"""Outlines of straight and cubic pieces, in pixels, y pointing down."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Command = tuple[str, tuple[float, ...]]
"""("M", (x, y)), ("L", (x, y)), ("C", (x1, y1, x2, y2, x, y)) or ("Z", ())."""

_TOLERANCE = 0.03


@dataclass(frozen=True)
class Path:
    """Subpaths as absolute commands; adding two paths joins their subpaths."""

    commands: tuple[Command, ...] = ()

    def __add__(self, other: Path) -> Path:
        return Path(self.commands + other.commands)

    def transform(self, a: float, b: float, c: float, d: float, e: float, f: float) -> Path:
        """The affine map of SVG's `matrix(a b c d e f)`."""
        out: list[Command] = []
        for op, values in self.commands:
            moved: list[float] = []
            for i in range(0, len(values), 2):
                x, y = values[i], values[i + 1]
                moved += [a * x + c * y + e, b * x + d * y + f]
            out.append((op, tuple(moved)))
        return Path(tuple(out))

    def shift(self, dx: float, dy: float) -> Path:
        """The same outline, moved."""
        return self.transform(1, 0, 0, 1, dx, dy)

    def scale(self, sx: float, sy: float | None = None) -> Path:
        """The same outline, scaled about the origin."""
        return self.transform(sx, 0, 0, sx if sy is None else sy, 0, 0)

    def rotate(self, degrees: float, cx: float = 0, cy: float = 0) -> Path:
        """The same outline, turned clockwise about (cx, cy)."""
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        return self.transform(
            cos, sin, -sin, cos, cx - cos * cx + sin * cy, cy - sin * cx - cos * cy
        )

    def polylines(self) -> list[tuple[NDArray[np.float64], bool]]:
        """Every subpath as points (n, 2) and whether it is closed; curves are within a tenth of a pixel."""
        out: list[tuple[NDArray[np.float64], bool]] = []
        points: list[Point] = []
        for op, values in self.commands:
            if op == "M":
                _flush(out, points, False)
                points = [(values[0], values[1])]
            elif op == "L":
                points.append((values[0], values[1]))
            elif op == "C":
                points.extend(_cubic(points[-1], values))
            else:
                _flush(out, points, True)
                points = points[:1]
        _flush(out, points, False)
        return out

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the flattened outline; zeros for an empty path."""
        lines = [line for line, _ in self.polylines()]
        if not lines:
            return (0.0, 0.0, 0.0, 0.0)
        every = np.concatenate(lines)
        low, high = every.min(axis=0), every.max(axis=0)
        return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _flush(out: list[tuple[NDArray[np.float64], bool]], points: list[Point], closed: bool) -> None:
    if len(points) > 1:
        out.append((np.array(points, dtype=np.float64), closed))


def _cubic(start: Point, values: tuple[float, ...]) -> list[Point]:
    x0, y0 = start
    x1, y1, x2, y2, x3, y3 = values
    bend = max(
        math.hypot(x0 - 2 * x1 + x2, y0 - 2 * y1 + y2),
        math.hypot(x1 - 2 * x2 + x3, y1 - 2 * y2 + y3),
    )
    count = min(max(math.ceil(math.sqrt(0.75 * bend / _TOLERANCE)), 1), 400)
    t = np.arange(1, count + 1, dtype=np.float64) / count
    u = 1 - t
    a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    xs = a * x0 + b * x1 + c * x2 + d * x3
    ys = a * y0 + b * y1 + c * y2 + d * y3
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def polygon(points: Iterable[Point]) -> Path:
    """A closed outline of straight sides."""
    return Path((*_line_commands(points), ("Z", ())))


def polyline(points: Iterable[Point]) -> Path:
    """An open line of straight pieces."""
    return Path(tuple(_line_commands(points)))


def _line_commands(points: Iterable[Point]) -> list[Command]:
    return [("L" if i else "M", (float(x), float(y))) for i, (x, y) in enumerate(points)]


def smooth(points: list[Point], *, closed: bool = False, tension: float = 1.0) -> Path:
    """A curve through all points (Catmull-Rom as cubics); tension 0 gives straight pieces."""
    count = len(points)
    if count < 3:
        return polyline(points)

    def at(i: int) -> Point:
        return points[i % count] if closed else points[min(max(i, 0), count - 1)]

    commands: list[Command] = [("M", points[0])]
    for i in range(count if closed else count - 1):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = at(i - 1), at(i), at(i + 1), at(i + 2)
        k = tension / 6
        commands.append(
            (
                "C",
                (
                    bx + (cx - ax) * k,
                    by + (cy - ay) * k,
                    cx - (dx - bx) * k,
                    cy - (dy - by) * k,
                    cx,
                    cy,
                ),
            )
        )
    if closed:
        commands.append(("Z", ()))
    return Path(tuple(commands))
