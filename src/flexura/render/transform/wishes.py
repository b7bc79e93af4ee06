"""What a prompt asks of a picture: its words become the same settings that the options have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flexura.render.oklab import RGB
from flexura.render.transform.colour_words import colours_in, is_colour_word
from flexura.render.transform.wish_words import FILTERS, IGNORED, SETTINGS, STRONG, TONES, WEAK
from flexura.render.words import read

_CLAUSE = re.compile(r"[,.;!?\n]+|\b(?:and|then|plus|also|with|but)\b")
_TOGETHER = {
    r"\b(background|backdrop)\s+with\b": r"\1 to",
    r"\bblack\s*(?:and|&|\+)\s*white\b|\bb\s*&\s*w\b": "monochrome",
    r"\bteal\s*(?:and|&)\s*orange\b": "tealorange",
}
_SIZE = re.compile(r"\b(\d{2,4})\s*(?:px)?\s*[x*]\s*(\d{2,4})\s*(?:px|pixels?)?\b")
_WIDTH = re.compile(
    r"\b(?:width(?:\s+of)?|wide)\s*:?\s*(\d{2,4})\b|\b(\d{2,4})\s*(?:px|pixels?)?\s*(?:wide|in width)\b"
)
_HEIGHT = re.compile(
    r"\b(?:height(?:\s+of)?|high|tall)\s*:?\s*(\d{2,4})\b"
    r"|\b(\d{2,4})\s*(?:px|pixels?)?\s*(?:high|tall|in height)\b"
)
_RATIO = re.compile(r"\b(1:1|4:3|3:2|16:9|21:9|2:1|3:4|2:3|4:5|9:16)\b")
_TURN = re.compile(
    r"\b(?:rotate|turn|turned|rotated)\b[^,.;]*?\b(90|180|270)\b[^,.;]*?\b(left|counter|anti)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NEGATION = re.compile(r"\b(?:no|not|without|don't|dont|do not|never)\b")
_BACKGROUND = re.compile(r"\b(?:background|backdrop)\b")
_AROUND = re.compile(r"border|frame|background|backdrop|padding|margin")
_REMOVAL = re.compile(r"\b(?:remove|delete|erase|cut|drop|strip|clear|take away)\b")
_SLIGHT, _PLAIN, _HEAVY = 0.22, 0.5, 0.9


@dataclass
class Wishes:
    """Settings that the prompt names, the filters in its order with their strength, and words left over."""

    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    filters: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    colours: tuple[RGB, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing at all was understood."""
        return not self.settings and not self.filters


def read_wishes(prompt: str) -> Wishes:
    """Reads any text; what it cannot use is in `unknown`."""
    wishes = Wishes()
    quoted = read(prompt).quoted
    text = prompt.lower().replace("\u2019", "'").replace("\u00d7", "x")
    for words in quoted:
        text = text.replace(words.lower(), " ")
    for pattern, word in _TOGETHER.items():
        text = re.sub(pattern, word, text)
    if quoted and re.search(r"watermark|text|caption|title|sign|write|say", text):
        wishes.settings["text"] = quoted[0]
    text = _read_numbers(text, wishes.settings)
    left: list[str] = []
    for clause in _CLAUSE.split(text):
        left += _read_clause(clause, wishes)
    wishes.unknown = tuple(dict.fromkeys(left))
    return wishes


def _read_numbers(text: str, settings: dict[str, Any]) -> str:
    """Takes sizes, proportions and angles out of the text."""
    if found := _SIZE.search(text):
        settings["width"], settings["height"] = int(found[1]), int(found[2])
    else:
        if found := _WIDTH.search(text):
            settings["width"] = int(found[1] or found[2])
        if found := _HEIGHT.search(text):
            settings["height"] = int(found[1] or found[2])
    if found := _RATIO.search(text):
        settings["crop"] = found[1]
    if found := _TURN.search(text):
        degrees = int(found[1])
        settings["rotate"] = 360 - degrees if re.search(r"left|counter|anti", text) else degrees
    for pattern in (_SIZE, _WIDTH, _HEIGHT, _RATIO):
        text = pattern.sub(" ", text)
    return re.sub(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b", lambda code: f" {code[0]} ", text)


def _read_clause(clause: str, wishes: Wishes) -> list[str]:
    """Takes over what the clause asks for; returns the words that mean nothing here."""
    denied = bool(_NEGATION.search(clause))
    strength = _strength(clause)
    rest = clause
    looks = False
    for table in (SETTINGS, TONES, FILTERS):
        for pattern, meaning in table:
            if not pattern.search(rest):
                continue
            rest = pattern.sub(" ", rest)
            looks = looks or table is not SETTINGS
            if not denied:
                _take(wishes, meaning, strength)
    # A border is taken out of the text together with its colour.
    colours = colours_in(clause if _AROUND.search(clause) else rest)
    if colours and not denied:
        _take_colours(wishes, clause, colours, strength)
    rest = re.sub(r"#[0-9a-f]{3,6}", " ", rest)
    left = [
        word for word in _WORD.findall(rest) if word not in IGNORED and not is_colour_word(word)
    ]
    # Filters work on the whole picture; that one cannot tell its background from the rest is worth saying.
    return [*left, "background"] if looks and _BACKGROUND.search(rest) else left


def _strength(clause: str) -> float:
    if STRONG.search(clause):
        return _HEAVY
    return _SLIGHT if WEAK.search(clause) else _PLAIN


def _take(wishes: Wishes, meaning: dict[str, Any], strength: float) -> None:
    for name, value in meaning.items():
        if name == "filter":
            wishes.filters.append((value, strength))
        elif name in ("brightness", "contrast", "saturation", "warmth"):
            total = wishes.settings.get(name, 0.0) + value * strength
            wishes.settings[name] = max(-1.0, min(1.0, total))
        else:
            wishes.settings[name] = value


def _take_colours(wishes: Wishes, clause: str, colours: tuple[RGB, ...], strength: float) -> None:
    """Colours belong to the border or the background if the clause names one, else to the picture."""
    if re.search(r"border|frame", clause):
        wishes.settings["border_color"] = _code(colours[0])
        return
    if _AROUND.search(clause):
        if _REMOVAL.search(clause):
            # The colour only says what the background looks like that is to go.
            return
        wishes.settings["background_color"] = _code(colours[0])
        wishes.settings.setdefault("background", "opaque")
        return
    wishes.colours += colours
    several = len(wishes.colours) > 1
    wishes.settings.setdefault("recolour", "duotone" if several else "tint")
    if several and wishes.settings["recolour"] == "tint":
        wishes.settings["recolour"] = "duotone"
    wishes.settings.setdefault(
        "tint_strength", {_SLIGHT: 0.35, _PLAIN: 0.7, _HEAVY: 0.95}[strength]
    )


def _code(colour: RGB) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)
