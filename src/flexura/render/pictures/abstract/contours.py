"""Topographic contour lines."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.noise import fractal
from flexura.render.oklab import gradient, mix
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.contrast import legible
from flexura.render.pictures.pixels import Field, enlarged, to_image, working_size


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
    height_in_lines = land * np.float32(levels)
    across, down = np.gradient(height_in_lines)
    steep = np.sqrt(across * across + down * down) + np.float32(1e-5)
    nearest = np.round(height_in_lines)
    distance = np.abs(height_in_lines - nearest) / steep
    thin = max(brief.side / 900, 0.7)
    strong = np.mod(nearest, 5) == 0
    half = np.where(strong, np.float32(thin * 0.95), np.float32(thin * 0.5))
    # Where the land is flat a line would spread into a blot: it fades out there.
    alpha = np.clip(half + 0.5 - distance, 0, 1) * np.clip(steep * brief.side / levels * 1.4, 0, 1)
    alpha = alpha * np.where(strong, np.float32(1.0), np.float32(0.72))
    return to_image(_coloured(brief, land, alpha), brief.random)


def _coloured(brief: Brief, land: Field, alpha: Field) -> Field:
    ground = brief.scheme.ground
    share = 0.24 if brief.scheme.dark else 0.15
    tint = gradient(
        [
            ground,
            mix(ground, brief.scheme.vivid[0], share * 0.5),
            mix(ground, brief.scheme.vivid[1], share),
        ],
        256,
    )
    first, second = (legible(colour, ground, 2.6) for colour in brief.scheme.vivid[:2])
    ink = gradient([mix(first, ground, 0.12), first, second], 256)
    index = np.clip(land * 255, 0, 255).astype(np.int32)
    return (tint[index] * (1 - alpha[..., None]) + ink[index] * alpha[..., None]).astype(np.float32)
