"""Faceted pictures: low-poly planes and isometric blocks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from flexura.render.noise import fractal
from flexura.render.oklab import RGB, from_oklab, from_polar, gradient, mix, polar, to_oklab
from flexura.render.pictures.abstract.brief import Brief

Polygon = tuple[list[tuple[float, float]], RGB]


def low_poly(brief: Brief) -> Image.Image:
    """A jittered grid of triangles; colour flows over the plane, light changes from facet to facet."""
    cell = brief.side / float(brief.random.choice([7, 9, 12]))
    cell = max(cell, math.sqrt(brief.width * brief.height) / 24)
    columns, rows = math.ceil(brief.width / cell) + 3, math.ceil(brief.height / cell) + 3
    at_x, at_y = np.meshgrid(
        np.arange(columns, dtype=np.float64) - 1, np.arange(rows, dtype=np.float64) - 1
    )
    at_x = (
        at_x + (np.arange(rows)[:, None] % 2) * 0.5 + brief.random.uniform(-0.34, 0.34, at_x.shape)
    ) * cell
    at_y = (at_y + brief.random.uniform(-0.34, 0.34, at_y.shape)) * cell
    rise = fractal((rows, columns), (rows / 3, columns / 3), brief.random, 3)
    polygons: list[Polygon] = []
    ramp = _ramp(brief)
    turn = float(brief.random.uniform(0, 2 * math.pi))
    for row in range(rows - 1):
        for column in range(columns - 1):
            for corners in _triangles(row, column):
                polygons.append(_facet(brief, corners, (at_x, at_y, rise), ramp, turn))
    return _paint(brief, polygons)


def _triangles(row: int, column: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    a, b, c, d = (row, column), (row, column + 1), (row + 1, column), (row + 1, column + 1)
    return ((a, b, d), (a, d, c)) if row % 2 else ((a, b, c), (b, d, c))


def _ramp(brief: Brief) -> NDArray[np.float32]:
    one, two, three = brief.scheme.vivid[:3]
    ends = (
        [mix(one, brief.scheme.ink, 0.62), one, two, three]
        if brief.scheme.dark
        else [one, two, mix(three, brief.scheme.paper, 0.45)]
    )
    return to_oklab(gradient(ends, 256))


def _facet(
    brief: Brief,
    corners: tuple[tuple[int, int], ...],
    net: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]],
    ramp: NDArray[np.float32],
    turn: float,
) -> Polygon:
    at_x, at_y, rise = net
    points = [(float(at_x[corner]), float(at_y[corner])) for corner in corners]
    heights = [float(rise[corner]) for corner in corners]
    x, y = sum(p[0] for p in points) / 3 / brief.width, sum(p[1] for p in points) / 3 / brief.height
    along = (
        0.5
        + 0.9 * ((x - 0.5) * math.cos(turn) + (y - 0.5) * math.sin(turn))
        + 0.5 * (sum(heights) / 3 - 0.5)
    )
    lab = ramp[int(min(max(along, 0), 1) * 255)].copy()
    lab[0] += (heights[0] - heights[2]) * 0.3 + float(brief.random.normal(0, 0.013))
    red, green, blue = (float(v) for v in from_oklab(lab))
    return points, (red, green, blue)


def isometric(brief: Brief) -> Image.Image:
    """A field of blocks seen from above the corner, their heights a landscape of noise."""
    edge = brief.side / float(brief.random.choice([13, 16, 20]))
    edge = max(edge, math.sqrt(brief.width * brief.height) / 44)
    wide, high = edge * math.cos(math.radians(30)), edge * 0.5
    # Raised blocks stand far below where their top shows: more rows are laid than are seen.
    rows, columns = math.ceil(brief.height / high) + 14, math.ceil(brief.width / wide / 2) + 3
    noise = fractal((rows, 2 * columns), (rows / 13, columns / 6.5), brief.random, 3)
    uneven = brief.random.uniform(-0.09, 0.09, noise.shape)
    least, most = float(noise.min()), float(noise.max())
    levels = np.clip((noise - least) / max(most - least, 1e-6) * 0.9 + 0.05 + uneven * 0.6, 0, 1)
    ramp = gradient(_block_stops(brief), 256)
    polygons: list[Polygon] = []
    for row in range(rows):
        for column in range(columns):
            level = float(levels[row, 2 * column + row % 2])
            x, y = (2 * column + row % 2 - 1) * wide, (row - 1) * high
            tall = round(level * 9) * edge * 0.5
            red, green, blue = (float(v) for v in ramp[int(level * 255)])
            polygons += _block((x, y - tall), (wide, high, tall + edge * 1.2), (red, green, blue))
    return _paint(brief, polygons)


def _block_stops(brief: Brief) -> list[RGB]:
    one, two, three = brief.scheme.vivid[:3]
    if brief.scheme.dark:
        return [mix(one, brief.scheme.ink, 0.55), one, two, three]
    return [one, two, mix(three, (1.0, 1.0, 1.0), 0.4)]


def _block(
    top: tuple[float, float], size: tuple[float, float, float], colour: RGB
) -> list[Polygon]:
    x, y = top
    wide, high, tall = size
    light, chroma, hue = polar(colour)
    left, right = (
        from_polar(light * 0.78, chroma, hue - 0.06),
        from_polar(light * 0.6, chroma * 0.95, hue - 0.12),
    )
    return [
        (
            [(x, y - high), (x + wide, y), (x, y + high), (x - wide, y)],
            from_polar(min(light * 1.06, 0.97), chroma * 0.92, hue),
        ),
        ([(x - wide, y), (x, y + high), (x, y + high + tall), (x - wide, y + tall)], left),
        ([(x + wide, y), (x, y + high), (x, y + high + tall), (x + wide, y + tall)], right),
    ]


def _paint(brief: Brief, polygons: list[Polygon]) -> Image.Image:
    """Polygons side by side, painted larger and reduced: neighbours share their edge without a seam."""
    fine = (
        3
        if max(brief.width, brief.height) <= 1100
        else 2
        if max(brief.width, brief.height) <= 2600
        else 1
    )
    image = Image.new("RGB", (brief.width * fine, brief.height * fine))
    draw = ImageDraw.Draw(image)
    for points, colour in polygons:
        red, green, blue = (round(min(max(c, 0.0), 1.0) * 255) for c in colour)
        draw.polygon([(x * fine, y * fine) for x, y in points], fill=(red, green, blue))
    return image if fine == 1 else image.reduce(fine)
