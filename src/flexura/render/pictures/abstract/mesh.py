"""Mesh gradients: soft fields of colour that flow into each other."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.noise import fractal
from flexura.render.oklab import from_oklab, from_polar, mix, polar, to_oklab
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.pixels import Field, enlarged, grid, to_image, working_size

_FULL = frozenset(
    ["vibrant", "bold", "colorful", "colourful", "full", "gradient", "gradients", "mesh"]
)


def mesh(brief: Brief) -> Image.Image:
    """Colours spread from a handful of points over a bent plane; full, or flowing in from one side."""
    width, height = working_size(brief.width, brief.height, 360)
    x, y = grid(width, height)
    bend = 0.34 + 0.3 * float(brief.random.random())
    x = (
        x
        + bend
        * (fractal((height, width), (1.6 * brief.tall, 1.6 * brief.wide), brief.random, 2) - 0.5)
    ).astype(np.float32)
    y = (
        y
        + bend
        * (fractal((height, width), (1.6 * brief.tall, 1.6 * brief.wide), brief.random, 2) - 0.5)
    ).astype(np.float32)
    side_lit = brief.random.random() < 0.45 and not brief.tokens & _FULL
    lab = _side_lit(brief, x, y) if side_lit else _full(brief, x, y)
    return to_image(enlarged(from_oklab(lab), brief.width, brief.height), brief.random, grain=1.2)


def _full(brief: Brief, x: Field, y: Field) -> Field:
    many = brief.tokens & {
        "vibrant",
        "colorful",
        "colourful",
        "rainbow",
        "iridescent",
        "holographic",
    }
    one, two, three = (brief.scheme.vivid if many else brief.scheme.kin)[:3]
    chroma = polar(one)[1]
    # Few hues and their in-betweens: more than three make a rainbow, not a brand.
    if brief.scheme.dark:
        deep = from_polar(0.22, chroma * 0.55, polar(brief.scheme.ink)[2])
        colours = [one, deep, two, mix(one, two, 0.5), deep, three]
    else:
        pale = from_polar(0.95, 0.03, polar(two)[2])
        colours = [one, pale, two, mix(one, two, 0.5), three, mix(one, (1.0, 1.0, 1.0), 0.45)]
    count = len(colours)
    total = np.zeros(x.shape, dtype=np.float32)
    lab = np.zeros((*x.shape, 3), dtype=np.float32)
    for i in range(count):
        px, py = _spread(brief, i, count)
        distance = (x - px) ** 2 + (y - py) ** 2
        weight = 1 / (distance + 0.015) ** 1.7
        total += weight
        lab += weight[..., None] * to_oklab(colours[i])
    return lab / total[..., None]


def _spread(brief: Brief, i: int, count: int) -> tuple[float, float]:
    """Places that keep apart: a jittered turn about the middle."""
    angle = 2 * np.pi * (i / count) + float(brief.random.uniform(-0.4, 0.4))
    reach = float(brief.random.uniform(0.32, 0.62))
    return (
        brief.wide * (0.5 + reach * float(np.cos(angle))),
        brief.tall * (0.5 + reach * float(np.sin(angle))),
    )


def _side_lit(brief: Brief, x: Field, y: Field) -> Field:
    ground = to_oklab(brief.scheme.ground)
    lab = np.broadcast_to(ground, (*x.shape, 3)).astype(np.float32)
    angle = float(brief.random.choice([-0.6, 0.5, 1.2, 2.6, -2.4]))
    cx, cy = brief.wide * (0.5 + 0.42 * np.cos(angle)), brief.tall * (0.5 + 0.46 * np.sin(angle))
    for i, colour in enumerate(brief.scheme.kin):
        along = (i - 2) * 0.3 + float(brief.random.uniform(-0.08, 0.08))
        px = cx - np.sin(angle) * along * brief.wide
        py = cy + np.cos(angle) * along * brief.tall
        size = float(brief.random.uniform(0.26, 0.44))
        weight = np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * size * size * 0.55)) * np.float32(
            0.92
        )
        lab += weight[..., None] * (to_oklab(colour) - lab)
    return lab
