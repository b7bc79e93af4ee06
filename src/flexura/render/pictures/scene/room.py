"""Rooms: a desk before a window in the evening, and a cosy floor for a cat to play on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from flexura.render.noise import fractal
from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene import city, light, ridges, tone
from flexura.render.pictures.scene.cat import cat_from_behind
from flexura.render.pictures.scene.ink import Ink, curve, path
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.mountains import hero_range, open_sky
from flexura.render.pictures.scene.stage import Stage
from flexura.render.pictures.scene.weather import falling

LAMP: RGB = (1.0, 0.82, 0.52)


def wall_colour(stage: Stage) -> RGB:
    """The wall under this hour's light."""
    own = mix(stage.palette.sky[1], from_hex("#c9907a"), 0.45)
    level = {"day": 0.92, "golden": 0.78, "dawn": 0.72, "sunset": 0.6, "dusk": 0.42, "night": 0.32}[
        stage.hour
    ]
    return mix(stage.palette.dark, shade(mix(own, (0.9, 0.82, 0.74), 0.25), 1.05), level)


def _surface(stage: Stage, colour: RGB, spot: tuple[float, float]) -> Image.Image:
    """A wall in lamp light: plaster grain, warm round the lamp, darker in the corners."""
    small = (max(stage.width // 4, 2), max(stage.height // 4, 2))
    pool = light.falloff(small, (spot[0] / 4, spot[1] / 4), min(small) * 0.42, 1.0)
    grain = fractal((small[1], small[0]), (9, 9 * small[0] / small[1]), stage.rng("plaster"), 4)
    base = np.asarray(mix(colour, stage.palette.dark, 0.28), dtype=np.float32)
    warm = np.asarray(mix(colour, LAMP, 0.5), dtype=np.float32)
    field = base + (warm - base) * pool[..., None] + ((grain - 0.5) * 0.03)[..., None]
    channels = [
        tone.enlarged(np.ascontiguousarray(field[..., i].astype(np.float32)), stage.size)
        for i in range(3)
    ]
    return tone.dithered(np.stack(channels, axis=2))


def view_outside(stage: Stage, bottom: int) -> Iterator[Drawable]:
    """What the window shows."""
    yield from open_sky(stage, bottom)
    if stage.has("mountains", "lake", "snow", "forest"):
        yield hero_range(stage, 0.2, bottom - stage.unit * 0.1)
        for index in range(2):
            top = (
                bottom
                - stage.unit * (0.1 - 0.05 * index)
                + ridges.crest(stage, f"outside {index}", 1.2, 0.5) * np.float32(stage.unit * 0.03)
            )
            body = stage.far(
                mix(stage.lit(from_hex("#2f5a41"), 0.7), stage.palette.dark, 0.4), 0.4 + 0.3 * index
            )
            yield ridges.wooded(
                stage,
                top.astype(np.float32),
                f"outside wood {index}",
                stage.unit * (0.05 + 0.03 * index),
                (body, body),
                0.2,
            )
    else:
        yield city.town_glow(stage, bottom, 0.5)
        yield from city.skyline(stage, bottom, 3)
    if stage.has("rain", "storm"):
        yield from falling(stage, "rain", 0.55)
    if stage.has("snow"):
        yield from falling(stage, "snow", 0.7)


def window_wall(
    stage: Stage, box: tuple[float, float, float, float], lamp: tuple[float, float]
) -> Iterator[Layer]:
    """The wall with a hole for the window, its frame and the light on it."""
    x0, y0, x1, y1 = box
    unit = stage.unit
    hole = Image.new("L", stage.size, 255)
    ImageDraw.Draw(hole).rectangle((round(x0), round(y0), round(x1), round(y1)), fill=0)
    colour = wall_colour(stage)
    yield Layer(_surface(stage, colour, lamp), hole, (0, 0), 0.62)
    wood = mix(stage.palette.dark, from_hex("#7a5138"), 0.75 if stage.day_light > 0.5 else 0.5)
    bright = mix(wood, LAMP, 0.3)
    ink = Ink(stage.size, fine=1)
    bar = unit * 0.018
    for x in (x0 - bar, x1):
        ink.box((x, y0 - bar), (bar, y1 - y0 + 2 * bar), wood)
    ink.box((x0 - bar, y0 - bar), (x1 - x0 + 2 * bar, bar), wood)
    panes = max(2, round((x1 - x0) / (unit * 0.42)))
    for index in range(1, panes):
        ink.box((x0 + (x1 - x0) * index / panes - bar / 2, y0), (bar, y1 - y0), wood)
        ink.box((x0 + (x1 - x0) * index / panes - bar / 2, y0), (bar * 0.25, y1 - y0), bright)
    ink.box((x0, y0 + (y1 - y0) * 0.3), (x1 - x0, bar * 0.7), wood)
    ink.box((x0 - unit * 0.05, y1), (x1 - x0 + unit * 0.1, unit * 0.032), bright)
    ink.box(
        (x0 - unit * 0.05, y1 + unit * 0.032),
        (x1 - x0 + unit * 0.1, unit * 0.012),
        shade(wood, 0.6),
    )
    yield sprite(ink.finish(), (0, 0), 0.62)


def curtains(stage: Stage, box: tuple[float, float, float, float]) -> Layer:
    """Curtains gathered at both sides of the window."""
    x0, y0, x1, y1 = box
    unit = stage.unit
    cloth = mix(wall_colour(stage), stage.palette.accents[0], 0.3)
    ink = Ink(stage.size, fine=1)
    for side in (-1, 1):
        edge = x0 if side < 0 else x1
        wide = unit * 0.15
        for fold in range(7):
            left = edge + side * (wide * (fold / 7) - wide * 0.45)
            shadow = 0.72 + 0.28 * abs(np.sin(fold * 1.3))
            middle = left + side * unit * 0.035
            ink.polygon(
                np.vstack(
                    [
                        curve(
                            [
                                (left, y0 - unit * 0.05),
                                (left + side * unit * 0.012, (y0 + y1) / 2),
                                (left, y1 + unit * 0.1),
                            ],
                            False,
                            6,
                        ),
                        [
                            (middle + side * wide / 7, y1 + unit * 0.1),
                            (middle + side * wide / 7, y0 - unit * 0.05),
                        ],
                    ]
                ),
                shade(cloth, float(shadow)),
            )
    ink.box(
        (x0 - unit * 0.14, y0 - unit * 0.068),
        (x1 - x0 + unit * 0.28, unit * 0.014),
        mix(stage.palette.dark, from_hex("#8a6a4a"), 0.6),
    )
    return sprite(ink.finish(), (0, 0), 0.66)


def potted(
    ink: Ink, foot: tuple[float, float], size: float, leaf: RGB, pot: RGB, rng: np.random.Generator
) -> None:
    """A house plant with long leaves."""
    x, y = foot
    for angle in np.linspace(-1.15, 1.15, 9):
        turn = float(angle + rng.normal(0, 0.08))
        reach = size * float(rng.uniform(0.5, 0.75))
        tip = (x + float(np.sin(turn)) * reach, y - size * 0.26 - float(np.cos(turn)) * reach)
        middle = (
            x + float(np.sin(turn)) * reach * 0.55,
            y - size * 0.3 - float(np.cos(turn)) * reach * 0.68,
        )
        ink.line(
            [(x, y - size * 0.24), middle, tip],
            [size * 0.02, size * 0.105, size * 0.012],
            mix(leaf, (1.0, 1.0, 0.8), float(rng.random()) * 0.18),
        )
        ink.line(
            [(x, y - size * 0.24), middle, tip],
            [size * 0.006, size * 0.01, size * 0.003],
            shade(leaf, 0.75),
        )
    ink.polygon(
        [
            (x - size * 0.17, y - size * 0.28),
            (x + size * 0.17, y - size * 0.28),
            (x + size * 0.125, y),
            (x - size * 0.125, y),
        ],
        pot,
    )
    ink.polygon(
        [
            (x + size * 0.05, y - size * 0.28),
            (x + size * 0.17, y - size * 0.28),
            (x + size * 0.125, y),
            (x + size * 0.04, y),
        ],
        shade(pot, 0.75),
    )
    ink.box((x - size * 0.19, y - size * 0.31), (size * 0.38, size * 0.05), shade(pot, 1.08))


def desk(stage: Stage, top: float) -> Iterator[Layer]:
    """The desk with its lamp, screen, mug, books and a plant."""
    unit, dark = stage.unit, stage.palette.dark
    generator = stage.rng("desk")
    bright = stage.day_light > 0.5
    wood = mix(dark, from_hex("#9a6a45"), 0.72 if bright else 0.5)
    board = tone.vertical(
        (stage.width, stage.height - round(top)),
        (mix(wood, LAMP, 0.22), wood, mix(wood, dark, 0.55)),
    )
    yield Layer(board, None, (0, round(top)), 0.85)
    high = round(unit * 0.62)
    ink = Ink((stage.width, high), (0, -(top - high * 0.86)), fine=2)
    left_handed = stage.focus > stage.width / 2
    base = top + unit * 0.05

    def x(share: float) -> float:
        return stage.column(1 - share if left_handed else share)

    green = mix(stage.lit(from_hex("#4f8f5a")), dark, 0.1 if bright else 0.4)
    pot = mix(stage.palette.accents[0], from_hex("#c97f5a"), 0.6)
    potted(ink, (x(0.1), base), unit * 0.36, green, pot, generator)
    hues = (*stage.palette.accents, from_hex("#e8dcc4"))
    for index in range(4):
        wide = unit * float(generator.uniform(0.15, 0.2))
        corner = (x(0.26) - wide / 2, base - unit * 0.027 * (index + 1))
        ink.box(corner, (wide, unit * 0.025), mix(hues[index], dark, 0.4))
    _laptop(stage, ink, (x(0.5), base), generator)
    _mug(stage, ink, (x(0.68), base))
    yield sprite(ink.finish(), (0, round(top - high * 0.86)), 0.88)
    yield from lamp(stage, (x(0.86), base), unit * 0.42, -1 if not left_handed else 1)


def _laptop(
    stage: Stage, ink: Ink, at: tuple[float, float], generator: np.random.Generator
) -> None:
    """An open laptop that shows lines of code."""
    unit, dark = stage.unit, stage.palette.dark
    x, y = at
    glow = mix(stage.palette.accents[1], (0.9, 0.95, 1.0), 0.5)
    lid = (unit * 0.34, unit * 0.21)
    ink.box((x - unit * 0.17, y - unit * 0.22), lid, mix(dark, (0.3, 0.3, 0.33), 0.5))
    panel = (unit * 0.316, unit * 0.182)
    ink.box((x - unit * 0.158, y - unit * 0.208), panel, mix(dark, glow, 0.28))
    for row in range(8):
        start = unit * (0.012 + 0.02 * float(generator.integers(0, 4)))
        corner = (x - unit * 0.145 + start, y - unit * (0.192 - 0.021 * row))
        size = (unit * float(generator.uniform(0.05, 0.19)), unit * 0.009)
        ink.box(corner, size, mix(stage.palette.accents[row % 3], (1.0, 1.0, 1.0), 0.3), 0.85)
    keys = path("-0.19,0 0.19,0 0.22,0.035 -0.22,0.035") * unit + np.array(at)
    ink.polygon(keys, mix(dark, (0.42, 0.42, 0.46), 0.6))


def _mug(stage: Stage, ink: Ink, at: tuple[float, float]) -> None:
    unit = stage.unit
    colour = mix(stage.palette.accents[0], (1.0, 1.0, 1.0), 0.3)
    handle = path("0.035,-0.06 0.068,-0.045 0.035,-0.015") * unit + np.array(at)
    ink.line(handle, unit * 0.011, mix(colour, (1.0, 1.0, 1.0), 0.1))
    cup = path("-0.04,-0.085 0.04,-0.085 0.034,0.01 -0.034,0.01") * unit + np.array(at)
    ink.polygon(cup, colour)


def lamp(stage: Stage, foot: tuple[float, float], size: float, side: int) -> Iterator[Layer]:
    """A desk lamp with a bent arm, its bulb lit after sunset."""
    iron = mix(stage.palette.dark, stage.palette.accents[0], 0.45)
    wide, high = round(size * 1.4), round(size * 1.2)
    ink = Ink((wide, high), (wide / 2, high - size * 0.08), size, fine=2)
    ink.ellipse((0, 0), (0.16, 0.035), iron)
    ink.line([(0, 0), (0.12 * -side, -0.5)], 0.028, iron, smooth=False)
    ink.line([(0.12 * -side, -0.5), (0.2 * side, -0.86)], 0.028, iron, smooth=False)
    head = [(0.14 * side, -0.95), (0.27 * side, -0.9), (0.36 * side, -0.66), (0.06 * side, -0.76)]
    ink.blob(head, iron)
    if stage.hour != "day":
        ink.ellipse(
            (0.21 * side, -0.71), (0.15, 0.03), mix(LAMP, (1.0, 1.0, 1.0), 0.6), 1.0, 0.32 * side
        )
    yield sprite(
        ink.finish(), (round(foot[0] - wide / 2), round(foot[1] - high + size * 0.08)), 0.88
    )
    if stage.hour != "day":
        yield light.glow(
            stage,
            (foot[0] + 0.22 * side * size, foot[1] - 0.6 * size),
            size * 0.75,
            LAMP,
            0.6,
            0.88,
        )


def sill_cat(stage: Stage, at: tuple[float, float], size: float) -> Layer:
    """A cat on the window sill, looking out."""
    wide, high = round(size * 0.9), round(size * 1.42)
    ink = Ink((wide, high), (wide * 0.44, size * 1.03), size, fine=3)
    fur = mix(stage.palette.dark, stage.words.tint("cat") or from_hex("#3a2d33"), 0.55)
    cat_from_behind(ink, fur)
    picture = light.rimmed(
        ink.finish(),
        (0.6, -0.5),
        mix(stage.palette.sky[3], stage.palette.light, 0.5),
        max(size * 0.014, 1.0),
        0.7,
    )
    return sprite(picture, (round(at[0] - wide * 0.44), round(at[1] - size * 1.03)), 0.64)


def room(stage: Stage) -> Iterator[Drawable]:
    """The desk before the window; where a cat plays, the floor."""
    from flexura.render.pictures.scene import playroom

    if stage.has("yarn") or (
        stage.has("cat") and not stage.has("room", "rain", "coffee", "computer", "book")
    ):
        yield from playroom.playroom(stage)
        return
    unit = stage.unit
    frame_w = stage.width - 2 * stage.margin[0]
    half = min(frame_w * 0.36, unit * 0.78)
    middle = stage.column(0.5)
    top, low = stage.row(0.09), stage.row(0.62)
    if frame_w < stage.height * 0.8:
        low = stage.row(0.66)
    box = (middle - half, top, middle + half, low)
    side = 0.86 if stage.focus <= stage.width / 2 else 0.14
    yield from view_outside(stage, round(low))
    spot = (stage.column(side), low - unit * 0.02)
    yield from window_wall(stage, box, spot)
    yield curtains(stage, box)
    if stage.has("cat", "cozy", "calm") or stage.rng("sill cat").random() < 0.5:
        yield sill_cat(
            stage,
            (middle + half * (0.45 if stage.focus > stage.width / 2 else -0.45), low + 2),
            unit * 0.2,
        )
    yield from desk(stage, stage.row(0.78))
