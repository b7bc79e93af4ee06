"""Making sure that type can be read on a picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB
from flexura.render.pictures.contrast import contrast, luminance
from flexura.render.pictures.drawing.drawing import Gradient, Shape
from flexura.render.pictures.drawing.raster import draw_over
from flexura.render.pictures.drawing.shapes import rect

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


def extremes(image: Image.Image, box: Box) -> tuple[RGB, RGB]:
    """The darkest and the brightest colour of a part of the picture, single pixels left aside."""
    left, top, right, bottom = (round(value) for value in box)
    area = (
        max(left, 0),
        max(top, 0),
        min(max(right, left + 1), image.width),
        min(max(bottom, top + 1), image.height),
    )
    part = image.convert("RGB").crop(area)
    part.thumbnail((160, 160), Image.Resampling.BOX)
    colours = np.asarray(part, dtype=np.float64).reshape(-1, 3) / 255
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    order = np.argsort(linear @ np.array([0.2126, 0.7152, 0.0722]))
    low, high = colours[order[0]], colours[order[-1]]
    return (float(low[0]), float(low[1]), float(low[2])), (
        float(high[0]),
        float(high[1]),
        float(high[2]),
    )


def scrim_strength(image: Image.Image, box: Box, ink: RGB, veil: RGB, ratio: float = 4.8) -> float:
    """How opaque a veil must be so that `ink` has the contrast `ratio` everywhere in the box, 0..1."""
    dark, bright = extremes(image, box)
    worst = bright if luminance(ink) > 0.4 else dark
    for step in range(51):
        share = step / 50
        blended = (
            worst[0] + (veil[0] - worst[0]) * share,
            worst[1] + (veil[1] - worst[1]) * share,
            worst[2] + (veil[2] - worst[2]) * share,
        )
        if contrast(ink, blended) >= ratio:
            return share
    return 1.0


def veiled(
    image: Image.Image, box: Box, inks: tuple[RGB, RGB], *, dim: bool, aside: bool
) -> tuple[Image.Image, RGB]:
    """The picture under the weaker of two veils and the ink that reads on it.

    `inks` are a light and a dark one; `dim` says that the picture is a dark one. With `aside` the veil
    covers the box and thins out to its right.
    """
    light, dark = inks
    strengths = (scrim_strength(image, box, light, dark), scrim_strength(image, box, dark, light))
    # A pale veil on a dark picture looks like fog: the ink that suits the picture is kept while it can be.
    which = 0 if strengths[0] + (0.0 if dim else 0.3) <= strengths[1] + (0.3 if dim else 0.0) else 1
    strength = strengths[which]
    ink, veil = (light, dark) if which == 0 else (dark, light)
    out = image.convert("RGBA")
    if strength > 0:
        strength = min(strength + 0.06, 1.0)
        paint: RGB | Gradient = veil
        opacity = strength
        if aside:
            edge = min(box[2] / image.width, 0.98)
            stops = ((0.0, veil, 1.0), (edge, veil, 1.0), (min(edge + 0.45, 1.0), veil, 0.0))
            paint = Gradient("linear", 0, 0, image.width, 0, stops)
        draw_over(out, (Shape(rect(0, 0, image.width, image.height), fill=paint, opacity=opacity),))
    return out, ink
