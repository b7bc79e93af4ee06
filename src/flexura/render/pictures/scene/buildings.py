"""Single buildings: houses, lighthouse, castle, windmill, tent, pyramid, bridge, lantern."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene import light
from flexura.render.pictures.scene.ink import Ink, path
from flexura.render.pictures.scene.layer import Layer, sprite
from flexura.render.pictures.scene.stage import Stage

WARM: RGB = (1.0, 0.8, 0.45)


def house(
    ink: Ink, wall: RGB, roof: RGB, window: RGB, snow: RGB | None = None, kind: int = 0
) -> None:
    """A small house seen a little from the side, about one unit wide and high, standing on the origin."""
    front, side = wall, shade(wall, 0.78)
    high = 0.44 if kind != 2 else 0.62
    peak = high + 0.34
    ink.polygon([(-0.5, 0), (-0.5, -high), (-0.3, -peak), (-0.1, -high), (-0.1, 0)], front)
    ink.polygon([(-0.1, 0), (-0.1, -high), (0.5, -high), (0.5, 0)], side)
    ink.polygon([(-0.3, -peak), (0.34, -peak), (0.56, -high + 0.04), (-0.08, -high + 0.04)], roof)
    ink.polygon(
        [
            (-0.3, -peak),
            (-0.55, -high + 0.06),
            (-0.52, -high + 0.02),
            (-0.3, -peak + 0.06),
            (-0.08, -high + 0.02),
            (-0.05, -high + 0.04),
        ],
        shade(roof, 0.75),
    )
    ink.box((0.12, -peak - 0.1), (0.09, 0.2), shade(roof, 0.7))
    if snow is not None:
        ink.polygon(
            [
                (-0.3, -peak - 0.03),
                (0.34, -peak - 0.02),
                (0.57, -high + 0.02),
                (0.44, -high - 0.01),
                (0.28, -high + 0.03),
                (0.1, -high - 0.02),
                (-0.1, -high + 0.03),
            ],
            snow,
        )
        ink.polygon(
            [(-0.3, -peak - 0.035), (-0.56, -high + 0.04), (-0.5, -high), (-0.3, -peak + 0.045)],
            shade(snow, 0.92),
        )
        ink.box((0.11, -peak - 0.12), (0.11, 0.035), snow)
    for x, y in ((-0.38, -0.3), (0.06, -0.32), (0.3, -0.32)) + (
        ((-0.34, -0.56),) if kind == 2 else ()
    ):
        ink.box((x - 0.015, y - 0.015), (0.15, 0.19), shade(wall, 0.55))
        ink.box((x, y), (0.12, 0.16), window)
        ink.box((x + 0.053, y), (0.014, 0.16), shade(wall, 0.55))
        ink.box((x, y + 0.07), (0.12, 0.014), shade(wall, 0.55))
    ink.box((-0.24, -0.27), (0.11, 0.27), shade(roof, 0.8))


def house_layers(
    stage: Stage,
    foot: tuple[float, float],
    size: float,
    depth: float,
    label: str,
    hue: RGB | None = None,
) -> Iterator[Layer]:
    """A house with lit windows at night, snow in winter."""
    generator = stage.rng(label)
    walls = (
        from_hex("#e9dcc6"),
        from_hex("#c96f4a"),
        from_hex("#d9c08f"),
        from_hex("#8a5a3c"),
        from_hex("#b5c4cc"),
        from_hex("#9c4a3c"),
    )
    roofs = (from_hex("#7a3b2e"), from_hex("#4a4f5c"), from_hex("#5b4636"), from_hex("#38424f"))
    wall = stage.far(stage.lit(hue or walls[int(generator.integers(len(walls)))], 0.95), depth)
    roof = stage.far(stage.lit(roofs[int(generator.integers(len(roofs)))], 0.9), depth)
    dim = stage.is_night or stage.hour in {"sunset", "dawn"} or stage.has("snow", "rain", "fog")
    window = WARM if dim else stage.far(mix(stage.palette.sky[1], stage.palette.dark, 0.35), depth)
    snow = (
        stage.far(stage.lit((0.96, 0.97, 1.0), 1.15), depth)
        if stage.has("snow") or stage.words.place == "arctic"
        else None
    )
    wide = round(size * 1.3) + 4
    ink = Ink((wide, wide), (wide / 2, wide - 2), size, flip=generator.random() < 0.5)
    house(ink, wall, roof, window, snow, int(generator.integers(3)))
    yield sprite(ink.finish(), (round(foot[0] - wide / 2), round(foot[1] - wide + 2)), depth)
    if dim:
        yield light.glow(stage, (foot[0], foot[1] - size * 0.22), size * 0.5, WARM, 0.42, depth)


def lighthouse(
    stage: Stage, foot: tuple[float, float], height: float, depth: float
) -> Iterator[Layer]:
    """A banded tower whose lamp throws a beam in the dark."""
    wide = round(height * 0.7)
    high = round(height * 1.15)
    white = stage.far(stage.lit((0.95, 0.94, 0.92)), 0.9)
    red = stage.far(stage.lit(stage.words.tint("lighthouse") or from_hex("#d23c2f")), 0.9)
    ink = Ink((wide, high), (wide / 2, high - 2), height)
    ink.polygon(path("-0.12,0 -0.075,-0.74 0.075,-0.74 0.12,0"), white)
    for low in (0.04, 0.3, 0.56):
        left, right = 0.12 - 0.045 * low / 0.74, 0.12 - 0.045 * (low + 0.13) / 0.74
        ink.polygon([(-left, -low), (left, -low), (right, -low - 0.13), (-right, -low - 0.13)], red)
    ink.polygon(path("0.02,0 0.015,-0.74 0.075,-0.74 0.12,0"), (0.0, 0.0, 0.05), 0.2)
    ink.box((-0.11, -0.77), (0.22, 0.03), shade(red, 0.55))
    ink.box((-0.06, -0.87), (0.12, 0.1), WARM if stage.day_light < 0.8 else stage.palette.sky[2])
    ink.polygon([(-0.085, -0.87), (0, -0.98), (0.085, -0.87)], red)
    ink.box((-0.03, -0.14), (0.06, 0.14), shade(red, 0.5))
    ink.box((-0.13, -0.11), (0.0, 0.0), red)
    lamp = (foot[0], foot[1] - height * 0.82)
    if stage.day_light < 0.8:
        yield _beam(stage, lamp, height * 2.4, depth)
    yield sprite(ink.finish(), (round(foot[0] - wide / 2), round(foot[1] - high + 2)), depth)
    if stage.day_light < 0.8:
        yield light.glow(stage, lamp, height * 0.22, WARM, 0.85, depth)


def _beam(stage: Stage, lamp: tuple[float, float], length: float, depth: float) -> Layer:
    side = -1 if lamp[0] > stage.width / 2 else 1
    wide, high = max(round(length), 4), max(round(length * 0.3), 4)
    x = np.linspace(0, 1, wide, dtype=np.float32)[None, ::side]
    y = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
    alpha = np.exp(-((y / (0.05 + 0.8 * x)) ** 2)) * (1 - x) ** 1.3 * np.float32(0.5)
    from flexura.render.pictures.scene import tone

    at = (round(lamp[0]) if side > 0 else round(lamp[0]) - wide, round(lamp[1] - high / 2))
    return Layer(tone.pixel(mix(WARM, (1.0, 1.0, 1.0), 0.4)), tone.mask(alpha), at, depth, "screen")


def castle(ink: Ink, wall: RGB, roof: RGB, window: RGB) -> None:
    """A castle of many towers, about one unit high and wide."""
    towers = (
        (-0.42, 0.42, 0.16),
        (0.4, 0.5, 0.15),
        (-0.2, 0.62, 0.14),
        (0.2, 0.7, 0.15),
        (0.0, 0.84, 0.17),
    )
    ink.polygon(path("-0.5,0 -0.5,-0.26 0.5,-0.26 0.5,0"), shade(wall, 0.85))
    for index, (x, high, wide) in enumerate(towers):
        body = shade(wall, 0.9 + 0.04 * index)
        ink.polygon(
            [(x - wide / 2, 0), (x - wide / 2, -high), (x + wide / 2, -high), (x + wide / 2, 0)],
            body,
        )
        ink.polygon(
            [
                (x + wide * 0.1, 0),
                (x + wide * 0.1, -high),
                (x + wide / 2, -high),
                (x + wide / 2, 0),
            ],
            shade(body, 0.75),
        )
        ink.box((x - wide * 0.6, -high - 0.02), (wide * 1.2, 0.04), shade(body, 0.85))
        ink.polygon(
            [
                (x - wide * 0.62, -high - 0.015),
                (x, -high - wide * 1.5),
                (x + wide * 0.62, -high - 0.015),
            ],
            roof,
        )
        ink.polygon(
            [
                (x + wide * 0.05, -high - 0.015),
                (x, -high - wide * 1.5),
                (x + wide * 0.62, -high - 0.015),
            ],
            shade(roof, 0.75),
        )
        for share in (0.45, 0.75):
            ink.ellipse((x, -high * share), (wide * 0.09, wide * 0.16), window)
    for x in np.linspace(-0.48, 0.44, 14):
        ink.box((float(x), -0.295), (0.035, 0.045), shade(wall, 0.85))
    ink.blob(path("-0.07,0 -0.07,-0.11 0,-0.16 0.07,-0.11 0.07,0"), shade(wall, 0.35))


def windmill(ink: Ink, wall: RGB, roof: RGB, sail: RGB, turn: float = 0.3) -> None:
    """A Dutch windmill, one unit high without its sails."""
    ink.polygon(path("-0.24,0 -0.13,-0.7 0.13,-0.7 0.24,0"), wall)
    ink.polygon(path("0.05,0 0.03,-0.7 0.13,-0.7 0.24,0"), shade(wall, 0.72))
    ink.blob(path("-0.16,-0.69 -0.1,-0.82 0,-0.87 0.12,-0.82 0.17,-0.69"), roof)
    ink.box((-0.06, -0.2), (0.1, 0.2), shade(roof, 0.8))
    for y in (-0.34, -0.52):
        ink.box((-0.04, y), (0.06, 0.08), shade(roof, 0.6))
    hub = np.array([0.0, -0.72])
    for quarter in range(4):
        angle = turn + quarter * np.pi / 2
        along, across = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        ink.line([hub, hub + along * 0.56], 0.022, shade(roof, 0.7), smooth=False)
        ink.polygon(
            [
                hub + along * 0.1,
                hub + along * 0.55,
                hub + along * 0.55 + across * 0.12,
                hub + along * 0.1 + across * 0.1,
            ],
            sail,
            0.85,
        )
        for share in np.linspace(0.1, 0.55, 7):
            ink.line(
                [hub + along * share, hub + along * share + across * 0.115],
                0.008,
                shade(roof, 0.7),
                smooth=False,
            )
    ink.ellipse((0, -0.72), (0.03, 0.03), shade(roof, 0.6))


def tent(ink: Ink, cloth: RGB, glow: RGB, dark: RGB) -> None:
    """A ridge tent with light inside, one unit wide."""
    ink.polygon([(-0.5, 0), (-0.08, -0.52), (0.22, 0)], mix(cloth, glow, 0.45))
    ink.polygon(path("-0.08,-0.52 0.3,-0.46 0.56,0 0.22,0"), shade(cloth, 0.72))
    ink.polygon([(-0.2, 0), (-0.08, -0.46), (0.02, 0)], glow)
    ink.polygon([(-0.2, 0), (-0.08, -0.46), (-0.12, 0)], shade(glow, 0.75))
    ink.line([(-0.08, -0.52), (-0.62, 0.01)], 0.008, dark, smooth=False)
    ink.line([(0.3, -0.46), (0.68, 0.01)], 0.008, dark, smooth=False)


def pyramid(ink: Ink, lit: RGB, shadow: RGB, rows: int = 26) -> None:
    """A stepped stone pyramid, one unit high, its base on the origin."""
    ink.polygon([(-0.85, 0), (0, -1), (0.28, 0)], lit)
    ink.polygon([(0, -1), (0.85, 0), (0.28, 0)], shadow)
    for row in range(1, rows):
        share = row / rows
        ink.line(
            [(-0.85 * share, -1 + share), (0.28 * share, -1 + share)],
            0.004,
            shade(lit, 0.86),
            0.7,
            smooth=False,
        )
        ink.line(
            [(0.28 * share, -1 + share), (0.85 * share, -1 + share)],
            0.004,
            shade(shadow, 0.86),
            0.7,
            smooth=False,
        )


def suspension_bridge(ink: Ink, steel: RGB, length: float) -> None:
    """A suspension bridge from the left edge, `length` units long, one unit high; its road lies on
    the origin's row.
    """
    ink.box((0, -0.06), (length, 0.06), steel)
    ink.box((0, 0.0), (length, 0.02), shade(steel, 0.7))
    pylons = (length * 0.27, length * 0.73)
    for x in pylons:
        ink.box((x - 0.035, -1.0), (0.07, 1.28), steel)
        ink.box((x - 0.05, -1.0), (0.1, 0.04), steel)
    spans = (
        (0.0, -0.25, pylons[0], -0.97),
        (pylons[0], -0.97, pylons[1], -0.97),
        (pylons[1], -0.97, length, -0.25),
    )
    for x0, y0, x1, y1 in spans:
        share = np.linspace(0, 1, 60)
        sag = 0.82 if x0 > 0 and x1 < length else 0.25
        y = y0 + (y1 - y0) * share + sag * (1 - (2 * share - 1) ** 2)
        y = np.minimum(y, -0.06)
        x = x0 + (x1 - x0) * share
        ink.line(np.stack([x, y], axis=1), 0.022, steel, smooth=False)
        for index in range(2, 58, 3):
            ink.line(
                [(float(x[index]), float(y[index])), (float(x[index]), -0.05)],
                0.007,
                steel,
                smooth=False,
            )


def lantern(ink: Ink, paper: RGB, flame: RGB) -> None:
    """A paper sky lantern, one unit high."""
    ink.blob(
        path("-0.32,-0.05 -0.4,-0.5 -0.3,-0.92 0,-1 0.3,-0.92 0.4,-0.5 0.32,-0.05 0,-0.02"),
        paper,
    )
    ink.blob(
        path("-0.22,-0.05 -0.26,-0.35 0,-0.55 0.26,-0.35 0.22,-0.05 0,-0.03"),
        flame,
        0.85,
    )
    ink.ellipse((0, -0.05), (0.32, 0.05), shade(paper, 0.7))
