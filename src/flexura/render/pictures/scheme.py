"""The colours of designed pictures: a brand-like set from the named colours, or a curated one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flexura.render.oklab import RGB, from_hex, from_polar, lightness, polar
from flexura.render.palette import NAMES
from flexura.render.pictures.contrast import contrast, legible
from flexura.render.pictures.sheet import Sheet
from flexura.render.random import rng
from flexura.render.words import Words, read


@dataclass(frozen=True)
class Scheme:
    """Five vivid colours that go together, the first the leading one, and the tinted extremes."""

    vivid: tuple[RGB, RGB, RGB, RGB, RGB]
    paper: RGB
    """Near white, with a breath of the leading hue."""
    ink: RGB
    """Near black, with a breath of the leading hue."""
    dark: bool
    """Whether the picture should stand on the dark side."""
    named: bool
    """Whether the colours were asked for."""

    @property
    def lead(self) -> RGB:
        """The leading colour."""
        return self.vivid[0]

    @property
    def ground(self) -> RGB:
        """What the picture stands on: ink or paper."""
        return self.ink if self.dark else self.paper

    @property
    def text(self) -> RGB:
        """What is written on the ground."""
        return self.paper if self.dark else self.ink

    @property
    def kin(self) -> tuple[RGB, ...]:
        """The colours by their hue's distance to the leading one: neighbours mix without turning grey."""
        hue = polar(self.lead)[2]
        return tuple(sorted(self.vivid, key=lambda colour: _apart(polar(colour)[2], hue)))

    def strong(self, ground: RGB, ratio: float = 3.0) -> RGB:
        """A colour that stands out on `ground`: the leading one, adjusted, if it was asked for."""
        fresh = [colour for colour in self.vivid if contrast(colour, ground) >= ratio]
        # A pale lead darkened until it is legible turns muddy: another colour of the scheme leads then.
        return legible(self.lead, ground, ratio) if self.named or not fresh else fresh[0]


_CURATED: dict[str, tuple[str, ...]] = {
    "": (
        "635bff 00c2ff ff7ac3 ffb45c 8f7bff",
        "3a5bff 22d3ee a855f7 ff6ba9 5eead4",
        "ff5a5f ff9a5a ffd166 7b5cff 2dd4bf",
        "0ea5a4 5bd6a8 f7c948 ff8560 2f6fed",
        "7c3aed ec4899 f97316 facc15 38bdf8",
        "2563eb 60a5fa 34d399 fbbf24 f472b6",
        "e0417f ff8a65 ffc857 6457f9 39c0ed",
        "0f766e 84cc16 fde047 fb7185 38bdf8",
    ),
    "calm": ("6ea8c9 9ad1c9 f2cfb6 b7a8e0 7fb8a4", "7d8cd9 a5c9e8 f3c6cf cdb7ea 8fd0c0"),
    "warm": ("f2643d ffb347 ffd97a d1495b 8e5572", "e76f51 f4a261 e9c46a c8553d 2a9d8f"),
    "cold": ("2f7fd8 7cc6f2 a5e3e8 5b6ee1 b8c8f2", "1f6fb2 56b6c9 9fd8e6 4353a5 c2d9ee"),
    "dark": ("6d5efc 21c8f6 e34ba9 f0a04b 3ddc97", "3b82f6 8b5cf6 06b6d4 f43f5e a3e635"),
    "happy": ("ff5d8f ffc53d 2ec4b6 4d8dff ff8a3d", "ff6b4a ffd54f 45c4b0 8e6bff ff8fb8"),
    "dreamy": ("a18cd1 fbc2eb 8ec5fc ffd1a9 c3b1f5", "9f8bf0 f6a9d6 8fd3f4 ffd8c2 b6c3ff"),
    "energetic": ("ff2e63 ff9f1c 7b2ff7 00d1ff ffe600", "ff3d3d ff8f1f ffd60a 7a2cff 00e0c6"),
    "sad": ("54678f 8aa1c4 b3a5c0 6f8f9f c9c2d6", "4d6a7d 8fa9b8 a7a4c6 c7b4b4 6c7ba8"),
    "epic": ("5a3fd6 d7377a ff7a3d ffc75f 2b59c3", "b5179e f72585 ff9e00 4361ee 7209b7"),
}

_BLUE = 4.6
"""The hue of blue in OKLCH, in radians."""

_DARK_WORDS = {"dark", "night", "midnight", "black", "neon", "cyber", "cyberpunk", "moody", "noir"}
_LIGHT_WORDS = {"light", "bright", "white", "clean", "minimal", "airy", "pastel", "soft"}


def scheme(sheet: Sheet, label: str = "") -> Scheme:
    """The scheme of a picture: colours of the option `palette`, else of the prompt, else curated by mood."""
    random = rng(sheet.prompt, sheet.seed, "scheme", label)
    dark = _is_dark(sheet, random)
    colours = _named(sheet)
    if colours:
        return _scheme(_spread(colours), dark, named=True)
    sets = _CURATED.get(sheet.words.mood, _CURATED[""])
    codes = sets[int(random.integers(len(sets)))].split()
    vivid = [from_hex(code) for code in codes]
    turn = int(random.integers(5))
    if sheet.words.mood == "" and turn:
        vivid = vivid[turn:] + vivid[:turn]
    for _ in vivid:
        if not 1.25 < polar(vivid[0])[2] % math.tau < 2.3:
            break
        # A leading yellow gives pale text and olive shadows; it may only accompany.
        vivid = vivid[1:] + vivid[:1]
    return _scheme(vivid, dark, named=False)


def option_words(option: str) -> Words:
    """The option `palette` read like a prompt: colour words and hex codes."""
    return read(option)


def _named(sheet: Sheet) -> list[RGB]:
    option = str(sheet.options.get("palette", "") or "").strip()
    if option in NAMES:
        chosen = sheet.palette
        return [*chosen.accents, chosen.sky[1], chosen.sky[2]]
    if option:
        found = option_words(option).colours
        if found:
            return list(found)
    return list(sheet.words.free_colours or sheet.words.colours)


def _is_dark(sheet: Sheet, random: np.random.Generator) -> bool:
    words = set(sheet.words.tokens) | set(str(sheet.options.get("palette", "")).lower().split())
    if words & _DARK_WORDS or sheet.words.mood == "dark":
        return True
    if words & _LIGHT_WORDS or sheet.words.mood in {"calm", "happy", "dreamy"}:
        return False
    return bool(random.random() < 0.5)


def _scheme(vivid: list[RGB], dark: bool, *, named: bool) -> Scheme:
    one, two, three, four, five = vivid[:5]
    _, chroma, hue = polar(one)
    # A warm black looks like mud unless it was asked for: the coolest hue of the set tints the dark end.
    cool = (
        hue
        if named
        else min((polar(colour)[2] for colour in vivid), key=lambda h: _apart(h, _BLUE))
    )
    ink = from_polar(0.185, min(chroma, 0.14) * 0.2, cool)
    return Scheme(
        (one, two, three, four, five),
        from_polar(0.982, min(chroma, 0.14) * 0.05, hue),
        ink,
        dark,
        named,
    )


def _apart(one: float, other: float) -> float:
    """How far two hues are apart, the shorter way round."""
    away = (one - other) % math.tau
    return min(away, math.tau - away)


def _spread(colours: list[RGB]) -> list[RGB]:
    """Five colours: the ones asked for first, then neighbours of theirs in hue and lightness."""
    vivid = list(dict.fromkeys(colours))[:5]
    asked = list(vivid)
    steps = ((0.42, 0.06), (-0.38, -0.06), (0.75, 0.1), (-0.7, 0.05), (0.2, 0.16))
    i = 0
    while len(vivid) < 5:
        light, chroma, hue = polar(asked[i % len(asked)])
        turn, lift = steps[i % len(steps)]
        if chroma < 0.03:
            lift, turn = lift * 2.2, 0.0
        elif 0.9 < hue % math.tau < 2.2 and turn > 0:
            # Past yellow lies olive: golds go on towards orange instead.
            turn *= -0.6
        elif len(asked) > 1:
            turn *= 0.5
        vivid.append(from_polar(min(max(light + lift, 0.25), 0.93), chroma, hue + turn))
        i += 1
    if lightness(vivid[0]) > 0.97 or lightness(vivid[0]) < 0.12:
        vivid = [*vivid[1:], vivid[0]]
    return vivid
