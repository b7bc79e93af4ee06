"""Patterns of scattered things: terrazzo, Memphis, leaves, confetti, and motifs from the glyph library."""

from __future__ import annotations

import math
from dataclasses import replace

from flexura.render.oklab import mix
from flexura.render.pictures.drawing.drawing import Shape
from flexura.render.pictures.drawing.path import Path, polygon, smooth
from flexura.render.pictures.drawing.shapes import circle, rect, regular, rounded, star
from flexura.render.pictures.drawing.svg_path import parse
from flexura.render.pictures.icon.glyph_shapes import glyph_shapes
from flexura.render.pictures.pattern.tile import Tile, merged


def terrazzo(tile: Tile) -> list[Shape]:
    """Chips of stone, large ones first, small ones in the gaps."""
    shapes: list[Shape] = []
    for gap, size in ((0.15, 0.062), (0.062, 0.019), (0.036, 0.008)):
        paints = [mix(colour, tile.ground, 0.16 if size < 0.05 else 0.0) for colour in tile.colours]
        for x, y in tile.scattered(tile.side * gap, 700):
            chip = _chip(tile, tile.side * size * float(tile.random.uniform(0.55, 1.15)))
            shapes += tile.wrapped(
                Shape(chip.shift(x, y), fill=paints[int(tile.random.integers(len(paints)))])
            )
    return merged(shapes)


def _chip(tile: Tile, radius: float) -> Path:
    """A broken stone: few corners, uneven, a little longer one way."""
    count = int(tile.random.integers(5, 8))
    angles = [
        (i + float(tile.random.uniform(-0.32, 0.32))) * 2 * math.pi / count for i in range(count)
    ]
    points = [
        (radius * float(tile.random.uniform(0.72, 1.12)) * math.cos(a), radius * 0.74 * math.sin(a))
        for a in angles
    ]
    return polygon(points).rotate(float(tile.random.uniform(0, 360)))


def memphis(tile: Tile) -> list[Shape]:
    """Triangles, squiggles, rings, crosses and dot clusters of the eighties."""
    unit = tile.side * 0.052
    line = unit * 0.3

    def make(i: int) -> Shape:
        colour = tile.colours[i % len(tile.colours)]
        kind = int(tile.random.integers(7))
        size = unit * float(tile.random.uniform(0.75, 1.25))
        if kind == 0:
            return Shape(regular(0, 0, size, 3), fill=colour)
        if kind == 1:
            return Shape(regular(0, 0, size, 3), stroke=colour, stroke_width=line * 0.7)
        if kind == 2:
            points = [
                (size * (k - 2.5) * 0.62, size * (0.45 if k % 2 else -0.45)) for k in range(6)
            ]
            return Shape(smooth(points), stroke=colour, stroke_width=line)
        if kind == 3:
            return Shape(circle(0, 0, size * 0.72), stroke=colour, stroke_width=line)
        if kind == 4:
            return Shape(
                rounded(-size, -line / 2, 2 * size, line, line / 2)
                + rounded(-line / 2, -size, line, 2 * size, line / 2),
                fill=colour,
            )
        if kind == 5:
            dots = Path()
            for k in range(9):
                dots = dots + circle(
                    (k % 3 - 1) * size * 0.62, (k // 3 - 1) * size * 0.62, size * 0.13
                )
            return Shape(dots, fill=colour)
        points = [(size * (k - 2) * 0.6, size * (0.4 if k % 2 else -0.4)) for k in range(5)]
        return Shape(
            Path(tuple(("L" if k else "M", p) for k, p in enumerate(points))),
            stroke=colour,
            stroke_width=line,
        )

    dust = tile.scatter(tile.side * 0.06, lambda i: circle(0, 0, unit * 0.11), turned=False)
    return merged([*dust, *tile.scatter(tile.side * 0.135, make)])


def leaves(tile: Tile) -> list[Shape]:
    """Sprigs and single leaves, turned every way."""
    size = tile.side * 0.075
    shapes: list[Shape] = []
    for i, (x, y) in enumerate(tile.scattered(tile.side * 0.165)):
        angle = float(tile.random.uniform(0, 360))
        colour = tile.colours[i % min(3, len(tile.colours))]
        parts = (
            _sprig(size * float(tile.random.uniform(0.85, 1.2))) if i % 3 else _leaf(size * 1.15)
        )
        for path, width in parts:
            placed = path.rotate(angle).shift(x, y)
            if width < 0:
                shapes += tile.wrapped(Shape(placed, stroke=tile.ground, stroke_width=-width))
            elif width:
                shapes += tile.wrapped(Shape(placed, stroke=colour, stroke_width=width))
            else:
                shapes += tile.wrapped(Shape(placed, fill=colour))
    berries: list[Shape] = []
    for x, y in tile.scattered(tile.side * 0.1):
        berries += tile.wrapped(
            Shape(circle(x, y, size * 0.085), fill=tile.colours[-1], opacity=0.55)
        )
    return merged([*berries, *shapes])


_BLADE = "M0 -1 C0.42 -0.5 0.46 0.3 0 1 C-0.46 0.3 -0.42 -0.5 0 -1Z"


def _leaf(size: float) -> list[tuple[Path, float]]:
    """A single leaf; a negative width is a vein in the ground's colour."""
    return [(parse(_BLADE).scale(size), 0.0), (parse("M0 -0.55 V1.25").scale(size), -size * 0.075)]


def _sprig(size: float) -> list[tuple[Path, float]]:
    stem = parse("M0 1.2 C0.12 0.4 -0.1 -0.4 0 -1.1").scale(size)
    out: list[tuple[Path, float]] = [(stem, size * 0.07)]
    for k in range(5):
        y = 0.75 - k * 0.42
        for side in (-1, 1):
            blade = (
                parse(_BLADE)
                .scale(size * 0.34)
                .shift(0, -size * 0.34)
                .rotate(side * 58)
                .shift(0, y * size)
            )
            out.append((blade, 0.0))
    out.append((parse(_BLADE).scale(size * 0.34).shift(0, -size * 1.2), 0.0))
    return out


def confetti(tile: Tile) -> list[Shape]:
    """Small bright strips, dots and stars."""
    unit = tile.side * 0.02

    def make(i: int) -> Path:
        kind = int(tile.random.integers(4))
        if kind == 0:
            return circle(0, 0, unit * 0.6)
        if kind == 1:
            return star(0, 0, unit, unit * 0.45, 5)
        return (
            rounded(-unit, -unit * 0.28, 2 * unit, unit * 0.56, unit * 0.28)
            if kind == 2
            else rect(-unit / 2, -unit / 2, unit, unit)
        )

    return merged(tile.scatter(tile.side * 0.062, make))


def motif(tile: Tile, glyph: str) -> list[Shape]:
    """A glyph in offset rows, turned a little this way and that, with small dots between."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([4, 6])), even=True)
    rows = max(round(rows * 0.8) * 2, 2)
    h = tile.height / rows
    size = min(w * 0.42, h * 0.8)
    shapes: list[Shape] = []
    for j in range(rows):
        for i in range(columns):
            x, y = (i + (0.75 if j % 2 else 0.25)) * w, (j + 0.5) * h
            angle = float(tile.random.choice([-18, -9, 9, 18]))
            colour = tile.colours[(i + 2 * j) % min(3, len(tile.colours))]
            for shape in glyph_shapes(
                glyph, (x - size / 2, y - size / 2, size), colour, tile.ground
            ):
                shapes += tile.wrapped(replace(shape, path=shape.path.rotate(angle, x, y)))
            dot = circle(x + w / 2, y, w * 0.028)
            shapes += tile.wrapped(Shape(dot, fill=tile.colours[-1]))
    return shapes
