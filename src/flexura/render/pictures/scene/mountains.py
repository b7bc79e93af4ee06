"""Mountains: a hero range in relief, ridges fading into haze, firs in front; also the lake at their
feet.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.noise import Field, fractal, ridged
from flexura.render.oklab import RGB, from_hex, mix, shade, to_oklab
from flexura.render.pictures.scene import ridges, sky, stars, terrain, tone, trees
from flexura.render.pictures.scene.clouds import sky_clouds
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.moving import Mirror
from flexura.render.pictures.scene.stage import Stage

ROCK = from_hex("#6b6470")
SNOW = from_hex("#f4f7fb")
GRASS = from_hex("#5c7f4a")
FIR = from_hex("#20413a")


def open_sky(stage: Stage, bottom: int | None = None) -> Iterator[Drawable]:
    """Sky, stars, sun or moon, clouds: what most outdoor scenes begin with."""
    low = bottom or stage.horizon
    yield sky.sky(stage, low)
    if stage.is_night and not stage.has("storm", "rain"):
        strength = 1.0 if stage.hour == "night" else 0.45
        yield from stars.stars(stage, low, strength)
        if stage.hour == "night" and (
            stage.has("star", "dreamy", "epic") or stage.rng("mw").random() < 0.5
        ):
            yield stars.milky_way(stage, low)
        if stage.has("star"):
            yield stars.shooting_star(stage, low)
    yield from sky.luminary(stage)
    yield from sky_clouds(stage, low)


def hero_range(
    stage: Stage, high: float, base: float | None = None, snow: float | None = None
) -> Layer:
    """A range of rocky peaks in relief; `high` is how far it rises above the horizon in units of
    the stage, `snow` is the share of the height that is bare.
    """
    generator = stage.rng("hero range")
    sharp = ridged((512, 512), (3.2, 3.2), generator, 7, 0.5, wrap=True)
    broad = fractal((512, 512), (2, 2), generator, 4, wrap=True)
    tile = (sharp**1.5 * (0.25 + broad)).astype(np.float32)
    tile /= np.float32(np.percentile(tile, 99.8))
    look = terrain.looked_up(
        tile, 42.0, (float(generator.random() * 512), float(generator.random() * 512))
    )
    hump = float(generator.uniform(0.25, 0.5))
    centre = (stage.focus - stage.width / 2) / stage.unit * 5.5

    def height(across: Field, away: Field) -> Field:
        rise = tone.smoothstep(2.6, 5.0, away)
        lift = np.exp(-(((across - centre) / 2.2) ** 2)) * np.float32(hump)
        return (look(across, away) * rise * (0.75 + lift * 1.7)).astype(np.float32)

    bare = (
        (0.15 if stage.has("snow") else float(generator.uniform(0.3, 0.6)))
        if snow is None
        else snow
    )
    ground = mix(stage.lit(GRASS), stage.palette.sky[1], 0.35)
    ramp = terrain.banded(
        (mix(ground, ROCK, 0.3), mix(ROCK, ground, 0.2), mix(ROCK, stage.palette.sky[1], 0.2)),
        (0.0, 0.3, 1.1),
    )
    glow = mix(stage.palette.light, stage.palette.sky[3], 0.5)
    white = mix(SNOW, glow, 0.12 if stage.hour == "day" else 0.34)
    cap = to_oklab(white) * np.float32(0.62 + 0.46 * stage.day_light)
    patch = terrain.looked_up(fractal((256, 256), (6, 6), generator, 5, 0.6, wrap=True), 97.0)

    def colour(level: Field, steep: Field, share: Field) -> NDArray[np.float32]:
        rows = patch(np.cumsum(np.full_like(level, 0.02), axis=1), share * 9)
        level = level / np.float32(np.percentile(level, 99.5))
        line = level - np.float32(bare) + (rows - 0.5) * 0.35
        cover = tone.smoothstep(-0.04, 0.1, line - steep * 0.28)[..., None]
        lab = ramp(level) * np.float32(0.72 + 0.28 * stage.day_light)
        return (lab + (cap - lab) * cover).astype(np.float32)

    land = terrain.Land(2.4, 9.0, height, colour, 0.28, (0.06, 0.55), 0.85, 0.1, reach=high)
    return terrain.render(stage, land, base)


def wooded_ridges(
    stage: Stage, rows: tuple[float, float], count: int, label: str = "wooded"
) -> Iterator[Layer]:
    """Hills with fir woods, each nearer one darker, with mist between them."""
    generator = stage.rng(label)
    near = mix(stage.lit(FIR, 0.75), stage.palette.dark, 0.45)
    white = mix(stage.lit(SNOW, 1.1), stage.palette.sky[1], 0.3)
    for index in range(count):
        share = (index + 1) / count
        depth = 0.2 + 0.65 * share
        base = rows[0] + (rows[1] - rows[0]) * (index / max(count - 1, 1)) ** 1.2
        swing = stage.unit * (0.035 + 0.05 * share)
        lean = float(generator.normal(0, 0.045 * stage.unit))
        rough = ridges.crest(stage, f"{label} {index}", 0.8 + 0.5 * (1 - share), 0.42)
        top = base + rough * np.float32(swing) + np.linspace(-lean, lean, stage.width)
        tall = stage.unit * (0.022 + 0.085 * share**2)
        body = stage.far(near, 0.25 + 0.75 * share)
        foot = mix(body, stage.palette.haze, 0.6 * (1 - share) + 0.1)
        yield ridges.wooded(stage, top, f"{label} trees {index}", tall, (body, foot), depth)
        if stage.has("snow"):
            pair = (stage.far(white, 0.4 + 0.6 * share), mix(white, foot, 0.45))
            yield ridges.silhouette(stage, top + np.float32(tall * 0.03), pair, depth, 0.35, 0.25)
        if index < count - 1:
            strength = 0.5 * (1 - share) + 0.2
            yield sky.mist(stage, base - swing * 0.2, base + swing * 4, strength, depth)


def framing_firs(stage: Stage, side: int, label: str = "framing") -> Layer:
    """Some large firs at one edge (-1 left, 1 right), near the viewer."""
    generator = stage.rng(label)
    unit = stage.unit
    wide, high = round(unit * 0.62), round(unit * 0.95)
    dark = mix(stage.lit(FIR, 0.5), stage.palette.dark, 0.72)
    rim = mix(dark, stage.palette.light, 0.22)
    ink = Ink((wide, high), (0, 0), fine=2)
    for _ in range(4):
        share = float(generator.random())
        x = wide * (share * 0.62 + 0.08) if side < 0 else wide * (0.92 - share * 0.62)
        edge = 1 - (x / wide if side < 0 else 1 - x / wide)
        trees.fir(
            ink,
            (x, high * 1.02),
            high * float(generator.uniform(0.45, 0.62)) * (0.55 + 0.75 * edge),
            (dark, rim),
            generator,
        )
    bleed = stage.margin[0]
    left = (
        -round(unit * 0.1) + bleed // 2
        if side < 0
        else stage.width - wide + round(unit * 0.1) - bleed // 2
    )
    return sprite(ink.finish(), (left, stage.height - high), 1.0)


def mountains(stage: Stage) -> Iterator[Drawable]:
    """Peaks over wooded ridges."""
    generator = stage.rng("mountains")
    yield from open_sky(stage)
    kind = generator.random()
    far: RGB = mix(stage.palette.sky[2], stage.palette.sky[1], 0.55)
    horizon = stage.horizon
    if kind < 0.72 and not stage.has("flat"):
        back = (
            horizon
            - stage.unit * 0.1
            + ridges.peaks(stage, "back", 1.3) * np.float32(-stage.unit * 0.1)
        )
        yield ridges.silhouette(
            stage,
            back.astype(np.float32),
            (mix(far, stage.palette.haze, 0.55), stage.palette.haze),
            0.04,
            0.3,
        )
        yield hero_range(stage, float(generator.uniform(0.26, 0.38)))
        yield sky.mist(stage, horizon - stage.unit * 0.09, horizon + stage.unit * 0.1, 0.7, 0.14)
    else:
        for index in range(4):
            share = index / 4
            swing = stage.unit * (0.16 - 0.06 * share)
            top = (
                horizon
                - stage.unit * (0.2 - 0.23 * share)
                - ridges.peaks(stage, f"layer {index}", 1.1 + share) * np.float32(swing)
            )
            body = stage.far(
                mix(shade(stage.palette.sky[0], 1.1), stage.palette.dark, 0.3), 0.2 + 0.6 * share
            )
            yield ridges.silhouette(
                stage,
                top.astype(np.float32),
                (body, mix(body, stage.palette.haze, 0.6)),
                0.05 + 0.2 * share,
                0.45,
            )
            yield sky.mist(
                stage, top.max() - swing * 0.3, top.max() + swing, 0.45, 0.1 + 0.2 * share
            )
    yield from wooded_ridges(stage, (horizon + stage.unit * 0.06, stage.height * 0.9), 3)
    if generator.random() < 0.7:
        yield framing_firs(stage, -1 if stage.focus > stage.width / 2 else 1)


def water(stage: Stage, line: int, clear: float, ripple: float, smear: int = 1) -> Mirror:
    """A calm surface from the row `line` down, clear in the distance and deep-coloured near the viewer."""
    height = stage.height - line
    deep = mix(mix(stage.palette.sky[0], stage.palette.sky[1], 0.4), stage.palette.dark, 0.35)
    tint = tone.vertical(
        (stage.width, height),
        (mix(stage.palette.sky[2], deep, 0.35), deep, mix(deep, stage.palette.dark, 0.5)),
    )
    rows = np.linspace(1, 0, height, dtype=np.float32)[:, None]
    wind = fractal(
        (max(height // 2, 4), max(stage.width // 4, 4)),
        (14 * height / stage.unit, stage.width / stage.unit * 1.5),
        stage.rng("wind"),
        3,
    )
    wind = tone.enlarged(wind, (stage.width, height))
    alpha = np.clip(
        np.float32(clear) * (0.55 + 0.45 * rows)
        - tone.smoothstep(0.55, 0.8, wind) * np.float32(0.3),
        0,
        1,
    )
    seed = int(stage.rng("ripple").integers(1000))
    return Mirror(line, height, tint, tone.mask(alpha), ripple, smear, seed)


def lake(stage: Stage) -> Iterator[Drawable]:
    """A mountain lake that mirrors its shore."""
    generator = stage.rng("lake")
    shore = stage.horizon
    yield from open_sky(stage)
    back = (
        shore - stage.unit * 0.12 + ridges.peaks(stage, "back", 1.3) * np.float32(-stage.unit * 0.1)
    )
    yield ridges.silhouette(
        stage,
        back.astype(np.float32),
        (mix(stage.palette.sky[2], stage.palette.haze, 0.5), stage.palette.haze),
        0.0,
        0.3,
    )
    yield hero_range(stage, float(generator.uniform(0.2, 0.32)), shore - stage.unit * 0.02)
    yield sky.mist(stage, shore - stage.unit * 0.16, shore + stage.unit * 0.02, 0.6, 0.05)
    near = mix(stage.lit(FIR, 0.8), stage.palette.dark, 0.35)
    for index, share in enumerate((0.45, 0.75)):
        run = (
            np.linspace(-1, 1, stage.width, dtype=np.float32)
            * (1 if index else -1)
            * np.float32(stage.unit * 0.03)
        )
        top = (
            shore
            - stage.unit * (0.045 - 0.03 * index)
            + ridges.crest(stage, f"shore {index}", 1.3, 0.45) * np.float32(stage.unit * 0.02)
            + run
        )
        top = np.minimum(top, shore + 2)
        pair = (stage.far(near, share), stage.far(near, share * 0.7))
        tall = stage.unit * (0.045 + 0.025 * index)
        yield ridges.wooded(stage, top.astype(np.float32), f"shore trees {index}", tall, pair, 0.02)
    yield water(stage, shore, 0.92, stage.unit * 0.02)
    yield sky.mist(stage, shore - stage.unit * 0.02, shore + stage.unit * 0.06, 0.45, 0.05)
    yield shore_stones(stage)


def shore_stones(stage: Stage) -> Layer:
    """A dark near bank with stones and grass at the lower edge."""
    generator = stage.rng("stones")
    unit = stage.unit
    high = round(unit * 0.2)
    dark = mix(stage.palette.dark, stage.lit(FIR, 0.6), 0.25)
    lit = mix(dark, stage.palette.sky[3], 0.22)
    ink = Ink((stage.width, high), (0, 0), fine=2)
    side = 1 if stage.focus < stage.width / 2 else -1
    for _ in range(26):
        away = float(generator.random()) ** 1.7
        x = stage.width * (1 - away * 0.75) if side > 0 else stage.width * away * 0.75
        size = unit * float(generator.uniform(0.02, 0.075)) * (1 - 0.6 * away)
        y = high - size * 0.1 + unit * 0.02 * away
        ring = [
            (
                x + np.cos(a) * size * 1.5 * generator.uniform(0.8, 1.1),
                y + np.sin(a) * size * 0.72 * generator.uniform(0.8, 1.1),
            )
            for a in np.linspace(0, 2 * np.pi, 9, endpoint=False)
        ]
        ink.blob(ring, dark)
        cap = [
            (px * 0.82 + x * 0.18, (py if py < y else y) * 0.8 + (y - size * 0.25) * 0.2)
            for px, py in ring
        ]
        ink.blob(cap, lit, 0.45)
    for _ in range(2):
        trees.grass(ink, stage.width * 0.3, high, unit * 0.11, (dark, lit), generator, 60)
    picture: Image.Image = ink.finish()
    return sprite(picture, (0, stage.height - high), 1.0)
