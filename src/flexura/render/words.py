"""Reading a prompt: what place, hour, weather, mood, colours and subjects it speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flexura.render import vocabulary
from flexura.render.oklab import RGB, from_hex, shade

_LONGEST_PHRASE: Final = 3
_THINGS_IN_ING: Final = frozenset(
    ["string", "building", "ceiling", "wedding", "earring", "pudding", "painting", "clothing"]
)
_NEGATIONS: Final = frozenset({"no", "without", "not"})
_QUOTED: Final = re.compile(
    r"\"([^\"]{1,300})\"|“([^”]{1,300})”|«([^»]{1,300})»|(?<!\w)'([^']{2,300})'(?!\w)"
)
_HEX: Final = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_TOKEN: Final = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")


@dataclass(frozen=True)
class Words:
    """What a prompt says. An empty string or tuple means that it does not say."""

    text: str = ""
    """The prompt as it came."""
    tokens: tuple[str, ...] = ()
    """Its words in lower case, without quoted texts and colour codes."""
    place: str = ""
    """The setting, a key of `vocabulary.PLACES`."""
    places: tuple[str, ...] = ()
    """Every setting named, in order; `place` is one of them."""
    time_of_day: str = ""
    """dawn, day, golden, sunset, dusk or night."""
    weather: str = ""
    """rain, snow, fog, storm, wind, aurora, cloudy or clear."""
    weathers: tuple[str, ...] = ()
    mood: str = ""
    moods: tuple[str, ...] = ()
    colours: tuple[RGB, ...] = ()
    """Colour words and hex codes, in order."""
    styles: tuple[str, ...] = ()
    """Style hints, keys of `vocabulary.STYLES`."""
    subjects: tuple[str, ...] = ()
    """Things to be seen, keys of `vocabulary.SUBJECTS`."""
    tints: tuple[tuple[str, RGB], ...] = ()
    """Colours that belong to one subject ("a red balloon")."""
    quoted: tuple[str, ...] = ()
    """Texts in quotation marks."""
    unknown: tuple[str, ...] = ()
    """Content words that could not be used, in order, without repeats."""

    def tint(self, subject: str) -> RGB | None:
        """The colour asked for one subject, or None."""
        return next((colour for name, colour in self.tints if name == subject), None)

    @property
    def free_colours(self) -> tuple[RGB, ...]:
        """The colours that do not belong to one subject."""
        owned = {colour for _, colour in self.tints}
        return tuple(colour for colour in self.colours if colour not in owned)


def _entries(text: str) -> list[str]:
    return [quoted or plain for quoted, plain in re.findall(r"'([^']+)'|(\S+)", text)]


def _lexicon(table: dict[str, str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for name, text in table.items():
        for entry in _entries(text):
            known.setdefault(entry, name)
    return known


_TABLES: Final[dict[str, dict[str, str]]] = {
    "place": _lexicon(vocabulary.PLACES),
    "time": _lexicon(vocabulary.TIMES),
    "weather": _lexicon(vocabulary.WEATHERS),
    "mood": _lexicon(vocabulary.MOODS),
    "style": _lexicon(vocabulary.STYLES),
    "subject": _lexicon(vocabulary.SUBJECTS),
}
_IGNORED: Final = frozenset(vocabulary.DESIGN.split()) | frozenset(vocabulary.PLAIN.split())


def _singular(word: str) -> tuple[str, ...]:
    forms = [word]
    if len(word) > 4 and word.endswith("ies"):
        forms.append(word[:-3] + "y")
    if len(word) > 4 and word.endswith("ves"):
        forms += [word[:-3] + "f", word[:-1]]
    if len(word) > 3 and word.endswith("es"):
        forms.append(word[:-2])
    if len(word) > 2 and word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
    return tuple(forms)


def _meanings(phrase: str) -> dict[str, str]:
    found: dict[str, str] = {}
    head, _, last = phrase.rpartition(" ")
    for form in _singular(last):
        whole = f"{head} {form}".strip()
        for kind, table in _TABLES.items():
            if whole in table:
                found.setdefault(kind, table[whole])
        if whole in vocabulary.COLOURS:
            found.setdefault("colour", vocabulary.COLOURS[whole])
    return found


class _Reader:
    """Walks over the tokens once, the longest known phrase first, and gathers what they mean."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self.tokens = tokens
        self.found: dict[str, list[str]] = {kind: [] for kind in _TABLES}
        self.colours: list[RGB] = []
        self.tints: list[tuple[str, RGB]] = []
        self.unknown: list[str] = []
        self._loose: RGB | None = None
        self._shade: tuple[float, float] | None = None
        self._denied = False

    def read(self) -> None:
        index = 0
        while index < len(self.tokens):
            index += self._step(index)

    def _step(self, index: int) -> int:
        for length in range(min(_LONGEST_PHRASE, len(self.tokens) - index), 0, -1):
            phrase = " ".join(self.tokens[index : index + length])
            meanings = _meanings(phrase)
            if meanings:
                self._take(phrase, meanings)
                return length
        self._other(self.tokens[index])
        return 1

    def _take(self, phrase: str, meanings: dict[str, str]) -> None:
        if self._denied:
            self._denied = False
            return
        # "A coral reef" is a place and not a colour.
        if "colour" in meanings and "place" not in meanings:
            colour = from_hex(meanings["colour"])
            self._loose = shade(colour, *self._shade) if self._shade else colour
            self.colours.append(self._loose)
        for kind, name in meanings.items():
            if kind != "colour" and name not in self.found[kind]:
                self.found[kind].append(name)
        if "subject" in meanings and self._loose is not None and "colour" not in meanings:
            self.tints.append((meanings["subject"], self._loose))
        if "colour" not in meanings and ("subject" in meanings or "place" in meanings):
            self._loose = None
        self._shade = vocabulary.SHADES.get(phrase)

    def _other(self, word: str) -> None:
        self._denied = word in _NEGATIONS
        self._shade = vocabulary.SHADES.get(word)
        plain = any(form in _IGNORED for form in _singular(word)) or word.isdigit() or len(word) < 2
        if word in {"and", "in", "on", "with", "at"}:
            self._loose = None
        if not (
            plain or self._shade or word.endswith("ly") or _is_doing(word) or word in self.unknown
        ):
            self.unknown.append(word)


def _is_doing(word: str) -> bool:
    """Whether a word is most likely a verb ("launching"), which names nothing that could be missing."""
    return len(word) > 5 and word.endswith("ing") and word not in _THINGS_IN_ING


def _place(places: list[str], subjects: list[str], styles: list[str]) -> str:
    """The setting that gives the picture its build: the most telling of those named."""
    if not places:
        return _IMPLIED.get(next((subject for subject in subjects if subject in _IMPLIED), ""), "")
    weak = {"sky", "sea", "meadow"} if len(places) > 1 else set[str]()
    strong = [place for place in places if place not in weak] or places
    if "room" in strong:
        return "room"
    if "lighthouse" in subjects and strong[0] in {"mountains", "meadow"}:
        return "island"
    if "city" in strong and "street" in strong:
        return "street"
    if "mountains" in strong and "lake" in strong:
        return "lake"
    return strong[0]


_IMPLIED: Final[dict[str, str]] = {
    "yarn": "room",
    "cat": "room",
    "coffee": "room",
    "book": "room",
    "computer": "room",
    "plant": "room",
    "boat": "sea",
    "lighthouse": "island",
    "whale": "underwater",
    "fish": "underwater",
    "jellyfish": "underwater",
    "camel": "desert",
    "cactus": "desert",
    "pyramid": "desert",
    "astronaut": "space",
    "rocket": "space",
    "ufo": "space",
    "planet": "space",
    "star": "space",
    "balloon": "sky",
    "plane": "sky",
    "car": "street",
    "umbrella": "street",
    "sign": "street",
    "train": "mountains",
    "bridge": "city",
    "pine": "forest",
    "fox": "forest",
    "deer": "forest",
    "campfire": "forest",
    "tent": "mountains",
    "firefly": "forest",
    "palm": "beach",
    "waterfall": "mountains",
    "castle": "mountains",
    "flower": "meadow",
    "blossom": "garden",
    "tree": "meadow",
    "windmill": "meadow",
    "dog": "meadow",
    "house": "village",
    "iceberg": "arctic",
    "robot": "city",
    "lantern": "lake",
    "moon": "sky",
    "sun": "sea",
    "rainbow": "meadow",
    "bird": "sky",
    "person": "mountains",
    "heart": "sky",
    "path": "meadow",
}


@lru_cache(maxsize=64)
def read(prompt: str) -> Words:
    """What `prompt` says, as far as the vocabulary goes. Any text is fine, also an empty one."""
    quoted = tuple(next(filter(None, match.groups())).strip() for match in _QUOTED.finditer(prompt))
    rest = _QUOTED.sub(" ", prompt)
    codes = tuple(from_hex(match.group()) for match in _HEX.finditer(rest))
    tokens = tuple(
        word.lower().replace("\u2019", "'") for word in _TOKEN.findall(_HEX.sub(" ", rest))
    )
    reader = _Reader(tokens)
    reader.read()
    found = reader.found
    return Words(
        text=prompt,
        tokens=tokens,
        place=_place(found["place"], found["subject"], found["style"]),
        places=tuple(found["place"]),
        time_of_day=(found["time"] or [""])[0],
        weather=(found["weather"] or [""])[0],
        weathers=tuple(found["weather"]),
        mood=(found["mood"] or [""])[0],
        moods=tuple(found["mood"]),
        colours=tuple(reader.colours) + codes,
        styles=tuple(found["style"]),
        subjects=tuple(found["subject"]),
        tints=tuple(reader.tints),
        quoted=quoted,
        unknown=tuple(reader.unknown),
    )
