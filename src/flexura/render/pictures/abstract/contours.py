"""Topographic contour lines."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from flexura.render.noise import fractal
from flexura.render.oklab import gradient, mix
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.contrast import legible
from flexura.render.pictures.pixels import Field, enlarged, to_image, working_size

_STRIP: Final = 256


def contours(brief: Brief) -> Image.Image:
    """Lines of equal height of a rolling land, every fifth one stronger; the land is faintly tinted."""
    width, height = working_size(brief.width, brief.height, 420)
    cells = float(brief.random.uniform(1.8, 3.0))
    land = fractal(
        (height, width), (cells * brief.tall, cells * brief.wide), brief.random, 3, gain=0.36
    )
    low, high = float(land.min()), float(land.max())
    land = enlarged((land - low) / max(high - low, 1e-6), brief.width, brief.height)
    levels = float(brief.random.choice([18, 24, 30]))
    picture = np.empty((brief.height, brief.width, 3), dtype=np.float32)
    inks = _inks(brief)
    for top in range(0, brief.height, _STRIP):
        # One row more on either side, so that the slope is known at the strip's edges too.
        first, last = max(top - 1, 0), min(top + _STRIP + 1, brief.height)
        strip = land[first:last]
        rows = slice(top - first, min(top + _STRIP, brief.height) - first)
        alpha = _lines(brief, strip, levels)[rows, :, None]
        index = np.clip(strip[rows] * 255, 0, 255).astype(np.int32)
        picture[top : top + _STRIP] = inks[0][index] * (1 - alpha) + inks[1][index] * alpha
    return to_image(picture, brief.random)


def _lines(brief: Brief, land: Field, levels: float) -> Field:
    """How much of each pixel a line of equal height covers."""
    steps = land * np.float32(levels)
    if min(steps.shape) < 2:
        return np.zeros_like(steps)
    across, down = np.gradient(steps)
    steep = np.sqrt(across * across + down * down) + np.float32(1e-5)
    nearest = np.round(steps)
    distance = np.abs(steps - nearest) / steep
    thin = max(brief.side / 900, 0.7)
    strong = np.mod(nearest, 5) == 0
    half = np.where(strong, np.float32(thin * 0.95), np.float32(thin * 0.5))
    # Where the land is flat a line would spread into a blot: it fades out there.
    alpha = np.clip(half + 0.5 - distance, 0, 1) * np.clip(steep * brief.side / levels * 1.4, 0, 1)
    return (alpha * np.where(strong, np.float32(1.0), np.float32(0.72))).astype(np.float32)


def _inks(brief: Brief) -> tuple[Field, Field]:
    """The tints of the land and of its lines, from low to high."""
    ground = brief.scheme.ground
    share = 0.24 if brief.scheme.dark else 0.15
    one, two = brief.scheme.vivid[:2]
    first, second = (legible(colour, ground, 2.6) for colour in (one, two))
    tint = gradient([ground, mix(ground, one, share * 0.5), mix(ground, two, share)], 256)
    return tint, gradient([mix(first, ground, 0.12), first, second], 256)
