"""Subjects in the water: boats, fish, whales, jellyfish."""

from __future__ import annotations

from collections.abc import Iterator

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


def _tint(stage: Stage, subject: str, own: str | RGB, light_level: float = 1.0) -> RGB:
    colour = stage.words.tint(subject) or (from_hex(own) if isinstance(own, str) else own)
    return stage.lit(colour, light_level)


def afloat(stage: Stage) -> Iterator[Drawable]:
    """A sailing boat, or a rowing boat on a lake, that rocks on the water."""
    unit = stage.unit
    small = stage.words.place == "lake" and "sail" not in " ".join(stage.words.tokens)
    row = stage.horizon + (stage.height - stage.horizon) * (
        0.3 if stage.words.place != "beach" else 0.12
    )
    size = unit * (0.24 if not small else 0.2)
    hull = _tint(stage, "boat", "#7a3b2e" if stage.words.tint("boat") is None else (0.5, 0.3, 0.2))
    sail = mix(stage.lit(from_hex("#fdf6e6"), 1.25), stage.palette.light, 0.2)
    if stage.words.tint("boat") is not None:
        hull, sail = (
            mix(stage.lit(stage.words.tint("boat") or hull), stage.palette.dark, 0.3),
            stage.lit(stage.words.tint("boat") or sail, 1.2),
        )

    def draw(ink: Ink) -> None:
        if small:
            vehicles.rowing_boat(ink, mix(hull, stage.palette.dark, 0.3), shade(hull, 1.3))
        else:
            vehicles.sailboat(
                ink, mix(hull, stage.palette.dark, 0.25), sail, stage.palette.accents[0]
            )

    picture, x, y = cutout(draw, size, (-0.7, -1.1, 0.7, 0.1))
    side = 1.0 if stage.sun[0] > stage.focus else -1.0
    picture = light.rimmed(
        picture,
        (0.8 * side, -0.4),
        mix(stage.palette.light, (1.0, 1.0, 1.0), 0.2),
        max(size * 0.014, 1.0),
        0.8,
    )
    mirrored = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirrored.putalpha(mirrored.getchannel("A").point([round(v * 0.32) for v in range(256)]))
    mirrored = mirrored.resize((mirrored.width, round(mirrored.height * 0.6)))

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        angle = 2 * np.pi * moment.phase * max(1, round(moment.seconds / 4))
        turned = (
            picture.rotate(float(np.sin(angle)) * 1.8, Image.Resampling.BICUBIC, center=(x, y))
            if moment.seconds
            else picture
        )
        lift = float(np.sin(angle + 0.8)) * size * 0.012
        return [
            (mirrored, stage.focus - x, row - size * 0.06),
            (turned, stage.focus - x, row - y + lift),
        ]

    yield Sprites(0.45, place)


def schools(stage: Stage) -> Iterator[Drawable]:
    """Fish, whales and jellyfish under water."""
    generator = stage.rng("schools")
    unit = stage.unit
    hues = (
        (from_hex("#ff8a3c"), from_hex("#fff4e6")),
        (from_hex("#ffd23f"), from_hex("#2c4a6b")),
        (from_hex("#3fb8d9"), from_hex("#f5e663")),
    )
    if stage.has("whale"):
        picture, x, y = cutout(
            lambda ink: animals.whale(
                ink, mix(from_hex("#35587a"), stage.palette.sky[1], 0.2), from_hex("#b9cfdd")
            ),
            unit * 0.62,
            (-0.75, -0.3, 0.6, 0.35),
        )
        picture = light.rimmed(picture, (0.1, -0.9), (0.75, 0.95, 1.0), unit * 0.006, 0.6)
        yield _swim(stage, [(picture, stage.focus - x, stage.row(0.4) - y, 0.0)], 0.35)
    if stage.has("jellyfish"):
        for index in range(5):
            size = unit * (0.3 if index == 0 else float(generator.uniform(0.08, 0.17)))
            colour = mix(
                stage.words.tint("jellyfish") or stage.palette.accents[index % 3],
                (0.8, 0.85, 1.0),
                0.35,
            )
            picture, x, y = cutout(
                lambda ink, c=colour: animals.jellyfish(ink, c), size, (-0.5, -0.45, 0.5, 0.85)
            )
            column = (
                stage.focus if index == 0 else stage.column(float(generator.uniform(0.08, 0.92)))
            )
            row = stage.row(0.36 if index == 0 else float(generator.uniform(0.15, 0.65)))
            yield light.glow(stage, (column, row), size * 0.5, colour, 0.35, 0.4)
            yield _swim(stage, [(picture, column - x, row - y, float(index))], 0.4, True)
    if not stage.has("whale", "jellyfish") or stage.has("fish"):
        shown: list[tuple[Image.Image, float, float, float]] = []
        for index in range(16):
            size = unit * float(generator.uniform(0.035, 0.075)) * (1.9 if index == 0 else 1.0)
            pair = hues[int(generator.integers(3))] if index else hues[0]
            asked = stage.words.tint("fish")
            picture, x, y = cutout(
                lambda ink, p=pair, a=asked: animals.fish(ink, a or p[0], p[1]),
                size,
                (-0.6, -0.4, 0.6, 0.4),
                index % 5 == 0,
            )
            column = (
                stage.focus if index == 0 else stage.column(float(generator.uniform(0.04, 0.96)))
            )
            row = stage.row(0.5 if index == 0 else float(generator.uniform(0.18, 0.78)))
            shown.append((picture, column - x, row - y, float(generator.random()) * 6))
        yield _swim(stage, shown, 0.5)


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
