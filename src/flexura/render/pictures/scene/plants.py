"""Flowers and blossom."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Layer, sprite
from flexura.render.pictures.scene.stage import Stage
from flexura.render.pictures.scene.stamp import put_down


def bloom(ink: Ink, at: tuple[float, float], size: float, kind: str, colour: RGB, rng: np.random.Generator) -> None:
    """One flower head seen a little from the side; `kind` is daisy, poppy, tulip, sunflower or lavender."""
    x, y = at
    light = mix(colour, (1.0, 1.0, 1.0), 0.3)
    if kind == "lavender":
        for step in range(9):
            share = step / 8
            for side in (-1, 0, 1):
                ink.ellipse((x + side * size * 0.16 * (1.1 - share), y + size * (0.9 - 1.5 * share)), (size * 0.13, size * 0.1), mix(shade(colour, 0.8), light, share))
    elif kind == "tulip":
        ink.blob([(x - size * 0.42, y - size * 0.55), (x - size * 0.45, y), (x, y + size * 0.4), (x + size * 0.45, y), (x + size * 0.42, y - size * 0.55), (x, y - size * 0.15)], colour)
        ink.blob([(x - size * 0.2, y - size * 0.3), (x, y - size * 0.72), (x + size * 0.2, y - size * 0.3), (x + size * 0.12, y + size * 0.3), (x - size * 0.12, y + size * 0.3)], light)
    elif kind == "poppy":
        for turn in (-0.9, 0.9, 0.0):
            ink.ellipse((x + np.sin(turn) * size * 0.3, y - abs(np.cos(turn)) * size * 0.05), (size * 0.5, size * 0.42), mix(colour, light, 0.2 + 0.3 * abs(turn)), 1.0, turn * 0.5)
        ink.ellipse((x, y + size * 0.02), (size * 0.15, size * 0.12), shade(colour, 0.25))
    else:
        petals = 16 if kind == "sunflower" else 12
        for petal in range(petals):
            angle = petal / petals * 2 * np.pi + float(rng.normal(0, 0.06))
            px, py = x + np.cos(angle) * size * 0.42, y + np.sin(angle) * size * 0.32
            ink.ellipse((float(px), float(py)), (size * 0.26, size * 0.1), mix(colour, light, round(float(rng.random()) * 3) * 0.2), 1.0, float(np.arctan2(np.sin(angle) * 0.76, np.cos(angle))))
        heart = from_hex("#5b3a1e") if kind == "sunflower" else from_hex("#f6c944")
        ink.ellipse((x, y), (size * (0.3 if kind == "sunflower" else 0.17), size * (0.23 if kind == "sunflower" else 0.13)), heart)


def kind_of(stage: Stage) -> tuple[str, ...]:
    """The kinds of flowers that the prompt names, or a mixture."""
    tokens = " ".join(stage.words.tokens)
    named = tuple(kind for kind in ("sunflower", "tulip", "lavender", "poppy", "daisy") if kind in tokens or kind[:-1] + "ies" in tokens)
    return named or (("poppy", "daisy", "tulip") if "rose" not in tokens else ("poppy",))


def _tuft(unit: float, tall: float, greens: tuple[RGB, RGB], rng: np.random.Generator) -> Image.Image:
    """A clump of grass as a stamp."""
    wide, high = max(round(unit * 0.2), 6), max(round(tall * 1.15), 4)
    ink = Ink((wide, high), fine=2)
    for _ in range(34):
        x = wide * float(rng.uniform(0.08, 0.92))
        reach = tall * float(rng.uniform(0.35, 1.0))
        lean = float(rng.normal(0.08, 0.25)) * reach
        thick = reach * 0.05 + tall * 0.014
        shape = [(x - thick / 2, high), (x + lean * 0.35 - thick * 0.4, high - reach * 0.55), (x + lean, high - reach),
                 (x + lean * 0.35 + thick * 0.4, high - reach * 0.55), (x + thick / 2, high)]
        ink.polygon(shape, mix(greens[0], greens[1], round(float(rng.random()) * 8) * 0.1))
    return ink.finish()


def _flower(size: float, stem: float, kind: str, colours: tuple[RGB, RGB], rng: np.random.Generator) -> Image.Image:
    """One flower on its stem as a stamp; the colours are the flower's and the stem's."""
    wide, high = max(round(size * 3.4), 6), max(round(stem + size * 1.8), 6)
    ink = Ink((wide, high), (wide / 2, high), fine=2)
    lean = float(rng.normal(0, 0.1)) * stem
    ink.line([(0, 0), (lean * 0.3, -stem * 0.5), (lean, -stem)], [size * 0.16, size * 0.1], colours[1])
    for side in (-1, 1):
        y = -stem * float(rng.uniform(0.15, 0.45))
        ink.blob([(0, y), (side * size * 0.5, y - size * 0.35), (side * size * 0.95, y - size * 0.5), (side * size * 0.5, y - size * 0.05)], colours[1])
    bloom(ink, (lean, -stem), size, kind, colours[0], rng)
    return ink.finish()


_OWN: dict[str, RGB] = {
    "sunflower": from_hex("#ffc928"), "lavender": from_hex("#8f6fd6"), "poppy": from_hex("#ef4a35"), "daisy": from_hex("#fbf8f0"),
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
            put_down(sheet, tufts[int(generator.integers(3))], (x, base + float(generator.normal(0, unit * 0.006))), 1.0, generator.random() < 0.5)
        stamps: list[Image.Image] = []
        for number in range(7):
            kind = kinds[number % len(kinds)]
            colour = stage.far(stage.lit(asked or _OWN[kind], 1.15), 0.65 + 0.35 * share)
            size = unit * (0.011 + 0.026 * share) * float(generator.uniform(0.75, 1.15)) * (1.45 if kind == "sunflower" else 1.0)
            stem = unit * (0.04 + 0.1 * share) * float(generator.uniform(0.7, 1.25))
            stamps.append(_flower(size, stem, kind, (colour, mix(pair[0], pair[1], 0.4)), generator))
        for _ in range(int((40 if rich else 7) * stage.width / unit / (0.35 + share))):
            x = float(generator.random()) * stage.width
            foot = base + float(generator.normal(0, unit * 0.01))
            put_down(sheet, stamps[int(generator.integers(7))], (x, foot), float(generator.uniform(0.7, 1.05)), generator.random() < 0.5)
    return sprite(sheet, (0, stage.height - high), 1.0)


def blossom_tree(stage: Stage, foot: tuple[float, float], size: float, colour: RGB, depth: float, label: str) -> Layer:
    """A tree in blossom: dark boughs and clouds of petals."""
    generator = stage.rng(label)
    wide, high = round(size * 1.5), round(size * 1.2)
    ink = Ink((wide, high), (wide / 2, high - 2), size, fine=2)
    bark = stage.far(mix(stage.lit(from_hex("#4a3532"), 0.7), stage.palette.dark, 0.3), depth + 0.2)
    tips: list[tuple[float, float]] = []

    def bough(start: tuple[float, float], angle: float, length: float, thick: float, level: int) -> None:
        end = (start[0] + float(np.cos(angle)) * length, start[1] - float(np.sin(angle)) * length)
        bend = ((start[0] + end[0]) / 2 + float(generator.normal(0, length * 0.1)), (start[1] + end[1]) / 2)
        ink.line([start, bend, end], [thick, thick * 0.7], bark)
        tips.append(end)
        if level == 0:
            return
        for turn in (-0.5, 0.15, 0.6):
            bough(end, angle + turn + float(generator.normal(0, 0.15)), length * float(generator.uniform(0.55, 0.75)), thick * 0.6, level - 1)

    bough((0.0, 0.0), 1.5, 0.34, 0.075, 3)
    pale, deep = mix(colour, (1.0, 1.0, 1.0), 0.5), mix(shade(colour, 0.72), stage.palette.sky[1], 0.2)
    clouds = [(x + float(generator.normal(0, 0.05)), y + float(generator.normal(0, 0.04)), float(generator.uniform(0.035, 0.085))) for x, y in tips for _ in range(2)]
    for x, y, radius in sorted(clouds, key=lambda cloud: -cloud[1]):
        ink.ellipse((x, y + radius * 0.3), (radius * 1.1, radius * 0.85), stage.far(deep, depth + 0.2), 0.9)
    for x, y, radius in clouds:
        ink.ellipse((x, y), (radius, radius * 0.75), stage.far(colour, depth + 0.25), 0.7)
        for _ in range(6):
            dx, dy = (float(value) for value in generator.normal(0, radius * 0.65, 2))
            ink.ellipse((x + dx, y + dy - radius * 0.2), (radius * 0.17, radius * 0.13), stage.far(pale, depth + 0.3), 0.9)
    return sprite(ink.finish(), (round(foot[0] - wide / 2), round(foot[1] - high + 2)), depth)
