"""Cars in a street, and what flies or rides elsewhere: boats, planes, rockets, trains, saucers,
balloons.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, mix, shade
from flexura.render.pictures.scene import light
from flexura.render.pictures.scene.ink import Ink, path
from flexura.render.pictures.scene.layer import Layer, sprite
from flexura.render.pictures.scene.stage import Stage

if TYPE_CHECKING:
    from flexura.render.pictures.scene.street import View

RED: RGB = (1.0, 0.16, 0.12)
WHITE: RGB = (1.0, 0.97, 0.88)


def car_rear(ink: Ink, body: RGB, glass: RGB, lamp: RGB) -> None:
    """A car seen from behind or from the front, one unit wide, standing on the origin."""
    ink.ellipse((0, 0.0), (0.58, 0.035), (0.0, 0.0, 0.0), 0.55)
    for x in (-0.38, 0.38):
        ink.box((x - 0.085, -0.16), (0.17, 0.165), (0.03, 0.03, 0.035))
    ink.blob(
        path(
            "-0.5,-0.12 -0.5,-0.36 -0.45,-0.43 -0.34,-0.66 -0.2,-0.71 0.2,-0.71 "
            "0.34,-0.66 0.45,-0.43 0.5,-0.36 0.5,-0.12 0.3,-0.09 -0.3,-0.09"
        ),
        body,
    )
    ink.blob(
        path("-0.37,-0.45 -0.29,-0.63 0,-0.665 0.29,-0.63 0.37,-0.45 0,-0.43"),
        glass,
    )
    ink.line([(-0.26, -0.68), (0, -0.71), (0.26, -0.68)], 0.02, mix(body, (1.0, 1.0, 1.0), 0.35))
    ink.box((-0.46, -0.2), (0.92, 0.03), shade(body, 0.6))
    ink.box((-0.12, -0.27), (0.24, 0.06), mix(body, (1.0, 1.0, 1.0), 0.5))
    for side in (-1, 1):
        ink.blob(
            [(side * 0.47, -0.38), (side * 0.3, -0.37), (side * 0.31, -0.3), (side * 0.47, -0.29)],
            lamp,
        )
        ink.blob(
            [
                (side * 0.45, -0.36),
                (side * 0.36, -0.355),
                (side * 0.36, -0.32),
                (side * 0.45, -0.31),
            ],
            mix(lamp, (1.0, 1.0, 1.0), 0.55),
        )


def traffic(view: View) -> Iterator[Layer]:
    """Some cars on both lanes, far to near, with their lights on the road."""
    stage = view.stage
    generator = stage.rng("traffic")
    count = 2 + 2 * stage.has("car", "busy") + int(generator.integers(2))
    away = np.geomspace(1.8, 8, count) * generator.uniform(0.9, 1.15, count)
    cars = sorted(((float(z), int(generator.choice([-1, 1]))) for z in away), reverse=True)
    tinted = stage.words.tint("car")
    for index, (z, side) in enumerate(cars):
        scale = view.scale(z) * 0.62
        depth = float(np.clip(1.1 - np.log(z) / np.log(12), 0.25, 1.0))
        paint: RGB = tinted or mix(stage.palette.dark, stage.palette.accents[index % 3], 0.25)
        body = stage.far(
            mix(paint, stage.palette.dark, 0.35 if stage.is_night else 0.0), 0.3 + 0.7 * depth
        )
        glass = stage.far(mix(stage.palette.sky[1], stage.palette.dark, 0.5), 0.3 + 0.7 * depth)
        lamp = RED if side > 0 else WHITE
        if not stage.is_night:
            lamp = mix(lamp, body, 0.25)
        x, y = view.at(side * 0.56, 0, z)
        wide, high = round(scale * 1.3) + 4, round(scale * 0.86) + 4
        ink = Ink((wide, high), (wide / 2, high - scale * 0.08), scale, fine=3)
        car_rear(ink, body, glass, lamp)
        plane = 0.15 + 0.5 * depth
        if stage.is_night:
            yield _streak(stage, (x, y), scale, lamp, plane)
        yield sprite(ink.finish(), (round(x - wide / 2), round(y - high + scale * 0.08)), plane)
        if stage.is_night:
            for lamp_x in (-0.38, 0.38):
                yield light.glow(
                    stage, (x + lamp_x * scale, y - 0.33 * scale), scale * 0.26, lamp, 0.75, plane
                )


def _streak(
    stage: Stage, at: tuple[float, float], scale: float, colour: RGB, depth: float
) -> Layer:
    """The long reflection of two lamps on wet ground."""
    wide, high = max(round(scale), 8), max(round(scale * 1.1), 8)
    x = np.linspace(-0.5, 0.5, wide, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, high, dtype=np.float32)[:, None]
    spread = 0.045 + 0.05 * y
    shape = np.exp(-(((np.abs(x) - 0.36) / spread) ** 2)) * (1 - y) ** 1.3
    shape = shape * (0.7 + 0.3 * np.sin(y * 60 + np.sin(y * 23) * 3))
    strength = 0.6 if stage.has("rain", "storm", "reflection", "neon", "cinematic") else 0.3
    alpha = Image.fromarray((np.clip(shape * strength, 0, 1) * 255).astype(np.uint8))
    red, green, blue = (round(channel * 255) for channel in colour)
    return Layer(
        (red, green, blue), alpha, (round(at[0] - wide / 2), round(at[1])), depth, "screen"
    )


def sailboat(ink: Ink, hull: RGB, sail: RGB, trim: RGB) -> None:
    """A small boat under two sails, about one unit high, floating on the origin."""
    ink.blob(
        path("-0.36,-0.1 -0.26,0.02 0,0.045 0.26,0.02 0.42,-0.125 0.2,-0.095 -0.15,-0.09"),
        hull,
    )
    ink.line([(-0.34, -0.085), (0, -0.07), (0.4, -0.11)], 0.018, trim)
    ink.line([(0.02, -0.08), (0.02, -1.0)], [0.018, 0.01], shade(hull, 0.7), smooth=False)
    ink.polygon(
        [(0.0, -0.95), *_belly((0.0, -0.95), (-0.34, -0.17), -0.09), (-0.34, -0.17), (0.0, -0.14)],
        sail,
    )
    ink.polygon(
        [(0.04, -0.88), *_belly((0.04, -0.88), (0.34, -0.17), 0.05), (0.34, -0.17), (0.05, -0.17)],
        shade(sail, 0.88),
    )
    ink.polygon(path("0,-0.95 -0.06,-0.55 -0.08,-0.14 0,-0.14"), shade(sail, 0.93), 0.7)
    ink.polygon([(0.02, -1.0), (0.14, -0.97), (0.02, -0.945)], trim)


def _belly(
    start: tuple[float, float], end: tuple[float, float], out: float
) -> list[tuple[float, float]]:
    share = np.linspace(0.1, 0.9, 8)
    return [
        (
            start[0] + (end[0] - start[0]) * s + out * np.sin(np.pi * s),
            start[1] + (end[1] - start[1]) * s,
        )
        for s in share.tolist()
    ]


def rowing_boat(ink: Ink, hull: RGB, trim: RGB) -> None:
    """A small open boat, about one unit long."""
    ink.blob(
        path("-0.5,-0.15 -0.38,0 0,0.035 0.38,0 0.52,-0.17 0.25,-0.1 -0.22,-0.09"),
        hull,
    )
    ink.blob(
        path("-0.46,-0.14 -0.2,-0.085 0.22,-0.095 0.48,-0.155 0.2,-0.12 -0.2,-0.115"),
        trim,
    )


def plane(ink: Ink, body: RGB, shadow: RGB, accent: RGB) -> None:
    """An airliner from the side, one unit long."""
    ink.polygon(path("-0.05,0 0.1,0 -0.14,-0.2 -0.2,-0.2"), shade(body, 0.8))
    ink.blob(
        path(
            "-0.5,-0.02 -0.42,-0.05 0.3,-0.058 0.44,-0.04 0.5,0 0.44,0.03 0.3,0.045 "
            "-0.2,0.04 -0.44,0"
        ),
        body,
    )
    ink.polygon(path("-0.4,0 0.46,0.012 0.42,0.035 0.3,0.045 -0.2,0.04"), shadow, 0.6)
    ink.polygon(path("-0.5,-0.03 -0.4,-0.03 -0.46,-0.2 -0.53,-0.2"), accent)
    ink.polygon(path("-0.08,0.01 0.12,0.01 -0.2,0.2 -0.27,0.2"), shade(body, 0.86))
    for x in np.linspace(-0.3, 0.32, 18):
        ink.ellipse((float(x), -0.015), (0.006, 0.008), shadow)


def rocket(ink: Ink, body: RGB, accent: RGB, glass: RGB) -> None:
    """A round-bellied rocket pointing up, one unit high, with its flame below the origin."""
    for size, colour in (
        (1.0, (1.0, 0.45, 0.12)),
        (0.7, (1.0, 0.74, 0.25)),
        (0.4, (1.0, 0.97, 0.8)),
    ):
        ink.blob(
            [
                (-0.085 * size, 0.0),
                (-0.06 * size, 0.2 * size),
                (0.0, 0.46 * size),
                (0.06 * size, 0.2 * size),
                (0.085 * size, 0.0),
            ],
            colour,
            0.9,
        )
    for side in (-1, 1):
        ink.blob(
            [(side * 0.13, -0.32), (side * 0.26, -0.12), (side * 0.25, 0.05), (side * 0.12, -0.05)],
            accent,
        )
    ink.blob(
        path(
            "0,-1 0.12,-0.8 0.175,-0.5 0.15,-0.16 0.1,0 -0.1,0 -0.15,-0.16 -0.175,-0.5 -0.12,-0.8"
        ),
        body,
    )
    ink.blob(
        path("0.02,-0.97 0.12,-0.8 0.175,-0.5 0.15,-0.16 0.1,0 0.04,0 0.09,-0.3 0.1,-0.6"),
        shade(body, 0.78),
        0.8,
    )
    ink.blob(
        path("0,-1 0.075,-0.88 0.118,-0.78 0,-0.76 -0.118,-0.78 -0.075,-0.88"),
        accent,
    )
    ink.ellipse((0, -0.56), (0.075, 0.075), shade(body, 0.6))
    ink.ellipse((0, -0.56), (0.056, 0.056), glass)
    ink.ellipse((-0.018, -0.578), (0.018, 0.018), (1.0, 1.0, 1.0), 0.8)
    ink.polygon(path("-0.012,-0.22 0.012,-0.22 0.014,0.06 -0.014,0.06"), accent)


def saucer(ink: Ink, body: RGB, glass: RGB, lamp: RGB) -> None:
    """A flying saucer, one unit wide, with a beam below."""
    ink.polygon(path("-0.12,0.06 0.12,0.06 0.42,0.9 -0.42,0.9"), lamp, 0.22)
    ink.blob(path("-0.2,-0.05 -0.15,-0.2 0,-0.26 0.15,-0.2 0.2,-0.05 0,0"), glass, 0.9)
    ink.blob(
        path("-0.5,0 -0.25,-0.085 0,-0.1 0.25,-0.085 0.5,0 0.25,0.075 0,0.09 -0.25,0.075"),
        body,
    )
    ink.blob(
        path("-0.5,0 0,0.03 0.5,0 0.25,0.075 0,0.09 -0.25,0.075"),
        shade(body, 0.6),
    )
    for x in np.linspace(-0.36, 0.36, 7):
        ink.ellipse((float(x), 0.03 * (1 - (float(x) / 0.5) ** 2) + 0.008), (0.02, 0.015), lamp)


def air_balloon(ink: Ink, colours: tuple[RGB, RGB], basket: RGB, shine: RGB) -> None:
    """A hot-air balloon, one unit high, its basket on the origin."""
    outline = np.array(
        path("0,-1 0.2,-0.965 0.335,-0.83 0.36,-0.66 0.29,-0.47 0.16,-0.31 0.07,-0.2")
    )
    for gore in range(8):
        left, right = -np.cos(np.pi * gore / 8), -np.cos(np.pi * (gore + 1) / 8)
        panel = np.vstack([outline * [left, 1.0], (outline * [right, 1.0])[::-1]])
        lit = 0.72 + 0.36 * float(np.sin(np.pi * (gore + 1.6) / 9.4))
        colour = colours[gore % 2]
        ink.polygon(_smooth(panel, len(outline)), shade(colour, min(lit, 1.06)))
    for x in (-0.06, 0.06):
        ink.line([(x, -0.2), (x * 0.62, -0.07)], 0.006, basket, smooth=False)
    ink.polygon(path("-0.05,-0.085 0.05,-0.085 0.043,0 -0.043,0"), basket)
    ink.box((-0.055, -0.092), (0.11, 0.014), shade(basket, 1.4))
    ink.ellipse((0.0, -0.2), (0.03, 0.018), shine, 0.8)


def _smooth(panel: np.ndarray, count: int) -> np.ndarray:
    from flexura.render.pictures.scene.ink import curve

    return np.vstack([curve(panel[:count], False, 6), curve(panel[count:], False, 6)])


def train(ink: Ink, body: RGB, window: RGB, dark: RGB, cars: int = 4) -> None:
    """A train from the side, its engine to the right; each car is one unit long."""
    for index in range(cars):
        x = -1.04 * (cars - index)
        lead = index == cars - 1
        nose = [
            (x, -0.28),
            (x + 0.86, -0.28),
            (x + 0.99, -0.17),
            (x + 1.04, -0.05),
            (x + 1.0, 0.0),
            (x, 0.0),
        ]
        plain = [(x, -0.28), (x + 1.0, -0.28), (x + 1.0, 0.0), (x, 0.0)]
        ink.polygon(nose if lead else plain, body)
        ink.polygon([(x, -0.09), (x + 1.0, -0.09), (x + 1.0, -0.06), (x, -0.06)], shade(body, 0.7))
        for window_x in np.linspace(0.06, 0.68 if lead else 0.84, 6 if lead else 7):
            ink.box((x + float(window_x), -0.225), (0.095, 0.095), window)
        for wheel in (0.18, 0.3, 0.7, 0.82):
            ink.ellipse((x + wheel, 0.01), (0.042, 0.042), dark)
