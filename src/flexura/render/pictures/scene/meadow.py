"""Country: rolling hills and fields, flowers in front, gardens with blossom, villages."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.noise import Field, fractal
from flexura.render.oklab import RGB, from_hex, gradient, mix, shade
from flexura.render.pictures.scene import (
    blossom,
    buildings,
    forest,
    plants,
    ridges,
    sky,
    tone,
    trees,
)
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.mountains import hero_range, open_sky
from flexura.render.pictures.scene.stage import Stage
from flexura.render.pictures.scene.stamp import put_down


def greens(stage: Stage) -> tuple[RGB, RGB]:
    """Grass in the light and in the shade, as the season has it."""
    lit, dark = from_hex("#9cc45a"), from_hex("#3f7a44")
    if stage.has("wind"):
        lit, dark = from_hex("#d9a441"), from_hex("#8a5a2f")
    if stage.has("snow"):
        lit, dark = from_hex("#f2f6fb"), from_hex("#b7c7dd")
    if "colours" in stage.palette.name:
        lit, dark = mix(lit, stage.palette.sky[2], 0.55), mix(dark, stage.palette.sky[1], 0.6)
    return mix(stage.lit(lit, 1.05), stage.palette.light, 0.1), mix(
        stage.lit(dark, 0.85), stage.palette.sky[0], 0.15
    )


def hill(stage: Stage, label: str, top: Field, share: float, stripes: bool = False) -> Layer:
    """A hill in soft light, striped with rows of crops where asked."""
    generator = stage.rng(label)
    unit = stage.unit
    start = max(int(top.min()) - 2, 0)
    height = max(stage.height - start, 2)
    x, y = tone.grid((stage.width, height))
    below = (y + start - top[None, :]) / np.float32(unit)
    side = 1.0 if stage.sun[0] > stage.width / 2 else -1.0
    lean = np.clip(0.5 + np.gradient(top) * side * 1.1, 0, 1)[None, :]
    mottle = tone.enlarged(
        fractal(
            (height // 3 + 2, stage.width // 3 + 2),
            (height / unit * 9, stage.width / unit * 4),
            generator,
            4,
        ),
        (stage.width, height),
    )
    level = (
        0.72 * np.exp(-below / (0.3 + 0.3 * share)) * (0.55 + 0.45 * lean)
        + 0.2
        + (mottle - 0.5) * 0.3
    )
    if stripes:
        away = 1.0 / (below + 0.14)
        lane = (
            (x - stage.column(0.5) + np.float32(unit * float(generator.uniform(-1, 1))))
            / np.float32(unit)
            * away
            * 2.6
        )
        level = level + np.sin(lane * 6.3) * 0.16 * np.clip(below * 12, 0, 1)
    lit, dark = greens(stage)
    turn = (
        mix(lit, from_hex("#e0c25a"), 0.35 * float(generator.random()))
        if not stage.has("snow")
        else lit
    )
    table = gradient(
        (stage.far(dark, 0.5 + 0.5 * share), stage.far(turn, 0.55 + 0.45 * share)), 256
    )
    colours = table[(np.clip(level, 0, 1) * 255).astype(np.int32)]
    alpha = np.clip(y + start - top[None, :] + 0.5, 0, 1)
    return Layer(
        tone.dithered(colours), tone.mask(alpha.astype(np.float32)), (0, start), 0.12 + 0.75 * share
    )


def hills(stage: Stage, count: int = 4) -> Iterator[tuple[Layer, Field, float]]:
    """Hills far to near, each with its crest and depth share."""
    generator = stage.rng("hills")
    unit, horizon = stage.unit, stage.horizon
    for index in range(count):
        share = index / (count - 1)
        row = horizon + (stage.height - horizon) * (0.72 * share**1.3)
        swing = unit * (0.035 + 0.045 * share)
        slope = np.linspace(-1, 1, stage.width, dtype=np.float32) * np.float32(
            generator.normal(0, 0.03) * unit
        )
        top = (
            row
            + ridges.crest(stage, f"hill {index}", 0.8 + 0.5 * (1 - share), 0.3, 3)
            * np.float32(swing)
            + slope
        ).astype(np.float32)
        striped = index in {1, 2} and generator.random() < (0.65 if not stage.has("snow") else 0.0)
        yield hill(stage, f"hill {index}", top, share, striped), top, share


def copses(stage: Stage, label: str, top: Field, share: float, count: int) -> Layer:
    """Some round trees on a hill."""
    generator = stage.rng(label)
    tall = stage.unit * (0.055 + 0.2 * share)
    start = max(int(top.min() - tall * 1.2), 0)
    sheet = Image.new(
        "RGBA", (stage.width, max(int(top.max()) - start + round(tall), 2)), (0, 0, 0, 0)
    )
    lit, dark = greens(stage)
    if stage.has("snow"):
        lit, dark = stage.lit(from_hex("#7f9a94")), stage.lit(from_hex("#2f4a48"))
    pair = (
        stage.far(shade(dark, 0.8), 0.35 + 0.65 * share),
        stage.far(mix(lit, dark, 0.25), 0.4 + 0.6 * share),
    )
    stamps: list[Image.Image] = []
    for index in range(3):
        wide, high = max(round(tall), 4), max(round(tall * 1.15), 4)
        ink = Ink((wide, high), (wide / 2, high), fine=2)
        (trees.fir if index == 0 else trees.crown)(ink, (0.0, 0.0), high * 0.96, pair, generator)
        stamps.append(ink.finish())
    for _ in range(count):
        spot = stage.column(float(generator.random()))
        for _ in range(int(generator.integers(1, 5))):
            x = spot + float(generator.normal(0, tall * 0.9))
            foot = (x, float(top[int(np.clip(x, 0, stage.width - 1))]) + tall * 0.1 - start)
            put_down(
                sheet,
                stamps[int(generator.choice(3, p=(0.2, 0.4, 0.4)))],
                foot,
                float(generator.uniform(0.6, 1.0)),
                generator.random() < 0.5,
            )
    return sprite(sheet, (0, start), 0.12 + 0.75 * share)


def meadow(stage: Stage) -> Iterator[Drawable]:
    """Rolling hills with trees, flowers in front."""
    generator = stage.rng("meadow")
    yield from open_sky(stage)
    if stage.has("mountains") or generator.random() < 0.45:
        yield hero_range(
            stage, float(generator.uniform(0.12, 0.22)), stage.horizon + stage.unit * 0.02
        )
        yield sky.mist(
            stage, stage.horizon - stage.unit * 0.07, stage.horizon + stage.unit * 0.06, 0.6, 0.12
        )
    for index, (layer, top, share) in enumerate(hills(stage)):
        yield layer
        if index < 3:
            yield copses(stage, f"copse {index}", top, share, 4 - index)
            yield sky.haze(
                stage,
                float(top.min()),
                float(top.max()) + stage.unit * 0.1,
                0.2 * (1 - share),
                0.2 + 0.7 * share,
            )
        if index == 2 and stage.has("path"):
            yield forest.path(
                stage,
                float(top[int(np.clip(stage.focus, 0, stage.width - 1))]) + 2,
                stage.lit(from_hex("#d9b98a")),
                stage.lit(from_hex("#8f7a55")),
            )
    lit, dark = greens(stage)
    if stage.has("snow"):
        yield forest.ferns(
            stage, "dry grass", stage.unit * 0.09, (mix(dark, stage.palette.dark, 0.5), dark)
        )
    else:
        yield plants.flower_field(stage, (mix(dark, stage.palette.dark, 0.35), lit))


def garden(stage: Stage) -> Iterator[Drawable]:
    """A garden under blossom trees with a way through it."""
    generator = stage.rng("garden")
    yield from open_sky(stage)
    lit, dark = greens(stage)
    unit, horizon = stage.unit, stage.horizon
    back = (
        horizon - unit * 0.02 + ridges.crest(stage, "hedge", 3, 0.5) * np.float32(unit * 0.02)
    ).astype(np.float32)
    yield copses(stage, "far trees", back, 0.35, 9)
    yield hill(stage, "lawn far", back + np.float32(unit * 0.02), 0.3)
    near = (
        horizon + unit * 0.06 + ridges.crest(stage, "lawn", 0.9, 0.3, 3) * np.float32(unit * 0.02)
    ).astype(np.float32)
    yield hill(stage, "lawn", near, 0.75)
    yield forest.path(
        stage,
        float(near[int(np.clip(stage.focus, 0, stage.width - 1))]) + 2,
        stage.lit(from_hex("#e3cfa8")),
        stage.lit(from_hex("#9f8f6a")),
    )
    pink = stage.words.tint("blossom") or from_hex("#f7a8c4")
    for index, side in enumerate((-1, 1, -1)):
        x = stage.column((0.1, 0.92, 0.3)[index] + float(generator.uniform(-0.04, 0.04)))
        size = unit * (0.62, 0.52, 0.3)[index]
        yield blossom.blossom_tree(
            stage,
            (x, horizon + unit * (0.26, 0.2, 0.1)[index]),
            size,
            stage.lit(pink, 1.1),
            0.8 - 0.2 * index,
            f"blossom {side} {index}",
        )
    yield plants.flower_field(stage, (mix(dark, stage.palette.dark, 0.3), lit))


def village(stage: Stage) -> Iterator[Drawable]:
    """Houses among hills, their windows lit in the evening."""
    generator = stage.rng("village")
    yield from open_sky(stage)
    unit = stage.unit
    yield hero_range(stage, float(generator.uniform(0.16, 0.3)), stage.horizon + unit * 0.01)
    yield sky.mist(stage, stage.horizon - unit * 0.08, stage.horizon + unit * 0.05, 0.6, 0.12)
    for index, (layer, top, share) in enumerate(hills(stage)):
        yield layer
        if index == 3:
            break
        yield copses(stage, f"copse {index}", top, share, 4)
        for number in range(7 - 2 * index):
            x = stage.focus + float(generator.normal(0, 0.3)) * unit * (0.6 + share)
            size = unit * (0.045 + 0.085 * share) * float(generator.uniform(0.8, 1.2))
            foot = (
                x,
                float(top[int(np.clip(x, 0, stage.width - 1))])
                + size * float(generator.uniform(0.3, 0.9)),
            )
            yield from buildings.house_layers(
                stage, foot, size, 0.12 + 0.75 * share, f"house {index} {number}"
            )
    lit, dark = greens(stage)
    yield forest.ferns(
        stage, "front", unit * 0.1, (mix(dark, stage.palette.dark, 0.55), mix(dark, lit, 0.25))
    )
