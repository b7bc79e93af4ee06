"""Smooth-edged shapes with Pillow: drawn larger than needed, then reduced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from flexura.render.oklab import RGB
from flexura.render.pictures.scene.tone import pixel

Points = NDArray[np.float64]


def path(text: str) -> Points:
    """Points written as in SVG: "x,y x,y …"."""
    return np.array([[float(number) for number in pair.split(",")] for pair in text.split()])


def curve(points: ArrayLike, closed: bool = True, steps: int = 8) -> Points:
    """A smooth line through `points` (n, 2): a Catmull-Rom spline with `steps` samples between two
    of them.
    """
    knots = np.asarray(points, dtype=np.float64)
    ring = (
        np.vstack([knots[-1:], knots, knots[:2]])
        if closed
        else np.vstack([knots[:1], knots, knots[-1:]])
    )
    before, start, end, after = ring[:-3], ring[1:-2], ring[2:-1], ring[3:]
    share = (np.arange(steps) / steps)[:, None, None]
    parts = 0.5 * (
        2 * start
        + (end - before) * share
        + (2 * before - 5 * start + 4 * end - after) * share**2
        + (3 * start - before - 3 * end + after) * share**3
    )
    line = parts.transpose(1, 0, 2).reshape(-1, 2)
    return line if closed else np.vstack([line, knots[-1:]])


def stroke(points: ArrayLike, widths: ArrayLike) -> Points:
    """The outline of a line through `points` whose thickness runs along `widths` (any number of values)."""
    line = np.asarray(points, dtype=np.float64)
    wide = np.asarray(widths, dtype=np.float64)
    along = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(wide)), wide) / 2
    run = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)
    normal = np.stack([-run[:, 1] / length, run[:, 0] / length], axis=1) * along[:, None]
    return np.vstack([line + normal, (line - normal)[::-1]])


class Ink:
    """A transparent sheet to draw on. Coordinates are local: y grows downwards, the origin is `origin`."""

    def __init__(
        self,
        size: tuple[int, int],
        origin: tuple[float, float] = (0, 0),
        scale: float = 1.0,
        flip: bool = False,
        fine: int = 3,
    ) -> None:
        """`size` is in pixels; a local unit is `scale` pixels; `fine` is the oversampling; `flip`
        mirrors left-right.
        """
        self.size = (max(size[0], 1), max(size[1], 1))
        self._fine = fine
        self._origin = origin
        self._scale = scale
        self._flip = -1.0 if flip else 1.0
        self._picture = Image.new("RGBA", (self.size[0] * fine, self.size[1] * fine), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._picture)

    def _placed(self, points: ArrayLike) -> list[tuple[float, float]]:
        local = np.asarray(points, dtype=np.float64)
        x = (self._origin[0] + local[:, 0] * self._scale * self._flip) * self._fine
        y = (self._origin[1] + local[:, 1] * self._scale) * self._fine
        return list(zip(x.tolist(), y.tolist(), strict=True))

    def polygon(self, points: ArrayLike, colour: RGB, alpha: float = 1.0) -> None:
        """A filled shape; a part-transparent one is blended over what is there."""
        self._fill(self._placed(points), colour, alpha)

    def _fill(self, placed: list[tuple[float, float]], colour: RGB, alpha: float) -> None:
        if len(placed) < 3:
            return
        if alpha >= 0.999:
            self._draw.polygon(placed, fill=(*pixel(colour), 255))
            return
        xs, ys = [p[0] for p in placed], [p[1] for p in placed]
        x0, y0 = max(int(min(xs)) - 1, 0), max(int(min(ys)) - 1, 0)
        x1 = min(int(max(xs)) + 2, self._picture.width)
        y1 = min(int(max(ys)) + 2, self._picture.height)
        if x1 <= x0 or y1 <= y0:
            return
        part = Image.new("RGBA", (x1 - x0, y1 - y0), (*pixel(colour), 0))
        moved = [(x - x0, y - y0) for x, y in placed]
        ImageDraw.Draw(part).polygon(moved, fill=(*pixel(colour), round(alpha * 255)))
        self._picture.alpha_composite(part, (x0, y0))

    def blob(self, points: ArrayLike, colour: RGB, alpha: float = 1.0) -> None:
        """A filled smooth shape through `points`."""
        self.polygon(curve(points), colour, alpha)

    def ellipse(
        self,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: RGB,
        alpha: float = 1.0,
        turn: float = 0.0,
    ) -> None:
        """A filled ellipse, turned by `turn` radians."""
        if alpha >= 0.999 and turn == 0.0:
            ((x, y),) = self._placed([centre])
            wide, high = radii[0] * self._scale * self._fine, radii[1] * self._scale * self._fine
            self._draw.ellipse((x - wide, y - high, x + wide, y + high), fill=(*pixel(colour), 255))
            return
        angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        x, y = np.cos(angle) * radii[0], np.sin(angle) * radii[1]
        ring = np.stack(
            [
                centre[0] + x * np.cos(turn) - y * np.sin(turn),
                centre[1] + x * np.sin(turn) + y * np.cos(turn),
            ],
            1,
        )
        self.polygon(ring, colour, alpha)

    def line(
        self,
        points: ArrayLike,
        width: float | Sequence[float],
        colour: RGB,
        alpha: float = 1.0,
        smooth: bool = True,
    ) -> None:
        """A line of a width, or of widths along it, with round ends where it is thick."""
        widths = [width, width] if isinstance(width, int | float) else list(width)
        path = (
            curve(points, closed=False, steps=6) if smooth else np.asarray(points, dtype=np.float64)
        )
        self.polygon(stroke(path, widths), colour, alpha)
        for end, wide in ((path[0], widths[0]), (path[-1], widths[-1])):
            if wide * self._scale > 1.5 and alpha >= 0.999:
                self.ellipse((float(end[0]), float(end[1])), (wide / 2, wide / 2), colour)

    def box(
        self,
        corner: tuple[float, float],
        size: tuple[float, float],
        colour: RGB,
        alpha: float = 1.0,
    ) -> None:
        """A filled rectangle from its top left corner."""
        x, y = corner
        self.polygon(
            [(x, y), (x + size[0], y), (x + size[0], y + size[1]), (x, y + size[1])], colour, alpha
        )

    def finish(self) -> Image.Image:
        """The sheet as RGBA in its own size."""
        return self._picture.reduce(self._fine) if self._fine > 1 else self._picture
