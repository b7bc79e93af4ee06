"""Layers of waves, one behind the other, each with its own soft shadow."""

from __future__ import annotations

import math

from PIL import Image

from flexura.render.oklab import from_polar, mix, polar
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.drawing.drawing import Drawing, Shape, linear
from flexura.render.pictures.drawing.path import Path, smooth
from flexura.render.pictures.drawing.raster import drawing_image


def waves(brief: Brief) -> Image.Image:
    """Six to eight layers from the horizon down, from pale to deep."""
    width, height = brief.width, brief.height
    count = int(brief.random.integers(5, 8))
    one, two, three = brief.scheme.kin[:3]
    _, chroma, hue = polar(one)
    far = (
        from_polar(0.9, chroma * 0.35, polar(two)[2])
        if not brief.scheme.dark
        else from_polar(0.3, chroma * 0.6, polar(two)[2])
    )
    deep = (
        from_polar(0.34, chroma * 0.85, hue)
        if not brief.scheme.dark
        else from_polar(0.13, chroma * 0.4, hue)
    )
    shapes: list[Shape] = []
    lean = float(brief.random.uniform(-0.16, 0.16))
    for i in range(count):
        share = i / (count - 1)
        middle = height * (0.3 + 0.62 * share)
        path = _wave(brief, middle, height * 0.11 * (1 - share * 0.35), lean)
        colour = mix(mix(far, one, min(share * 1.6, 1)), deep, max(share * 1.5 - 0.6, 0))
        other = mix(colour, three, 0.38)
        shadow = path.shift(0, -height * 0.012)
        shapes.append(Shape(shadow, fill=(0.02, 0.02, 0.1), opacity=0.16, blur=brief.side * 0.022))
        shapes.append(
            Shape(
                path,
                fill=linear(
                    (0, middle),
                    (width, middle + height * 0.2),
                    other,
                    colour,
                    mix(colour, two, 0.25),
                ),
            )
        )
    sky = linear(
        (0, 0),
        (width * 0.3, height * 0.6),
        mix(far, two, 0.25),
        mix(far, brief.scheme.ground, 0.55),
    )
    return drawing_image(Drawing(width, height, tuple(shapes), sky))


def _wave(brief: Brief, middle: float, swing: float, lean: float) -> Path:
    width, height = brief.width, brief.height
    length = float(brief.random.uniform(0.55, 1.0)) * brief.side
    phase = float(brief.random.uniform(0, 2 * math.pi))
    second = float(brief.random.uniform(0, 2 * math.pi))
    points: list[tuple[float, float]] = []
    steps = 26
    for i in range(-1, steps + 2):
        x = width * i / steps
        y = middle + lean * (x - width / 2)
        y += swing * math.sin(2 * math.pi * x / length + phase) + swing * 0.5 * math.sin(
            3.7 * x / length + second
        )
        points.append((x, y))
    curve = smooth(points)
    return Path(
        (
            *curve.commands,
            ("L", (width * 1.1, height * 1.1)),
            ("L", (-width * 0.1, height * 1.1)),
            ("Z", ()),
        )
    )
