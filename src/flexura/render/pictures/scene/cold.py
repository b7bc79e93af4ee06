"""The far north: ice, snow and the northern lights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.noise import line
from flexura.render.oklab import from_hex, from_oklab, gradient, mix, shade, to_oklab
from flexura.render.pictures.scene import ridges, sky, tone
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.mountains import hero_range, open_sky, water
from flexura.render.pictures.scene.moving import Drift
from flexura.render.pictures.scene.stage import Stage


def aurora(stage: Stage, bottom: float) -> Iterator[Drift]:
    """Curtains of light: folded bands whose rays reach up and fade."""
    generator = stage.rng("aurora")
    green, teal, violet = from_hex("#4dffb0"), from_hex("#22d3c5"), from_hex("#a45cff")
    if stage.words.free_colours:
        green, violet = stage.palette.accents[0], stage.palette.accents[1]
    height = int(bottom)
    reduce = 3
    wide, high = max(stage.width // reduce, 8), max(height // reduce, 8)
    y = np.arange(high, dtype=np.float32)[:, None]
    for band in range(3):
        foot = (
            high * (0.86 - 0.2 * band)
            + line(wide, 1.9 * stage.width / stage.unit, generator, 3, 0.5) * high * 0.2
        )
        rays = 0.5 + 0.5 * np.clip(
            line(wide, 42 * stage.width / stage.unit, generator, 3) * 0.8 + 0.5, 0, 1
        )
        folds = np.clip(
            line(wide, 2.6 * stage.width / stage.unit, generator, 3) * 1.1 + 0.5, 0.03, 1
        )
        tall = (
            high
            * (
                0.34
                + 0.26 * np.clip(line(wide, 7 * stage.width / stage.unit, generator, 3) + 0.5, 0, 1)
            )
            * (0.7 + 0.3 * rays)
        )
        up = (foot[None, :] - y) / tall[None, :]
        shape = np.where(up > 0, np.exp(-up * 2.1), np.exp(up * 11)) * (rays * folds)[None, :]
        table = to_oklab(
            gradient((mix(green, (1.0, 1.0, 1.0), 0.25), green, teal, violet, violet), 128)
        )
        colour = from_oklab(table[(np.clip(up * 0.75, 0, 1) * 127).astype(np.int32)])
        size = (stage.width, height)
        alpha = tone.mask(np.clip(shape * (0.95 - 0.22 * band), 0, 1).astype(np.float32)).resize(
            size, Image.Resampling.BICUBIC
        )
        layer = Layer(
            tone.dithered(colour).resize(size, Image.Resampling.BICUBIC),
            alpha,
            (0, 0),
            0.02,
            "screen",
        )
        yield Drift(layer, stage.unit * (0.05 + 0.03 * band) * (1 if band % 2 else -1))


def iceberg(
    stage: Stage, foot: tuple[float, float], size: float, depth: float, label: str
) -> Layer:
    """A block of ice in facets, lit from the sun's side."""
    generator = stage.rng(label)
    wide, high = round(size * 2.2), round(size * 1.1)
    ink = Ink((wide, high), (wide / 2, high), fine=2)
    lit = stage.far(stage.lit(from_hex("#f3fbff"), 1.2), 0.3 + 0.7 * depth)
    dark = stage.far(
        mix(stage.lit(from_hex("#7fb2d6")), stage.palette.sky[1], 0.35), 0.3 + 0.7 * depth
    )
    count = int(generator.integers(5, 8))
    xs = np.linspace(-size, size, count)
    tops = [
        0.0,
        *(
            -size * float(generator.uniform(0.3, 1.0)) * (1 - abs(float(x)) / size * 0.55)
            for x in xs[1:-1]
        ),
        0.0,
    ]
    for index in range(count - 1):
        x0, x1 = float(xs[index]), float(xs[index + 1])
        middle = (x0 + x1) / 2 + float(generator.normal(0, size * 0.05))
        low = -size * float(generator.uniform(0.0, 0.15))
        share = float(generator.uniform(0.1, 0.9))
        ink.polygon(
            [(x0, tops[index]), (x1, tops[index + 1]), (middle, low), (x0, 0)],
            mix(lit, dark, share),
        )
        ink.polygon(
            [(x1, tops[index + 1]), (x1, 0), (x0, 0), (middle, low)],
            mix(lit, dark, min(share + 0.25, 1)),
        )
    return sprite(ink.finish(), (round(foot[0] - wide / 2), round(foot[1] - high)), depth)


def arctic(stage: Stage) -> Iterator[Drawable]:
    """Ice floes and icebergs on still water under the cold sky."""
    generator = stage.rng("arctic")
    unit, shore = stage.unit, stage.horizon
    yield from open_sky(stage)
    if stage.has("aurora"):
        yield from aurora(stage, shore)
    yield hero_range(stage, float(generator.uniform(0.12, 0.24)), shore - unit * 0.005, -0.2)
    yield sky.haze(stage, shore - unit * 0.1, shore + 1, 0.5, 0.1)
    for index in range(5):
        share = float(generator.random())
        x = stage.focus if index == 0 else stage.column(share)
        size = unit * (0.17 if index == 0 else float(generator.uniform(0.03, 0.09)))
        yield iceberg(stage, (x, shore + 2), size, 0.25 if index else 0.5, f"iceberg {index}")
    yield water(stage, shore, 0.88, unit * 0.014)
    yield floes(stage)


def floes(stage: Stage) -> Layer:
    """Flat plates of ice on the water, larger in front."""
    generator = stage.rng("floes")
    unit, shore = stage.unit, stage.horizon
    ink = Ink((stage.width, stage.height - shore), (0, -shore), fine=2)
    lit = stage.lit(from_hex("#eef7fd"), 1.15)
    edge = mix(stage.lit(from_hex("#5d93b8"), 0.9), stage.palette.sky[1], 0.3)
    shares = np.sort(generator.random(int(20 * stage.width / unit)))
    for share in shares.tolist():
        y = shore + (stage.height - shore) * (0.05 + 0.95 * share**1.4)
        x = float(generator.random()) * stage.width
        if abs(x - stage.focus) < unit * 0.16 * (0.4 + share):
            continue
        wide = unit * (0.03 + 0.16 * share) * float(generator.uniform(0.5, 1.2))
        flat = wide * (0.09 + 0.13 * share)
        ring = [
            (
                x + np.cos(a) * wide * generator.uniform(0.75, 1.1),
                y + np.sin(a) * flat * generator.uniform(0.75, 1.1),
            )
            for a in np.linspace(0, 6.283, 10, endpoint=False)
        ]
        ink.polygon([(px, py + flat * 0.28) for px, py in ring], edge)
        ink.polygon(ring, mix(stage.far(lit, 0.5 + 0.5 * share), stage.palette.sky[2], 0.12))
    return sprite(ink.finish(), (0, shore), 0.6)


def aurora_land(stage: Stage) -> Iterator[Drawable]:
    """Northern lights over a lake and dark firs, for any place without an own picture of them."""
    unit, shore = stage.unit, stage.horizon
    yield from open_sky(stage)
    yield from aurora(stage, shore)
    yield hero_range(stage, 0.16, shore - unit * 0.01, 0.2)
    near = mix(shade(stage.palette.sky[0], 0.8), stage.palette.dark, 0.6)
    top = shore - unit * 0.02 + ridges.crest(stage, "shore", 1.3, 0.45) * np.float32(unit * 0.015)
    yield ridges.wooded(
        stage,
        np.minimum(top, shore + 1).astype(np.float32),
        "shore",
        unit * 0.06,
        (near, near),
        0.1,
    )
    yield water(stage, shore, 0.9, unit * 0.016)
