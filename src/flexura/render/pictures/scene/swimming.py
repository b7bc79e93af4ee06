"""Subjects in the water: boats, fish, whales, jellyfish."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene import (
    animals,
    light,
    vehicles,
)
from flexura.render.pictures.scene.cutout import cutout
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Moment
from flexura.render.pictures.scene.moving import Sprites
from flexura.render.pictures.scene.stage import Stage

WATERY = frozenset({"sea", "beach", "island", "lake", "arctic"})


def _boat(stage: Stage, small: bool) -> Callable[[Ink], None]:
    """A rowing boat or a sailing boat in the colours asked for."""
    asked = stage.words.tint("boat")
    hull = stage.lit(asked or from_hex("#7a3b2e"))
    cloth = mix(stage.lit(from_hex("#fdf6e6"), 1.25), stage.palette.light, 0.2)
    sail = stage.lit(asked, 1.2) if asked is not None else cloth
    dark = mix(hull, stage.palette.dark, 0.3)
    if small:
        return lambda ink: vehicles.rowing_boat(ink, dark, shade(hull, 1.3))
    return lambda ink: vehicles.sailboat(ink, dark, sail, stage.palette.accent)


def afloat(stage: Stage) -> Iterator[Drawable]:
    """A sailing boat, or a rowing boat on a lake, that rocks on the water."""
    small = stage.words.place == "lake" and "sail" not in " ".join(stage.words.tokens)
    down = 0.12 if stage.words.place == "beach" else 0.3
    row = stage.horizon + (stage.height - stage.horizon) * down
    size = stage.unit * (0.2 if small else 0.24)
    picture, x, y = cutout(_boat(stage, small), size, (-0.7, -1.1, 0.7, 0.1))
    side = 0.8 if stage.sun[0] > stage.focus else -0.8
    shine = mix(stage.palette.light, (1.0, 1.0, 1.0), 0.2)
    picture = light.rimmed(picture, (side, -0.4), shine, max(size * 0.014, 1.0), 0.8)
    mirrored = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirrored.putalpha(mirrored.getchannel("A").point([round(v * 0.32) for v in range(256)]))
    mirrored = mirrored.resize((mirrored.width, round(mirrored.height * 0.6)))
    left = stage.focus - x

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        angle = 2 * np.pi * moment.phase * max(1, round(moment.seconds / 4))
        turned = picture
        if moment.seconds:
            lean = float(np.sin(angle)) * 1.8
            turned = picture.rotate(lean, Image.Resampling.BICUBIC, center=(x, y))
        lift = float(np.sin(angle + 0.8)) * size * 0.012
        return [(mirrored, left, row - size * 0.06), (turned, left, row - y + lift)]

    yield Sprites(0.45, place)


def _whale(stage: Stage, size: float) -> tuple[Image.Image, float, float]:
    back = stage.words.tint("whale") or mix(from_hex("#35587a"), stage.palette.sky[1], 0.2)
    box = (-0.75, -0.3, 0.6, 0.35)
    picture, x, y = cutout(lambda ink: animals.whale(ink, back, from_hex("#b9cfdd")), size, box)
    return light.rimmed(picture, (0.1, -0.9), (0.75, 0.95, 1.0), size * 0.01, 0.6), x, y


def whale_at_surface(stage: Stage) -> Iterator[Drawable]:
    """The back of a whale above the water."""
    size = stage.unit * 0.5
    picture, x, y = _whale(stage, size)
    row = stage.horizon + (stage.height - stage.horizon) * 0.34
    above = picture.crop((0, 0, picture.width, round(y + size * 0.02)))
    yield Sprites(0.45, lambda moment: [_heaved(above, (stage.focus - x, row - y), size, moment)])


def _heaved(
    picture: Image.Image, at: tuple[float, float], size: float, moment: Moment
) -> tuple[Image.Image, float, float]:
    """A picture that heaves with the swell."""
    return picture, at[0], at[1] + float(np.sin(2 * np.pi * moment.phase)) * size * 0.01


def schools(stage: Stage) -> Iterator[Drawable]:
    """Fish, whales and jellyfish under water."""
    if stage.has("whale"):
        picture, x, y = _whale(stage, stage.unit * 0.62)
        yield _swim(stage, [(picture, stage.focus - x, stage.row(0.4) - y, 0.0)], 0.35)
    if stage.has("jellyfish"):
        yield from _jellyfish(stage)
    if not stage.has("whale", "jellyfish") or stage.has("fish"):
        yield _swim(stage, _shoal(stage), 0.5)


def _jellyfish(stage: Stage) -> Iterator[Drawable]:
    generator = stage.rng("jellyfish")
    for index in range(5):
        main = index == 0 and not stage.has("whale")
        size = stage.unit * (0.3 if main else float(generator.uniform(0.08, 0.17)))
        own = stage.words.tint("jellyfish") or stage.palette.accents[index % 3]
        colour = mix(own, (0.8, 0.85, 1.0), 0.35)
        picture, x, y = cutout(
            lambda ink, c=colour: animals.jellyfish(ink, c), size, (-0.5, -0.45, 0.5, 0.85)
        )
        aside = float(generator.uniform(0.08, 0.92))
        if stage.has("whale"):
            # Two of three go to the side that the whale leaves free.
            aside = aside * 0.3 if stage.focus > stage.width / 2 else 1 - aside * 0.3
        column = stage.focus if main else stage.column(aside)
        row = stage.row(0.36 if main else float(generator.uniform(0.15, 0.65)))
        yield light.glow(stage, (column, row), size * 0.5, colour, 0.35, 0.4)
        yield _swim(stage, [(picture, column - x, row - y, float(index))], 0.4, True)


_FISH: tuple[tuple[RGB, RGB], ...] = (
    (from_hex("#ff8a3c"), from_hex("#fff4e6")),
    (from_hex("#ffd23f"), from_hex("#2c4a6b")),
    (from_hex("#3fb8d9"), from_hex("#f5e663")),
)


def _shoal(stage: Stage) -> list[tuple[Image.Image, float, float, float]]:
    generator = stage.rng("shoal")
    asked = stage.words.tint("fish")
    shown: list[tuple[Image.Image, float, float, float]] = []
    for index in range(16):
        size = stage.unit * float(generator.uniform(0.035, 0.075)) * (1.9 if index == 0 else 1.0)
        body, stripe = _FISH[int(generator.integers(3)) if index else 0]
        picture, x, y = cutout(
            lambda ink, b=asked or body, s=stripe: animals.fish(ink, b, s),
            size,
            (-0.6, -0.4, 0.6, 0.4),
            index % 5 == 0,
        )
        column = stage.focus if index == 0 else stage.column(float(generator.uniform(0.04, 0.96)))
        row = stage.row(0.5 if index == 0 else float(generator.uniform(0.18, 0.78)))
        shown.append((picture, column - x, row - y, float(generator.random()) * 6))
    return shown


def _swim(
    stage: Stage,
    pictures: list[tuple[Image.Image, float, float, float]],
    depth: float,
    upright: bool = False,
) -> Sprites:
    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        for picture, x, y, start in pictures:
            angle = 2 * np.pi * moment.phase + start
            along, across = (0.012, 0.03) if upright else (0.05, 0.012)
            shown.append(
                (
                    picture,
                    x + float(np.sin(angle)) * along * stage.unit,
                    y + float(np.cos(angle)) * across * stage.unit,
                )
            )
        return shown

    return Sprites(depth, place)
