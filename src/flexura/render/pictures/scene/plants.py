"""Flowers: five kinds of heads, and fields of them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene.ink import Ink, path
from flexura.render.pictures.scene.layer import Layer, sprite
from flexura.render.pictures.scene.stage import Stage
from flexura.render.pictures.scene.stamp import put_down


def bloom(
    ink: Ink, at: tuple[float, float], size: float, kind: str, colour: RGB, rng: np.random.Generator
) -> None:
    """One flower head; `kind` is daisy, poppy, tulip, sunflower or lavender."""
    if kind == "lavender":
        _spike(ink, at, size, colour)
    elif kind == "tulip":
        _cup(ink, at, size, colour)
    elif kind == "poppy":
        _bowl(ink, at, size, colour)
    else:
        _rays(ink, at, size, kind == "sunflower", colour, rng)


def _spike(ink: Ink, at: tuple[float, float], size: float, colour: RGB) -> None:
    pale, deep = mix(colour, (1.0, 1.0, 1.0), 0.3), shade(colour, 0.8)
    for step in range(9):
        share = step / 8
        for side in (-1, 0, 1):
            x = at[0] + side * size * 0.16 * (1.1 - share)
            y = at[1] + size * (0.9 - 1.5 * share)
            ink.ellipse((x, y), (size * 0.13, size * 0.1), mix(deep, pale, share))


def _cup(ink: Ink, at: tuple[float, float], size: float, colour: RGB) -> None:
    outer = path("-0.42,-0.55 -0.45,0 0,0.4 0.45,0 0.42,-0.55 0,-0.15")
    inner = path("-0.2,-0.3 0,-0.72 0.2,-0.3 0.12,0.3 -0.12,0.3")
    ink.blob(outer * size + np.array(at), colour)
    ink.blob(inner * size + np.array(at), mix(colour, (1.0, 1.0, 1.0), 0.3))


def _bowl(ink: Ink, at: tuple[float, float], size: float, colour: RGB) -> None:
    pale = mix(colour, (1.0, 1.0, 1.0), 0.3)
    for turn in (-0.9, 0.9, 0.0):
        x = at[0] + float(np.sin(turn)) * size * 0.3
        y = at[1] - abs(float(np.cos(turn))) * size * 0.05
        petal = mix(colour, pale, 0.2 + 0.3 * abs(turn))
        ink.ellipse((x, y), (size * 0.5, size * 0.42), petal, 1.0, turn * 0.5)
    heart = (at[0], at[1] + size * 0.02)
    ink.ellipse(heart, (size * 0.15, size * 0.12), shade(colour, 0.25))


def _rays(
    ink: Ink,
    at: tuple[float, float],
    size: float,
    large_heart: bool,
    colour: RGB,
    rng: np.random.Generator,
) -> None:
    pale = mix(colour, (1.0, 1.0, 1.0), 0.3)
    petals = 16 if large_heart else 12
    for petal in range(petals):
        angle = petal / petals * 2 * np.pi + float(rng.normal(0, 0.06))
        x, y = at[0] + np.cos(angle) * size * 0.42, at[1] + np.sin(angle) * size * 0.32
        turn = float(np.arctan2(np.sin(angle) * 0.76, np.cos(angle)))
        hue = mix(colour, pale, round(float(rng.random()) * 3) * 0.2)
        ink.ellipse((float(x), float(y)), (size * 0.26, size * 0.1), hue, 1.0, turn)
    wide, flat = (0.3, 0.23) if large_heart else (0.17, 0.13)
    heart = from_hex("#5b3a1e") if large_heart else from_hex("#f6c944")
    ink.ellipse(at, (size * wide, size * flat), heart)


def kind_of(stage: Stage) -> tuple[str, ...]:
    """The kinds of flowers that the prompt names, or a mixture."""
    tokens = " ".join(stage.words.tokens)
    named = tuple(
        kind
        for kind in ("sunflower", "tulip", "lavender", "poppy", "daisy")
        if kind in tokens or kind[:-1] + "ies" in tokens
    )
    return named or (("poppy", "daisy", "tulip") if "rose" not in tokens else ("poppy",))


def _tuft(
    unit: float, tall: float, greens: tuple[RGB, RGB], rng: np.random.Generator
) -> Image.Image:
    """A clump of grass as a stamp."""
    wide, high = max(round(unit * 0.2), 6), max(round(tall * 1.15), 4)
    ink = Ink((wide, high), fine=2)
    for _ in range(34):
        x = wide * float(rng.uniform(0.08, 0.92))
        reach = tall * float(rng.uniform(0.35, 1.0))
        lean = float(rng.normal(0.08, 0.25)) * reach
        thick = reach * 0.05 + tall * 0.014
        shape = [
            (x - thick / 2, high),
            (x + lean * 0.35 - thick * 0.4, high - reach * 0.55),
            (x + lean, high - reach),
            (x + lean * 0.35 + thick * 0.4, high - reach * 0.55),
            (x + thick / 2, high),
        ]
        ink.polygon(shape, mix(greens[0], greens[1], round(float(rng.random()) * 8) * 0.1))
    return ink.finish()


def _flower(
    size: float, stem: float, kind: str, colours: tuple[RGB, RGB], rng: np.random.Generator
) -> Image.Image:
    """One flower on its stem as a stamp; the colours are the flower's and the stem's."""
    wide, high = max(round(size * 3.4), 6), max(round(stem + size * 1.8), 6)
    ink = Ink((wide, high), (wide / 2, high), fine=2)
    lean = float(rng.normal(0, 0.1)) * stem
    ink.line(
        [(0, 0), (lean * 0.3, -stem * 0.5), (lean, -stem)], [size * 0.16, size * 0.1], colours[1]
    )
    for side in (-1, 1):
        y = -stem * float(rng.uniform(0.15, 0.45))
        ink.blob(
            [
                (0, y),
                (side * size * 0.5, y - size * 0.35),
                (side * size * 0.95, y - size * 0.5),
                (side * size * 0.5, y - size * 0.05),
            ],
            colours[1],
        )
    bloom(ink, (lean, -stem), size, kind, colours[0], rng)
    return ink.finish()


_OWN: dict[str, RGB] = {
    "sunflower": from_hex("#ffc928"),
    "lavender": from_hex("#8f6fd6"),
    "poppy": from_hex("#ef4a35"),
    "daisy": from_hex("#fbf8f0"),
    "tulip": from_hex("#f2668b"),
}


def flower_field(stage: Stage, greens: tuple[RGB, RGB]) -> Layer:
    """Grass and flowers along the lower edge, large in front and small behind."""
    generator = stage.rng("flower field")
    unit = stage.unit
    rich = stage.has("flower", "garden", "happy")
    high = round(unit * (0.38 if rich else 0.17))
    sheet = Image.new("RGBA", (stage.width, high), (0, 0, 0, 0))
    kinds = kind_of(stage)
    asked = stage.words.tint("flower")
    rows = 6 if rich else 2
    for row in range(rows):
        share = (row + 1) / rows
        base = high * (0.3 + 0.7 * share) + unit * 0.025
        pair = (stage.far(greens[0], 0.6 + 0.4 * share), stage.far(greens[1], 0.6 + 0.4 * share))
        tufts = [_tuft(unit, unit * (0.035 + 0.075 * share), pair, generator) for _ in range(3)]
        for _ in range(int(26 * stage.width / unit)):
            x = float(generator.random()) * stage.width
            put_down(
                sheet,
                tufts[int(generator.integers(3))],
                (x, base + float(generator.normal(0, unit * 0.006))),
                1.0,
                generator.random() < 0.5,
            )
        stamps: list[Image.Image] = []
        for number in range(7):
            kind = kinds[number % len(kinds)]
            colour = stage.far(stage.lit(asked or _OWN[kind], 1.15), 0.65 + 0.35 * share)
            size = (
                unit
                * (0.011 + 0.026 * share)
                * float(generator.uniform(0.75, 1.15))
                * (1.45 if kind == "sunflower" else 1.0)
            )
            stem = unit * (0.04 + 0.1 * share) * float(generator.uniform(0.7, 1.25))
            stamps.append(
                _flower(size, stem, kind, (colour, mix(pair[0], pair[1], 0.4)), generator)
            )
        for _ in range(int((40 if rich else 7) * stage.width / unit / (0.35 + share))):
            x = float(generator.random()) * stage.width
            foot = base + float(generator.normal(0, unit * 0.01))
            put_down(
                sheet,
                stamps[int(generator.integers(7))],
                (x, foot),
                float(generator.uniform(0.7, 1.05)),
                generator.random() < 0.5,
            )
    return sprite(sheet, (0, stage.height - high), 1.0)
