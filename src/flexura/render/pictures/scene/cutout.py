"""A subject drawn alone, to be put into a scene."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from flexura.render.pictures.scene.ink import Ink


def cutout(
    draw: Callable[[Ink], None],
    size: float,
    box: tuple[float, float, float, float] = (-0.7, -1.15, 0.7, 0.12),
    flip: bool = False,
) -> tuple[Image.Image, float, float]:
    """A subject drawn at a size, and where its origin lies in the picture; `box` is its room in units."""
    left, top, right, bottom = (value * size for value in box)
    if flip:
        left, right = -right, -left
    ink = Ink((round(right - left) + 4, round(bottom - top) + 4), (-left + 2, -top + 2), size, flip)
    draw(ink)
    return ink.finish(), -left + 2, -top + 2
