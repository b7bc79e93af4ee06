"""Stars: a field with a few bright ones, the Milky Way, a shooting star."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.noise import fractal
from flexura.render.oklab import mix
from flexura.render.pictures.scene import tone
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Layer, sprite
from flexura.render.pictures.scene.moving import Twinkle
from flexura.render.pictures.scene.stage import Stage

_TINTS = np.array(
    [[0.72, 0.82, 1.0], [1.0, 1.0, 1.0], [1.0, 0.93, 0.8], [1.0, 0.8, 0.66]], dtype=np.float32
)


def _splat(size: tuple[int, int], xs: np.ndarray, ys: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Round soft points of a strength 0..1 on a black field."""
    width, height = size
    field = np.zeros((height, width), dtype=np.float32)
    for x, y, radius in zip(xs, ys, radii, strict=True):
        reach = int(np.ceil(radius * 2.2)) + 1
        x0, x1 = max(int(x) - reach, 0), min(int(x) + reach + 1, width)
        y0, y1 = max(int(y) - reach, 0), min(int(y) + reach + 1, height)
        if x1 <= x0 or y1 <= y0:
            continue
        column = np.arange(x0, x1, dtype=np.float32)[None, :] - x
        row = np.arange(y0, y1, dtype=np.float32)[:, None] - y
        spot = np.exp(-(column**2 + row**2) / (radius * radius * 0.9))
        area = field[y0:y1, x0:x1]
        np.maximum(area, spot, out=area)
    return field


def stars(stage: Stage, bottom: float, density: float = 1.0) -> Iterator[Layer | Twinkle]:
    """Stars above the row `bottom`, thinner towards it: many faint ones, some bright ones that twinkle."""
    height = int(bottom)
    generator = stage.rng("stars")
    grain = max(stage.unit / 1000, 0.55)
    area = stage.width * height / (stage.unit**2)
    count = int(1500 * density * area)
    xs = generator.random(count) * stage.width
    ys = generator.random(count) ** 1.25 * height
    power = generator.random(count) ** 5
    faint = np.zeros((height, stage.width, 3), dtype=np.float32)
    level = (0.25 + 0.6 * power) * (1 - (ys / height) ** 2.5)
    tint = _TINTS[generator.integers(0, 4, count)]
    row, column = ys.astype(np.int32), xs.astype(np.int32)
    faint[row, column] = tint * level[:, None]
    if grain > 1.3:
        for dy, dx in ((0, 1), (1, 0), (1, 1)):
            faint[np.minimum(row + dy, height - 1), np.minimum(column + dx, stage.width - 1)] = (
                tint * level[:, None]
            )
    yield Layer(Image.fromarray((faint * 255).astype(np.uint8)), None, (0, 0), 0.0, "add")
    some = generator.random(int(70 * density * area) + 6)
    bright_x, bright_y = (
        generator.random(some.size) * stage.width,
        generator.random(some.size) ** 1.2 * height * 0.92,
    )
    radii = (0.9 + 1.3 * some**3) * grain * 1.15
    field = _splat((stage.width, height), bright_x, bright_y, radii)
    lattice = generator.integers(
        0, 256, (max(height // 8, 1), max(stage.width // 8, 1)), dtype=np.uint8
    )
    phases = Image.fromarray(lattice).resize((stage.width, height), Image.Resampling.NEAREST)
    colour = mix(stage.palette.light, (1.0, 1.0, 1.0), 0.6)
    yield Twinkle(tone.pixel(colour), tone.mask(field), phases, (0, 0), 0.0, 2, 0.45)


def milky_way(stage: Stage, bottom: float, strength: float = 0.5) -> Layer:
    """A slanted band of faint light with dark lanes."""
    generator = stage.rng("milky way")
    height = int(bottom)
    small = (max(stage.width // 3, 8), max(height // 3, 8))
    x, y = tone.grid(small)
    tilt = float(generator.choice([-1, 1])) * float(generator.uniform(0.5, 1.0))
    middle = small[0] * float(generator.uniform(0.35, 0.65))
    off = (x - middle) * np.cos(tilt) + (y - small[1] * 0.4) * np.sin(tilt)
    wide = np.float32(stage.unit / 3 * 0.17)
    cloud = fractal(
        (small[1], small[0]),
        (height / stage.unit * 5, stage.width / stage.unit * 5),
        generator,
        6,
        0.6,
    )
    band = np.exp(-((off + (cloud - 0.5) * wide * 1.6) ** 2) / (2 * wide * wide))
    lanes = tone.smoothstep(0.62, 0.4, fractal((small[1], small[0]), (6, 7), generator, 5))
    core = band * (0.35 + 0.9 * cloud) * (0.45 + 0.55 * lanes)
    fade = 1 - np.clip(y / small[1], 0, 1) ** 3
    alpha = np.clip(core * fade * np.float32(strength), 0, 1).astype(np.float32)
    colour = mix(
        mix(stage.palette.sky[3], stage.palette.light, 0.6), stage.palette.accents[2], 0.12
    )
    picture = tone.mask(alpha).resize((stage.width, height), Image.Resampling.BICUBIC)
    return Layer(tone.pixel(colour), picture, (0, 0), 0.0, "screen")


def shooting_star(stage: Stage, bottom: float) -> Layer:
    """One bright streak in the upper sky."""
    generator = stage.rng("shooting star")
    length = stage.unit * float(generator.uniform(0.14, 0.24))
    x = stage.column(float(generator.uniform(0.2, 0.7)))
    y = bottom * float(generator.uniform(0.1, 0.35))
    ink = Ink((round(length) + 8, round(length * 0.5) + 8), (4, 4))
    wide = stage.unit * 0.0042
    steps = 10
    for step in range(steps):
        start, end = step / steps, (step + 1.05) / steps
        points = [(length * start, length * 0.42 * start), (length * end, length * 0.42 * end)]
        ink.line(
            points, [wide * start, wide * end], (1.0, 1.0, 1.0), 0.08 + 0.85 * end**2, smooth=False
        )
    return sprite(ink.finish(), (round(x), round(y)), 0.0)
