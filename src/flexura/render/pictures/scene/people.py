"""People as silhouettes: walking, standing, with umbrellas, sitting; an astronaut and a robot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from flexura.render.oklab import RGB, mix, shade
from flexura.render.pictures.scene.ink import Ink, path
from flexura.render.pictures.scene.layer import Layer, sprite
from flexura.render.pictures.scene.light import rimmed

if TYPE_CHECKING:
    from flexura.render.pictures.scene.street import View


def walker(ink: Ink, coat: RGB, legs: RGB, skin: RGB, step: float = 0.6) -> None:
    """Someone walking away, one unit high, feet on the origin; `step` -1..1 is the stride."""
    for side in (-1, 1):
        reach = side * step
        hip = (side * 0.045, -0.47)
        knee = (side * 0.05 + reach * 0.02, -0.25)
        foot = (side * 0.05 + reach * 0.035, -0.01 - max(-reach, 0) * 0.03)
        ink.line([hip, knee, foot], [0.1, 0.075, 0.05], legs)
        ink.ellipse((foot[0] + side * 0.008, foot[1]), (0.036, 0.017), shade(legs, 0.7))
    ink.blob(
        path(
            "-0.07,-0.845 0.07,-0.845 0.108,-0.78 0.1,-0.6 0.12,-0.36 0,-0.34 "
            "-0.12,-0.36 -0.1,-0.6 -0.108,-0.78"
        ),
        coat,
    )
    ink.blob(
        path("0.01,-0.84 0.07,-0.845 0.108,-0.78 0.1,-0.6 0.12,-0.36 0.04,-0.345"),
        shade(coat, 0.8),
    )
    ink.line([(0.0, -0.8), (0.004, -0.36)], 0.008, shade(coat, 0.65), smooth=False)
    for side in (-1, 1):
        ink.line(
            [(side * 0.092, -0.79), (side * 0.128, -0.63), (side * 0.118, -0.47)],
            [0.055, 0.048, 0.036],
            shade(coat, 0.86),
        )
        ink.ellipse((side * 0.116, -0.455), (0.02, 0.024), skin)
    ink.box((-0.025, -0.88), (0.05, 0.07), skin)
    ink.ellipse((0, -0.925), (0.062, 0.073), shade(skin, 0.55))
    ink.blob(
        path("-0.066,-0.93 -0.05,-0.99 0,-1.005 0.05,-0.99 0.066,-0.93 0.05,-0.87 -0.05,-0.87"),
        shade(coat, 0.55),
    )


def umbrella(ink: Ink, colour: RGB, lift: float = 0.0) -> None:
    """An open umbrella over a person of one unit height."""
    y = -1.02 - lift
    ink.line([(0.09, -0.58), (0.06, y - 0.12)], 0.014, shade(colour, 0.4), smooth=False)
    dome = [
        (-0.33, y + 0.02),
        (-0.27, y - 0.12),
        (-0.12, y - 0.215),
        (0.05, y - 0.235),
        (0.21, y - 0.2),
        (0.36, y - 0.1),
        (0.42, y + 0.02),
    ]
    from flexura.render.pictures.scene.ink import curve

    top = curve(dome, False, 8)
    scallops = [
        (0.42 - 0.75 * share, y + 0.02 - 0.035 * abs(np.sin(share * np.pi * 4)))
        for share in np.linspace(0, 1, 33).tolist()
    ]
    ink.polygon(np.vstack([top, np.array(scallops)]), colour)
    ink.polygon(
        np.vstack(
            [
                curve(
                    [(0.05, y - 0.235), (0.21, y - 0.2), (0.36, y - 0.1), (0.42, y + 0.02)],
                    False,
                    8,
                ),
                [(0.235, y - 0.01)],
            ]
        ),
        shade(colour, 0.72),
    )
    ink.polygon(
        np.vstack(
            [
                curve([(0.05, y - 0.235), (-0.02, y - 0.12), (-0.04, y - 0.0)], False, 8),
                [(0.235, y - 0.01)],
                [(0.17, y - 0.14)],
            ]
        ),
        shade(colour, 0.86),
    )
    ink.line([(0.05, y - 0.235), (0.05, y - 0.27)], 0.014, shade(colour, 0.4), smooth=False)


def stander(ink: Ink, coat: RGB, legs: RGB) -> None:
    """Someone standing and looking into the distance, seen from behind, with a rucksack; one unit high."""
    for side in (-1, 1):
        ink.line(
            [(side * 0.05, -0.48), (side * 0.065, -0.24), (side * 0.07, -0.01)],
            [0.11, 0.08, 0.06],
            legs,
        )
        ink.ellipse((side * 0.078, -0.005), (0.045, 0.018), shade(legs, 0.7))
    ink.blob(
        path(
            "-0.09,-0.83 0.09,-0.83 0.13,-0.74 0.115,-0.56 0.115,-0.42 -0.115,-0.42 "
            "-0.115,-0.56 -0.13,-0.74"
        ),
        coat,
    )
    for side in (-1, 1):
        ink.line(
            [(side * 0.115, -0.78), (side * 0.165, -0.63), (side * 0.15, -0.47)],
            [0.06, 0.052, 0.04],
            shade(coat, 0.9),
        )
    ink.blob(
        path("-0.08,-0.8 0.08,-0.8 0.095,-0.66 0.075,-0.52 -0.075,-0.52 -0.095,-0.66"),
        shade(coat, 1.35),
    )
    ink.ellipse((0, -0.925), (0.062, 0.075), shade(legs, 0.8))


def astronaut(ink: Ink, suit: RGB, visor: RGB, accent: RGB) -> None:
    """A floating astronaut, about one unit high, its middle on the origin."""
    dark = shade(suit, 0.72)
    ink.blob(path("-0.2,-0.24 0.2,-0.24 0.22,0.1 -0.22,0.1"), dark)
    for points in (
        [(-0.12, 0.1), (-0.17, 0.3), (-0.11, 0.48)],
        [(0.1, 0.1), (0.18, 0.26), (0.12, 0.44)],
    ):
        ink.line(points, [0.16, 0.14, 0.12], suit)
        ink.ellipse(points[-1], (0.085, 0.06), dark)
    for points in (
        [(-0.17, -0.16), (-0.33, -0.06), (-0.4, -0.2)],
        [(0.17, -0.16), (0.32, -0.02), (0.36, 0.12)],
    ):
        ink.line(points, [0.13, 0.115, 0.1], suit)
        ink.ellipse(points[-1], (0.06, 0.06), dark)
    ink.blob(
        path("-0.17,-0.22 0.17,-0.22 0.19,-0.02 0.15,0.14 -0.15,0.14 -0.19,-0.02"),
        suit,
    )
    ink.box((-0.085, -0.1), (0.17, 0.12), dark)
    for index, x in enumerate((-0.05, 0.0, 0.05)):
        ink.ellipse((x, -0.04), (0.014, 0.014), accent if index else visor)
    ink.ellipse((0, -0.36), (0.19, 0.185), suit)
    ink.ellipse((0.02, -0.355), (0.14, 0.125), shade(visor, 0.45))
    ink.ellipse((0.03, -0.37), (0.115, 0.095), visor)
    ink.ellipse((0.075, -0.41), (0.036, 0.022), (1.0, 1.0, 1.0), 0.85, 0.5)


def robot(ink: Ink, body: RGB, eyes: RGB, accent: RGB) -> None:
    """A friendly robot, one unit high, feet on the origin."""
    dark = shade(body, 0.66)
    for side in (-1, 1):
        ink.line([(side * 0.1, -0.2), (side * 0.1, -0.05)], 0.07, dark, smooth=False)
        ink.blob(
            [
                (side * 0.1 - 0.075, 0),
                (side * 0.1 - 0.07, -0.06),
                (side * 0.1 + 0.07, -0.06),
                (side * 0.1 + 0.075, 0),
            ],
            body,
        )
        ink.line([(side * 0.22, -0.48), (side * 0.31, -0.36), (side * 0.28, -0.24)], 0.06, dark)
        ink.ellipse((side * 0.275, -0.215), (0.045, 0.045), body)
    ink.blob(
        path("-0.2,-0.52 0.2,-0.52 0.22,-0.34 0.17,-0.17 -0.17,-0.17 -0.22,-0.34"),
        body,
    )
    ink.blob(path("0.03,-0.53 0.2,-0.52 0.22,-0.34 0.17,-0.17 0.06,-0.17"), dark, 0.35)
    ink.ellipse((0, -0.37), (0.06, 0.06), dark)
    ink.ellipse((0, -0.37), (0.042, 0.042), accent)
    ink.line([(0, -0.9), (0, -1.0)], 0.02, dark, smooth=False)
    ink.ellipse((0, -1.0), (0.03, 0.03), accent)
    ink.blob(
        path(
            "-0.25,-0.86 -0.15,-0.92 0.15,-0.92 0.25,-0.86 0.26,-0.66 0.16,-0.57 "
            "-0.16,-0.57 -0.26,-0.66"
        ),
        body,
    )
    ink.blob(
        path("-0.2,-0.82 0,-0.85 0.2,-0.82 0.2,-0.68 0,-0.64 -0.2,-0.68"),
        shade(dark, 0.4),
    )
    for side in (-1, 1):
        ink.ellipse((side * 0.09, -0.745), (0.038, 0.048), eyes)
        ink.ellipse((side * 0.09 + 0.012, -0.762), (0.011, 0.013), (1.0, 1.0, 1.0))


def pedestrians(view: View) -> Iterator[Layer]:
    """People on the pavements, with umbrellas in the rain, and a main figure where one is asked for."""
    stage = view.stage
    generator = stage.rng("pedestrians")
    away = np.geomspace(1.9, 7.5, 8) * generator.uniform(0.92, 1.08, 8)
    places = [
        (float(z), float(generator.choice([-1, 1])) * float(generator.uniform(1.14, 1.36)), False)
        for z in away
        if generator.random() < 0.8
    ]
    if stage.has("person", "umbrella", "cinematic", "sad", "noir") or generator.random() < 0.45:
        middle = float(generator.uniform(-0.12, 0.12))
        places.append((float(generator.uniform(1.5, 1.75)), middle, True))
    for z, x, main in sorted(places, reverse=True):
        yield _pedestrian(view, (x, z), main, generator)


def _pedestrian(
    view: View, at: tuple[float, float], main: bool, generator: np.random.Generator
) -> Layer:
    """One person at (to the right, away) in the street."""
    stage = view.stage
    x, z = at
    depth = float(np.clip(1.1 - np.log(z) / np.log(12), 0.25, 1.0))
    air = 0.35 + 0.65 * depth
    dark = stage.palette.dark
    height = view.scale(z) * (0.56 if main else 0.5)
    level = (0.22 if stage.is_night else 0.55) * (0.4 if main else 0.8)
    coat = stage.far(mix(dark, stage.palette.accents[int(generator.integers(3))], level), air)
    legs = stage.far(mix(dark, (0.1, 0.1, 0.12), 0.5), air)
    wide, high = round(height * 1.0) + 6, round(height * 1.42) + 6
    ink = Ink((wide, high), (wide * 0.46, high - height * 0.1), height, fine=3)
    ink.ellipse((0.02, 0.0), (0.2, 0.022), (0.0, 0.0, 0.0), 0.5)
    step = float(generator.uniform(0.35, 1)) * float(generator.choice([-1, 1]))
    walker(ink, coat, legs, stage.far((0.62, 0.46, 0.38), depth), step)
    if stage.has("rain", "storm", "umbrella") and (main or generator.random() < 0.75):
        other = mix(dark, stage.palette.accents[int(generator.integers(3))], 0.5)
        hue = stage.words.tint("umbrella") or (stage.palette.accents[0] if main else other)
        umbrella(ink, stage.far(mix(hue, dark, 0.0 if main else 0.25), air))
    picture = ink.finish()
    if stage.is_night:
        glow = mix(stage.palette.accents[1], stage.palette.light, 0.4)
        side = 1.0 if x < 0 else -1.0
        picture = rimmed(picture, (side, -0.6), glow, max(height * 0.012, 1.0), 0.75)
    foot = view.at(x, 0, z)
    corner = (round(foot[0] - wide * 0.46), round(foot[1] - high + height * 0.1))
    return sprite(picture, corner, 0.15 + 0.5 * depth)
