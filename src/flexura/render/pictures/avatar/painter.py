"""Avatars: identicon, geometric face, initials on a gradient; the same name always gives the same one."""

from __future__ import annotations

import numpy as np

from flexura.render.oklab import RGB, from_polar, polar
from flexura.render.pictures.avatar.faces import face
from flexura.render.pictures.contrast import WHITE, contrast
from flexura.render.pictures.drawing.drawing import Drawing, Gradient, Shape, fading, linear, radial
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.drawing.shapes import circle, rect
from flexura.render.pictures.drawn import painting
from flexura.render.pictures.names import initials, name_in
from flexura.render.pictures.scheme import scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng
from flexura.render.type import Setting, drawable, line_path, line_width, missing_warnings


def paint(sheet: Sheet) -> Painting:
    """The avatar in pixels and as SVG."""
    return painting(draw(sheet))


def draw(sheet: Sheet) -> Drawing:
    """The avatar as a drawing; on a transparent ground it is round."""
    name = name_in(sheet)
    # The name alone decides, not the seed or the wording: one person keeps one face.
    random = rng("avatar", (name or sheet.prompt).strip().lower(), "" if name else sheet.seed)
    kind = _kind(sheet, name, random)
    clear = sheet.options.get("background") == "transparent"
    side = float(min(sheet.width, sheet.height))
    box = ((sheet.width - side) / 2, (sheet.height - side) / 2, side)
    lead = _lead(sheet, random)
    round_ = circle(box[0] + side / 2, box[1] + side / 2, side / 2)
    ground, shapes = _draw(kind, box, name, lead, random)
    whole = rect(0, 0, sheet.width, sheet.height)
    back = Shape(round_ if clear else whole, fill=ground)
    clipped = tuple(shape.clipped(round_) if clear else shape for shape in shapes)
    warnings = missing_warnings(name) if kind == "initials" else ()
    return Drawing(sheet.width, sheet.height, (back, *clipped), None if clear else WHITE, warnings)


def _kind(sheet: Sheet, name: str, random: np.random.Generator) -> str:
    words = set(sheet.words.tokens)
    if words & {"identicon", "github", "pixel", "pixels", "hash", "blockie"}:
        return "identicon"
    if words & {
        "face",
        "cartoon",
        "person",
        "people",
        "portrait",
        "character",
        "smiling",
        "man",
        "woman",
        "cute",
    }:
        return "face"
    letters = drawable(initials(name)) if name else ""
    if letters and words & {"initials", "letter", "letters", "monogram"}:
        return "initials"
    if "@" in name:
        return str(random.choice(["identicon", "initials" if letters else "identicon", "face"]))
    if letters:
        return str(random.choice(["initials", "initials", "face"]))
    return "initials" if letters else str(random.choice(["face", "identicon", "orb"]))


def _lead(sheet: Sheet, random: np.random.Generator) -> RGB:
    colours = scheme(sheet, "avatar")
    if colours.named:
        return colours.lead
    return from_polar(
        float(random.uniform(0.58, 0.68)),
        float(random.uniform(0.13, 0.19)),
        float(random.uniform(0, 6.283)),
    )


def _draw(
    kind: str, box: tuple[float, float, float], name: str, lead: RGB, random: np.random.Generator
) -> tuple[Gradient | RGB, tuple[Shape, ...]]:
    x, y, side = box
    light, chroma, hue = polar(lead)
    if kind == "identicon":
        return from_polar(0.955, min(chroma, 0.02), hue), (
            Shape(_identicon(box, random), fill=lead),
        )
    if kind == "face":
        pale = from_polar(0.88, min(chroma, 0.075), hue)
        shirt = from_polar(0.52, max(chroma, 0.1), hue + float(random.choice([0.0, 1.2, -1.2])))
        ground = linear((x, y), (x, y + side), pale, from_polar(0.8, min(chroma, 0.1), hue + 0.25))
        return ground, face((x + side * 0.06, y + side * 0.1, side * 0.88), random, shirt)
    first, second = (
        from_polar(min(light + 0.06, 0.76), chroma, hue + 0.55),
        from_polar(max(light - 0.1, 0.4), chroma, hue - 0.1),
    )
    ground = linear((x, y), (x + side, y + side), first, second)
    glow = fading(radial((x + side * 0.25, y + side * 0.15), side * 0.8, WHITE, WHITE), 0.28, 0.0)
    light_shape = Shape(rect(x, y, side, side), fill=glow)
    letters = drawable(initials(name))
    if kind == "orb" or not letters:
        third = fading(
            radial(
                (x + side * 0.75, y + side * 0.8),
                side * 0.75,
                *_twice(from_polar(0.72, chroma, hue - 1.1)),
            ),
            0.95,
            0.0,
        )
        return ground, (Shape(rect(x, y, side, side), fill=third), light_shape)
    return ground, (light_shape, Shape(_letters(letters, box), fill=_ink(first, second)))


def _twice(colour: RGB) -> tuple[RGB, RGB]:
    return colour, colour


def _ink(first: RGB, second: RGB) -> RGB:
    dark = from_polar(0.2, 0.03, polar(second)[2])
    pale = min(contrast(WHITE, first), contrast(WHITE, second))
    return WHITE if pale >= 1.9 else dark


def _letters(letters: str, box: tuple[float, float, float]) -> Path:
    x, y, side = box
    setting = Setting("geometric", side * (0.52 if len(letters) == 1 else 0.42), -0.01)
    width = line_width(letters, setting)
    if width > side * 0.62:
        setting = setting.sized(setting.size * side * 0.62 / width)
    return line_path(
        letters, setting, x + side / 2, y + side / 2 + setting.cap_height / 2, "center"
    )


def _identicon(box: tuple[float, float, float], random: np.random.Generator) -> Path:
    """A mirrored grid of five by five, between eight and eighteen cells filled."""
    x, y, side = box
    cells = random.random((5, 3)) < 0.5
    cells[2, 2] = True
    if not cells[:, 0].any():
        cells[int(random.integers(5)), 0] = True
    if int(cells.sum()) < 5:
        cells[1:4, 1] = True
    cell = side * 0.7 / 5
    left, top = x + side * 0.15, y + side * 0.15
    path = Path()
    for row in range(5):
        full = [*cells[row], cells[row][1], cells[row][0]]
        start = -1
        for column in range(6):
            filled = column < 5 and bool(full[column])
            if filled and start < 0:
                start = column
            elif not filled and start >= 0:
                # Neighbours are one outline, a hair taller than a cell: no seam shows between them.
                path = path + rect(
                    left + start * cell,
                    top + row * cell,
                    (column - start) * cell,
                    cell + side * 0.0008,
                )
                start = -1
    return path
