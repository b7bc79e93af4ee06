"""Subjects that stand on the ground, and the rise of ground that they stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene import (
    animals,
    buildings,
    cat,
    light,
    people,
    ridges,
    trees,
)
from flexura.render.pictures.scene.cutout import cutout
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, Moment, sprite
from flexura.render.pictures.scene.moving import Sprites
from flexura.render.pictures.scene.stage import Stage


def _tint(stage: Stage, subject: str, own: str | RGB, light_level: float = 1.0) -> RGB:
    colour = stage.words.tint(subject) or (from_hex(own) if isinstance(own, str) else own)
    return stage.lit(colour, light_level)


def _placed(
    stage: Stage,
    draw: Callable[[Ink], None],
    at: tuple[float, float],
    size: float,
    depth: float,
    box: tuple[float, float, float, float] = (-0.7, -1.15, 0.7, 0.12),
) -> Layer:
    picture, x, y = cutout(draw, size, box, stage.sun[0] < at[0] and stage.words.place != "room")
    side = 1.0 if stage.sun[0] > at[0] else -1.0
    glow = mix(stage.palette.light, stage.palette.sky[3], 0.35)
    lit = light.rimmed(
        picture,
        (0.75 * side, -0.55),
        glow,
        max(size * 0.018, 1.0),
        0.55 if stage.hour == "day" else 0.85,
    )
    return sprite(lit, (round(at[0] - x), round(at[1] - y)), depth)


def knoll(stage: Stage) -> tuple[Layer, tuple[float, float]]:
    """A near rise of ground for a subject to stand on, and the point where it stands."""
    unit = stage.unit
    x = np.arange(stage.width, dtype=np.float32)
    side = -1.0 if stage.focus > stage.width / 2 else 1.0
    off = (x - np.float32(stage.focus)) / np.float32(unit)
    hump = np.where(off * side < 0, np.exp(-((off / 0.7) ** 2)), np.exp(-((off / 0.34) ** 2)))
    top = (
        stage.row(1.0)
        - unit * (0.04 + 0.13 * hump)
        + ridges.crest(stage, "knoll", 5, 0.5) * np.float32(unit * 0.008)
    )
    dark = mix(stage.palette.dark, stage.palette.sky[1], 0.16 if stage.is_night else 0.24)
    if stage.words.place in {
        "meadow",
        "village",
        "garden",
        "mountains",
        "lake",
        "forest",
    } and not stage.has("snow"):
        dark = mix(dark, stage.lit(from_hex("#3f6a3c"), 0.6), 0.4)
    layer = ridges.silhouette(
        stage,
        top.astype(np.float32),
        (mix(dark, stage.palette.sky[3], 0.12), dark),
        0.95,
        0.12,
        0.5,
    )
    foot = float(top[int(np.clip(stage.focus, 0, stage.width - 1))]) + unit * 0.006
    return layer, (stage.focus, foot)


Draw = Callable[[Ink], None]
WARM: RGB = (1.0, 0.82, 0.48)

HEIGHTS: dict[str, float] = {
    **dict.fromkeys(("person", "astronaut", "tent"), 0.2),
    **dict.fromkeys(("cat", "dog", "camel", "house", "fox"), 0.24),
    **dict.fromkeys(("deer", "robot", "pyramid", "cactus"), 0.3),
    **dict.fromkeys(("castle", "windmill"), 0.36),
    **dict.fromkeys(("tree", "pine", "palm"), 0.48),
}
"""How high each stands, in units of the stage."""


def _near(stage: Stage, subject: str, own: str, share: float = 0.3) -> RGB:
    """A subject's colour in this light: the one asked for, or its own drawn to the dark."""
    asked = stage.words.tint(subject)
    if asked is not None:
        return stage.lit(asked, 1.0)
    dark = mix(stage.palette.dark, stage.palette.sky[1], 0.2)
    return mix(_tint(stage, subject, own, 0.85), dark, share)


def _creature(stage: Stage, name: str) -> Draw:
    """People and animals."""
    dark = mix(stage.palette.dark, stage.palette.sky[1], 0.2)

    def near(own: str, share: float = 0.25) -> RGB:
        return _near(stage, name, own, share)

    pale = mix(near("#f1e2cc", 0.2), (1.0, 1.0, 1.0), 0.3)
    white, steel = (
        stage.lit(from_hex("#f0f2f6"), 1.2),
        stage.words.tint(name) or from_hex("#d5dde4"),
    )
    first, second, _ = stage.palette.accents
    table: dict[str, Draw] = {
        "person": lambda ink: people.stander(ink, near("#c8553d", 0.35), dark),
        "cat": lambda ink: cat.cat(ink, near("#e8924a"), pale, from_hex("#7fc26b")),
        "dog": lambda ink: animals.dog(ink, near("#b9793f"), pale),
        "fox": lambda ink: animals.fox(ink, near("#e0702c", 0.15), stage.lit(from_hex("#fff3e2"))),
        "deer": lambda ink: animals.deer(ink, near("#a0683c", 0.3), near("#e5d2b2", 0.3)),
        "camel": lambda ink: animals.camel(ink, near("#b98552", 0.3), near("#8a5f38", 0.4)),
        "robot": lambda ink: people.robot(ink, stage.lit(steel, 2.0), second, first),
        "astronaut": lambda ink: people.stander(ink, white, shade(white, 0.85)),
    }
    return table[name]


def _building(stage: Stage, name: str) -> Draw:
    """Houses, castles and the like, their windows lit after sunset."""
    palette = stage.palette
    dark = mix(palette.dark, palette.sky[1], 0.2)
    evening = stage.day_light < 0.8
    window = WARM if evening else mix(palette.sky[1], palette.dark, 0.4)

    def near(own: str, share: float = 0.2) -> RGB:
        return _near(stage, name, own, share)

    sail, snow = stage.lit(from_hex("#f6efe0")), stage.lit((0.97, 0.98, 1.0), 1.2)
    roof = stage.lit(from_hex("#6b4238"))
    sunny = stage.far(_tint(stage, name, "#e0b070", 1.05), 0.8)
    shady = stage.far(mix(_tint(stage, name, "#8a6238"), palette.sky[1], 0.3), 0.8)
    table: dict[str, Draw] = {
        "castle": lambda ink: buildings.castle(ink, near("#b7a894", 0.3), near("#5a4a78"), window),
        "windmill": lambda ink: buildings.windmill(ink, near("#e8dcc6"), roof, sail),
        "tent": lambda ink: buildings.tent(
            ink, near("#e0862f", 0.15), WARM if evening else sail, dark
        ),
        "pyramid": lambda ink: buildings.pyramid(ink, sunny, shady),
        "house": lambda ink: buildings.house(
            ink, near("#d9c4a0", 0.15), roof, window, snow if stage.has("snow") else None
        ),
    }
    return table[name]


def _plant(stage: Stage, name: str) -> Draw:
    """Trees and cacti."""
    rng = stage.rng("standing")
    foot = (0.0, 0.0)

    def near(own: str, share: float = 0.45) -> RGB:
        return _near(stage, name, own, share)

    lit = mix(stage.lit(from_hex("#8fb84f")), stage.palette.light, 0.15)
    rim = mix(stage.palette.light, stage.lit(from_hex("#7fb36a")), 0.4)
    table: dict[str, Draw] = {
        "tree": lambda ink: trees.crown(ink, foot, 1.0, (near("#3f6a3c"), lit), rng),
        "pine": lambda ink: trees.fir(ink, foot, 1.0, (near("#24503c"), near("#4f8a60", 0.2)), rng),
        "cactus": lambda ink: trees.cactus(ink, foot, 1.0, (near("#3f7048", 0.2), rim), rng),
        "palm": lambda ink: trees.palm(ink, foot, 0.8, near("#28513a", 0.5), rng, -0.15),
    }
    return table[name]


_BUILDINGS = frozenset({"castle", "windmill", "tent", "pyramid", "house"})
_PLANTS = frozenset({"tree", "pine", "cactus", "palm"})


def _draw_of(stage: Stage, name: str) -> Draw:
    if name in _BUILDINGS:
        return _building(stage, name)
    return _plant(stage, name) if name in _PLANTS else _creature(stage, name)


_WIDE = (-1.0, -1.2, 1.0, 0.16)


def ground(stage: Stage, names: list[str]) -> Iterator[Drawable]:
    layer, (x, y) = knoll(stage)
    place = stage.words.place
    if place == "room":
        return
    spots: list[tuple[float, float, float]] = [(x, y, 1.0)]
    for index in range(1, len(names)):
        side = 1 if index % 2 else -1
        spots.append(
            (x + side * stage.unit * 0.2 * ((index + 1) // 2), y + stage.unit * 0.018, 0.85)
        )
    if place not in {"street"}:
        yield layer
    for name, (spot_x, spot_y, scale) in zip(names, spots[: len(names)], strict=True):
        if place == "street":
            spot_y = stage.row(0.9)
        size = stage.unit * HEIGHTS[name] * scale
        yield _placed(stage, _draw_of(stage, name), (spot_x, spot_y), size, 0.95, _WIDE)
        if name in {"house", "tent", "castle"} and stage.day_light < 0.8:
            yield light.glow(
                stage, (spot_x, spot_y - size * 0.25), size * 0.6, (1.0, 0.8, 0.45), 0.4, 0.95
            )


def campfire(stage: Stage, at: tuple[float, float]) -> Iterator[Drawable]:
    """A fire whose flames flicker."""
    size = stage.unit * 0.09
    frames: list[Image.Image] = []
    for step in range(8):
        ink = Ink((round(size * 1.6), round(size * 1.5)), (size * 0.8, size * 1.35), size, fine=3)
        for turn in (-0.3, 0.3):
            ink.line(
                [(-0.35, 0.02 - turn * 0.1), (0.35, 0.02 + turn * 0.1)],
                0.09,
                from_hex("#3a2418"),
                smooth=False,
            )
        for index, (colour, scale) in enumerate(
            ((from_hex("#ff6a1a"), 1.0), (from_hex("#ffb02e"), 0.7), (from_hex("#fff1b8"), 0.4))
        ):
            lean = 0.09 * np.sin(2 * np.pi * step / 8 + index)
            tall = scale * (0.92 + 0.12 * np.sin(2 * np.pi * step / 8 * 2 + index * 2))
            ink.blob(
                [
                    (-0.26 * scale, 0),
                    (-0.2 * scale, -0.3 * tall),
                    (-0.08 * scale + lean, -0.55 * tall),
                    (lean * 1.6, -tall),
                    (0.1 * scale + lean, -0.5 * tall),
                    (0.22 * scale, -0.28 * tall),
                    (0.26 * scale, 0),
                    (0, 0.05),
                ],
                colour,
                0.92,
            )
        frames.append(ink.finish())
    yield light.glow(stage, (at[0], at[1] - size * 0.5), size * 2.2, from_hex("#ff9a3c"), 0.7, 0.95)

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        turns = max(1, round(moment.seconds * 1.6))
        picture = frames[int(moment.phase * turns * 8) % 8]
        return [(picture, at[0] - size * 0.8, at[1] - size * 1.3)]

    yield Sprites(0.95, place)
