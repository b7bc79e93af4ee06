"""Curtains of light on a dark ground."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.noise import fractal, line
from flexura.render.oklab import RGB, from_polar, polar
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.pixels import Field, enlarged, to_image, working_size


def aurora(brief: Brief) -> Image.Image:
    """Three to five curtains, bright along their lower edge, with rays that run up and fade."""
    width, height = working_size(brief.width, brief.height, 720)
    hue = polar(brief.scheme.lead)[2]
    top, low = np.array(from_polar(0.13, 0.03, hue)), np.array(from_polar(0.22, 0.055, hue - 0.3))
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    picture = (top + (low - top) * y[..., None]).astype(np.float32) * np.ones(
        (1, width, 1), dtype=np.float32
    )
    count = int(brief.random.integers(3, 6))
    for i in range(count):
        picture += _curtain(brief, width, height, y, i, count)
    soft = 1 - np.exp(-picture * np.float32(1.15))
    return to_image(
        enlarged(soft.astype(np.float32), brief.width, brief.height), brief.random, grain=1.0
    )


def _curtain(brief: Brief, width: int, height: int, y: Field, i: int, count: int) -> Field:
    wide = brief.wide
    edge = 0.35 + 0.5 * (i + 0.5) / count + 0.16 * line(width, 1.3 * wide, brief.random, 3)
    tall = 0.28 + 0.2 * line(width, 2.0 * wide, brief.random, 2)[None, :]
    rise = (edge[None, :] - y) / np.maximum(tall, 0.1)
    # Below its edge the light breaks off, above it fades slowly.
    body = np.where(rise > 0, np.exp(-rise * 1.6), np.exp(np.minimum(rise, 0) * 14.0)).astype(
        np.float32
    )
    rays = 0.62 + 0.5 * line(width, 26 * wide, brief.random, 3)[None, :]
    veil = fractal((height, width), (2 * brief.tall, 3 * wide), brief.random, 3)
    strength = body * np.clip(rays, 0.1, 1.3) * (0.25 + veil) * np.float32(1.25)
    # Light adds up: deep colours are lifted first, or their curtain would hardly be seen.
    low, high = (np.array(_bright(brief.scheme.vivid[k % 5]), dtype=np.float32) for k in (i, i + 1))
    blend = np.clip(rise * 0.7, 0, 1)[..., None]
    colour = low * (1 - blend) + high * blend
    return (strength[..., None] * colour**1.5).astype(np.float32)


def _bright(colour: RGB) -> RGB:
    light, chroma, hue = polar(colour)
    return from_polar(max(light, 0.74), max(chroma, 0.13), hue)
