"""The closed outlines that drawings are made of; sizes in pixels."""

from __future__ import annotations

import math

from flexura.render.pictures.drawing.path import Command, Path, Point, polygon

_KAPPA = 0.5522847498


def rect(x: float, y: float, width: float, height: float) -> Path:
    """An upright rectangle."""
    return polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def rounded(x: float, y: float, width: float, height: float, radius: float) -> Path:
    """A rectangle with round corners; the radius is cut to half of the shorter side."""
    r = min(radius, width / 2, height / 2)
    if r <= 0:
        return rect(x, y, width, height)
    k = r * (1 - _KAPPA)
    right, bottom = x + width, y + height
    return Path(
        (
            ("M", (x + r, y)),
            ("L", (right - r, y)),
            ("C", (right - k, y, right, y + k, right, y + r)),
            ("L", (right, bottom - r)),
            ("C", (right, bottom - k, right - k, bottom, right - r, bottom)),
            ("L", (x + r, bottom)),
            ("C", (x + k, bottom, x, bottom - k, x, bottom - r)),
            ("L", (x, y + r)),
            ("C", (x, y + k, x + k, y, x + r, y)),
            ("Z", ()),
        )
    )


def ellipse(cx: float, cy: float, rx: float, ry: float) -> Path:
    """An upright ellipse."""
    kx, ky = rx * _KAPPA, ry * _KAPPA
    return Path(
        (
            ("M", (cx + rx, cy)),
            ("C", (cx + rx, cy + ky, cx + kx, cy + ry, cx, cy + ry)),
            ("C", (cx - kx, cy + ry, cx - rx, cy + ky, cx - rx, cy)),
            ("C", (cx - rx, cy - ky, cx - kx, cy - ry, cx, cy - ry)),
            ("C", (cx + kx, cy - ry, cx + rx, cy - ky, cx + rx, cy)),
            ("Z", ()),
        )
    )


def circle(cx: float, cy: float, radius: float) -> Path:
    """A circle."""
    return ellipse(cx, cy, radius, radius)


def squircle(x: float, y: float, size: float, exponent: float = 5.0) -> Path:
    """A superellipse in a square: the outline of a modern app icon."""
    half = size / 2
    points: list[Point] = []
    for i in range(160):
        angle = 2 * math.pi * i / 160
        cos, sin = math.cos(angle), math.sin(angle)
        px = math.copysign(abs(cos) ** (2 / exponent), cos)
        py = math.copysign(abs(sin) ** (2 / exponent), sin)
        points.append((x + half + half * px, y + half + half * py))
    return polygon(points)


def regular(cx: float, cy: float, radius: float, sides: int, turn: float = -90.0) -> Path:
    """A regular polygon; `turn` is the direction of its first corner in degrees."""
    return polygon([_polar(cx, cy, radius, turn + 360 * i / sides) for i in range(sides)])


def star(
    cx: float, cy: float, outer: float, inner: float, points: int, turn: float = -90.0
) -> Path:
    """A star with `points` tips."""
    step = 180 / points
    return polygon(
        [_polar(cx, cy, inner if i % 2 else outer, turn + step * i) for i in range(points * 2)]
    )


def arc(cx: float, cy: float, radius: float, start: float, end: float) -> Path:
    """An open arc from `start` to `end` degrees, clockwise as seen (y down)."""
    return Path((("M", _polar(cx, cy, radius, start)), *arc_commands(cx, cy, radius, start, end)))


def arc_commands(cx: float, cy: float, radius: float, start: float, end: float) -> list[Command]:
    """The cubic pieces of an arc, to go on from its first point."""
    pieces = max(math.ceil(abs(end - start) / 90), 1)
    step = math.radians((end - start) / pieces)
    handle = 4 / 3 * math.tan(step / 4) * radius
    out: list[Command] = []
    angle = math.radians(start)
    for _ in range(pieces):
        after = angle + step
        x0, y0 = cx + radius * math.cos(angle), cy + radius * math.sin(angle)
        x3, y3 = cx + radius * math.cos(after), cy + radius * math.sin(after)
        out.append(
            (
                "C",
                (
                    x0 - handle * math.sin(angle),
                    y0 + handle * math.cos(angle),
                    x3 + handle * math.sin(after),
                    y3 - handle * math.cos(after),
                    x3,
                    y3,
                ),
            )
        )
        angle = after
    return out


def sector(cx: float, cy: float, radius: float, start: float, end: float) -> Path:
    """A slice of a disc, from its centre."""
    return Path(
        (
            ("M", (cx, cy)),
            ("L", _polar(cx, cy, radius, start)),
            *arc_commands(cx, cy, radius, start, end),
            ("Z", ()),
        )
    )


def ring_sector(centre: Point, outer: float, inner: float, start: float, end: float) -> Path:
    """A slice of a ring (a piece of a donut chart)."""
    cx, cy = centre
    return Path(
        (
            ("M", _polar(cx, cy, outer, start)),
            *arc_commands(cx, cy, outer, start, end),
            ("L", _polar(cx, cy, inner, end)),
            *arc_commands(cx, cy, inner, end, start),
            ("Z", ()),
        )
    )


def _polar(cx: float, cy: float, radius: float, degrees: float) -> Point:
    return (
        cx + radius * math.cos(math.radians(degrees)),
        cy + radius * math.sin(math.radians(degrees)),
    )


def gear(cx: float, cy: float, outer: float, inner: float, teeth: int) -> Path:
    """A cog wheel without its hole."""
    points: list[Point] = []
    step = 360 / teeth
    for i in range(teeth):
        middle = -90 + i * step
        for radius, offset in ((inner, -0.31), (outer, -0.2), (outer, 0.2), (inner, 0.31)):
            points.append(_polar(cx, cy, radius, middle + offset * step))
    return polygon(points)
