"""A glyph as shapes of a drawing."""

from __future__ import annotations

from flexura.render.pictures.drawing.drawing import Paint, Shape
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.icon.glyphs.glyph import GRID, parts


def glyph_shapes(
    name: str, box: tuple[float, float, float], paint: Paint, ground: Paint
) -> tuple[Shape, ...]:
    """The glyph in the square box (x, y, size), painted in `paint`; what is cut out of it shows `ground`."""
    x, y, size = box
    scale = size / GRID
    out: list[Shape] = []
    for part in parts(name):
        path = part.path.scale(scale).shift(x, y)
        colour = ground if part.mode in {"cut", "carve"} else paint
        if part.width:
            out.append(Shape(path, stroke=colour, stroke_width=part.width * scale))
        else:
            out.append(Shape(path, fill=colour, opacity=0.62 if part.mode == "soft" else 1.0))
    return tuple(out)


def glyph_shadow(
    name: str, box: tuple[float, float, float], drop: float, blur: float
) -> tuple[Shape, ...]:
    """A soft shadow under the glyph, `drop` pixels lower."""
    x, y, size = box
    scale = size / GRID
    solid = Path()
    strokes: list[Shape] = []
    for part in parts(name):
        path = part.path.scale(scale).shift(x, y + drop)
        if part.mode in {"cut", "carve"}:
            continue
        if part.width:
            width = part.width * scale
            strokes.append(
                Shape(path, stroke=(0.0, 0.0, 0.0), stroke_width=width, opacity=0.16, blur=blur)
            )
        else:
            solid = solid + path
    fill = (Shape(solid, fill=(0.0, 0.0, 0.0), opacity=0.16, blur=blur),) if solid.commands else ()
    return (*fill, *strokes)
