"""Subjects in the air: balloons, planes, rockets, saucers, lanterns, birds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from flexura.render.oklab import from_hex, mix
from flexura.render.pictures.scene import (
    animals,
    buildings,
    light,
    people,
    vehicles,
)
from flexura.render.pictures.scene.cutout import cutout
from flexura.render.pictures.scene.ink import Ink, path
from flexura.render.pictures.scene.layer import Drawable, Moment
from flexura.render.pictures.scene.moving import Sprites
from flexura.render.pictures.scene.stage import Stage

Draw = Callable[[Ink], None]

_ROOM: dict[str, tuple[float, tuple[float, float, float, float]]] = {
    "balloon": (0.3, (-0.45, -1.08, 0.45, 0.08)),
    "plane": (0.26, (-0.6, -0.3, 0.6, 0.3)),
    "rocket": (0.36, (-0.4, -1.1, 0.4, 0.55)),
    "ufo": (0.26, (-0.6, -0.4, 0.6, 1.0)),
    "astronaut": (0.3, (-0.6, -0.65, 0.6, 0.65)),
    "lantern": (0.06, (-0.6, -1.1, 0.6, 0.15)),
    "heart": (0.22, (-0.6, -1.0, 0.6, 0.15)),
}
"""How large each is in units of the stage, and what room it takes in its own units."""
_HEART = path(
    "0,-0.62 0.2,-0.86 0.44,-0.78 0.46,-0.5 0.24,-0.2 0,0.02 "
    "-0.24,-0.2 -0.46,-0.5 -0.44,-0.78 -0.2,-0.86"
)
_PLURALS = frozenset({"balloons", "lanterns", "planes", "rockets", "hearts", "ufos"})


def _balloon(stage: Stage) -> Draw:
    asked = stage.words.tint("balloon")
    first, second, _ = stage.palette.accents
    hue = stage.lit(asked or first, 1.2)
    pale = mix(asked or second, (1.0, 0.97, 0.9), 0.65 if asked else 0.35)
    basket = stage.lit(from_hex("#7a5230"))
    pair = (hue, stage.lit(pale, 1.25))
    return lambda ink: vehicles.air_balloon(ink, pair, basket, (1.0, 0.85, 0.5))


def _machine(stage: Stage, name: str) -> Draw:
    first, second, _ = stage.palette.accents
    white = stage.lit(from_hex("#f4f5f7"), 1.25)
    paint = stage.lit(stage.words.tint(name) or first, 1.25)
    if name == "plane":
        return lambda ink: vehicles.plane(ink, white, mix(white, stage.palette.sky[1], 0.5), paint)
    if name == "rocket":
        return lambda ink: vehicles.rocket(ink, white, paint, stage.palette.sky[2])
    steel = stage.lit(from_hex("#b8c2cc"), 1.2)
    glass, lamp = mix(second, (1.0, 1.0, 1.0), 0.3), mix(second, (1.0, 1.0, 0.8), 0.4)
    return lambda ink: vehicles.saucer(ink, steel, glass, lamp)


def _draw_of(stage: Stage, name: str) -> Draw:
    """How to draw one of the things in the air."""
    if name == "balloon":
        return _balloon(stage)
    if name == "astronaut":
        visor = mix(stage.palette.accents[1], stage.palette.sky[1], 0.3)
        return lambda ink: people.astronaut(ink, from_hex("#eef1f5"), visor, stage.palette.accent)
    if name == "lantern":
        return lambda ink: buildings.lantern(ink, from_hex("#f08a3c"), from_hex("#ffe6a0"))
    if name == "heart":
        colour = stage.lit(stage.words.tint("heart") or from_hex("#ef3e5b"), 1.25)
        return lambda ink: ink.blob(_HEART, colour)
    return _machine(stage, name)


def aloft(stage: Stage, name: str) -> Iterator[Drawable]:
    """Things in the air; they bob and drift a little."""
    draw = _draw_of(stage, name)
    share, box = _ROOM[name]
    generator = stage.rng(f"aloft {name}")
    many = bool(_PLURALS & set(stage.words.tokens))
    number = {"lantern": 26}.get(name, 5) if many else {"lantern": 9}.get(name, 1)
    side = 0.75 if stage.sun[0] > stage.focus else -0.75
    shine = mix(stage.palette.light, (1.0, 1.0, 1.0), 0.2)
    spots: list[tuple[Image.Image, float, float, float, float]] = []
    for index in range(number):
        size = stage.unit * share * (1.0 if index == 0 else float(generator.uniform(0.3, 0.62)))
        picture, x, y = cutout(draw, size, box)
        column = stage.focus if index == 0 else stage.column(float(generator.uniform(0.05, 0.95)))
        low = 0.52 if index == 0 else float(generator.uniform(0.2, 0.6))
        row = max(stage.horizon * low + size * 0.35, size * -box[1] + 4)
        if name == "lantern":
            row = stage.horizon * float(generator.uniform(0.12, 0.95))
            halo = (column, row - size * 0.4)
            yield light.glow(stage, halo, size * 1.6, from_hex("#ff9a3c"), 0.5, 0.3)
        else:
            picture = light.rimmed(picture, (side, -0.5), shine, max(size * 0.02, 1.0), 0.6)
        spots.append((picture, column - x, row - y, float(generator.random()) * 6.28, size))

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        for picture, x, y, start, size in reversed(spots):
            angle = 2 * np.pi * moment.phase + start
            aside, lift = (
                float(np.sin(angle)) * size * 0.06,
                float(np.sin(angle + 1.2)) * size * 0.05,
            )
            shown.append((picture, x + aside, y + lift))
        return shown

    yield Sprites(0.3, place)


def flock(stage: Stage, number: int = 9) -> Sprites:
    """Birds that cross the sky and beat their wings."""
    generator = stage.rng("flock")
    dark = mix(stage.palette.dark, stage.palette.sky[0], 0.4)
    if stage.hour == "night":
        dark = mix(stage.palette.sky[3], stage.palette.sky[1], 0.3)
    sizes = [stage.unit * s for s in (0.022, 0.03, 0.042)]
    frames = [
        [
            cutout(lambda ink, b=beat: animals.bird(ink, dark, b), size, (-0.55, -0.4, 0.55, 0.3))[
                0
            ]
            for beat in np.sin(np.linspace(0, 2 * np.pi, 9)[:-1]).tolist()
        ]
        for size in sizes
    ]
    x0, y0 = (
        stage.column(float(generator.uniform(0.2, 0.6))),
        stage.horizon * float(generator.uniform(0.25, 0.5)),
    )
    birds = [
        (
            float(generator.normal(0, 0.12)),
            float(generator.normal(0, 0.045)),
            int(generator.integers(3)),
            float(generator.random()),
        )
        for _ in range(number)
    ]

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        beats = max(1, round(moment.seconds * 1.7))
        for dx, dy, kind, start in birds:
            picture = frames[kind][int(((moment.phase * beats + start) % 1.0) * 8)]
            x = x0 + dx * stage.unit + np.sin(2 * np.pi * moment.phase) * stage.unit * 0.1
            y = (
                y0
                + dy * stage.unit
                + np.sin(2 * np.pi * (moment.phase + start)) * stage.unit * 0.012
            )
            shown.append((picture, float(x), float(y)))
        return shown

    return Sprites(0.15, place)
