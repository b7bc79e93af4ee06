"""Colours named in a text that speaks of editing a picture, where "coral" is an ink and no reef."""

from __future__ import annotations

import re
from typing import Final

from flexura.render import vocabulary
from flexura.render.oklab import RGB, from_hex, shade

# A painter mixes these a little; whoever asks for a white background means white.
_PURE: Final = {"white": "#ffffff", "black": "#000000"}
_WORD_OR_CODE: Final = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b|[^\W\d_]+")


def colours_in(text: str) -> tuple[RGB, ...]:
    """Every colour word ("deep blue") and hex code, in order, each once; RGB 0..1."""
    found: dict[RGB, None] = {}
    before = ""
    for word in _WORD_OR_CODE.findall(text.lower()):
        if word.startswith("#"):
            found[from_hex(word)] = None
        elif word in vocabulary.COLOURS:
            colour = from_hex(_PURE.get(word) or vocabulary.COLOURS[word])
            change = vocabulary.SHADES.get(before)
            found[shade(colour, *change) if change else colour] = None
        before = word
    return tuple(found)


def is_colour_word(word: str) -> bool:
    """Whether a word names a colour or its shade."""
    return word in vocabulary.COLOURS or word in vocabulary.SHADES
