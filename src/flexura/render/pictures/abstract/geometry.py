"""Constructed pictures: Bauhaus tiles, cut paper, and a lit grid."""

from __future__ import annotations

import math

from PIL import Image

from flexura.render.oklab import RGB, from_polar, gradient, mix, polar
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.drawing.drawing import Drawing, Gradient, Shape, fading, linear, radial
from flexura.render.pictures.drawing.path import Path, polygon, smooth
from flexura.render.pictures.drawing.raster import drawing_image
from flexura.render.pictures.drawing.shapes import circle, rect, sector


def bauhaus(brief: Brief) -> Image.Image:
    """A grid of quarter discs, discs, triangles and stripes in flat colours."""
    return drawing_image(bauhaus_drawing(brief))


def bauhaus_drawing(brief: Brief) -> Drawing:
    """The tiles as a drawing."""
    short = int(brief.random.choice([3, 4, 5]))
    cell = max(brief.side / short, math.sqrt(brief.width * brief.height) / 12)
    columns, rows = math.ceil(brief.width / cell - 0.01), math.ceil(brief.height / cell - 0.01)
    # The grid is centred, so that what is cut off is cut off on both sides.
    left, top = (brief.width - columns * cell) / 2, (brief.height - rows * cell) / 2
    colours = [
        *brief.scheme.vivid,
        brief.scheme.ink,
        brief.scheme.paper,
        mix(brief.scheme.vivid[0], brief.scheme.paper, 0.6),
    ]
    shapes: list[Shape] = []
    last = -1
    for i in range(columns * rows):
        x, y = left + (i % columns) * cell, top + (i // columns) * cell
        back, one, two = (colours[int(k)] for k in brief.random.permutation(len(colours))[:3])
        kind = int(brief.random.integers(7))
        kind = (kind + 1) % 7 if kind == last else kind
        last = kind
        shapes.append(Shape(rect(x, y, cell + 0.5, cell + 0.5), fill=back))
        shapes += _tile(brief, kind, (x, y, cell), one, two)
    return Drawing(brief.width, brief.height, tuple(shapes), brief.scheme.paper)


def _tile(
    brief: Brief, kind: int, box: tuple[float, float, float], one: RGB, two: RGB
) -> list[Shape]:
    x, y, s = box
    corners = ((x, y, 0), (x + s, y, 90), (x + s, y + s, 180), (x, y + s, 270))
    px, py, start = corners[int(brief.random.integers(4))]
    middle = (x + s / 2, y + s / 2)
    if kind == 0:
        return [Shape(sector(px, py, s, start, start + 90), fill=one)]
    if kind == 1:
        return [
            Shape(circle(*middle, s * 0.4), fill=one),
            Shape(circle(*middle, s * 0.17), fill=two),
        ]
    if kind == 2:
        return [
            Shape(
                polygon(
                    [(px, py), *[(cx, cy) for cx, cy, _ in corners if (cx == px) != (cy == py)]]
                ),
                fill=one,
            )
        ]
    if kind == 3:
        return [Shape(rect(x, y + s * i / 3, s, s / 6), fill=one) for i in range(3)]
    if kind == 4:
        rings = [
            Shape(sector(px, py, s * k, start, start + 90), fill=(one, two)[i % 2])
            for i, k in enumerate((1.0, 0.72, 0.44))
        ]
        return rings
    if kind == 5:
        return [
            Shape(sector(x, y + s / 2, s / 2, -90, 90), fill=one),
            Shape(sector(x + s / 2, y + s / 2, s / 2, -90, 90), fill=two),
        ]
    return [
        Shape(
            circle(x + s * (0.25 + 0.5 * (k % 2)), y + s * (0.25 + 0.5 * (k // 2)), s * 0.14),
            fill=(one, two)[k % 3 == 0],
        )
        for k in range(4)
    ]


def paper_cut(brief: Brief) -> Image.Image:
    """Sheets of paper with holes in them, one above the other, deeper towards the middle."""
    count = int(brief.random.integers(6, 9))
    _, chroma, hue = polar(brief.scheme.lead)
    rim = (
        from_polar(0.95, chroma * 0.2, hue)
        if not brief.scheme.dark
        else from_polar(0.3, chroma * 0.55, hue)
    )
    floor = (
        from_polar(0.3, chroma * 0.9, polar(brief.scheme.vivid[1])[2])
        if not brief.scheme.dark
        else brief.scheme.vivid[2]
    )
    stops = [rim, brief.scheme.vivid[0], brief.scheme.vivid[1], floor]
    ramp = [(float(r), float(g), float(b)) for r, g, b in gradient(stops, count)]
    cx = brief.width * float(brief.random.uniform(0.4, 0.62))
    cy = brief.height * float(brief.random.uniform(0.42, 0.6))
    shapes: list[Shape] = []
    sheet = rect(
        -brief.side, -brief.side, brief.width + 2 * brief.side, brief.height + 2 * brief.side
    )
    for i in range(count - 2, -1, -1):
        share = (count - 1 - i) / (count - 1)
        hole = _blob(brief, cx, cy, share)
        paper = sheet + hole
        drop = brief.side * 0.014
        shapes.append(
            Shape(
                paper.shift(drop * 0.6, drop),
                fill=(0.02, 0.02, 0.08),
                opacity=0.36,
                blur=brief.side * 0.02,
                even_odd=True,
            )
        )
        tone = linear(
            (0, 0),
            (brief.width, brief.height),
            mix(ramp[i], (1.0, 1.0, 1.0), 0.1),
            mix(ramp[i], (0.0, 0.0, 0.1), 0.07),
        )
        shapes.append(Shape(paper, fill=tone, even_odd=True))
    ground = radial((cx, cy), brief.side * 0.5, mix(ramp[-1], brief.scheme.vivid[2], 0.5), ramp[-1])
    return drawing_image(Drawing(brief.width, brief.height, tuple(shapes), ground))


def _blob(brief: Brief, cx: float, cy: float, share: float) -> Path:
    """A wavy closed curve; `share` 0..1 is its size, up to the whole picture."""
    rx, ry = brief.width * (0.1 + 0.44 * share), brief.height * (0.1 + 0.42 * share)
    phases = brief.random.uniform(0, 2 * math.pi, 3)
    points: list[tuple[float, float]] = []
    for k in range(28):
        angle = 2 * math.pi * k / 28
        swell = (
            1
            + 0.11 * math.sin(3 * angle + phases[0])
            + 0.07 * math.sin(5 * angle + phases[1])
            + 0.04 * math.sin(8 * angle + phases[2])
        )
        points.append((cx + rx * swell * math.cos(angle), cy + ry * swell * math.sin(angle)))
    return smooth(points, closed=True)


def spotlight(brief: Brief) -> Image.Image:
    """A fine grid under a light from above, some of its cells lit: the usual stage of developer tools."""
    width, height, side = brief.width, brief.height, brief.side
    ground, text = brief.scheme.ground, brief.scheme.text
    one = brief.scheme.lead
    light, chroma, hue = polar(one)
    two, three = (from_polar(max(light, 0.55), chroma, hue + turn) for turn in (0.5, -0.45))
    cell = side / float(brief.random.choice([14, 18, 22]))
    columns = math.ceil(width / cell / 2) * 2
    left = (width - columns * cell) / 2
    strength = 0.17 if brief.scheme.dark else 0.14
    focus = (width * float(brief.random.choice([0.32, 0.5, 0.68])), height * 0.12)
    reach = max(width, height) * 0.85
    fade = Gradient(
        "radial",
        *focus,
        reach,
        0,
        ((0, text, strength), (0.55, text, strength * 0.55), (1, text, 0.0)),
    )
    thin = max(side / 1100, 0.8)
    shapes: list[Shape] = []
    for k, colour in enumerate((two, one, three)):
        x = focus[0] + (k - 1) * side * 0.42
        glow = fading(
            radial((x, -side * 0.02), side * 0.95, colour, colour, colour),
            0.62 if brief.scheme.dark else 0.5,
            0.2,
            0.0,
        )
        shapes.append(Shape(rect(0, 0, width, height), fill=glow))
    for k in range(16):
        i, j = (
            int(brief.random.integers(columns)),
            int(brief.random.integers(max(int(height / cell), 1))),
        )
        lit = fading(
            radial(focus, reach * 0.8, (one, two, three)[k % 3], (one, two, three)[k % 3]), 0.3, 0.0
        )
        shapes.append(Shape(rect(left + i * cell, j * cell, cell, cell), fill=lit))
    lines = Path()
    for i in range(columns + 1):
        lines = lines + rect(left + i * cell - thin / 2, 0, thin, height)
    shapes.append(Shape(lines, fill=fade))
    rows = Path()
    for j in range(math.ceil(height / cell) + 1):
        rows = rows + rect(0, j * cell - thin / 2, width, thin)
    shapes.append(Shape(rows, fill=fade))
    return drawing_image(Drawing(width, height, tuple(shapes), ground))
