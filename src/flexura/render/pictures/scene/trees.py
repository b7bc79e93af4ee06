"""Single trees: firs, round-headed trees, palms, bare trunks, cacti and grass."""

from __future__ import annotations

import numpy as np

from flexura.render.oklab import RGB, mix, shade
from flexura.render.pictures.scene.ink import Ink


def fir(
    ink: Ink,
    foot: tuple[float, float],
    height: float,
    colours: tuple[RGB, RGB],
    rng: np.random.Generator,
) -> None:
    """A fir with hanging tiers; the second colour is its lit side."""
    x, y = foot
    tiers = int(rng.integers(9, 14))
    ink.line(
        [(x, y), (x, y - height * 0.5)],
        [height * 0.035, height * 0.015],
        mix(colours[0], (0.12, 0.08, 0.06), 0.5),
    )
    lean = float(rng.uniform(-0.015, 0.015)) * height
    for tier in range(tiers):
        share = tier / tiers
        top = y - height * (0.1 + 0.9 * (share + 0.17))
        if tier == tiers - 1:
            top = y - height
        low = y - height * (0.1 + 0.86 * share)
        wide = height * 0.235 * (1 - share) ** 0.85 + height * 0.018
        cx = x + lean * share
        left, right = wide * float(rng.uniform(0.8, 1.15)), wide * float(rng.uniform(0.8, 1.15))
        sag = height * 0.022
        outline = [
            (cx, top),
            (cx + right * 0.5, low - sag * 0.8),
            (cx + right, low + sag),
            (cx + right * 0.55, low - sag * 0.2),
            (cx + right * 0.25, low + sag * 1.3),
            (cx - left * 0.1, low),
            (cx - left * 0.35, low + sag * 1.4),
            (cx - left * 0.62, low - sag * 0.1),
            (cx - left, low + sag),
            (cx - left * 0.5, low - sag * 0.8),
        ]
        ink.polygon(outline, colours[0])
        light = [
            (cx, top),
            (cx + right * 0.5, low - sag * 0.8),
            (cx + right, low + sag),
            (cx + right * 0.5, low - sag),
            (cx + right * 0.12, low - sag * 2),
        ]
        ink.polygon(light, mix(colours[0], colours[1], 0.55 - 0.25 * (1 - share)))


def crown(
    ink: Ink,
    foot: tuple[float, float],
    height: float,
    colours: tuple[RGB, RGB],
    rng: np.random.Generator,
) -> None:
    """A tree with a round crown of many leaf heaps; the second colour is its lit side."""
    x, y = foot
    bark = mix(shade(colours[0], 0.6, 0.6), (0.2, 0.13, 0.09), 0.5)
    trunk = [(x, y), (x + height * 0.01, y - height * 0.25), (x - height * 0.01, y - height * 0.5)]
    ink.line(trunk, [height * 0.075, height * 0.045, height * 0.03], bark)
    for side in (-1, 1):
        reach = height * float(rng.uniform(0.16, 0.24))
        ink.line(
            [
                (x, y - height * 0.3),
                (x + side * reach * 0.6, y - height * 0.48),
                (x + side * reach, y - height * 0.58),
            ],
            [height * 0.032, height * 0.018, height * 0.008],
            bark,
        )
    heaps: list[tuple[float, float, float]] = []
    for _ in range(46):
        angle, away = float(rng.uniform(0, 2 * np.pi)), float(rng.random()) ** 0.6
        cx = x + np.cos(angle) * away * height * 0.33
        cy = y - height * 0.66 + np.sin(angle) * away * height * 0.25
        heaps.append((float(cx), float(cy), height * float(rng.uniform(0.055, 0.105))))
    for cx, cy, radius in sorted(heaps, key=lambda heap: -heap[1]):
        ink.ellipse((cx, cy), (radius * 1.15, radius), colours[0])
    for cx, cy, radius in sorted(heaps, key=lambda heap: -heap[1]):
        up = np.clip((y - height * 0.5 - cy) / (height * 0.42), 0, 1)
        side = np.clip(0.5 + (cx - x) / (height * 0.6), 0, 1)
        step = round(float(0.1 + 0.55 * up * (0.4 + 0.6 * side)) * 12) / 12
        tone = mix(colours[0], colours[1], step)
        ink.ellipse((cx + radius * 0.2, cy - radius * 0.25), (radius * 0.8, radius * 0.6), tone)
        fleck = mix(tone, colours[1], 0.3)
        for dx, dy in rng.normal(0, radius * 0.36, (4, 2)).tolist():
            ink.ellipse((cx + dx, cy - radius * 0.25 + dy), (radius * 0.2, radius * 0.11), fleck)


def palm(
    ink: Ink,
    foot: tuple[float, float],
    height: float,
    colour: RGB,
    rng: np.random.Generator,
    lean: float = 0.2,
) -> None:
    """A palm: a bent trunk and fronds with hanging leaflets."""
    x, y = foot
    top = (x + lean * height, y - height)
    trunk = [
        (x, y),
        (x + lean * height * 0.18, y - height * 0.4),
        (x + lean * height * 0.55, y - height * 0.75),
        top,
    ]
    ink.line(
        trunk,
        [height * 0.05, height * 0.032, height * 0.024, height * 0.02],
        mix(colour, (0.25, 0.16, 0.1), 0.35),
    )
    for angle in np.linspace(-0.35, np.pi + 0.35, 11) + rng.normal(0, 0.07, 11):
        reach = height * float(rng.uniform(0.36, 0.5))
        dx, dy = float(np.cos(angle)), -float(np.sin(angle))
        rib = np.array(
            [
                top,
                (top[0] + dx * reach * 0.5, top[1] + dy * reach * 0.5 - reach * 0.12),
                (top[0] + dx * reach * 0.95, top[1] + dy * reach * 0.6 + reach * 0.26),
            ]
        )
        ink.line(rib, [height * 0.014, height * 0.008, height * 0.002], colour)
        for share in np.linspace(0.1, 0.98, 16):
            start = rib[0] * (1 - share) ** 2 + 2 * rib[1] * share * (1 - share) + rib[2] * share**2
            hang = reach * 0.3 * (1 - 0.55 * share)
            for side in (-1, 1):
                tip = start + np.array(
                    [
                        dx * hang * 0.45 + side * hang * 0.22 * abs(dy),
                        hang * (0.75 if side > 0 else 0.4),
                    ]
                )
                ink.line(
                    [tuple(start), tuple(tip)],
                    [height * 0.012, height * 0.002],
                    colour,
                    smooth=False,
                )


def cactus(
    ink: Ink,
    foot: tuple[float, float],
    height: float,
    colours: tuple[RGB, RGB],
    rng: np.random.Generator,
) -> None:
    """A saguaro with one to three arms."""
    x, y = foot
    thick = height * 0.15
    arms = [(-1, 0.36, 0.66), (1, 0.5, 0.8), (-1, 0.62, 0.86)][: int(rng.integers(1, 4))]
    lines = [[(x, y), (x, y - height)]]
    for side, low, high in arms:
        out = x + side * height * 0.24
        lines.append(
            [
                (x, y - height * low),
                (out - side * height * 0.05, y - height * low),
                (out, y - height * (low + 0.05)),
                (out, y - height * high),
            ]
        )
    for index, points in enumerate(lines):
        wide = thick * (1.0 if index == 0 else 0.72)
        ink.line(points, wide, colours[0], smooth=index > 0)
    for index, points in enumerate(lines):
        wide = thick * (1.0 if index == 0 else 0.72)
        for offset, share in ((0.26, 0.7), (0.08, 0.35)):
            moved = [(px + wide * offset, py) for px, py in points]
            ink.line(moved, wide * 0.14, mix(colours[0], colours[1], share), smooth=index > 0)


def trunk(
    ink: Ink,
    foot: tuple[float, float],
    height: float,
    width: float,
    colour: RGB,
    rng: np.random.Generator,
) -> None:
    """A tall bare trunk with a flared foot and a few branches."""
    x, y = foot
    bend = float(rng.normal(0, width * 0.35))
    points = [
        (x, y),
        (x + bend * 0.3, y - height * 0.3),
        (x + bend, y - height * 0.65),
        (x + bend * 0.7, y - height),
    ]
    ink.line(points, [width * 1.35, width, width * 0.86, width * 0.7], colour)
    ink.polygon(
        [
            (x - width * 1.2, y + width * 0.2),
            (x - width * 0.45, y - width * 1.6),
            (x + width * 0.45, y - width * 1.6),
            (x + width * 1.25, y + width * 0.2),
        ],
        colour,
    )
    for _ in range(int(rng.integers(1, 4))):
        share, side = float(rng.uniform(0.35, 0.85)), float(rng.choice([-1.0, 1.0]))
        base = (x + bend * share, y - height * share)
        reach = width * float(rng.uniform(1.6, 4))
        tip = (base[0] + side * reach, base[1] - reach * float(rng.uniform(0.3, 0.9)))
        ink.line(
            [base, ((base[0] + tip[0]) / 2, base[1] - reach * 0.1), tip],
            [width * 0.22, width * 0.12, width * 0.03],
            colour,
        )


def grass(
    ink: Ink,
    width: float,
    base: float,
    tall: float,
    colours: tuple[RGB, RGB],
    rng: np.random.Generator,
    count: int = 200,
) -> None:
    """A row of blades from the left edge to `width`, standing on `base`."""
    for x in np.sort(rng.random(count)) * width:
        high = tall * float(rng.uniform(0.35, 1.0))
        lean = float(rng.normal(0.1, 0.3)) * high
        thick = high * 0.05 + tall * 0.012
        blade = [
            (x, base + tall * 0.1),
            (x + lean * 0.3, base - high * 0.55),
            (x + lean, base - high),
        ]
        ink.line(
            blade,
            [thick, thick * 0.7, thick * 0.1],
            mix(colours[0], colours[1], float(rng.random()) * 0.8),
        )
