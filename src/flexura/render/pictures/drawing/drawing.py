"""A drawing: shapes in painting order, with solid or gradient paint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from flexura.render.pictures.drawing.path import Path
from flexura.render.task import Warning

Colour = tuple[float, float, float]
"""sRGB, 0..1."""


@dataclass(frozen=True)
class Gradient:
    """A linear gradient along a line, or a radial one from the middle (x0, y0) with radius x1; in pixels."""

    kind: Literal["linear", "radial"]
    x0: float
    y0: float
    x1: float
    y1: float
    stops: tuple[tuple[float, Colour, float], ...]
    """Offset 0..1, colour, opacity 0..1; in rising order."""


Paint = Colour | Gradient


@dataclass(frozen=True)
class Shape:
    """One painted outline. `blur` is the standard deviation in pixels; `clip` keeps what lies inside it."""

    path: Path
    fill: Paint | None = None
    stroke: Paint | None = None
    stroke_width: float = 0.0
    opacity: float = 1.0
    even_odd: bool = False
    blur: float = 0.0
    clip: Path | None = None

    def clipped(self, clip: Path) -> Shape:
        """The same shape, kept inside `clip`."""
        return replace(self, clip=clip)


@dataclass(frozen=True)
class Drawing:
    """A picture of shapes; without a background it is transparent."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    background: Paint | None = None
    warnings: tuple[Warning, ...] = ()

    def over(self, shapes: Iterable[Shape]) -> Drawing:
        """The same drawing with more shapes on top."""
        return replace(self, shapes=(*self.shapes, *shapes))


def linear(start: tuple[float, float], end: tuple[float, float], *colours: Colour) -> Gradient:
    """A linear gradient with evenly spaced, opaque colours."""
    return Gradient("linear", *start, *end, _even(colours))


def radial(centre: tuple[float, float], radius: float, *colours: Colour) -> Gradient:
    """A radial gradient with evenly spaced, opaque colours from the middle out."""
    return Gradient("radial", *centre, radius, 0.0, _even(colours))


def fading(gradient: Gradient, *opacities: float) -> Gradient:
    """The same gradient with the opacity of each stop replaced."""
    stops = tuple(
        (at, colour, a) for (at, colour, _), a in zip(gradient.stops, opacities, strict=True)
    )
    return replace(gradient, stops=stops)


def _even(colours: tuple[Colour, ...]) -> tuple[tuple[float, Colour, float], ...]:
    last = max(len(colours) - 1, 1)
    return tuple((i / last, colour, 1.0) for i, colour in enumerate(colours))
