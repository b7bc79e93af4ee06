"""Deserts: dunes with sharp crests, and canyon country with table mountains."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.noise import Field, fractal, line, sample
from flexura.render.oklab import RGB, from_hex, from_oklab, gradient, mix, shade, to_oklab
from flexura.render.pictures.scene import ridges, sky, terrain, tone, trees
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.mountains import open_sky
from flexura.render.pictures.scene.stage import Stage


def _sand(stage: Stage) -> tuple[RGB, RGB]:
    """Sand in the light and in the shade."""
    palette = stage.palette
    own = (
        from_hex("#e3a766")
        if "colours" not in palette.name
        else mix(from_hex("#e3a766"), palette.sky[3], 0.75)
    )
    lit = mix(stage.lit(own, 1.08), palette.light, 0.14)
    dark = mix(mix(shade(stage.lit(own, 0.8), 0.6), palette.sky[0], 0.42), palette.dark, 0.2)
    if stage.is_night:
        lit, dark = mix(lit, stage.palette.sky[2], 0.5), mix(dark, stage.palette.sky[1], 0.5)
    return lit, dark


def dunes(stage: Stage) -> Layer:
    """A sea of dunes: gentle to the wind, steep behind their crests, which wander through the picture."""
    generator = stage.rng("dunes")
    bend = fractal((256, 256), (3, 3), generator, 3, 0.4, wrap=True)
    grain = fractal((256, 256), (8, 8), generator, 4, 0.5, wrap=True)
    start = tuple(float(value) for value in generator.random(4) * 256)
    turn = float(generator.uniform(0.35, 0.8)) * float(generator.choice([-1, 1]))
    often = float(generator.uniform(0.75, 1.05))
    side = 1.0 if stage.sun[0] > stage.width / 2 else -1.0

    def height(across: Field, away: Field) -> Field:
        warp = (
            sample(bend, away * 34 + np.float32(start[0]), across * 34 + np.float32(start[1])) - 0.5
        )
        run = (
            across * side * np.float32(np.cos(turn)) + away * np.float32(np.sin(turn))
        ) * np.float32(often) + warp * np.float32(1.7)
        share = run - np.floor(run)
        # Three quarters of a wave rise against the wind, one quarter falls behind the crest.
        wave = np.where(
            share < 0.7, tone.smoothstep(0.0, 0.7, share), tone.smoothstep(1.0, 0.7, share) ** 1.25
        )
        tall = 0.5 + sample(
            bend, away * 15 + np.float32(start[2]), across * 15 + np.float32(start[3])
        )
        near = tone.smoothstep(0.3, 1.1, away)
        return (wave * tall * near * 0.15).astype(np.float32)

    lit, dark = _sand(stage)
    base = to_oklab(mix(lit, dark, 0.12))

    def colour(level: Field, steep: Field, share: Field) -> NDArray[np.float32]:
        columns = np.broadcast_to(np.arange(level.shape[1], dtype=np.float32)[None, :], level.shape)
        mottle = sample(grain, share * 700, columns * 0.35) - 0.5
        lab = np.broadcast_to(base, (*level.shape, 3)).copy()
        lab[..., 0] = lab[..., 0] * 1.2 + mottle * 0.05 * (1 - share)
        return lab.astype(np.float32)

    low = {"day": 0.62, "golden": 0.4, "dusk": 0.5, "night": 0.5}.get(stage.hour, 0.32)
    land = terrain.Land(0.36, 11.0, height, colour, 0.27, (0.0, 0.72), 0.82, 0.35, 520, 0.0, low)
    return terrain.render(stage, land)


def _table_line(
    stage: Stage, base: float, share: float, count: int, generator: np.random.Generator
) -> Field:
    """The outline of `count` table mountains that stand on the row `base`."""
    unit = stage.unit
    top = np.full(stage.width, base + 2.0, dtype=np.float32)
    columns = np.arange(stage.width, dtype=np.float32)
    for index in range(count):
        middle = stage.focus if index == 0 else stage.column(float(generator.uniform(-0.05, 1.05)))
        half = unit * float(generator.uniform(0.06, 0.2)) * (0.6 + 0.6 * share)
        high = (
            unit
            * float(generator.uniform(0.12, 0.26))
            * (0.75 + 0.5 * share)
            * (1.2 if index == 0 else 0.8)
        )
        off = np.abs(columns - middle) / half
        wall = np.where(off < 0.62, 1.0, np.clip(1 - (off - 0.62) / 0.12, 0.42, 1))
        foot = np.where(off > 0.74, 0.42 * np.clip(1 - (off - 0.74) / 0.65, 0, 1) ** 1.4, wall)
        top = np.minimum(top, base + 2 - foot.astype(np.float32) * np.float32(high))
    return top + line(stage.width, 26 * stage.width / unit, generator, 4) * np.float32(unit * 0.005)


def mesas(stage: Stage, base: float, label: str, share: float, count: int) -> Layer:
    """Table mountains in bands of stone, lit from one side."""
    generator = stage.rng(label)
    unit = stage.unit
    top = _table_line(stage, base, share, count, generator)
    start = max(int(top.min()) - 2, 0)
    height = max(int(base) + 3 - start, 2)
    _, y = tone.grid((stage.width, height))
    rough = fractal(
        (height, stage.width), (height / unit * 6, stage.width / unit * 40), generator, 4
    )
    bands = (
        np.sin((y + start) / np.float32(unit) * 130 + (rough - 0.5) * 5) * 0.5
        + np.sin((y + start) / np.float32(unit) * 47 + 2) * 0.5
    )
    side = 1.0 if stage.sun[0] > stage.focus else -1.0
    facing = np.clip(
        0.55 + np.gradient(np.convolve(top, np.ones(9) / 9, "same")) * side * 0.5, 0.12, 1.0
    )[None, :]
    level = np.clip(0.34 + 0.42 * facing + bands * 0.09 + (rough - 0.5) * 0.5, 0, 1)
    red = (
        from_hex("#b8552f")
        if "colours" not in stage.palette.name
        else mix(from_hex("#b8552f"), stage.palette.sky[2], 0.7)
    )
    lit = mix(stage.lit(red, 1.05), stage.palette.light, 0.15)
    dark = mix(shade(stage.lit(red, 0.75), 0.55), stage.palette.sky[0], 0.35)
    table = to_oklab(
        gradient((stage.far(dark, 0.3 + 0.65 * share), stage.far(lit, 0.3 + 0.65 * share)), 256)
    )
    colours = from_oklab(table[(level * 255).astype(np.int32)])
    alpha = np.clip(y + start - top[None, :] + 0.5, 0, 1)
    return Layer(
        tone.dithered(colours), tone.mask(alpha.astype(np.float32)), (0, start), 0.08 + 0.3 * share
    )


def desert(stage: Stage) -> Iterator[Drawable]:
    """Dunes to the horizon."""
    yield from open_sky(stage)
    unit, horizon = stage.unit, stage.horizon
    far = horizon - unit * 0.02 - ridges.peaks(stage, "far rocks", 1.2) * np.float32(unit * 0.04)
    colour = mix(stage.palette.haze, stage.palette.sky[1], 0.3)
    yield ridges.silhouette(stage, far.astype(np.float32), (colour, stage.palette.haze), 0.04, 0.2)
    yield dunes(stage)
    yield sky.haze(stage, horizon - unit * 0.03, horizon + unit * 0.02, 0.45, 0.1)


def canyon(stage: Stage) -> Iterator[Drawable]:
    """Table mountains over a plain with cacti and scrub."""
    yield from open_sky(stage)
    unit, horizon = stage.unit, stage.horizon
    yield mesas(stage, horizon, "far mesas", 0.15, 6)
    yield sky.haze(stage, horizon - unit * 0.1, horizon, 0.5, 0.1)
    yield mesas(stage, horizon + unit * 0.02, "near mesas", 0.7, 3)
    lit, dark = _sand(stage)
    red = mix(lit, stage.lit(from_hex("#b8552f")), 0.5)
    for index, share in enumerate((0.25, 0.6, 1.0)):
        top = (
            horizon
            + unit * 0.015
            + (stage.height - horizon) * (0.0, 0.22, 0.62)[index]
            + ridges.crest(stage, f"plain {index}", 1.4, 0.45)
            * np.float32(unit * 0.02 * (index + 0.4))
        )
        yield ridges.silhouette(
            stage,
            top.astype(np.float32),
            (stage.far(red, 0.4 + 0.5 * share), stage.far(mix(red, dark, 0.55), 0.5 + 0.5 * share)),
            0.25 + 0.6 * share,
            0.35,
            0.4,
        )
        yield scrub(stage, f"scrub {index}", top.astype(np.float32), share)


def scrub(stage: Stage, label: str, top: np.ndarray, share: float) -> Layer:
    """Cacti and low bushes on a line of ground."""
    generator = stage.rng(label)
    unit = stage.unit
    high = unit * (0.07 + 0.28 * share**1.6)
    lift = round(high * 1.1)
    start = int(top.min()) - lift
    ink = Ink(
        (stage.width, round(float(top.max())) - start + round(high * 0.3)), (0, -start), fine=2
    )
    green = stage.lit(from_hex("#4f7048"), 0.75)
    body = stage.far(mix(green, stage.palette.dark, 0.15 + 0.4 * share), 0.4 + 0.6 * share)
    rim = mix(body, stage.palette.light, 0.45)
    for _ in range(int((9 - 5 * share) * stage.width / unit)):
        x = float(generator.random()) * stage.width
        foot = (x, float(top[int(np.clip(x, 0, stage.width - 1))]) + high * 0.06)
        if generator.random() < 0.45 and abs(x - stage.focus) > unit * 0.1 * share:
            trees.cactus(
                ink, foot, high * float(generator.uniform(0.5, 1.0)), (body, rim), generator
            )
        else:
            for _ in range(9):
                angle = float(generator.normal(0, 0.8))
                reach = high * float(generator.uniform(0.1, 0.22))
                ink.line(
                    [foot, (foot[0] + np.sin(angle) * reach, foot[1] - np.cos(angle) * reach)],
                    [reach * 0.12, reach * 0.02],
                    mix(body, rim, float(generator.random()) * 0.4),
                    smooth=False,
                )
    picture: Image.Image = ink.finish()
    return sprite(picture, (0, start), 0.25 + 0.6 * share)
