"""Text on a contact sheet: strangers' words made drawable, cut to their room, set in a bundled face."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont

from flexura.render.fonts.truetype import bundled

Face = Literal["regular", "semibold"]
_FONTS = Path(__file__).parents[1] / "fonts"
_FACES: dict[Face, str] = {"regular": "inter-regular", "semibold": "inter-semibold"}
_MOST_CHARACTERS = 400
_UNKNOWN = "?"
"""Stands for characters that no bundled face has; several in a row are told once."""
_SILENT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})
"""Controls, directions, halves of pairs, marks without a letter: nothing that can be seen by itself."""


def legible(text: str) -> str:
    """One line that can be drawn: no controls, blanks put in order, `?` for what the face lacks."""
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", text[: _MOST_CHARACTERS * 4]):
        if character.isspace():
            kept.append(" ")
        elif unicodedata.category(character) in _SILENT:
            # The faces have an empty glyph for some of these.
            continue
        elif _drawn(character):
            kept.append(character)
        elif kept[-1:] != [_UNKNOWN]:
            kept.append(_UNKNOWN)
    return " ".join("".join(kept).split())[:_MOST_CHARACTERS]


def _drawn(character: str) -> bool:
    return all(bundled(name).has(character) for name in _FACES.values())


@cache
def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The face in that many pixels; laid out letter by letter, so that every machine draws the same."""
    path = _FONTS / f"{_FACES[face]}.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def width_of(text: str, face: Face, size: int) -> float:
    """How wide a line is, in pixels."""
    return font(face, size).getlength(text)


def shortened(text: str, face: Face, size: int, room: float) -> str:
    """The line, its middle left out where it is wider than `room` pixels: both ends tell models apart."""
    if width_of(text, face, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        kept = (low + high + 1) // 2
        if width_of(_middle_out(text, kept), face, size) <= room:
            low = kept
        else:
            high = kept - 1
    return _middle_out(text, low) if low else ""


def _middle_out(text: str, kept: int) -> str:
    head = (kept + 1) // 2
    tail = kept - head
    return f"{text[:head].rstrip()}…{text[len(text) - tail :].lstrip() if tail else ''}"


def wrapped(text: str, face: Face, size: int, room: float, most: int) -> list[str]:
    """The text in at most `most` lines; what is left over ends in an ellipsis, long words are shortened."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        line = words.pop(0)
        while words and width_of(f"{line} {words[0]}", face, size) <= room:
            line = f"{line} {words.pop(0)}"
        lines.append(shortened(line, face, size, room))
    if words and lines:
        last = f"{lines[-1].rstrip('…')}…"
        while len(last) > 1 and width_of(last, face, size) > room:
            last = f"{last[:-2].rstrip()}…"
        lines[-1] = last
    return lines
