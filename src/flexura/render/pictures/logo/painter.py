"""Logos: a mark beside or above the name, or the name alone."""

from __future__ import annotations

import numpy as np

from flexura.render.oklab import RGB, from_polar, lightness, polar
from flexura.render.pictures.contrast import contrast, legible
from flexura.render.pictures.drawing.drawing import Drawing, Shape
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.drawing.shapes import circle
from flexura.render.pictures.drawn import painting
from flexura.render.pictures.icon.glyph_shapes import glyph_shapes
from flexura.render.pictures.icon.glyphs.glyph import find
from flexura.render.pictures.logo.marks import LETTER_MARKS, SIGN_MARKS, MarkBrief, badge, seal
from flexura.render.pictures.names import initials, name_in
from flexura.render.pictures.scheme import Scheme, scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng
from flexura.render.type import Setting, drawable, line_path, line_width, missing_warnings

_FACES = ("geometric", "grotesk", "bold", "semibold", "serif")
_CLASSIC = {
    "elegant",
    "luxury",
    "classic",
    "law",
    "fashion",
    "wine",
    "hotel",
    "serif",
    "editorial",
    "jewelry",
    "premium",
}
_TECH = {"tech", "developer", "code", "terminal", "hacker", "cli", "data", "api"}


def paint(sheet: Sheet) -> Painting:
    """The logo in pixels and as SVG."""
    return painting(draw(sheet))


def draw(sheet: Sheet) -> Drawing:
    """The logo as a drawing, in the middle of its ground; transparent on request."""
    random = rng(sheet.prompt, sheet.seed, "logo")
    name = name_in(sheet)
    word = drawable(name)
    colours = scheme(sheet, "logo")
    dark = colours.dark and bool(set(sheet.words.tokens) & {"dark", "night", "black", "neon"})
    ground = colours.ink if dark else (1.0, 1.0, 1.0)
    one, two = _pair(colours, ground)
    ink = colours.paper if dark else from_polar(0.22, 0.03, polar(one)[2])
    glyph = _glyph(sheet, name)
    layout = _layout(sheet, word, random)
    shapes = _compose(sheet, layout, word, (one, two, ground, ink), glyph, random)
    clear = sheet.options.get("background") == "transparent"
    return Drawing(
        sheet.width, sheet.height, tuple(shapes), None if clear else ground, missing_warnings(name)
    )


def _pair(colours: Scheme, ground: RGB) -> tuple[RGB, RGB]:
    one = colours.strong(ground)
    light, chroma, hue = polar(one)
    two = (
        colours.vivid[1] if colours.named else from_polar(min(light + 0.12, 0.8), chroma, hue + 0.5)
    )
    return one, two if contrast(two, ground) >= 1.5 else legible(two, ground, 1.8)


def _glyph(sheet: Sheet, name: str) -> str | None:
    """The glyph of what the company does, when the prompt tells it."""
    own = set(name.lower().split())
    dull = {
        "logo",
        "company",
        "business",
        "brand",
        "for",
        "app",
        "box",
        "best",
        "word",
        "mark",
        "light",
        "dark",
        "flat",
        "design",
    }
    return find(token for token in sheet.words.tokens if token not in own | dull)


def _layout(sheet: Sheet, word: str, random: np.random.Generator) -> str:
    tokens = set(sheet.words.tokens)
    if not word or tokens & {"monogram", "lettermark", "symbol", "mark", "emblem"}:
        return "mark"
    if tokens & {"wordmark", "logotype"}:
        return "word"
    ratio = sheet.width / sheet.height
    if ratio > 1.6:
        return "beside"
    if ratio < 0.8 or len(word) > 14:
        return "above"
    return str(random.choice(["beside", "above", "above"] if ratio < 1.2 else ["beside", "above"]))


def _setting(sheet: Sheet, word: str, random: np.random.Generator) -> tuple[str, Setting]:
    tokens = set(sheet.words.tokens)
    if tokens & _CLASSIC:
        face = "serif"
    elif tokens & _TECH:
        face = str(random.choice(["grotesk", "mono", "geometric"]))
    else:
        face = str(random.choice(_FACES))
    form = int(random.integers(3))
    if form == 0 and len(word) <= 12 and word.isascii():
        return word.upper(), Setting(face, 100, 0.14 if face != "bold" else 0.04)
    return word, Setting(face, 100, 0.0 if face in {"serif", "mono"} else -0.025)


def _compose(
    sheet: Sheet,
    layout: str,
    word: str,
    colours: tuple[RGB, RGB, RGB, RGB],
    glyph: str | None,
    random: np.random.Generator,
) -> list[Shape]:
    one, _, _, ink = colours
    width, height = sheet.width, sheet.height
    side = min(width, height)
    if layout == "mark":
        size = side * 0.52
        return _mark(
            sheet, ((width - size) / 2, (height - size) / 2, size), word, colours, glyph, random
        )
    text, setting = _setting(sheet, word, random)
    if layout == "word":
        setting = _within(text, setting, width * 0.74, height * 0.34)
        path, right, base = _line(text, setting, width / 2, height / 2 + setting.cap_height / 2)
        dot = setting.size * 0.09
        return [Shape(path, fill=ink), Shape(circle(right + dot * 1.9, base - dot, dot), fill=one)]
    if layout == "beside":
        setting = _within(text, setting, width * 0.56, height * 0.3)
        cap = setting.cap_height
        size = min(cap * 1.85, height * 0.6, width * 0.24)
        gap = size * 0.34
        total = size + gap + line_width(text, setting)
        x = (width - total) / 2
        mark = _mark(sheet, (x, (height - size) / 2, size), word, colours, glyph, random)
        name = line_path(text, setting, x + size + gap, height / 2 + cap / 2)
        return [*mark, Shape(name, fill=ink)]
    setting = _within(text, setting, width * 0.66, height * 0.085)
    size = min(side * 0.36, height * 0.45)
    gap = size * 0.3
    total = size + gap + setting.cap_height
    top = (height - total) / 2
    mark = _mark(sheet, ((width - size) / 2, top, size), word, colours, glyph, random)
    name = line_path(text, setting, width / 2, top + total, "center")
    return [*mark, Shape(name, fill=ink)]


def _mark(
    sheet: Sheet,
    box: tuple[float, float, float],
    word: str,
    colours: tuple[RGB, RGB, RGB, RGB],
    glyph: str | None,
    random: np.random.Generator,
) -> list[Shape]:
    one, two, ground, _ = colours
    x, y, size = box
    monogram = "monogram" in sheet.words.tokens
    letters = drawable(initials(word, 2 if monogram or random.random() < 0.3 else 1))
    brief = MarkBrief(x, y, size, letters, one, two, ground, random)
    if glyph and not monogram:
        if random.random() < 0.5:
            return list(glyph_shapes(glyph, box, brief.sweep, ground))
        inner = size * 0.62
        place = (x + (size - inner) / 2, y + (size - inner) / 2, inner)
        light = (1.0, 1.0, 1.0) if lightness(one) < 0.8 else (0.05, 0.05, 0.1)
        plate = circle(x + size / 2, y + size / 2, size / 2)
        return [Shape(plate, fill=brief.sweep), *glyph_shapes(glyph, place, light, brief.sweep)]
    if letters and len(letters) > 1 and monogram:
        marks = (badge, seal)
    else:
        marks = LETTER_MARKS if letters and (monogram or random.random() < 0.45) else SIGN_MARKS
    return list(marks[int(random.integers(len(marks)))](brief))


def _within(text: str, setting: Setting, width: float, cap: float) -> Setting:
    """The setting in the size that fits a width and a height of capitals."""
    size = cap * setting.size / setting.cap_height
    wide = line_width(text, setting)
    return setting.sized(min(size, setting.size * width / wide) if wide else size)


def _line(text: str, setting: Setting, x: float, y: float) -> tuple[Path, float, float]:
    width = line_width(text, setting)
    return line_path(text, setting, x, y, "center"), x + width / 2, y
