"""Social cards, banners and covers that set their title in type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PIL import Image

from flexura.render.pictures.card.layouts import (
    CardBrief,
    big_type,
    centred,
    over_art,
    quotation,
    split,
)
from flexura.render.pictures.card.title import is_quote, title_and_subtitle
from flexura.render.pictures.scheme import scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng
from flexura.render.type import drawable, missing_warnings

_LAYOUTS: Final[tuple[tuple[Callable[[CardBrief], Image.Image], str], ...]] = (
    (split, "split illustration illustrated half geometric bauhaus"),
    (big_type, "big bold typographic typography type flat plain sale poster flyer huge"),
    (centred, "centered centred center developer developers api launch announcement"),
    (over_art, "gradient mesh aurora left hero"),
)
_FACES: Final = ("bold", "geometric", "grotesk", "bold", "semibold", "serif")
_CLASSIC: Final = frozenset(
    [
        "elegant",
        "serif",
        "editorial",
        "luxury",
        "classic",
        "wedding",
        "magazine",
        "literary",
        "invitation",
    ]
)
_TECH: Final = frozenset(
    ["developer", "developers", "tech", "code", "api", "cli", "engineering", "data"]
)


def paint(sheet: Sheet) -> Painting:
    """The card; characters that no face has are left out with a warning."""
    title, subtitle = title_and_subtitle(sheet)
    random = rng(sheet.prompt, sheet.seed, "card")
    tokens = frozenset(sheet.words.tokens)
    layout = quotation if is_quote(sheet) else _layout(sheet, tokens)
    if tokens & _CLASSIC:
        face = "serif"
    elif tokens & _TECH:
        face = str(random.choice(["grotesk", "bold", "geometric"]))
    else:
        face = str(random.choice(_FACES))
    brief = CardBrief(
        sheet.width,
        sheet.height,
        drawable(title),
        drawable(subtitle),
        face,
        scheme(sheet, "card"),
        tokens,
        random,
    )
    return Painting(layout(brief), warnings=missing_warnings(title, subtitle))


def _layout(sheet: Sheet, tokens: frozenset[str]) -> Callable[[CardBrief], Image.Image]:
    named = next((layout for layout, words in _LAYOUTS if tokens & set(words.split())), None)
    if named:
        return named
    return _LAYOUTS[int(rng(sheet.prompt, sheet.seed, "card layout").integers(len(_LAYOUTS)))][0]
