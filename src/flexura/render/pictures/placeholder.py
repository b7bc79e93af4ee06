"""Sized placeholders: a quiet colour, the size in figures, crossed lines."""

from __future__ import annotations

from flexura.render.oklab import RGB, from_polar, polar
from flexura.render.pictures.contrast import legible
from flexura.render.pictures.drawing.drawing import Drawing, Shape
from flexura.render.pictures.drawing.path import polyline
from flexura.render.pictures.drawing.shapes import circle, rounded
from flexura.render.pictures.drawing.svg_path import parse
from flexura.render.pictures.drawn import painting
from flexura.render.pictures.scheme import scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng
from flexura.render.type import Setting, drawable, fit, line_path, line_width, missing_warnings


def paint(sheet: Sheet) -> Painting:
    """The placeholder in pixels and as SVG."""
    return painting(draw(sheet))


def draw(sheet: Sheet) -> Drawing:
    """The placeholder as a drawing: ground, diagonals, a picture sign and the label or the size."""
    ground, line, ink = _colours(sheet)
    width, height = sheet.width, sheet.height
    side = min(width, height)
    thin = max(side / 320, 1.0)
    label = str(sheet.options.get("text", "") or "") or (
        sheet.words.quoted[0] if sheet.words.quoted else ""
    )
    shapes: list[Shape] = [
        Shape(polyline([(0, 0), (width, height)]), stroke=line, stroke_width=thin),
        Shape(polyline([(0, height), (width, 0)]), stroke=line, stroke_width=thin),
        Shape(
            rounded(thin / 2, thin / 2, width - thin, height - thin, 0),
            stroke=line,
            stroke_width=thin,
        ),
    ]
    if side >= 40:
        shapes += _label(sheet, drawable(label), ground, line, ink)
    return Drawing(width, height, tuple(shapes), ground, missing_warnings(label))


def _colours(sheet: Sheet) -> tuple[RGB, RGB, RGB]:
    """Ground, lines and text: a greyed tint of the scheme's leading colour."""
    colours = scheme(sheet, "placeholder")
    random = rng(sheet.prompt, sheet.seed, "placeholder")
    lead = colours.lead if colours.named else colours.vivid[int(random.integers(5))]
    light, chroma, hue = polar(lead)
    if colours.named:
        ground = from_polar(min(max(light, 0.3), 0.93), chroma * 0.75, hue)
        line = from_polar(
            polar(ground)[0] + (0.07 if polar(ground)[0] < 0.6 else -0.07), chroma * 0.6, hue
        )
    elif "dark" in sheet.words.tokens:
        ground, line = from_polar(0.27, 0.022, hue), from_polar(0.36, 0.03, hue)
    else:
        ground, line = from_polar(0.925, 0.022, hue), from_polar(0.85, 0.035, hue)
    return ground, line, legible(from_polar(0.5, min(chroma, 0.06), hue), ground, 4.6)


def _label(sheet: Sheet, label: str, ground: RGB, line: RGB, ink: RGB) -> list[Shape]:
    width, height = sheet.width, sheet.height
    side = min(width, height)
    figures = f"{width} \u00d7 {height}"
    setting = Setting("semibold", min(side * 0.13, width * 0.1, 120), -0.01)
    setting = setting.sized(max(setting.size, min(11, side * 0.3)))
    block = fit(label or figures, setting, (width * 0.72, side * 0.3), smallest=6, most_lines=2)
    sign = block.setting.size * 1.7 if side >= 120 else 0.0
    small = Setting("regular", max(block.setting.size * 0.46, 9)) if label and side >= 120 else None
    gap = block.setting.size * 0.55
    total = sign + (gap if sign else 0) + block.height + (small.size * 1.7 if small else 0)
    top = (height - total) / 2
    across = (
        max(block.width, sign, line_width(figures, small) if small else 0)
        + block.setting.size * 1.8
    )
    plate = rounded(
        (width - across) / 2, top - gap * 1.3, across, total + gap * 2.6, block.setting.size * 0.5
    )
    shapes = [Shape(plate, fill=ground)]
    if sign:
        shapes += _sign(width / 2 - sign / 2, top, sign, line)
        top += sign + gap
    shapes.append(Shape(block.path(width / 2, top, "center"), fill=ink))
    if small:
        y = top + block.height + small.size * 1.7
        shapes.append(Shape(line_path(figures, small, width / 2, y, "center"), fill=ink))
    return shapes


def _sign(x: float, y: float, size: float, colour: RGB) -> list[Shape]:
    """The usual sign of a missing picture: a frame, a sun, two hills."""
    scale = size / 24
    frame = rounded(2, 4, 20, 16, 3)
    hills = parse("M4 17.5 L9.4 11.2 L13 15.4 L16 12.2 L20 17.5")
    width = 1.7 * scale
    return [
        Shape(frame.scale(scale).shift(x, y), stroke=colour, stroke_width=width),
        Shape(hills.scale(scale).shift(x, y), stroke=colour, stroke_width=width),
        Shape(circle(8, 8.8, 1.7).scale(scale).shift(x, y), fill=colour),
    ]
