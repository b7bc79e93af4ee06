"""Ribbons of fine lines that twist through the picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.noise import line
from flexura.render.oklab import gradient
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.pixels import Field, to_image


def ribbons(brief: Brief) -> Image.Image:
    """Two or three bundles of lines between two curves; where the curves cross, the ribbon turns over."""
    width, height = brief.width, brief.height
    ground = np.array(brief.scheme.ground, dtype=np.float32)
    weight = np.zeros(height * width, dtype=np.float32)
    colour = np.zeros((3, height * width), dtype=np.float32)
    count = int(brief.random.integers(2, 4))
    for i in range(count):
        stops = [brief.scheme.vivid[(i * 2 + k) % 5] for k in range(3)]
        _bundle(brief, i, count, gradient(stops, 64), weight, colour)
    total = weight.reshape(height, width)
    alpha = 1 - np.exp(-total * np.float32(1.25 if brief.scheme.dark else 1.05))
    shine = 1 + np.float32(0.25 if brief.scheme.dark else 0.0) * np.minimum(total, 2)
    shine *= alpha / np.maximum(total, np.float32(1e-6))
    picture = np.empty((height, width, 3), dtype=np.float32)
    for channel in range(3):
        picture[..., channel] = colour[channel].reshape(height, width) * shine
        picture[..., channel] += ground[channel] * (1 - alpha)
    return to_image(np.clip(picture, 0, 1, out=picture), brief.random, grain=0.4)


def _bundle(
    brief: Brief,
    i: int,
    count: int,
    colours: Field,
    weight: Field,
    colour: Field,
) -> None:
    width, height = brief.width, brief.height
    lines = 64
    lean = float(brief.random.uniform(-0.25, 0.25))
    middle = 0.5 + (i + 0.5 - count / 2) * 0.16 + lean * np.linspace(-0.5, 0.5, width)
    edges = [
        (middle + 0.3 * line(width, 1.4 * brief.wide, brief.random, 2) + sign * 0.08).astype(
            np.float64
        )
        for sign in (-1.0, 1.0)
    ]
    sway = 0.05 * line(width, 1.8 * brief.wide, brief.random, 2)
    thick = max(brief.side / 1024, 0.5)
    reach = int(np.ceil(thick * 2)) + 2
    columns = np.arange(width)
    fade = np.sin(np.linspace(0.12, np.pi - 0.12, width)) ** 0.5
    for k in range(lines):
        t = k / (lines - 1)
        y = (edges[0] * (1 - t) + edges[1] * t + sway * np.sin(np.pi * t)) * height
        slope = np.gradient(y)
        steep = np.sqrt(1 + slope * slope)
        # A steep line crosses several rows in one column: its reach grows with its slope.
        rows = int(min(np.ceil(reach * float(steep.max())), 60))
        first = np.floor(y).astype(np.int64) - rows // 2
        strength = fade * (0.42 + 0.5 * abs(2 * t - 1) ** 2)
        at = first[None, :] + np.arange(rows + 1)[:, None]
        distance = np.abs(at + 0.5 - y) / steep
        cover = np.clip(thick * 0.5 + 0.5 - distance, 0, min(1.0, thick)) * strength
        inside = (at >= 0) & (at < height) & (cover > 0)
        place = (at * width + columns)[inside]
        values = cover[inside]
        np.add.at(weight, place, values)
        for channel in range(3):
            np.add.at(colour[channel], place, values * float(colours[int(t * 63), channel]))
