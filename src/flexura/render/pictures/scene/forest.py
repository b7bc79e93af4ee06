"""Woods: trunks and firs fading into light, a path, ferns in front."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene import light, ridges, sky, tone, trees
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.mountains import open_sky
from flexura.render.pictures.scene.stage import Stage
from flexura.render.pictures.scene.stamp import put_down


def air(stage: Stage) -> Layer:
    """The light between the trees, brightest where the path leads."""
    palette = stage.palette
    small = (max(stage.width // 6, 2), max(stage.height // 6, 2))
    spot = light.falloff(small, (stage.focus / 6, small[1] * 0.42), min(small) * 0.5, 1.0)
    green = stage.lit(from_hex("#5f8f5a"), 0.9)
    dark = mix(mix(palette.sky[0], green, 0.35), palette.dark, 0.45)
    bright = mix(mix(palette.sky[3], palette.light, 0.5), green, 0.12)
    if stage.is_night:
        bright = mix(palette.sky[3], palette.sky[2], 0.4)
    from flexura.render.oklab import from_oklab, to_oklab

    lab = (
        to_oklab(dark) + (to_oklab(bright) - to_oklab(dark)) * np.clip(spot * 1.15, 0, 1)[..., None]
    )
    channels = [tone.enlarged(np.ascontiguousarray(lab[..., i]), stage.size) for i in range(3)]
    return Layer(tone.dithered(from_oklab(np.stack(channels, axis=2))), None, (0, 0), 0.0)


def _body(stage: Stage, share: float) -> RGB:
    """The colour of trees at a depth: light and hazy far off, nearly black in front."""
    palette = stage.palette
    green = stage.lit(from_hex("#2f5a41"), 0.8)
    if stage.has("wind") and not stage.is_night:
        green = stage.lit(from_hex("#8a4f2a"), 0.85)
    far = mix(mix(palette.haze, palette.sky[2], 0.4), green, 0.35)
    near = mix(green, palette.dark, 0.8)
    return mix(far, near, share)


def _snow(stage: Stage) -> RGB:
    return mix(stage.lit((0.94, 0.96, 1.0), 1.15), stage.palette.sky[2], 0.22)


def trunks(stage: Stage, label: str, share: float, ground: float, firs: bool) -> Layer:
    """One row of trees: bare trunks that leave the picture, or whole firs."""
    generator = stage.rng(label)
    unit = stage.unit
    colour = _body(stage, share)
    lit = mix(colour, mix(stage.palette.light, stage.palette.sky[3], 0.5), 0.32 * (1 - share * 0.6))
    if stage.has("snow"):
        lit = mix(lit, _snow(stage), 0.8)
    tall = unit * (0.34 + 0.8 * share) if firs else ground * 1.1
    stamps = [
        _fir(tall, colour, lit, generator)
        if firs
        else _pillar(stage, tall, share, (colour, lit), generator)
        for _ in range(4)
    ]
    sheet = Image.new("RGBA", stage.size, (0, 0, 0, 0))
    gap = unit * (0.06 + 0.17 * share**1.4)
    x = -gap * float(generator.random())
    clear = unit * (0.07 + 0.24 * share)
    while x < stage.width + gap:
        x += gap * float(generator.uniform(0.4, 1.5))
        if abs(x - stage.focus) < clear:
            continue
        foot = ground + float(generator.normal(0, unit * 0.008))
        scale = float(generator.uniform(0.62, 1.0)) if firs else 1.0
        put_down(
            sheet,
            stamps[int(generator.integers(4))],
            (x, foot),
            scale,
            generator.random() < 0.5 if firs else x > stage.focus,
        )
    return sprite(sheet, (0, 0), 0.15 + 0.75 * share)


def _fir(tall: float, colour: RGB, lit: RGB, generator: np.random.Generator) -> Image.Image:
    wide, high = max(round(tall * 0.62), 6), max(round(tall * 1.02), 8)
    ink = Ink((wide, high), (wide / 2, high), fine=2)
    trees.fir(ink, (0.0, 0.0), tall, (colour, lit), generator)
    return ink.finish()


def _pillar(
    stage: Stage,
    tall: float,
    share: float,
    colours: tuple[RGB, RGB],
    generator: np.random.Generator,
) -> Image.Image:
    """A trunk lit on its right side, as a stamp."""
    wide = stage.unit * (0.012 + 0.055 * share**1.5) * float(generator.uniform(0.65, 1.3))
    across, high = max(round(wide * 9), 6), max(round(tall), 8)
    ink = Ink((across, high), (across / 2, high - wide * 0.2), fine=2)
    trees.trunk(ink, (0.0, 0.0), tall * 1.05, wide, colours[0], generator)
    ink.line(
        [(wide * 0.42, -wide), (wide * 0.44, -tall * 0.6), (wide * 0.36, -tall)],
        wide * 0.14,
        colours[1],
        0.5,
    )
    for _ in range(7):
        y, x = (
            -tall * float(generator.uniform(0.1, 0.9)),
            wide * float(generator.uniform(-0.3, 0.3)),
        )
        ink.line(
            [(x, y), (x + wide * 0.04, y - tall * 0.05)],
            [wide * 0.05, wide * 0.02],
            shade(colours[0], 0.8),
            0.5,
        )
    return ink.finish()


def leaves(stage: Stage, label: str, share: float) -> Layer:
    """Foliage that hangs into the picture from above."""
    generator = stage.rng(label)
    unit = stage.unit
    high = round(unit * (0.34 + 0.12 * share))
    colour = _body(stage, share)
    lit = mix(colour, stage.palette.light, 0.22)
    ink = Ink((stage.width, high), (0, 0), fine=2)
    count = int(190 * stage.width / unit)
    for _ in range(count):
        x = float(generator.random()) * stage.width
        sides = min(abs(x - stage.focus) / (stage.width * 0.5), 1.0)
        y = high * float(generator.random()) ** 2.1 * (0.25 + 0.75 * sides)
        size = unit * float(generator.uniform(0.012, 0.034))
        ink.ellipse(
            (x, y),
            (size * 1.5, size * 0.75),
            mix(colour, lit, float(generator.random()) ** 2),
            1.0,
            float(generator.uniform(-0.7, 0.7)),
        )
    return sprite(ink.finish(), (0, 0), 0.2 + 0.75 * share, unit * 0.004)


def path(stage: Stage, horizon: float, colour: RGB, edge: RGB) -> Layer:
    """A winding way from the lower edge to where the light is."""
    generator = stage.rng("path")
    top = int(horizon)
    rows = np.linspace(0, 1, 60)
    bend = float(generator.uniform(0.1, 0.2)) * float(generator.choice([-1, 1]))
    middle = (
        stage.focus
        + np.sin(rows * 4.2 + float(generator.random())) * rows * stage.unit * bend
        + (stage.column(0.5) - stage.focus) * rows * 0.6
    )
    wide = stage.unit * (0.008 + 0.3 * rows**1.7)
    y = top + rows * (stage.height - top)
    ink = Ink((stage.width, stage.height - top), (0, -top), fine=2)
    outline = np.vstack(
        [np.stack([middle - wide / 2, y], 1), np.stack([middle + wide / 2, y], 1)[::-1]]
    )
    ink.polygon(outline, edge, 0.6)
    inner = np.vstack(
        [np.stack([middle - wide * 0.43, y], 1), np.stack([middle + wide * 0.4, y], 1)[::-1]]
    )
    ink.polygon(inner, colour)
    return sprite(ink.finish(), (0, top), 0.7)


def ferns(stage: Stage, label: str, high: float, colours: tuple[RGB, RGB]) -> Layer:
    """Ferns and grass along the lower edge, higher at the sides."""
    generator = stage.rng(label)
    unit = stage.unit
    tall = max(round(high), 4)
    stamps = [_fern(tall, mix(colours[0], colours[1], index / 4), generator) for index in range(5)]
    sheet = Image.new("RGBA", (stage.width, tall), (0, 0, 0, 0))
    for _ in range(int(30 * stage.width / unit)):
        x = float(generator.random()) * stage.width
        side = min(abs(x - stage.focus) / (stage.width * 0.45), 1.0)
        size = float(generator.uniform(0.5, 1.0)) * (0.4 + 0.6 * side)
        put_down(
            sheet,
            stamps[int(generator.integers(5))],
            (x, tall * 1.04),
            size,
            generator.random() < 0.5,
        )
    return sprite(sheet, (0, stage.height - tall), 1.0)


def _fern(tall: int, colour: RGB, generator: np.random.Generator) -> Image.Image:
    size = tall * 0.8
    ink = Ink((round(size * 2), tall), (size, tall), fine=2)
    for angle in generator.normal(0, 0.65, 6):
        tip = np.array([np.sin(angle) * size, -np.cos(angle) * size])
        bend = np.array([np.sin(angle) * size * 0.35, -np.cos(angle) * size * 0.75])
        ink.line([(0.0, 0.0), tuple(bend), tuple(tip)], [size * 0.025, size * 0.006], colour)
        for share in np.linspace(0.25, 0.95, 9):
            at = 2 * bend * share * (1 - share) + tip * share**2
            leaf = size * 0.2 * (1.05 - share)
            for turn in (-1, 1):
                ink.line(
                    [at, at + np.array([turn * leaf, leaf * 0.35])],
                    [size * 0.03, size * 0.004],
                    colour,
                    smooth=False,
                )
    return ink.finish()


def _row(
    stage: Stage, index: int, share: float, ground: float, open_air: bool
) -> Iterator[Drawable]:
    """One depth of the wood: its trees, its floor and the mist before it."""
    unit = stage.unit
    row = ground + (stage.height - ground) * (share**1.6) * 0.8
    depth = 0.15 + 0.75 * share
    firs = open_air or (index < 2 and not stage.has("jungle"))
    yield trunks(stage, f"trees {index}", share, row + unit * 0.02, firs)
    far, near = mix(_body(stage, 0.12), stage.palette.light, 0.15), _body(stage, 0.85)
    top = row + ridges.crest(stage, f"floor {index}", 2.5, 0.4) * np.float32(unit * 0.012)
    body = mix(far, near, share)
    if stage.has("snow"):
        body = mix(_snow(stage), near, 0.3 * share)
    stops = (body, mix(body, stage.palette.dark, 0.25 * share))
    yield ridges.silhouette(stage, top.astype(np.float32), stops, depth, 0.4, 0.35)
    if index == 1 and (not open_air or stage.has("path")):
        earth = mix(stage.palette.light, from_hex("#b98d5d"), 0.5)
        colour = mix(body, earth, 0.15 if stage.is_night else 0.45)
        yield path(stage, row + unit * 0.01, colour, shade(body, 0.8))
    if index < 3:
        strength = (0.55 - 0.13 * index) * (0.6 if stage.is_night else 1.0)
        yield sky.mist(stage, row - unit * 0.22, row + unit * 0.06, strength, depth)
    if index == 1 and not open_air:
        source = (stage.focus + unit * 0.15, -unit * 0.25)
        yield light.shafts(stage, source, 0.3 if stage.is_night else 0.5, 0.3)


def forest(stage: Stage) -> Iterator[Drawable]:
    """A wood: pillars of trunks with shafts of light, or firs in mist under the sky."""
    generator = stage.rng("forest")
    ground = stage.height * float(generator.uniform(0.66, 0.74))
    open_air = generator.random() < 0.35 or stage.has("aurora", "star", "moon", "mountains")
    if open_air:
        yield from open_sky(stage, int(ground))
    else:
        yield air(stage)
        if stage.is_night:
            halo = (stage.focus, ground * 0.42)
            yield light.glow(stage, halo, stage.unit * 0.2, stage.palette.light, 0.4, 0.02)
            yield light.moon(stage, (stage.focus, ground * 0.36), stage.unit * 0.06)
    for index, share in enumerate((0.12, 0.32, 0.58, 0.85) if open_air else (0.08, 0.26, 0.5, 0.8)):
        yield from _row(stage, index, share, ground, open_air)
    if not open_air:
        yield leaves(stage, "canopy", 0.75)
    lit = mix(_body(stage, 0.8), stage.palette.light, 0.1)
    yield ferns(stage, "ferns", stage.unit * 0.2, (_body(stage, 1.0), lit))
