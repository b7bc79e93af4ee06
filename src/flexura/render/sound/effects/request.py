"""Reading which effects a prompt asks for, and how they are to be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from flexura.render.sound.effects.catalogue import FAMILIES, LONGEST, PHRASES
from flexura.render.sound.effects.family import Family

_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")
_LINK = re.compile(r"\b(?:and then|followed by|and|then|with|plus)\b|[,;+&]")

_STRETCH: Mapping[str, float] = {
    "short": 0.6,
    "quick": 0.65,
    "fast": 0.65,
    "brief": 0.6,
    "tiny": 0.6,
    "snappy": 0.6,
    "long": 1.8,
    "slow": 1.6,
    "lingering": 1.8,
    "sustained": 1.8,
    "extended": 1.8,
}
_PITCH: Mapping[str, float] = {
    "deep": 0.6,
    "low": 0.65,
    "dark": 0.75,
    "big": 0.75,
    "huge": 0.6,
    "giant": 0.55,
    "large": 0.75,
    "bass": 0.6,
    "massive": 0.6,
    "heavy": 0.8,
    "high": 1.5,
    "bright": 1.3,
    "small": 1.35,
    "tiny": 1.5,
    "cute": 1.4,
    "little": 1.35,
    "high-pitched": 1.6,
    "low-pitched": 0.6,
    "baby": 1.5,
    "squeaky": 1.7,
    "light": 1.1,
    "crisp": 1.2,
}
_FORCE: Mapping[str, float] = {
    "soft": 0.15,
    "gentle": 0.15,
    "subtle": 0.1,
    "quiet": 0.1,
    "light": 0.25,
    "calm": 0.2,
    "smooth": 0.25,
    "distant": 0.3,
    "minimal": 0.2,
    "hard": 0.9,
    "loud": 0.95,
    "strong": 0.85,
    "heavy": 0.9,
    "powerful": 0.95,
    "aggressive": 1.0,
    "violent": 1.0,
    "intense": 0.95,
    "sharp": 0.8,
    "harsh": 0.95,
    "massive": 0.95,
    "howling": 0.9,
    "pouring": 0.95,
    "torrential": 1.0,
    "downpour": 1.0,
    "drizzle": 0.1,
    "breeze": 0.15,
    "hurricane": 1.0,
    "waterfall": 0.9,
    "roaring": 0.95,
}
_MATERIAL: Mapping[str, str] = {
    "metal": "metal",
    "metallic": "metal",
    "steel": "metal",
    "iron": "metal",
    "tin": "metal",
    "wood": "wood",
    "wooden": "wood",
    "glass": "glass",
    "crystal": "glass",
    "glassy": "glass",
    "plastic": "plastic",
    "stone": "stone",
    "concrete": "stone",
    "rock": "stone",
    "marble": "stone",
    "ceramic": "glass",
}
_RETRO = frozenset(
    {
        "retro",
        "8-bit",
        "8bit",
        "16-bit",
        "16bit",
        "arcade",
        "chiptune",
        "pixel",
        "nes",
        "vintage-game",
    }
)
_DOWN = frozenset(
    {
        "off",
        "close",
        "closing",
        "closed",
        "collapse",
        "down",
        "disable",
        "disabled",
        "shutdown",
        "shut",
    }
)
_SPACE: Mapping[str, str] = {
    "distant": "far",
    "far": "far",
    "faraway": "far",
    "echo": "echo",
    "echoing": "echo",
    "echoes": "echo",
    "cave": "hall",
    "cathedral": "hall",
    "hall": "hall",
    "reverb": "hall",
    "church": "hall",
    "tunnel": "hall",
    "canyon": "echo",
    "room": "room",
    "indoor": "room",
    "muffled": "muffled",
    "underwater": "muffled",
    "telephone": "thin",
    "phone": "thin",
    "radio": "thin",
    "walkie-talkie": "thin",
    "reversed": "reversed",
    "reverse": "reversed",
    "distorted": "distorted",
    "dirty": "distorted",
    "gritty": "distorted",
    "lo-fi": "crushed",
    "lofi": "crushed",
}
_SHARED = frozenset({"hall", "room", "echo", "thin", "crushed"})
"""Treatments that hold for everything in the prompt, not only for the clause that names them."""


@dataclass(frozen=True)
class Request:
    """One effect and its adjectives. `spaces` are treatments: far, echo, hall, room, muffled, thin, reversed
    …
    """

    family: Family
    stretch: float = 1.0
    pitch: float = 1.0
    force: float = 0.5
    retro: bool = False
    down: bool = False
    material: str = ""
    spaces: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reading:
    """What a prompt asks for. `guessed` tells that no family's name was in it, and the closest one
    was taken.
    """

    requests: tuple[Request, ...]
    guessed: str = ""


def read_effects(prompt: str) -> Reading:
    """The effects of a prompt in the order in which it names them; at least one."""
    text = prompt.lower()
    words = _WORD.findall(text)
    requests: list[Request] = []
    for clause in _LINK.split(text):
        tokens = _WORD.findall(clause)
        found, taken = _families(tokens)
        endless = [family for family in found if family.endless]
        chosen = endless if endless and found[0].endless else found[:1]
        for family in chosen:
            if family not in (request.family for request in requests):
                requests.append(_request(family, tokens, words, taken))
    if requests:
        return Reading(tuple(requests[:4]))
    family = _closest(words)
    return Reading((_request(family, words, words, set()),), family.name.replace("_", " "))


def _singular(token: str) -> str:
    return (
        token[:-1] if len(token) > 3 and token.endswith("s") and not token.endswith("ss") else token
    )


def _families(tokens: list[str]) -> tuple[list[Family], set[str]]:
    """Families by their words, the longest phrase at each place, and the words that this took."""
    found: list[Family] = []
    taken: set[str] = set()
    index = 0
    while index < len(tokens):
        for length in range(min(LONGEST, len(tokens) - index), 0, -1):
            phrase = tuple(tokens[index : index + length])
            family = PHRASES.get(phrase) or PHRASES.get((*phrase[:-1], _singular(phrase[-1])))
            if family and not (length == 1 and _is_adjective(phrase[0], tokens, index)):
                found.append(family)
                taken |= set(phrase)
                index += length - 1
                break
        index += 1
    return found, taken


def _is_adjective(word: str, tokens: list[str], index: int) -> bool:
    """Whether the word only describes what follows: the underwater of "underwater explosion"."""
    describes = (
        word in _SPACE
        or word in _DOWN
        or word in _MATERIAL
        or word in ("magical", "robotic", "computer", "item", "magic", "street", "water", "stars")
    )
    later = any(
        (token,) in PHRASES or (_singular(token),) in PHRASES for token in tokens[index + 1 :]
    )
    return describes and later


def _request(family: Family, tokens: list[str], words: list[str], taken: set[str]) -> Request:
    """The adjectives of the clause; what is said of the material or the style counts for the whole prompt."""
    stretch = pitch = 1.0
    force = 0.5
    for token in tokens:
        stretch *= _STRETCH.get(token, 1.0) if token not in taken else 1.0
        pitch *= _PITCH.get(token, 1.0) if token not in taken else 1.0
        force = _FORCE.get(token, force)
    material = next((_MATERIAL[word] for word in words if word in _MATERIAL), "")
    return Request(
        family=family,
        stretch=min(3.0, max(0.35, stretch)),
        pitch=min(2.2, max(0.4, pitch)),
        force=force,
        retro=bool(_RETRO & set(words)) or "8 bit" in " ".join(words),
        down=bool(_DOWN & set(tokens)),
        material=material,
        spaces=_spaces(tokens, taken) | (_spaces(words, taken) & _SHARED),
    )


def _spaces(words: list[str], taken: set[str]) -> frozenset[str]:
    return frozenset(_SPACE[word] for word in words if word in _SPACE and word not in taken)


_HINTS: Mapping[str, str] = {
    "ui": "click",
    "app": "click",
    "interface": "click",
    "website": "click",
    "web": "click",
    "menu": "click",
    "game": "coin",
    "arcade": "coin",
    "player": "jump",
    "enemy": "hit",
    "monster": "hit",
    "dragon": "explosion",
    "scary": "riser",
    "horror": "riser",
    "creepy": "riser",
    "nature": "birds",
    "animal": "bark",
    "space": "teleport",
    "spaceship": "engine",
    "futuristic": "computer",
    "movie": "impact",
    "cinematic": "impact",
    "trailer": "impact",
    "kitchen": "keys",
    "office": "typing",
    "people": "applause",
    "baby": "meow",
    "school": "bell",
    "food": "pop",
    "mechanical": "machine",
    "tool": "machine",
    "vehicle": "engine",
    "celebration": "level_up",
    "party": "level_up",
    "happy": "success",
    "sad": "game_over",
    "angry": "buzz",
    "relaxing": "stream",
    "weather": "wind",
}


def _closest(words: list[str]) -> Family:
    """The family that lies nearest: by the field that the words belong to, by spelling, else a whoosh."""
    named = {family.name: family for family in FAMILIES}
    singles = [" ".join(phrase) for phrase in PHRASES if len(phrase) == 1]
    for word in words:
        alike = difflib.get_close_matches(word, singles, 1, 0.8) if len(word) > 3 else []
        if alike:
            return PHRASES[(alike[0],)]
    return next((named[_HINTS[word]] for word in words if word in _HINTS), named["whoosh"])
