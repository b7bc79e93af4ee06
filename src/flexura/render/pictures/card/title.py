"""What a card says: title and subtitle from the options, the quoted texts, or the prompt's own words."""

from __future__ import annotations

import re
from typing import Final

from flexura.render.pictures.sheet import Sheet
from flexura.render.vocabulary import COLOURS

_SAID: Final = re.compile(
    r"\b(?:for|about|titled|saying|announcing|announces|reads|reading|that says"
    r"|with the (?:title|text|words?))\s+(.+)$",
    re.IGNORECASE | re.DOTALL,
)
_LOOK: Final = re.compile(
    r",\s*(?:in\s+)?(?:[\w#-]+\s+){0,3}(?:style|background|gradient|palette|colou?rs?|theme|layout"
    r"|dark|light|minimal|minimalist|modern|bold|elegant|clean|vibrant|pastel|neon|mesh|split|centered|centred|serif|"
    + "|".join(COLOURS)
    + r")\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_KIND: Final = re.compile(
    r"\b(?:an?|the|social|media|og|open|graph|twitter|link|share|title|quote|announcement|blog|web|website|youtube|dark|light"
    r"|minimal|modern|bold|elegant|clean|card|image|preview|banner|cover|header|poster|thumbnail|flyer|slide|graphic|post)\b",
    re.IGNORECASE,
)


def title_and_subtitle(sheet: Sheet) -> tuple[str, str]:
    """The two texts; a quotation's author after a dash becomes the subtitle."""
    quoted = list(sheet.words.quoted)
    title = str(sheet.options.get("text", "") or "").strip()
    if not title and quoted:
        title = quoted.pop(0)
    subtitle = str(sheet.options.get("subtitle", "") or "").strip() or (quoted[0] if quoted else "")
    if not title:
        title = _from_prompt(sheet.prompt)
    if is_quote(sheet) and not subtitle:
        parts = re.split(r"\s+[\u2014\u2013-]\s+", title, maxsplit=1)
        by = re.search(r"\bby ([A-Z][\w.]+(?: [A-Z][\w.]+)*)", sheet.prompt)
        if len(parts) == 2:
            title, subtitle = parts
        elif by:
            subtitle = by.group(1)
    return title, subtitle


def is_quote(sheet: Sheet) -> bool:
    """Whether the card is to show a quotation."""
    return bool(set(sheet.words.tokens) & {"quote", "quotation", "testimonial"})


def _from_prompt(prompt: str) -> str:
    said = _SAID.search(prompt)
    text = _LOOK.sub("", said.group(1) if said else prompt)
    if not said:
        text = _KIND.sub(" ", text)
    text = re.sub(r"\b\d{2,4}\s*[x\u00d7]\s*\d{2,4}\b|#[0-9a-fA-F]{3,6}\b", " ", text)
    text = " ".join(text.split()).strip(" ,.;:")
    text = re.sub(r"^(?:the|a|an|our|my)\s+(?=[A-Z])", "", text)
    return text[:1].upper() + text[1:]
