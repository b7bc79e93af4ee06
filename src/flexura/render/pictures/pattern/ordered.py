"""Patterns on a grid: tiles, hexagons, arcs, stripes, scales, stars and checks."""

from __future__ import annotations

import math

from flexura.render.oklab import mix
from flexura.render.pictures.drawing.drawing import Shape
from flexura.render.pictures.drawing.path import Path, polygon, smooth
from flexura.render.pictures.drawing.shapes import arc, circle, rect, regular, sector, star
from flexura.render.pictures.pattern.tile import Tile


def geometric(tile: Tile) -> list[Shape]:
    """Quarter discs, triangles and discs in flat colours."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([4, 5, 6])))
    colours = (*tile.colours, tile.ground)
    shapes: list[Shape] = []
    for i in range(columns * rows):
        x, y = (i % columns) * w, (i // columns) * h
        one, two, three = (colours[int(k)] for k in tile.random.permutation(len(colours))[:3])
        shapes.append(Shape(rect(x, y, w, h), fill=one))
        kind, turn = int(tile.random.integers(5)), float(tile.random.integers(4)) * 90
        unit = {
            0: [(sector(0, 0, 1, 0, 90), two)],
            1: [(polygon([(0, 0), (1, 0), (0, 1)]), two)],
            2: [(circle(0.5, 0.5, 0.38), two), (circle(0.5, 0.5, 0.16), three)],
            3: [(sector(0, 0, 1, 0, 90), two), (sector(0, 0, 0.5, 0, 90), three)],
            4: [(sector(0, 0.5, 0.5, -90, 90), two), (sector(1, 0.5, 0.5, 90, 270), three)],
        }[kind]
        for path, colour in unit:
            shapes.append(Shape(path.rotate(turn, 0.5, 0.5).scale(w, h).shift(x, y), fill=colour))
    return shapes


def hexagons(tile: Tile) -> list[Shape]:
    """A honeycomb; some combs are filled, some only drawn."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([6, 8])), even=True)
    shapes: list[Shape] = []
    width = max(tile.side / 260, 1.0)
    for i in range(-1, columns + 1):
        for j in range(-1, rows + 1):
            x, y = (i + 0.5) * w, (j + 0.5 + (0.5 if i % 2 else 0)) * h
            pick = (((i % columns) * 7919 + (j % rows) * 104729) ^ 0x5BD1) % 11
            comb = regular(0, 0, 1, 6, 0).scale(w * 0.62, h * 0.535).shift(x, y)
            if pick < 5:
                shapes.append(
                    Shape(
                        comb,
                        fill=mix(
                            tile.colours[pick % len(tile.colours)],
                            tile.ground,
                            (0.1, 0.45, 0.7)[pick % 3],
                        ),
                    )
                )
            shapes.append(Shape(comb, stroke=tile.colours[0], stroke_width=width, opacity=0.8))
    return shapes


def truchet(tile: Tile) -> list[Shape]:
    """Quarter arcs that join into endless bands."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([7, 9, 11])))
    wide = min(w, h) * float(tile.random.choice([0.22, 0.34]))
    under: list[Shape] = []
    over: list[Shape] = []
    for i in range(columns * rows):
        x, y = (i % columns) * w, (i // columns) * h
        pairs = (
            ((0, 0, 0), (1, 1, 180)) if tile.random.random() < 0.5 else ((1, 0, 90), (0, 1, 270))
        )
        for cx, cy, start in pairs:
            bow = arc(cx, cy, 0.5, start, start + 90).scale(w, h).shift(x, y)
            under += tile.wrapped(Shape(bow, stroke=tile.colours[0], stroke_width=wide))
            over += tile.wrapped(Shape(bow, stroke=tile.colours[1], stroke_width=wide * 0.3))
    return [*under, *over]


def scales(tile: Tile) -> list[Shape]:
    """Overlapping fans of concentric arcs (seigaiha)."""
    columns, rows, w, _ = tile.cells(int(tile.random.choice([5, 7])))
    rows = max(round(tile.height / (w / 2) / 2) * 2, 2)
    h = tile.height / rows
    shapes: list[Shape] = []
    one, two = tile.colours[0], tile.colours[1]
    for j in range(-1, rows + 3):
        for i in range(-1, columns + 1):
            x, y = (i + (0.5 if j % 2 else 0) + 0.5) * w, j * h
            for k, colour in (
                (1.0, one),
                (0.82, tile.ground),
                (0.64, two),
                (0.46, tile.ground),
                (0.28, one),
            ):
                shapes.append(Shape(circle(0, 0, 0.5 * k).scale(w, 2 * h).shift(x, y), fill=colour))
    return shapes


def wave_lines(tile: Tile) -> list[Shape]:
    """Rows of even waves in changing weight and colour."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([5, 6, 8])), even=True)
    rows = max(round(rows * 1.5), 2)
    h = tile.height / rows
    thick = h * float(tile.random.choice([0.16, 0.3, 0.42]))
    shapes: list[Shape] = []
    for j in range(-1, rows + 1):
        y = (j + 0.5) * h
        points = [
            (i * w / 2, y + (h * 0.34 if i % 2 else -h * 0.34)) for i in range(-2, columns * 2 + 3)
        ]
        colour = (
            tile.colours[(j % rows) % min(3, len(tile.colours))]
            if rows % 3 == 0
            else tile.colours[(j % rows) % 2 if rows % 2 == 0 else 0]
        )
        shapes.append(Shape(smooth(points, tension=1.35), stroke=colour, stroke_width=thick))
    return shapes


def polka(tile: Tile) -> list[Shape]:
    """Dots in offset rows."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([6, 8, 10])), even=True)
    rows, h = rows * 2, h / 2
    radius = w * float(tile.random.choice([0.13, 0.19, 0.25]))
    shapes: list[Shape] = []
    many = tile.random.random() < 0.5
    for j in range(rows):
        for i in range(-1, columns + 1):
            x, y = (i + (0.75 if j % 2 else 0.25)) * w, (j + 0.5) * h
            colour = (
                tile.colours[((i % columns) * 3 + j * 5) % len(tile.colours)]
                if many
                else tile.colours[0]
            )
            shapes.append(Shape(circle(x, y, radius), fill=colour))
    return shapes


def moroccan(tile: Tile) -> list[Shape]:
    """Eight-pointed stars with crosses between them, and a smaller star inside."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([4, 5, 6])))
    line = max(min(w, h) * 0.03, 1.0)
    one, two, three = tile.colours[0], tile.colours[1], tile.colours[2]
    shapes: list[Shape] = []
    for i in range(columns * rows):
        x, y = (i % columns + 0.5) * w, (i // columns + 0.5) * h
        big = star(0, 0, 0.5, 0.383, 8, 0)
        for path, colour in (
            (big, one),
            (star(0, 0, 0.39, 0.299, 8, 0), tile.ground),
            (star(0, 0, 0.35, 0.268, 8, 0), two),
            (star(0, 0, 0.24, 0.13, 8, 22.5), three),
            (regular(0, 0, 0.085, 8, 22.5), tile.ground),
        ):
            shapes.append(Shape(path.scale(w, h).shift(x, y), fill=colour))
    for j in range(rows + 1):
        for i in range(columns + 1):
            x, y = i * w, j * h
            small = regular(0, 0, 0.11, 4, 0).scale(w, h).shift(x, y)
            shapes.append(Shape(small, fill=three))
            shapes.append(
                Shape(
                    star(0, 0, 0.2, 0.11, 4, 45).scale(w, h).shift(x, y),
                    stroke=two,
                    stroke_width=line,
                )
            )
    return shapes


def plaid(tile: Tile) -> list[Shape]:
    """Crossing stripes of several widths; where they cross they deepen, with fine lines on top."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([2, 3, 4])))
    bands: list[tuple[float, float, int, float]] = [
        (0.06, 0.26, 0, 0.55),
        (0.44, 0.12, 1, 0.5),
        (0.66, 0.24, 0, 0.3),
        (0.18, 0.02, 2, 0.9),
    ]
    bands += [(0.49, 0.016, 3, 0.9), (0.93, 0.03, 1, 0.8)]
    shapes: list[Shape] = []
    for at, share, colour, alpha in bands:
        paint = tile.colours[colour % len(tile.colours)]
        for i in range(columns):
            shapes.append(
                Shape(
                    rect((i + at) * w, 0, w * share, tile.height), fill=paint, opacity=alpha * 0.8
                )
            )
        for j in range(rows):
            shapes.append(
                Shape(
                    rect(0, (j + at) * h, tile.width, h * share), fill=paint, opacity=alpha * 0.62
                )
            )
    return shapes


def gingham(tile: Tile) -> list[Shape]:
    """Even checks of one colour."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([6, 8, 10])))
    across = [
        Shape(rect(i * w, 0, w / 2, tile.height), fill=tile.colours[0], opacity=0.5)
        for i in range(columns)
    ]
    down = [
        Shape(rect(0, j * h, tile.width, h / 2), fill=tile.colours[0], opacity=0.5)
        for j in range(rows)
    ]
    return [*across, *down]


def chevrons(tile: Tile) -> list[Shape]:
    """Zigzag bands."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([4, 6])))
    bands = 3 if rows % 3 == 0 else 2
    rows = max(rows * bands, bands)
    h = tile.height / rows
    rise = w * 0.4
    shapes: list[Shape] = []
    for j in range(-math.ceil(rise / h) - 1, rows + 1):
        y = j * h
        top = [(i * w / 2, y + (rise if i % 2 else 0)) for i in range(columns * 2 + 1)]
        low = [(x, py + h) for x, py in reversed(top)]
        k = j % bands
        colour = tile.ground if k == bands - 1 else tile.colours[k]
        shapes.append(Shape(polygon([*top, *low]), fill=colour))
    return shapes


def houndstooth(tile: Tile) -> list[Shape]:
    """Broken checks of two colours."""
    columns, rows, w, h = tile.cells(int(tile.random.choice([7, 9, 11])))
    tooth = _tooth()
    path = Path()
    for i in range(columns * rows):
        path = path + tooth.scale(w, h).shift((i % columns) * w, (i // columns) * h)
    return [Shape(path, fill=tile.colours[0])]


def _tooth() -> Path:
    """The dark threads of a two-and-two twill of four dark and four light threads, on a unit square."""
    path = Path()
    for y in range(8):
        # The step of the twill: in every row the threads that lie on top move by one.
        dark = [(x < 4) if (x + y) % 4 < 2 else (y < 4) for x in range(8)]
        start = -1
        for x in range(9):
            if x < 8 and dark[x] and start < 0:
                start = x
            elif (x == 8 or not dark[x]) and start >= 0:
                path = path + rect(start / 8, y / 8, (x - start) / 8, 1 / 8)
                start = -1
    return path
