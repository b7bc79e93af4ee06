"""A cat, sitting or at play, and a ball of yarn; every joint is a number, so that it can move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from flexura.render.oklab import RGB, mix, shade
from flexura.render.pictures.scene.ink import Ink, Points, curve, path

Dots = Sequence[tuple[float, float]] | Points
_Placing = Callable[[Dots], list[tuple[float, float]]]
"""Turns points of the head into points of the whole cat."""


@dataclass(frozen=True)
class Pose:
    """How the cat holds itself at one moment."""

    paw: float = 0.0
    """0 the near paw rests, 1 it is stretched out to the ball."""
    tail: float = 0.0
    """-1..1, from side to side."""
    blink: float = 0.0
    """0 eyes open, 1 shut."""
    tilt: float = 0.0
    """The head's lean in radians."""
    look: float = 0.5
    """Where the eyes look, -1 left .. 1 right."""
    breath: float = 0.0
    """0..1."""


def _turned(
    points: list[tuple[float, float]], angle: float, about: tuple[float, float]
) -> list[tuple[float, float]]:
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    return [
        (
            about[0] + (x - about[0]) * cosine - (y - about[1]) * sine,
            about[1] + (x - about[0]) * sine + (y - about[1]) * cosine,
        )
        for x, y in points
    ]


def _tail(ink: Ink, fur: RGB, pose: Pose) -> None:
    s = pose.tail
    knots = [
        (-0.18, -0.07),
        (-0.36, -0.045),
        (-0.5, -0.12 - 0.02 * s),
        (-0.56 - 0.04 * s, -0.27),
        (-0.54 - 0.1 * s, -0.42),
        (-0.5 - 0.17 * s, -0.54),
        (-0.53 - 0.22 * s, -0.62),
    ]
    ink.line(knots, [0.13, 0.125, 0.115, 0.1, 0.085], fur)
    ink.ellipse(knots[-1], (0.05, 0.05), shade(fur, 0.72))
    line = curve(knots, False, 8)
    run = np.gradient(line, axis=0)
    for index in (24, 31, 38):
        x, y = (float(value) for value in line[index])
        lean = float(np.arctan2(run[index, 1], run[index, 0])) + np.pi / 2
        ink.ellipse((x, y), (0.05, 0.016), shade(fur, 0.72), 0.9, lean)


def _body(ink: Ink, fur: RGB, belly: RGB, pose: Pose) -> None:
    swell = 0.012 * pose.breath
    ink.blob(
        [
            (-0.15, -0.62),
            (0.05, -0.65),
            (0.19, -0.55),
            (0.26 + swell, -0.3),
            (0.27 + swell, -0.08),
            (0.18, 0.0),
            (-0.2, 0.0),
            (-0.33 - swell, -0.06),
            (-0.36 - swell, -0.22),
            (-0.28, -0.44),
        ],
        fur,
    )
    ink.blob(
        path("-0.2,-0.33 -0.08,-0.24 -0.1,-0.06 -0.2,0 -0.33,-0.05 -0.35,-0.2"),
        shade(fur, 0.93),
    )
    for y, x0, x1 in ((-0.5, -0.215, -0.12), (-0.41, -0.26, -0.15), (-0.31, -0.3, -0.2)):
        ink.line(
            [(x0, y), ((x0 + x1) / 2, y + 0.025), (x1, y + 0.015)],
            [0.035, 0.03, 0.004],
            shade(fur, 0.72),
        )
    ink.blob(
        path("0,-0.56 0.13,-0.56 0.17,-0.42 0.13,-0.26 0.05,-0.22 -0.02,-0.34"),
        belly,
    )


def _legs(ink: Ink, fur: RGB, belly: RGB, pose: Pose) -> None:
    ink.line([(0.02, -0.34), (0.01, -0.16), (0.02, -0.035)], [0.13, 0.11, 0.1], shade(fur, 0.94))
    ink.ellipse((0.045, -0.025), (0.075, 0.042), belly)
    ink.ellipse((-0.17, -0.025), (0.11, 0.042), shade(belly, 0.94))
    reach = pose.paw
    elbow = (0.2 + 0.1 * reach, -0.2 - 0.1 * reach)
    hand = (0.16 + 0.32 * reach, -0.035 - 0.17 * reach * (1.25 - reach))
    ink.line([(0.14, -0.4), elbow, hand], [0.14, 0.115, 0.095], fur)
    for share in (0.35, 0.55):
        x, y = 0.14 + (hand[0] - 0.14) * share, -0.4 + (hand[1] + 0.4) * share
        ink.line(
            [(x - 0.035 + 0.04 * share, y), (x + 0.075, y + 0.02)], [0.02, 0.006], shade(fur, 0.75)
        )
    ink.ellipse((hand[0] + 0.025, hand[1] + 0.01), (0.07, 0.05), belly, 1.0, -0.3 * reach)
    for toe in (-0.022, 0.012):
        ink.line(
            [(hand[0] + 0.05, hand[1] + 0.01 + toe), (hand[0] + 0.085, hand[1] + 0.012 + toe)],
            0.007,
            shade(belly, 0.7),
        )


_PINK: RGB = (0.94, 0.6, 0.6)


def _head(ink: Ink, fur: RGB, belly: RGB, eye: RGB, pose: Pose) -> None:
    centre = (0.08, -0.74)

    def at(points: Dots) -> list[tuple[float, float]]:
        return _turned([(centre[0] + x, centre[1] + y) for x, y in points], pose.tilt, (0.08, -0.6))

    _ears(ink, at, fur)
    ink.blob(
        at(
            path(
                "0,-0.2 0.14,-0.18 0.235,-0.08 0.27,0.045 0.2,0.14 0,0.18 -0.2,0.14 "
                "-0.27,0.045 -0.235,-0.08 -0.14,-0.18"
            )
        ),
        fur,
    )
    ink.blob(
        at(path("0,0.01 0.09,0.035 0.12,0.1 0.06,0.15 0,0.165 -0.06,0.15 -0.12,0.1 -0.09,0.035")),
        belly,
    )
    dark = shade(fur, 0.7)
    for x, y in ((0.0, -0.19), (0.065, -0.18), (-0.065, -0.18)):
        ink.line(at([(x, y), (x * 0.9, y + 0.085)]), [0.026, 0.006], dark)
    for side in (-1, 1):
        for y in (0.0, 0.055):
            ink.line(at([(side * 0.258, y - 0.01), (side * 0.19, y + 0.006)]), [0.02, 0.004], dark)
        _eye(ink, at, side, eye, pose)
    ink.blob(at([(-0.026, 0.045), (0.026, 0.045), (0.0, 0.075)]), _PINK)
    _mouth(ink, at, fur, belly)


def _ears(ink: Ink, at: _Placing, fur: RGB) -> None:
    for side in (-1, 1):
        ink.blob(
            at(
                [
                    (side * 0.24, -0.08),
                    (side * 0.245, -0.22),
                    (side * 0.215, -0.33),
                    (side * 0.12, -0.245),
                    (side * 0.05, -0.17),
                    (side * 0.12, -0.04),
                ]
            ),
            fur,
        )
        ink.blob(
            at(
                [
                    (side * 0.205, -0.13),
                    (side * 0.215, -0.22),
                    (side * 0.2, -0.275),
                    (side * 0.13, -0.21),
                    (side * 0.11, -0.14),
                ]
            ),
            mix(_PINK, fur, 0.25),
        )


def _mouth(ink: Ink, at: _Placing, fur: RGB, belly: RGB) -> None:
    for side in (-1, 1):
        ink.line(
            at([(0, 0.072), (side * 0.012, 0.102), (side * 0.05, 0.108)]),
            [0.009, 0.009, 0.004],
            shade(fur, 0.45),
        )
        for rise in (-0.02, 0.01, 0.045):
            ink.line(
                at(
                    [
                        (side * 0.1, 0.075 + rise * 0.4),
                        (side * 0.22, 0.065 + rise),
                        (side * 0.34, 0.075 + rise * 2.2),
                    ]
                ),
                [0.006, 0.004, 0.002],
                mix(belly, (1.0, 1.0, 1.0), 0.6),
                0.9,
            )


def _eye(ink: Ink, at: _Placing, side: int, eye: RGB, pose: Pose) -> None:
    x, y = side * 0.105, -0.015
    open_ = max(1 - pose.blink, 0.0)
    if open_ < 0.18:
        ink.line(
            at([(x - 0.05, y), (x, y + 0.024), (x + 0.05, y)]),
            [0.006, 0.014, 0.006],
            (0.16, 0.1, 0.08),
        )
        return
    (cx, cy) = at([(x, y)])[0]
    ink.ellipse((cx, cy), (0.062, 0.066 * open_), (0.14, 0.09, 0.07))
    ink.ellipse((cx, cy), (0.053, 0.057 * open_), eye)
    px = cx + pose.look * 0.016
    ink.ellipse((px, cy + 0.006), (0.03, 0.046 * open_), (0.05, 0.04, 0.05))
    ink.ellipse((px + 0.014, cy - 0.018 * open_), (0.014, 0.016 * open_), (1.0, 1.0, 1.0))
    ink.ellipse((px - 0.012, cy + 0.022 * open_), (0.007, 0.007 * open_), (1.0, 1.0, 1.0), 0.8)


def tail(ink: Ink, fur: RGB, pose: Pose) -> None:
    """The cat's shadow and its tail, which lie behind its body."""
    ink.ellipse((-0.04, 0.005), (0.42, 0.04), (0.0, 0.0, 0.0), 0.22)
    _tail(ink, fur, pose)


def cat(
    ink: Ink, fur: RGB, belly: RGB, eye: RGB, pose: Pose | None = None, with_tail: bool = True
) -> None:
    """A cat that sits and looks to the viewer, one unit high, its feet on the origin."""
    pose = pose or Pose()
    if with_tail:
        tail(ink, fur, pose)
    _body(ink, fur, belly, pose)
    _legs(ink, fur, belly, pose)
    _head(ink, fur, belly, eye, pose)


def cat_from_behind(ink: Ink, fur: RGB, pose: Pose | None = None) -> None:
    """A cat that sits with its back to the viewer, as on a window sill; one unit high."""
    pose = pose or Pose()
    s = pose.tail
    ink.line(
        [(0.16, -0.04), (0.3, 0.02), (0.36 + 0.03 * s, 0.16), (0.3 + 0.09 * s, 0.3)],
        [0.11, 0.1, 0.085, 0.06],
        shade(fur, 0.92),
    )
    ink.blob(
        path("-0.1,-0.62 0.1,-0.62 0.2,-0.46 0.28,-0.22 0.24,0 -0.24,0 -0.28,-0.22 -0.2,-0.46"),
        fur,
    )
    for side in (-1, 1):
        ink.blob(
            [
                (side * 0.17, -0.82),
                (side * 0.19, -0.93),
                (side * 0.165, -1.0),
                (side * 0.09, -0.93),
                (side * 0.04, -0.86),
            ],
            fur,
        )
    ink.blob(
        path("0,-0.9 0.13,-0.87 0.2,-0.76 0.16,-0.62 0,-0.57 -0.16,-0.62 -0.2,-0.76 -0.13,-0.87"),
        fur,
    )


def yarn(ink: Ink, radius: float, colour: RGB, turn: float) -> None:
    """A ball of yarn on the origin's row, turned by `turn` radians as it rolls."""
    ink.ellipse((0, 0.004), (radius * 1.05, radius * 0.16), (0.0, 0.0, 0.0), 0.25)
    ink.ellipse((0, -radius), (radius, radius), shade(colour, 0.82))
    ink.ellipse((-radius * 0.1, -radius * 1.1), (radius * 0.86, radius * 0.84), colour)
    light, dark = mix(colour, (1.0, 1.0, 1.0), 0.32), shade(colour, 0.68)
    for winding in range(3):
        angle = turn + winding * 1.05
        for offset in (-0.6, -0.36, -0.12, 0.12, 0.36, 0.6):
            share = np.linspace(-1, 1, 14)
            room = np.sqrt(max(1 - offset**2, 0.0)) * 0.96
            u, v = share * room, offset + 0.16 * (1 - share**2) * (1 if winding % 2 else -1)
            x, y = u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)
            inside = np.hypot(x, y) < 0.985
            if inside.sum() > 3:
                points = np.stack([x[inside] * radius, y[inside] * radius - radius], axis=1)
                ink.line(
                    points,
                    [radius * 0.02, radius * 0.055, radius * 0.02],
                    (light, dark, light)[winding],
                    0.75,
                    smooth=False,
                )
