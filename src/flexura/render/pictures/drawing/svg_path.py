"""Reads SVG path data (all commands but T) into a Path."""

from __future__ import annotations

import math
import re
from typing import Final

from flexura.render.pictures.drawing.path import Command, Path, Point

_TOKEN: Final = re.compile(r"[MmLlHhVvCcSsQqAaZz]|-?(?:\d+\.?\d*|\.\d+)")
_COUNT: Final = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "A": 7, "Z": 0}


def parse(data: str) -> Path:
    """The path of a `d` attribute. Raises ValueError when it does not start with a move."""
    reader = _Reader()
    tokens = _TOKEN.findall(data)
    at, op = 0, ""
    while at < len(tokens):
        if tokens[at].isalpha():
            op = tokens[at]
            at += 1
        elif op in "Mm" and op:
            op = "L" if op == "M" else "l"
        if not op:
            raise ValueError(f"path data must start with M: {data[:40]!r}")
        count = _COUNT[op.upper()]
        values = [float(token) for token in tokens[at : at + count]]
        at += count
        reader.take(op, values)
    return Path(tuple(reader.commands))


class _Reader:
    """The pen: where it is, where the subpath began, and the last curve's handle."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.at: Point = (0.0, 0.0)
        self.start: Point = (0.0, 0.0)
        self.handle: Point | None = None

    def take(self, op: str, values: list[float]) -> None:
        name, (x, y) = op.upper(), self.at
        if op.islower():
            values = _absolute(name, values, x, y)
        handle: Point | None = None
        if name == "M":
            self.at = self.start = (values[0], values[1])
            self.commands.append(("M", self.at))
        elif name in "LHV":
            end = (
                (values[0], values[1])
                if name == "L"
                else (values[0], y)
                if name == "H"
                else (x, values[0])
            )
            self.commands.append(("L", end))
            self.at = end
        elif name == "A":
            self._arc(values)
        elif name == "Z":
            self.commands.append(("Z", ()))
            self.at = self.start
        else:
            handle = self._curve(name, values)
        self.handle = handle

    def _curve(self, name: str, v: list[float]) -> Point:
        x, y = self.at
        if name == "S":
            hx, hy = self.handle or self.at
            v = [2 * x - hx, 2 * y - hy, *v]
        elif name == "Q":
            qx, qy, ex, ey = v
            v = [
                x + (qx - x) * 2 / 3,
                y + (qy - y) * 2 / 3,
                ex + (qx - ex) * 2 / 3,
                ey + (qy - ey) * 2 / 3,
                ex,
                ey,
            ]
        self.commands.append(("C", tuple(v)))
        self.at = (v[4], v[5])
        return (v[2], v[3])

    def _arc(self, v: list[float]) -> None:
        rx, ry, turn, large, sweep, ex, ey = v
        x, y = self.at
        if (x, y) == (ex, ey):
            return
        phi = math.radians(turn)
        cos, sin = math.cos(phi), math.sin(phi)
        px, py = (cos * (x - ex) + sin * (y - ey)) / 2, (-sin * (x - ex) + cos * (y - ey)) / 2
        grow = math.sqrt(max((px / rx) ** 2 + (py / ry) ** 2, 1))
        rx, ry = rx * grow, ry * grow
        rest = rx * rx * ry * ry - rx * rx * py * py - ry * ry * px * px
        k = math.sqrt(max(rest / (rx * rx * py * py + ry * ry * px * px), 0)) * (
            -1 if large == sweep else 1
        )
        qx, qy = k * rx * py / ry, -k * ry * px / rx
        cx, cy = cos * qx - sin * qy + (x + ex) / 2, sin * qx + cos * qy + (y + ey) / 2
        first = math.atan2((py - qy) / ry, (px - qx) / rx)
        span = math.atan2((-py - qy) / ry, (-px - qx) / rx) - first
        if sweep and span < 0:
            span += 2 * math.pi
        elif not sweep and span > 0:
            span -= 2 * math.pi
        pieces = max(math.ceil(abs(span) / (math.pi / 2) - 1e-9), 1)
        step = span / pieces
        h = 4 / 3 * math.tan(step / 4)
        for i in range(pieces):
            a, b = first + i * step, first + (i + 1) * step
            unit = (
                (math.cos(a) - h * math.sin(a), math.sin(a) + h * math.cos(a)),
                (math.cos(b) + h * math.sin(b), math.sin(b) - h * math.cos(b)),
                (math.cos(b), math.sin(b)),
            )
            flat = [
                w
                for ux, uy in unit
                for w in (cx + cos * rx * ux - sin * ry * uy, cy + sin * rx * ux + cos * ry * uy)
            ]
            self.commands.append(("C", tuple(flat)))
        self.at = (ex, ey)


def _absolute(name: str, values: list[float], x: float, y: float) -> list[float]:
    if name == "H":
        return [values[0] + x]
    if name == "V":
        return [values[0] + y]
    if name == "A":
        return [*values[:5], values[5] + x, values[6] + y]
    return [value + (y if i % 2 else x) for i, value in enumerate(values)]
