"""Folds of silk or liquid: a bent field, lit from the side."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.noise import fractal, sample
from flexura.render.oklab import from_polar, gradient, mix, polar
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.pixels import enlarged, grid, to_image, working_size


def silk(brief: Brief) -> Image.Image:
    """Long folds whose crests catch the light; the colours follow the folds."""
    width, height = working_size(brief.width, brief.height, 640)
    x, y = grid(width, height)
    angle = float(brief.random.uniform(-0.9, 0.9))
    along, across = np.cos(angle) * x + np.sin(angle) * y, -np.sin(angle) * x + np.cos(angle) * y
    calm = fractal((256, 256), (3, 3), brief.random, 2, wrap=True)
    first = sample(calm, across * 70 + along * 28, along * 58) - 0.5
    second = sample(calm, across * 46 + 90 - first * 70, along * 40 + 40) - 0.5
    phase = across * float(brief.random.uniform(1.5, 2.3)) + first * 1.9 + second * 1.5
    fold = 0.5 + 0.5 * np.sin(2 * np.pi * phase)
    slope = np.cos(2 * np.pi * phase) * (0.6 + second)
    stops = _stops(brief)
    ramp = gradient(stops, 512)
    tone = np.clip(0.14 + 0.5 * fold + 0.5 * (second + 0.25), 0, 1)
    colours = ramp[(tone * 511).astype(np.int32)]
    light = np.clip(slope, -1, 1)[..., None].astype(np.float32)
    gloss = np.maximum(light, 0) ** 3 * np.float32(0.34)
    colours = colours * (1 + np.float32(0.28) * light) + gloss * (1 - colours)
    return to_image(
        enlarged(np.clip(colours, 0, 1).astype(np.float32), brief.width, brief.height),
        brief.random,
        grain=0.8,
    )


def _stops(brief: Brief) -> list[tuple[float, float, float]]:
    one, two, three = brief.scheme.kin[:3]
    light, chroma, hue = polar(one)
    if brief.scheme.dark:
        return [
            from_polar(0.14, chroma * 0.4, polar(brief.scheme.ink)[2]),
            from_polar(0.36, chroma * 0.9, hue - 0.15),
            one,
            two,
            three,
        ]
    pale = from_polar(0.95, chroma * 0.22, hue)
    return [
        mix(one, (0.0, 0.0, 0.0), 0.1),
        one,
        from_polar(max(light, 0.74), chroma * 0.75, hue + 0.3),
        mix(two, pale, 0.35),
        pale,
    ]
