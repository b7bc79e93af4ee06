"""Finding a glyph by words, and its parts as outlines.

The drawing language: parts divided by `;`, each `mode [width] shape`. Modes: fill, soft (fainter), line (a
stroke), edge (a stroke round a fill, for soft corners), cut (a fill in the ground's colour), carve (a stroke
in the ground's colour); `turn degrees [cx cy]` turns all parts after it. Shapes: circle, ellipse,
rect x y w h r, poly, star, gear, regular, or SVG path data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flexura.render.pictures.drawing import shapes
from flexura.render.pictures.drawing.path import Path, polygon
from flexura.render.pictures.drawing.svg_path import parse
from flexura.render.pictures.icon.glyphs.life import LIFE
from flexura.render.pictures.icon.glyphs.media import MEDIA
from flexura.render.pictures.icon.glyphs.work import WORK
from flexura.render.pictures.icon.glyphs.world import WORLD

GRID: Final = 24.0
GLYPHS: Final[dict[str, tuple[str, str]]] = {**MEDIA, **WORLD, **WORK, **LIFE}
"""Per glyph the words that ask for it and its drawing."""

_STROKED: Final = frozenset({"line", "edge", "carve"})


@dataclass(frozen=True)
class Part:
    """One painted outline of a glyph, on the grid; `width` is 0 for fills."""

    mode: str
    path: Path
    width: float


def find(tokens: Iterable[str]) -> str | None:
    """The glyph for the words of a prompt: the earliest word that names one, exact names first."""
    words = list(tokens)
    forms = [form for word in words for form in _forms(word)]
    for form in forms:
        if form in GLYPHS:
            return form
    asked = _asked()
    return next((asked[form] for form in forms if form in asked), None)


@lru_cache(maxsize=256)
def parts(name: str) -> tuple[Part, ...]:
    """The parts of a glyph in painting order."""
    out: list[Part] = []
    turn, cx, cy = 0.0, GRID / 2, GRID / 2
    for text in GLYPHS[name][1].split(";"):
        mode, rest = text.strip().split(" ", 1)
        if mode == "turn":
            values = [float(v) for v in rest.split()]
            turn = values[0]
            cx, cy = (values[1], values[2]) if len(values) == 3 else (GRID / 2, GRID / 2)
            continue
        width = 0.0
        if mode in _STROKED:
            number, rest = rest.strip().split(" ", 1)
            width = float(number)
        path = _shape(rest.strip())
        out.append(Part(mode, path.rotate(turn, cx, cy) if turn else path, width))
    return tuple(out)


def _shape(text: str) -> Path:
    name, _, rest = text.partition(" ")
    if name == "poly":
        return polygon(
            [(float(x), float(y)) for x, y in (pair.split(",") for pair in rest.split())]
        )
    if name not in {"circle", "ellipse", "rect", "star", "gear", "regular"}:
        return parse(text)
    v = [float(value) for value in rest.split()]
    if name == "circle":
        return shapes.circle(v[0], v[1], v[2])
    if name == "ellipse":
        return shapes.ellipse(v[0], v[1], v[2], v[3])
    if name == "rect":
        return shapes.rounded(v[0], v[1], v[2], v[3], v[4])
    if name == "star":
        return shapes.star(v[0], v[1], v[2], v[3], int(v[4]))
    if name == "regular":
        return shapes.regular(v[0], v[1], v[2], int(v[3]))
    return shapes.gear(v[0], v[1], v[2], v[3], int(v[4]))


@lru_cache(maxsize=1)
def _asked() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, (words, _) in GLYPHS.items():
        for word in words.split():
            found.setdefault(word, name)
    return found


def _forms(word: str) -> tuple[str, ...]:
    forms = [word]
    if len(word) > 3 and word.endswith("s"):
        forms.append(word[:-1])
    if len(word) > 4 and word.endswith("es"):
        forms.append(word[:-2])
    if "-" in word:
        forms += word.split("-")
    return tuple(forms)
