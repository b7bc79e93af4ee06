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


def _flying(
    stage: Stage, name: str
) -> tuple[Callable[[Ink], None], float, tuple[float, float, float, float]] | None:
    accents = stage.palette.accents
    white = stage.lit(from_hex("#f4f5f7"), 1.25)
    if name == "balloon":
        asked = stage.words.tint("balloon")
        hue = stage.lit(asked or accents[0], 1.2)
        other = stage.lit(mix(asked or accents[1], (1.0, 0.97, 0.9), 0.65 if asked else 0.35), 1.25)
        return (
            (
                lambda ink: vehicles.air_balloon(
                    ink, (hue, other), stage.lit(from_hex("#7a5230")), (1.0, 0.85, 0.5)
                )
            ),
            0.3,
            (-0.45, -1.08, 0.45, 0.08),
        )
    if name == "plane":
        return (
            (
                lambda ink: vehicles.plane(
                    ink,
                    white,
                    mix(white, stage.palette.sky[1], 0.5),
                    stage.lit(stage.words.tint("plane") or accents[0], 1.2),
                )
            ),
            0.26,
            (-0.6, -0.3, 0.6, 0.3),
        )
    if name == "rocket":
        return (
            (
                lambda ink: vehicles.rocket(
                    ink,
                    white,
                    stage.lit(stage.words.tint("rocket") or accents[0], 1.3),
                    stage.palette.sky[2],
                )
            ),
            0.36,
            (-0.4, -1.1, 0.4, 0.55),
        )
    if name == "ufo":
        return (
            (
                lambda ink: vehicles.saucer(
                    ink,
                    stage.lit(from_hex("#b8c2cc"), 1.2),
                    mix(accents[1], (1.0, 1.0, 1.0), 0.3),
                    mix(accents[1], (1.0, 1.0, 0.8), 0.4),
                )
            ),
            0.26,
            (-0.6, -0.4, 0.6, 1.0),
        )
    if name == "astronaut":
        return (
            (
                lambda ink: people.astronaut(
                    ink, from_hex("#eef1f5"), mix(accents[1], stage.palette.sky[1], 0.3), accents[0]
                )
            ),
            0.3,
            (-0.6, -0.65, 0.6, 0.65),
        )
    if name == "lantern":
        return (
            (lambda ink: buildings.lantern(ink, from_hex("#f08a3c"), from_hex("#ffe6a0"))),
            0.06,
            (-0.6, -1.1, 0.6, 0.15),
        )
    if name == "heart":
        colour = stage.lit(stage.words.tint("heart") or from_hex("#ef3e5b"), 1.25)
        return (
            (
                lambda ink: ink.blob(
                    path(
                        "0,-0.62 0.2,-0.86 0.44,-0.78 0.46,-0.5 0.24,-0.2 0,0.02 -0.24,-0.2 "
                        "-0.46,-0.5 -0.44,-0.78 -0.2,-0.86"
                    ),
                    colour,
                )
            ),
            0.22,
            (-0.6, -1.0, 0.6, 0.15),
        )
    return None


def aloft(stage: Stage, name: str) -> Iterator[Drawable]:
    """Things in the air; they bob and drift a little."""
    made = _flying(stage, name)
    if made is None:
        return
    draw, high, box = made
    generator = stage.rng(f"aloft {name}")
    plural = any(
        token in {f"{name}s", "balloons", "lanterns", "planes", "rockets", "hearts"}
        for token in stage.words.tokens
    )
    number = {"lantern": 26, "heart": 5}.get(name, 5) if plural else {"lantern": 9}.get(name, 1)
    spots: list[tuple[Image.Image, float, float, float, float]] = []
    for index in range(number):
        size = stage.unit * high * (1.0 if index == 0 else float(generator.uniform(0.3, 0.62)))
        picture, x, y = cutout(draw, size, box)
        if name != "lantern":
            picture = light.rimmed(
                picture,
                (0.75 if stage.sun[0] > stage.focus else -0.75, -0.5),
                mix(stage.palette.light, (1.0, 1.0, 1.0), 0.2),
                max(size * 0.02, 1.0),
                0.6,
            )
        column = stage.focus if index == 0 else stage.column(float(generator.uniform(0.05, 0.95)))
        low = 0.52 if index == 0 else float(generator.uniform(0.2, 0.6))
        row = max(stage.horizon * low + size * 0.35, size * -box[1] + 4)
        if name == "lantern":
            row = stage.horizon * float(generator.uniform(0.12, 0.95))
            yield light.glow(
                stage, (column, row - size * 0.4), size * 1.6, from_hex("#ff9a3c"), 0.5, 0.3
            )
        spots.append((picture, column - x, row - y, float(generator.random()) * 6.28, size))

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        for picture, x, y, start, size in reversed(spots):
            angle = 2 * np.pi * moment.phase + start
            shown.append(
                (
                    picture,
                    x + float(np.sin(angle)) * size * 0.06,
                    y + float(np.sin(angle + 1.2)) * size * 0.05,
                )
            )
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
