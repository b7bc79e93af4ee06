"""Animals as soft two-tone shapes; each is one unit high or long, standing on the origin."""

from __future__ import annotations

import numpy as np

from flexura.render.oklab import RGB, mix, shade
from flexura.render.pictures.scene.ink import Ink, path


def bird(ink: Ink, colour: RGB, beat: float = 0.0) -> None:
    """A gull in flight, one unit from tip to tip; `beat` -1..1 lowers or lifts its wings."""
    up = -0.12 - 0.16 * beat
    for side in (-1, 1):
        ink.line(
            [(0, 0), (side * 0.2, up), (side * 0.5, up * 0.35 + 0.08)], [0.07, 0.055, 0.012], colour
        )
    ink.blob(path("-0.05,-0.02 0,-0.045 0.06,-0.02 0.035,0.05 -0.04,0.05"), colour)


def dog(ink: Ink, fur: RGB, belly: RGB) -> None:
    """A dog that sits and looks to the right."""
    dark = shade(fur, 0.72)
    ink.line([(-0.24, -0.06), (-0.4, -0.1), (-0.46, -0.26)], [0.09, 0.08, 0.05], fur)
    ink.blob(
        path(
            "-0.02,-0.66 0.12,-0.62 0.17,-0.4 0.14,-0.12 0.05,0 -0.26,0 -0.32,-0.12 "
            "-0.26,-0.3 -0.14,-0.48"
        ),
        fur,
    )
    ink.blob(path("0.06,-0.58 0.15,-0.52 0.16,-0.32 0.08,-0.26"), belly)
    for x in (0.02, 0.12):
        ink.line(
            [(x, -0.36), (x + 0.01, -0.03)],
            [0.11, 0.085],
            mix(fur, belly, 0.25 if x > 0.1 else 0.0),
            smooth=False,
        )
        ink.ellipse((x + 0.03, -0.02), (0.065, 0.035), belly)
    ink.ellipse((-0.16, -0.02), (0.11, 0.04), belly)
    ink.blob(
        path(
            "-0.1,-0.88 0.06,-0.94 0.2,-0.88 0.24,-0.8 0.38,-0.76 0.4,-0.68 0.3,-0.62 "
            "0.14,-0.6 0,-0.62 -0.1,-0.72"
        ),
        fur,
    )
    ink.blob(path("0.2,-0.76 0.38,-0.755 0.4,-0.68 0.3,-0.62 0.16,-0.63"), belly)
    ink.ellipse((0.385, -0.74), (0.035, 0.028), (0.08, 0.06, 0.06))
    ink.blob(
        path("-0.06,-0.9 -0.16,-0.86 -0.18,-0.68 -0.1,-0.58 -0.02,-0.66 0.02,-0.82"),
        dark,
    )
    ink.ellipse((0.17, -0.8), (0.024, 0.028), (0.06, 0.05, 0.05))
    ink.line([(-0.04, -0.6), (0.06, -0.565), (0.15, -0.58)], 0.035, (0.86, 0.24, 0.2))


def fox(ink: Ink, fur: RGB, white: RGB) -> None:
    """A fox that sits, its brush around its feet, its head turned to the viewer."""
    dark = shade(fur, 0.35)
    ink.blob(
        path(
            "-0.1,-0.06 -0.3,-0.02 -0.52,-0.08 -0.6,-0.24 -0.52,-0.38 -0.4,-0.34 "
            "-0.3,-0.22 -0.16,-0.2"
        ),
        fur,
    )
    ink.blob(path("-0.6,-0.24 -0.52,-0.38 -0.42,-0.36 -0.46,-0.24 -0.54,-0.16"), white)
    ink.blob(
        path("-0.08,-0.62 0.1,-0.62 0.17,-0.4 0.15,-0.1 0.08,0 -0.2,0 -0.25,-0.14 -0.18,-0.4"),
        fur,
    )
    ink.blob(path("-0.02,-0.56 0.08,-0.56 0.11,-0.4 0.05,-0.24 -0.02,-0.34"), white)
    for x in (0.0, 0.1):
        ink.line([(x, -0.34), (x, -0.02)], [0.09, 0.06], mix(fur, dark, 0.35), smooth=False)
    _fox_head(ink, fur, white)


def _fox_head(ink: Ink, fur: RGB, white: RGB) -> None:
    dark = shade(fur, 0.35)
    for side in (-1, 1):
        ink.polygon(
            [(0.03 + side * 0.2, -0.8), (0.03 + side * 0.17, -1.0), (0.03 + side * 0.03, -0.87)],
            fur,
        )
        ink.polygon(
            [
                (0.03 + side * 0.175, -0.84),
                (0.03 + side * 0.155, -0.95),
                (0.03 + side * 0.07, -0.86),
            ],
            dark,
        )
    ink.blob(
        path(
            "0.03,-0.9 0.17,-0.84 0.23,-0.72 0.12,-0.62 0.03,-0.55 -0.06,-0.62 "
            "-0.17,-0.72 -0.11,-0.84"
        ),
        fur,
    )
    for side in (-1, 1):
        ink.blob(
            [
                (0.03, -0.6),
                (0.03 + side * 0.1, -0.66),
                (0.03 + side * 0.19, -0.715),
                (0.03 + side * 0.1, -0.72),
                (0.03 + side * 0.03, -0.64),
            ],
            white,
        )
        ink.ellipse((0.03 + side * 0.085, -0.755), (0.02, 0.026), (0.08, 0.05, 0.04))
    ink.ellipse((0.03, -0.565), (0.026, 0.022), (0.08, 0.05, 0.04))


def deer(ink: Ink, fur: RGB, belly: RGB) -> None:
    """A stag that stands and looks ahead to the right."""
    dark = shade(fur, 0.7)
    for x in (-0.26, 0.16):
        ink.line([(x + 0.05, -0.36), (x + 0.03, -0.2), (x + 0.06, 0)], [0.075, 0.035, 0.03], dark)
    ink.blob(
        path(
            "-0.36,-0.52 -0.2,-0.57 0.08,-0.55 0.22,-0.58 0.26,-0.48 0.2,-0.34 0,-0.3 "
            "-0.24,-0.3 -0.36,-0.38"
        ),
        fur,
    )
    for x in (-0.32, 0.1):
        ink.line([(x, -0.38), (x - 0.02, -0.2), (x, 0)], [0.1, 0.04, 0.032], fur)
    ink.blob(
        path("0.1,-0.52 0.22,-0.74 0.3,-0.76 0.34,-0.64 0.26,-0.44 0.16,-0.38"),
        fur,
    )
    ink.blob(
        path("0.22,-0.78 0.32,-0.8 0.4,-0.74 0.5,-0.69 0.48,-0.645 0.36,-0.64 0.26,-0.66"),
        fur,
    )
    ink.ellipse((0.49, -0.675), (0.018, 0.016), (0.08, 0.06, 0.06))
    ink.ellipse((0.355, -0.735), (0.014, 0.016), (0.06, 0.05, 0.05))
    ink.blob(path("0.24,-0.77 0.15,-0.83 0.14,-0.78 0.22,-0.72"), dark)
    ink.blob(path("-0.36,-0.5 -0.42,-0.46 -0.39,-0.38 -0.35,-0.42"), belly)
    for side, lean in ((-1, -0.1), (1, 0.08)):
        ink.line(
            [(0.28, -0.79), (0.26 + lean, -0.92), (0.33 + lean * 2.2, -1.06)],
            [0.022, 0.018, 0.008],
            shade(belly, 0.8),
        )
        for share in (0.35, 0.65, 0.85):
            x, y = 0.28 + lean * share * 1.6, -0.79 - 0.24 * share
            ink.line(
                [(x, y), (x + side * 0.05 + 0.02, y - 0.07)], [0.014, 0.005], shade(belly, 0.8)
            )


def camel(ink: Ink, fur: RGB, dark: RGB) -> None:
    """A camel that walks to the right."""
    for x, bend in ((-0.28, -0.05), (0.2, 0.06)):
        ink.line([(x, -0.42), (x + bend, -0.2), (x + bend * 0.4, 0)], [0.09, 0.045, 0.045], dark)
    ink.blob(
        path(
            "-0.44,-0.5 -0.3,-0.6 -0.14,-0.64 -0.03,-0.86 0.08,-0.84 0.16,-0.62 "
            "0.3,-0.58 0.34,-0.46 0.2,-0.36 -0.3,-0.36 -0.42,-0.42"
        ),
        fur,
    )
    for x, bend in ((-0.34, 0.06), (0.26, -0.05)):
        ink.line([(x, -0.44), (x + bend, -0.2), (x + bend * 0.3, 0)], [0.1, 0.05, 0.05], fur)
    ink.line(path("0.28,-0.5 0.44,-0.48 0.52,-0.66 0.55,-0.86"), [0.15, 0.11, 0.085, 0.07], fur)
    ink.blob(path("0.5,-0.93 0.58,-0.95 0.72,-0.87 0.72,-0.81 0.6,-0.8 0.52,-0.83"), fur)
    ink.line([(-0.43, -0.48), (-0.48, -0.36), (-0.46, -0.28)], [0.03, 0.02, 0.03], dark)


def whale(ink: Ink, back: RGB, belly: RGB) -> None:
    """A whale that swims to the right, one unit long, its middle on the origin."""
    ink.blob(
        path("-0.62,-0.16 -0.5,-0.08 -0.4,-0.03 -0.46,0.03 -0.58,0.08 -0.66,0 -0.7,-0.12"),
        back,
    )
    ink.blob(
        path(
            "-0.46,-0.02 -0.24,-0.1 0.1,-0.17 0.36,-0.14 0.5,-0.02 0.46,0.1 0.28,0.16 "
            "0,0.14 -0.28,0.05"
        ),
        back,
    )
    ink.blob(
        path("0.5,0 0.46,0.1 0.28,0.16 0,0.14 -0.2,0.075 0.04,0.06 0.3,0.05"),
        belly,
    )
    for share in np.linspace(0.04, 0.42, 9):
        ink.line(
            [(float(share), 0.075), (float(share) + 0.015, 0.145)],
            0.005,
            shade(belly, 0.75),
            0.7,
            smooth=False,
        )
    ink.blob(path("0.12,0.08 0.04,0.22 -0.06,0.3 -0.04,0.18 0.02,0.08"), shade(back, 0.8))
    ink.ellipse((0.37, 0.035), (0.013, 0.013), (0.03, 0.03, 0.04))
    ink.blob([(-0.2, -0.1), (-0.28, -0.17), (-0.12, -0.125)], back)


def fish(ink: Ink, colour: RGB, stripe: RGB, sway: float = 0.0) -> None:
    """A reef fish that swims to the right, one unit long, its middle on the origin; `sway` bends
    its tail.
    """
    ink.blob(
        [
            (-0.28, 0.0),
            (-0.42, -0.16 + 0.06 * sway),
            (-0.52, -0.17 + 0.08 * sway),
            (-0.46, 0.01 + 0.05 * sway),
            (-0.52, 0.17 + 0.08 * sway),
            (-0.42, 0.16 + 0.06 * sway),
        ],
        stripe,
    )
    ink.blob(path("-0.12,-0.16 0.02,-0.32 0.16,-0.26 0.2,-0.15"), stripe)
    ink.blob(path("-0.06,0.16 0,0.27 0.12,0.22 0.14,0.14"), stripe)
    ink.blob(
        path("-0.32,0 -0.14,-0.15 0.12,-0.2 0.36,-0.11 0.48,0.01 0.36,0.12 0.12,0.18 -0.14,0.14"),
        colour,
    )
    ink.blob(
        path("0.08,-0.19 0.16,-0.19 0.19,0 0.15,0.17 0.08,0.175 0.11,0"),
        stripe,
    )
    ink.blob(
        path("-0.14,-0.145 -0.07,-0.165 -0.04,0 -0.07,0.155 -0.14,0.14 -0.11,0"),
        stripe,
    )
    ink.ellipse((0.335, -0.035), (0.045, 0.045), (1.0, 1.0, 1.0))
    ink.ellipse((0.345, -0.035), (0.024, 0.026), (0.05, 0.05, 0.07))


def jellyfish(ink: Ink, colour: RGB, beat: float = 0.0) -> None:
    """A jellyfish, one unit high, its bell's middle on the origin; `beat` 0..1 closes the bell."""
    wide = 0.34 - 0.06 * beat
    for index in range(9):
        x = -wide * 0.85 + wide * 1.7 * index / 8
        points = [
            (x, 0.04),
            (x + 0.05 * np.sin(index * 2.1 + beat * 3), 0.3),
            (x - 0.05 * np.sin(index + beat * 3), 0.55),
            (x + 0.06 * np.sin(index * 1.7), 0.74),
        ]
        ink.line(points, [0.026, 0.018, 0.004], mix(colour, (1.0, 1.0, 1.0), 0.3), 0.55)
    ink.blob(
        [
            (-wide, 0.05),
            (-wide * 0.94, -0.14),
            (-wide * 0.5, -0.28 - 0.03 * beat),
            (0, -0.32 - 0.04 * beat),
            (wide * 0.5, -0.28 - 0.03 * beat),
            (wide * 0.94, -0.14),
            (wide, 0.05),
            (wide * 0.5, 0.09),
            (0, 0.06),
            (-wide * 0.5, 0.09),
        ],
        colour,
        0.72,
    )
    ink.blob(
        [
            (-wide * 0.7, -0.06),
            (-wide * 0.4, -0.22),
            (0, -0.27),
            (wide * 0.3, -0.22),
            (0, -0.14),
            (-wide * 0.4, -0.06),
        ],
        mix(colour, (1.0, 1.0, 1.0), 0.65),
        0.5,
    )
