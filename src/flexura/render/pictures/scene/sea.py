"""The sea: waves in perspective, the glitter under the sun, beaches and islands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.noise import Field, fractal, line, ridged, sample
from flexura.render.oklab import from_hex, from_oklab, gradient, mix, shade, to_oklab
from flexura.render.pictures.scene import buildings, ridges, sky, terrain, tone, trees
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.mountains import open_sky
from flexura.render.pictures.scene.moving import Drift, Twinkle
from flexura.render.pictures.scene.stage import Stage


def _waves(stage: Stage, height: int, label: str, scale: float) -> Field:
    """Wave slopes 0..1 on a plane in perspective, `height` rows below the horizon, at half the
    canvas's size.
    """
    generator = stage.rng(label)
    tile = fractal((256, 256), (10, 5), generator, 6, 0.6, wrap=True)
    x, y = tone.grid((stage.width, height), 2)
    away = stage.unit * 0.5 / (y + 1.5)
    columns = (x - stage.width / 2) / np.float32(stage.unit) * away * np.float32(30 * scale)
    rows = away * np.float32(64 * scale) + np.zeros_like(x)
    near = sample(tile, rows.astype(np.float32), columns.astype(np.float32))
    # Far off many waves fall on one pixel; there their mean is shown instead of noise.
    fade = np.clip((y + 2) / (stage.unit * 0.05), 0, 1)
    return (0.5 + (near - 0.5) * fade).astype(np.float32)


def surface(stage: Stage, line_row: int) -> Iterator[Drawable]:
    """Open water below the row `line_row`: its colour, and the glitter of the sun or the moon."""
    if stage.has("storm"):
        below = mix(mix(stage.palette.sky[0], stage.palette.dark, 0.4), stage.palette.sky[2], 0.2)
        yield Layer(
            tone.vertical(
                (stage.width, stage.height - line_row), (mix(stage.palette.haze, below, 0.5), below)
            ),
            None,
            (0, line_row),
            0.25,
        )
        yield breakers(stage, line_row)
        return
    height = stage.height - line_row
    small = (-(-stage.width // 2), -(-height // 2))
    rough = 1.5 if stage.has("wind") else 1.0
    waves = _waves(stage, height, "waves", 1.0)
    swell = _waves(stage, height, "swell", 0.3)
    slope = np.clip(0.5 + ((waves - 0.5) * 0.75 + (swell - 0.5) * 0.75) * rough, 0, 1)
    _, y = tone.grid((stage.width, height), 2)
    far = np.clip(1 - y / height, 0, 1)
    palette = stage.palette
    blue = from_hex("#0b5c7d") if stage.hour == "day" else mix(palette.sky[0], palette.sky[1], 0.35)
    deep = mix(mix(blue, palette.sky[0], 0.35), palette.dark, 0.2)
    mirror = to_oklab(
        gradient((palette.sky[0], palette.sky[1], palette.sky[2], palette.sky[3]), 256)
    )
    # Waves that lean towards the viewer show the deep, the others the sky: low sky far off, high sky near.
    seen = np.clip(far**2.2 * 0.95 + (slope - 0.5) * 0.55, 0, 1)
    glassy = np.clip(0.2 + 0.62 * far**1.4 + (slope - 0.5) * 1.5, 0, 0.95)[..., None]
    lab = to_oklab(deep) + (mirror[(seen * 255).astype(np.int32)] - to_oklab(deep)) * glassy
    lab += (to_oklab(palette.haze) - lab) * (np.clip(far * 8 - 7.1, 0, 1) * 0.6)[..., None]
    if rough > 1:
        crest = tone.smoothstep(0.7, 0.82, slope)[..., None]
        lab += (to_oklab(mix(palette.haze, (1.0, 1.0, 1.0), 0.5)) - lab) * crest * 0.6
    size = (stage.width, height)
    colour = tone.dithered(from_oklab(lab)).resize(size, Image.Resampling.BICUBIC)
    yield Layer(colour, None, (0, line_row), 0.3)
    if not stage.has("rain", "storm", "cloudy", "fog"):
        yield glitter(stage, line_row, slope, small)


def breakers(stage: Stage, line_row: int) -> Drift:
    """A rough sea: steep waves with torn crests, running under a storm."""
    generator = stage.rng("breakers")
    big = ridged((256, 256), (4, 4), generator, 5, 0.5, wrap=True)
    small = fractal((256, 256), (9, 9), generator, 4, 0.6, wrap=True)
    palette = stage.palette
    deep = to_oklab(mix(mix(from_hex("#123a4d"), palette.sky[0], 0.45), palette.dark, 0.25))
    green = to_oklab(mix(from_hex("#3f8f92"), palette.sky[2], 0.4))
    foam = to_oklab(mix(palette.haze, (1.0, 1.0, 1.0), 0.45))

    def height(across: Field, away: Field) -> Field:
        swell = sample(big, away * 62, across * 26 + 40)
        chop = sample(small, away * 150, across * 90)
        return (swell**1.5 * 0.16 + chop * 0.026).astype(np.float32)

    def colour(level: Field, steep: Field, share: Field) -> NDArray[np.float32]:
        up = np.clip(level / np.float32(np.percentile(level, 99.3)), 0, 1)[..., None]
        columns = np.broadcast_to(np.arange(level.shape[1], dtype=np.float32)[None, :], level.shape)
        torn = sample(small, share * 900, columns * 0.8)
        crest = tone.smoothstep(0.72, 0.98, up[..., 0] + (torn - 0.5) * 0.5)[..., None]
        lab = deep + (green - deep) * up**1.6
        return (lab + (foam - lab) * crest * 0.85).astype(np.float32)

    land = terrain.Land(0.3, 8.0, height, colour, 0.3, (0.0, 0.6), 0.8, 0.3, 460, 0.0, 0.5)
    return Drift(terrain.render(stage, land, line_row), stage.unit * 0.09)


def glitter(stage: Stage, line_row: int, slope: Field, small: tuple[int, int]) -> Twinkle:
    """The broken path of light below the sun or the moon."""
    height = stage.height - line_row
    x, y = tone.grid((stage.width, height), 2)
    generator = stage.rng("glitter")
    spread = stage.unit * (0.035 + 0.22 * y / height)
    lane = np.exp(-(((x - np.float32(stage.sun[0])) / spread) ** 2))
    fine = _waves(stage, height, "fine", 2.3)
    peak = tone.smoothstep(0.5, 0.72, slope * 0.6 + fine * 0.5 + lane * 0.12 - 0.03)
    strength = {"day": 0.7, "night": 0.55, "dusk": 0.35}.get(stage.hour, 1.0)
    alpha = np.clip(peak * lane * strength + lane**3 * 0.12, 0, 1) * (1 - 0.4 * y / height)
    phases = Image.fromarray(
        (
            np.asarray(fractal((small[1], small[0]), (small[1] / 3, small[0] / 9), generator, 1))
            * 255
        ).astype(np.uint8)
    )
    full = (stage.width, height)
    return Twinkle(
        tone.pixel(mix(stage.palette.light, (1.0, 1.0, 0.95), 0.35)),
        tone.mask(alpha.astype(np.float32)).resize(full, Image.Resampling.BILINEAR),
        phases.resize(full, Image.Resampling.BILINEAR),
        (0, line_row),
        0.3,
        3.0,
        0.6,
    )


def coast(stage: Stage, line_row: int) -> Iterator[Layer]:
    """Capes that run out into the sea on one side."""
    side = 1.0 if stage.focus > stage.width / 2 else -1.0
    for index in range(3):
        share = index / 3
        across = np.linspace(-1, 1, stage.width, dtype=np.float32) * side
        run = tone.smoothstep(0.15 + 0.22 * share, 1.15, across)
        rough = ridges.crest(stage, f"cape {index}", 2.2, 0.5) * np.float32(0.25) + 0.9
        top = line_row + 2 - run * rough * np.float32(stage.unit * (0.13 + 0.08 * share))
        top = np.where(run > 0, top, line_row + 4)
        body = stage.far(
            mix(stage.lit(from_hex("#4c5b4a"), 0.8), stage.palette.dark, 0.2), 0.2 + 0.55 * share
        )
        layer = ridges.silhouette(
            stage,
            top.astype(np.float32),
            (body, mix(body, stage.palette.haze, 0.35)),
            0.12 + 0.1 * share,
            0.2,
            0.3,
        )
        yield _above(layer, line_row)


def _above(layer: Layer, row: int) -> Layer:
    """The part of a layer above a row, as the sea hides the rest."""
    high = max(row - layer.at[1], 1)
    assert layer.alpha is not None
    box = (0, 0, layer.alpha.width, high)
    colour = layer.colour.crop(box) if isinstance(layer.colour, Image.Image) else layer.colour
    return Layer(colour, layer.alpha.crop(box), layer.at, layer.depth, layer.blend)


def sea(stage: Stage) -> Iterator[Drawable]:
    """Open sea, with a coast on some."""
    generator = stage.rng("sea")
    yield from open_sky(stage)
    kind = generator.random()
    if kind < 0.6:
        yield from coast(stage, stage.horizon)
    yield sky.haze(stage, stage.horizon - stage.unit * 0.06, stage.horizon + 1, 0.45, 0.1)
    yield from surface(stage, stage.horizon)
    if kind > 0.45:
        yield cliff(stage)


def cliff(stage: Stage) -> Layer:
    """A dark near cliff with grass at one lower corner."""
    generator = stage.rng("cliff")
    side = -1 if stage.focus > stage.width / 2 else 1
    across = np.linspace(-1, 1, stage.width, dtype=np.float32) * side
    top = (
        stage.height
        - tone.smoothstep(0.1, 0.95, across)
        * np.float32(stage.unit * 0.27)
        * (1 + 0.16 * line(stage.width, 9, generator, 5))
        + stage.unit * 0.012
    )
    dark = mix(stage.lit(from_hex("#3c4a3a"), 0.6), stage.palette.dark, 0.55)
    return ridges.silhouette(
        stage, top.astype(np.float32), (mix(dark, stage.palette.light, 0.1), dark), 0.95, 0.12, 0.6
    )


def beach(stage: Stage) -> Iterator[Drawable]:
    """A sandy shore with palms that the waves run up to."""
    generator = stage.rng("beach")
    yield from open_sky(stage)
    if generator.random() < 0.7:
        yield from coast(stage, stage.horizon)
    yield from surface(stage, stage.horizon)
    yield from sand(stage)
    side = 1 if stage.focus > stage.width / 2 else -1
    yield palms(stage, side)


def sand(stage: Stage) -> Iterator[Layer]:
    """The sand in front, the wet strip and two lines of foam along a bent shore line."""
    generator = stage.rng("sand")
    depth = stage.height - stage.horizon
    side = 1 if stage.focus > stage.width / 2 else -1
    across = np.linspace(0, 1, stage.width, dtype=np.float32)[::side]
    shore = (
        stage.horizon
        + depth * (0.72 - 0.46 * across**1.7)
        + line(stage.width, 4 * stage.width / stage.unit, generator, 3) * depth * 0.03
    )
    sun = stage.lit(from_hex("#e9cfa0"), 1.1)
    shallow = mix(stage.lit(from_hex("#5fd0c8")), stage.palette.sky[2], 0.35)
    shore = shore.astype(np.float32)
    _, y = tone.grid((stage.width, stage.height))
    off = (y - shore[None, :]) / np.float32(depth)
    band = np.exp(-((np.clip(-off, 0, None) / 0.16) ** 1.2)) * (off < 0.01) * (y > stage.horizon)
    yield Layer(tone.pixel(shallow), tone.mask((band * 0.85).astype(np.float32)), (0, 0), 0.6)
    wet = mix(sun, stage.palette.sky[1], 0.45)
    yield ridges.silhouette(stage, shore, (mix(wet, stage.palette.sky[3], 0.3), wet), 0.62, 0.1)
    yield ridges.silhouette(
        stage,
        shore + np.float32(depth * 0.1),
        (sun, mix(sun, stage.palette.dark, 0.18)),
        0.64,
        0.5,
        0.45,
    )
    lace = fractal(
        (stage.height // 2, stage.width // 2),
        (36 * stage.height / stage.unit, 30 * stage.width / stage.unit),
        generator,
        3,
    )
    lace = tone.enlarged(lace, stage.size)
    foam = np.zeros((stage.height, stage.width), dtype=np.float32)
    for shift, thick, strength in ((0.012, 0.014, 1.0), (-0.06, 0.02, 0.6), (-0.13, 0.016, 0.35)):
        edge = off - np.float32(shift) + (lace - 0.5) * 0.035
        foam += np.exp(-((edge / thick) ** 2)) * strength * tone.smoothstep(0.3, 0.6, lace)
    yield Layer(
        (255, 255, 252),
        tone.mask(np.clip(foam * 0.9 * (0.45 + 0.55 * stage.day_light), 0, 1).astype(np.float32)),
        (0, 0),
        0.62,
    )


def palms(stage: Stage, side: int) -> Layer:
    """Two or three palms leaning in from one side."""
    generator = stage.rng("palms")
    unit = stage.unit
    wide, high = round(unit * 0.75), round(unit * 0.85)
    ink = Ink((wide, high), (0, 0), fine=2, flip=False)
    dark = mix(
        stage.lit(from_hex("#28513a"), 0.7),
        stage.palette.dark,
        0.55 if stage.hour != "day" else 0.3,
    )
    for _ in range(int(generator.integers(2, 4))):
        x = wide * float(generator.uniform(0.62, 0.98))
        trees.palm(
            ink,
            (x, high),
            high * float(generator.uniform(0.5, 0.76)),
            dark,
            generator,
            -float(generator.uniform(0.12, 0.4)),
        )
    picture = ink.finish()
    if side < 0:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    left = stage.width - wide + stage.margin[0] // 4 if side > 0 else -stage.margin[0] // 4
    return sprite(picture, (left, stage.height - high), 0.9, unit * 0.004)


def island(stage: Stage) -> Iterator[Drawable]:
    """A small island in a bay, with palms or a lighthouse."""
    generator = stage.rng("island")
    yield from open_sky(stage)
    line_row = stage.horizon
    x = stage.focus
    half = stage.unit * float(generator.uniform(0.26, 0.38))
    columns = (np.arange(stage.width, dtype=np.float32) - np.float32(x)) / np.float32(half)
    hump = np.clip(1 - columns**2, 0, None) ** 0.8 * (
        0.75 + 0.3 * line(stage.width, 7 * stage.width / stage.unit, generator, 5)
    )
    rock = stage.lit(from_hex("#6a6a55"), 0.9)
    green = stage.lit(from_hex("#4e7a4a"), 0.9)
    top = np.where(
        np.abs(columns) < 1, line_row + 1 - hump * stage.unit * 0.13, line_row + 6
    ).astype(np.float32)
    yield from coast(stage, line_row)
    yield sky.haze(stage, line_row - stage.unit * 0.05, line_row + 1, 0.4, 0.1)
    yield _above(
        ridges.silhouette(
            stage, top, (stage.far(green, 0.8), stage.far(rock, 0.75)), 0.25, 0.22, 0.7
        ),
        line_row + 2,
    )
    if stage.has("lighthouse") or (generator.random() < 0.35 and not stage.has("palm")):
        foot = (x + half * 0.12, float(top[int(np.clip(x + half * 0.12, 0, stage.width - 1))]) + 4)
        yield from buildings.lighthouse(stage, foot, stage.unit * 0.3, 0.25)
    else:
        ink = Ink((round(half * 2), round(stage.unit * 0.36)), (0, 0), fine=2)
        for _ in range(6):
            share = float(generator.uniform(0.3, 0.7))
            foot_y = stage.unit * 0.36 - (
                line_row - float(top[int(np.clip(x - half + 2 * half * share, 0, stage.width - 1))])
            )
            trees.palm(
                ink,
                (half * 2 * share, foot_y),
                stage.unit * float(generator.uniform(0.12, 0.2)),
                stage.far(shade(green, 0.6), 0.85),
                generator,
                float(generator.normal(0, 0.25)),
            )
        yield sprite(ink.finish(), (round(x - half), round(line_row - stage.unit * 0.36)), 0.25)
    yield from surface(stage, line_row)
    yield sky.haze(stage, line_row, line_row + 3, 0.2, 0.25)
