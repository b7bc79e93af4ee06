"""App icons: a glyph or monogram on a lit tile, or the glyph alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from flexura.render.oklab import RGB, from_hex, from_polar, lightness, mix, polar
from flexura.render.pictures.contrast import WHITE
from flexura.render.pictures.drawing.drawing import (
    Drawing,
    Gradient,
    Paint,
    Shape,
    fading,
    linear,
    radial,
)
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.drawing.shapes import squircle
from flexura.render.pictures.drawn import painting
from flexura.render.pictures.icon.glyph_shapes import glyph_shadow, glyph_shapes
from flexura.render.pictures.icon.glyphs.glyph import find
from flexura.render.pictures.names import initials, name_in
from flexura.render.pictures.scheme import Scheme, scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng
from flexura.render.task import Warning
from flexura.render.type import Setting, drawable, line_path, line_width, missing_warnings

_NATURAL: Final[dict[str, str]] = {
    "heart": "ff3b6b",
    "leaf": "22a65a",
    "tree": "1f9d63",
    "fire": "ff6a2b",
    "drop": "1f8fff",
    "wave": "0ea5d8",
    "sun": "ffa31a",
    "moon": "4f46e5",
    "star": "f9a825",
    "coffee": "8a5a3c",
    "snow": "38a9f0",
    "cloud": "3f8efc",
    "rain": "4a7fe0",
    "flower": "ee5d9b",
    "pizza": "f2643d",
    "burger": "e8772e",
    "apple": "e5394b",
    "wine": "a4244f",
    "cake": "f0619a",
    "fish": "1599c4",
    "ghost": "6d4be0",
    "skull": "2b2f3a",
    "health": "e5394b",
    "pulse": "ef3e5b",
    "mountain": "3b7d8c",
    "bolt": "f5a400",
    "bug": "6aa121",
    "coin": "e0a020",
    "shield": "2f6fed",
    "yoga": "8d6be8",
    "terminal": "2a3042",
    "code": "3347d6",
    "chat": "22b573",
    "call": "27b25e",
    "music": "f23d6d",
    "brain": "d94f9a",
}
"""The colour one expects of a thing, where the prompt names none."""
_COOL: Final = 4.7
"""The hue of dark tiles: a dark warm tile looks like mud."""


@dataclass(frozen=True)
class _Look:
    """How the tile is made: its paint, the glyph's paint and whether light falls on it."""

    tile: Paint
    glyph: Paint
    lit: bool
    tilted: bool = False


def paint(sheet: Sheet) -> Painting:
    """The icon in pixels and as SVG."""
    return painting(draw(sheet))


def draw(sheet: Sheet) -> Drawing:
    """The icon as a drawing: a rounded tile on a pale ground, or on none when the ground is transparent."""
    glyph = None if sheet.options.get("text") else find(_subject_tokens(sheet))
    colours = scheme(sheet, "icon")
    lead = _lead(colours, glyph)
    clear = sheet.options.get("background") == "transparent"
    side = min(sheet.width, sheet.height)
    if _bare(sheet):
        return _bare_icon(sheet, glyph, lead, clear)
    share = 0.94 if clear else 0.74
    size = side * share
    x, y = (sheet.width - size) / 2, (sheet.height - size) / 2 - (0 if clear else size * 0.012)
    look = _look(sheet, lead, colours, (x, y, size))
    tile = squircle(x, y, size)
    shapes = list(_tile(tile, look, (x, y, size), clear))
    inner = size * (0.6 if glyph else 0.5)
    box = (x + (size - inner) / 2, y + (size - inner) / 2, inner)
    mark, warnings = _mark(sheet, glyph, box, look)
    shapes += [shape.clipped(tile) for shape in mark]
    ground = None if clear else _ground(sheet, lead)
    return Drawing(sheet.width, sheet.height, tuple(shapes), ground, warnings)


def _subject_tokens(sheet: Sheet) -> list[str]:
    """The words that say what the icon is of: those after "for" and "of" before the rest."""
    tokens = [
        token
        for token in sheet.words.tokens
        if token not in {"app", "icon", "icons", "logo", "web", "mobile"}
    ]
    for link in ("for", "of"):
        if link in tokens:
            at = tokens.index(link) + 1
            return [*tokens[at:], *tokens[: at - 1]]
    return tokens


def _bare(sheet: Sheet) -> bool:
    words = set(sheet.words.tokens)
    return bool(words & {"glyph", "pictogram", "symbol", "silhouette"}) or {"line", "icon"} <= words


def _lead(colours: Scheme, glyph: str | None) -> RGB:
    if not colours.named and glyph in _NATURAL:
        return from_hex(_NATURAL[glyph])
    return colours.lead


def _ground(sheet: Sheet, lead: RGB) -> Paint:
    hue = polar(lead)[2]
    light = from_polar(0.985, 0.006, hue)
    return linear((0, 0), (0, sheet.height), light, from_polar(0.93, 0.018, hue))


def _look(sheet: Sheet, lead: RGB, colours: Scheme, box: tuple[float, float, float]) -> _Look:
    x, y, size = box
    words = set(sheet.words.tokens)
    light, chroma, hue = polar(lead)
    light = min(max(light, 0.42), 0.72)
    # Yellows turn to olive when their hue moves on: they run from yellow to orange instead.
    ahead, back = (0.06, 0.34) if 0.9 < hue % math.tau < 2.3 else (0.3, 0.12)
    top = from_polar(min(light + 0.1, 0.79), chroma, hue + ahead)
    bottom = from_polar(light - 0.09, chroma * 1.05, hue - back)
    if words & {"flat", "minimal", "minimalist", "simple"}:
        return _Look(from_polar(light, chroma, hue), WHITE, lit=False)
    choice = float(rng(sheet.prompt, sheet.seed, "icon look").random())
    dark = bool(words & {"dark", "night", "black", "developer", "terminal", "pro"})
    if dark or (choice > 0.86 and not words & {"light", "white"}):
        tile = linear(
            (x, y), (x, y + size), from_polar(0.34, 0.018, _COOL), from_polar(0.16, 0.018, _COOL)
        )
        return _Look(
            tile, linear((x, y + size * 0.2), (x + size * 0.5, y + size * 0.8), top, lead), lit=True
        )
    if words & {"light", "white", "clean"} or choice > 0.74:
        tile = linear((x, y), (x, y + size), WHITE, from_polar(0.945, 0.02, hue))
        ink = linear((x, y + size * 0.2), (x + size * 0.6, y + size * 0.8), top, bottom)
        return _Look(tile, ink, lit=False)
    if choice > 0.4:
        return _Look(linear((x, y), (x, y + size), top, bottom), WHITE, lit=True)
    other = (
        colours.vivid[1]
        if colours.named
        else from_polar(min(light + 0.08, 0.78), chroma, hue + ahead * 2.5)
    )
    if abs(lightness(other) - light) > 0.25:
        other = mix(other, lead, 0.5)
    return _Look(
        linear((x, y), (x + size, y + size), other, from_polar(light, chroma, hue), bottom),
        WHITE,
        lit=True,
    )


def _tile(
    tile: Path, look: _Look, box: tuple[float, float, float], clear: bool
) -> tuple[Shape, ...]:
    x, y, size = box
    shapes: list[Shape] = []
    if not clear:
        low = (
            tile.shift(-x - size / 2, -y - size / 2)
            .scale(0.94)
            .shift(x + size / 2, y + size / 2 + size * 0.055)
        )
        shapes.append(Shape(low, fill=(0.03, 0.04, 0.12), opacity=0.3, blur=size * 0.045))
        shapes.append(
            Shape(
                tile.shift(0, size * 0.008),
                fill=(0.03, 0.04, 0.12),
                opacity=0.14,
                blur=size * 0.012,
            )
        )
    shapes.append(Shape(tile, fill=look.tile))
    if look.lit:
        glow = fading(radial((x + size * 0.3, y), size * 0.85, WHITE, WHITE), 0.3, 0.0)
        shapes.append(Shape(tile, fill=glow))
    rim = (
        _rim(y, size)
        if look.lit
        else linear((x, y), (x, y + size), (0.0, 0.0, 0.1), (0.0, 0.0, 0.1))
    )
    shapes.append(
        Shape(
            tile,
            stroke=rim,
            stroke_width=max(size * 0.012, 1),
            opacity=1.0 if look.lit else 0.06,
            clip=tile,
        )
    )
    return tuple(shapes)


def _rim(y: float, size: float) -> Gradient:
    """The edge of a lit tile: bright above, faintly dark below."""
    return Gradient(
        "linear", 0, y, 0, y + size, ((0, WHITE, 0.5), (0.45, WHITE, 0.05), (1, (0, 0, 0.1), 0.22))
    )


def _mark(
    sheet: Sheet, glyph: str | None, box: tuple[float, float, float], look: _Look
) -> tuple[tuple[Shape, ...], tuple[Warning, ...]]:
    x, y, size = box
    if glyph:
        shadow = glyph_shadow(glyph, box, size * 0.03, size * 0.035) if look.lit else ()
        return (*shadow, *glyph_shapes(glyph, box, look.glyph, look.tile)), ()
    letters, warnings = _letters(sheet)
    setting = Setting("geometric", size * (1.15 if len(letters) == 1 else 0.8), -0.03)
    widest = line_width(letters, setting)
    if widest > size * 1.25:
        setting = setting.sized(setting.size * size * 1.25 / widest)
    path = line_path(
        letters, setting, x + size / 2, y + size / 2 + setting.cap_height / 2, "center"
    )
    shadow = (
        (Shape(path.shift(0, size * 0.03), fill=(0, 0, 0), opacity=0.18, blur=size * 0.03),)
        if look.lit
        else ()
    )
    return (*shadow, Shape(path, fill=look.glyph)), warnings


def _letters(sheet: Sheet) -> tuple[str, tuple[Warning, ...]]:
    """The monogram, with a warning when it stands for a subject that no glyph shows."""
    name = name_in(sheet)
    letters = drawable(initials(name) if name else "")
    if letters:
        return letters, missing_warnings(name)
    subject = next(
        (word for word in _subject_tokens(sheet) if word.isalpha() and len(word) > 2), ""
    )
    text = drawable(subject[:1].upper()) or "*"
    message = "The glyph library has nothing for the words of this prompt; the icon shows a letter instead."
    return text, (Warning("subject_not_drawn", message), *missing_warnings(name))


def _bare_icon(sheet: Sheet, glyph: str | None, lead: RGB, clear: bool) -> Drawing:
    side = min(sheet.width, sheet.height) * 0.72
    box = ((sheet.width - side) / 2, (sheet.height - side) / 2, side)
    light, chroma, hue = polar(lead)
    ink = from_polar(min(light, 0.58), chroma, hue)
    look = _Look(WHITE, ink, lit=False)
    mark, warnings = _mark(sheet, glyph, box, look)
    return Drawing(sheet.width, sheet.height, mark, None if clear else WHITE, warnings)
