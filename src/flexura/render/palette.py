"""Harmonious colours for a picture: by name, by the prompt's colour words, or by its hour and mood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flexura.render.oklab import (
    RGB,
    from_hex,
    from_oklab,
    from_polar,
    gradient,
    lightness,
    mix,
    polar,
    shade,
    to_oklab,
)
from flexura.render.words import Words


@dataclass(frozen=True)
class Palette:
    """Colours that go together; all sRGB, 0..1."""

    name: str
    sky: tuple[RGB, RGB, RGB, RGB]
    """From the zenith to the horizon."""
    light: RGB
    """The sun, the moon, a lamp."""
    haze: RGB
    """What distance fades to."""
    dark: RGB
    """The deepest shadow."""
    accents: tuple[RGB, RGB, RGB]
    """Saturated colours for what must be seen: signs, sails, buttons."""

    @property
    def accent(self) -> RGB:
        """The first accent."""
        return self.accents[0]

    @property
    def is_dark(self) -> bool:
        """Whether light text reads better than dark text on the picture's main colour."""
        return lightness(self.sky[1]) < 0.55

    def ramp(self, count: int) -> tuple[RGB, ...]:
        """`count` colours from dark to light through the palette's hues."""
        stops = sorted((self.dark, *self.sky, self.light), key=lightness)
        return tuple((float(r), float(g), float(b)) for r, g, b in gradient(stops, count))

    def gradient(self, count: int) -> NDArray[np.float32]:
        """`count` sky colours (count, 3), zenith first."""
        return gradient(self.sky, count)


_HOURS: Final[dict[str, tuple[str, ...]]] = {
    "dawn": (
        "2b3a67 8a7fb5 f2b5a7 ffe3c2 fff1d6 f6c9b8 2a2440 ff8c7a ffd166 7bdff2",
        "35507a 7ea3c4 f4cdb6 ffdfae fff3d8 f3d3bd 1f2a44 ff9f6e ffe08a 8fd3e8",
        "43355f a5749b f3a299 ffd7b0 ffeccb eebfae 2c1f3a ff7d83 ffc971 9fd8cb",
    ),
    "day": (
        "1d6cc0 55a5e4 a5d4f4 e2f2fa fffbe8 cfe4f1 12324a ff6b4a ffc93c 2ec4b6",
        "1f86ad 5cbcd0 b0e2e0 f0f4dc fffbe0 d5e8df 123a3f ff7059 ffd54f 3a86ff",
        "3563b3 7fa3dd c2d4ee f6eee0 fff6dd dcdfe6 1c2b4a ff8552 f7c948 45b69c",
    ),
    "golden": (
        "3c4f76 c98d70 f4b162 ffe29a fff2c6 f3c58c 33232f ff7a3d ffd166 4fb0ae",
        "4f6f8f d5a581 fbc174 fff0b8 fff6d5 f3d3a0 2b2a36 f2643d ffd97a 6fc3c3",
        "5b4a6f c9786b f7a35c ffdb8f fff0c4 eebb86 2e1d2e ff6b4a ffcf5c 57b8ae",
    ),
    "sunset": (
        "241b4b 7b2d76 e8505b ffb26b ffe6a8 ef8f73 190f2e ff5d6c ffc15e 58c6d8",
        "1b2a52 6a4c93 ff7f6a ffd27d fff0bd f3a58a 151a36 ff6b6b ffd56b 4cc9f0",
        "2d1e4a a63d74 ff8552 ffcf70 ffedb0 f3a074 1f1230 ff4f79 ffbe55 63d2c6",
    ),
    "dusk": (
        "0f1a3c 2f3a72 7a5c99 e39a9a ffdfc4 a988ab 0a1028 ff8fa3 ffcb77 6cc6ff",
        "0d1b2a 27496d 6b7fa3 d9a9a0 ffe2cc 97a0b5 08121f ff9b85 ffd38a 74d3d3",
        "161233 3b2b6b 8a4f93 f0908c ffdcbd b384a3 0c0a20 ff7aa2 ffc46b 7ac7ff",
    ),
    "night": (
        "050a1c 0c1a3a 16325c 2f5d86 e8f1ff 2a4a70 03060f ffb454 4cc9f0 ff5d8f",
        "070720 151243 2b2270 553c9a f1ecff 43347f 04040f ff9e6d 7df9ff ff4fa3",
        "04141a 08303a 11525a 2d8a86 eafff6 1f6468 020a0d ffc15e 5ef1c8 ff6f91",
    ),
}
"""Per hour some sets: four of the sky, then light, haze, dark and three accents."""

_NAMED: Final[dict[str, str]] = {
    "sunset": "241b4b 7b2d76 e8505b ffb26b ffe6a8 ef8f73 190f2e ff5d6c ffc15e 58c6d8",
    "ocean": "06263f 0b4f7a 2a93b8 a9e3e3 f2fffb 7cc4cf 03131f ff8a5c ffd166 2ee6d6",
    "forest": "0f2a22 23573f 6d9f6b dfe8b5 fff8d8 a9c39a 071611 f2994a ffd65c 7fd6a4",
    "neon": "07041c 1d0a4a 5a1392 e0218a fdf0ff 7a2aa8 04020f ff2e9a 00f0ff ffe600",
    "pastel": "a9c8f0 cfc6f2 f7cfe0 fff0dc fffaf0 f2dde4 5b5676 ff9fb2 ffd59e 9be3d0",
    "mono": "16181d 3f444d 8b919b e4e6e9 ffffff b4b8be 0a0b0d f2f3f5 9aa0aa 5b616b",
    "earth": "4a3728 8f6240 cf9d63 f0ddb4 fff4d9 d7b78c 20150d c8553d e9b44c 588b8b",
    "candy": "6a4cff b15cff ff7ac6 ffd0a6 fff4e0 ffb1cc 2a1259 ff3d7f ffc53d 2de2c5",
    "nordic": "2e3440 4c566a 81a1c1 d8dee9 eceff4 a9b8cc 1d222b bf616a ebcb8b 88c0d0",
    "autumn": "4a2c2a 9c4a2f e08a3c f8d58a fff1cd dba86a 1f110f d1362f f5b83d 6c8f52",
    "ice": "1b3a5b 4f86b5 a7d3ea eef9ff ffffff cfe6f2 0e2136 ff7f9c ffe08a 5fd8e0",
    "fire": "1a0508 5c0d12 c9351c ffa62b ffe9a8 d9602b 0d0204 ff4d1c ffd23f 7a1fd1",
    "mint": "0d4a45 2a8f7e 8fd6b8 eafbe7 fbfff5 b7e2cd 062622 ff7a6b ffd166 2bb3c0",
    "royal": "0d0b3b 2a1a78 5b3fd1 c3a6ff f4edff 8d78d6 06052a ffb703 ff5fa2 4cc9f0",
}
NAMES: Final = tuple(_NAMED)
"""The palettes that can be asked for by name."""

_MOOD_HOUR: Final[dict[str, str]] = {
    "calm": "dawn",
    "dark": "night",
    "happy": "day",
    "epic": "sunset",
    "dreamy": "dusk",
    "cold": "day",
    "warm": "golden",
    "sad": "dusk",
    "energetic": "sunset",
}
_HEX_LIST: Final = re.compile(r"#?[0-9a-fA-F]{3,6}(?:[\s,;]+#?[0-9a-fA-F]{3,6})*")


def _from_set(name: str, codes: str) -> Palette:
    c = [from_hex(code) for code in codes.split()]
    return Palette(name, (c[0], c[1], c[2], c[3]), c[4], c[5], c[6], (c[7], c[8], c[9]))


def hour(words: Words, rng: np.random.Generator) -> str:
    """The hour a picture is set at: as the prompt says, else by its place and mood, else by chance."""
    if words.time_of_day:
        return words.time_of_day
    if (
        words.place == "space"
        or words.weather == "aurora"
        or {"moon", "star", "firefly"} & set(words.subjects)
    ):
        return "night"
    if {"synthwave"} & set(words.styles):
        return "sunset"
    if {"neon", "futuristic"} & set(words.styles) and words.place in {"city", "street"}:
        return "night"
    if words.weather in {"storm", "rain"}:
        return str(rng.choice(["dusk", "day", "dawn"]))
    if words.weather == "snow":
        return str(rng.choice(["day", "dawn", "dusk"]))
    if words.mood:
        return _MOOD_HOUR[words.mood]
    if words.place == "room":
        return str(rng.choice(["dusk", "golden", "night", "day"]))
    if words.place in {"city", "street"}:
        return str(rng.choice(["dusk", "night", "sunset", "golden"]))
    if words.place in {"beach", "underwater", "meadow", "garden", "island"}:
        return str(rng.choice(["day", "golden", "day"]))
    return str(rng.choice(["dawn", "day", "golden", "sunset", "dusk"]))


def _turned(colour: RGB, goal: RGB, share: float) -> RGB:
    """`colour` with the hue and chroma drawn to `goal`, its lightness kept."""
    light, _, _ = polar(colour)
    goal_light, goal_chroma, goal_hue = polar(goal)
    room = 1.0 - abs(light - goal_light) * 0.6
    aim = from_polar(light, goal_chroma * max(room, 0.35), goal_hue)
    return mix(colour, aim, share)


def _steered(base: Palette, colours: Sequence[RGB], share: float = 0.85) -> Palette:
    """`base` with its hues taken from `colours`; the lightness of each place stays, so the picture
    still holds.
    """
    bright = sorted(colours, key=lightness)
    spread = gradient(bright, 4) if len(bright) > 1 else np.array([bright[0]] * 4, dtype=np.float32)
    stops = [(float(r), float(g), float(b)) for r, g, b in spread]
    sky = tuple(_turned(own, stop, share) for own, stop in zip(base.sky, stops, strict=True))
    vivid = sorted(colours, key=lambda colour: polar(colour)[1], reverse=True)
    accents = [*vivid, *base.accents][:3]
    first, second, third = (mix(accent, base.light, 0.05) for accent in accents)
    return replace(
        base,
        name="colours",
        sky=(sky[0], sky[1], sky[2], sky[3]),
        haze=_turned(base.haze, stops[2], share),
        dark=_turned(base.dark, stops[0], share),
        light=_turned(base.light, stops[3], share * 0.35),
        accents=(first, second, third),
    )


def from_colours(colours: Sequence[RGB]) -> Palette:
    """A palette built from one colour or several alone, without an hour of the day."""
    ranked = sorted(colours, key=lightness)
    if len(ranked) == 1:
        light, chroma, hue = polar(ranked[0])
        ranked = [
            from_polar(0.22, chroma * 0.7, hue - 0.25),
            from_polar(light, chroma, hue),
            from_polar(0.9, chroma * 0.35, hue + 0.35),
        ]
    steps = gradient(ranked, 4)
    sky = [(float(r), float(g), float(b)) for r, g, b in steps]
    vivid = sorted(colours, key=lambda colour: polar(colour)[1], reverse=True)
    light, chroma, hue = polar(vivid[0])
    spare = [from_polar(max(light, 0.7), max(chroma, 0.08), hue + turn) for turn in (0.9, -2.4)]
    accents = [*vivid, *spare]
    return Palette(
        "colours",
        (sky[0], sky[1], sky[2], sky[3]),
        mix(sky[3], (1.0, 1.0, 1.0), 0.55),
        sky[2],
        shade(sky[0], 0.55, 0.9),
        (accents[0], accents[1], accents[2]),
    )


def _jittered(base: Palette, rng: np.random.Generator) -> Palette:
    """A small turn of all hues, so that no two seeds have the very same colours."""
    turn = float(rng.uniform(-0.1, 0.1))

    def turned(colour: RGB) -> RGB:
        lab = to_oklab(colour)
        a = lab[1] * np.cos(turn) - lab[2] * np.sin(turn)
        b = lab[1] * np.sin(turn) + lab[2] * np.cos(turn)
        red, green, blue = (float(value) for value in from_oklab(np.array([lab[0], a, b])))
        return (red, green, blue)

    one, two, three, four = (turned(colour) for colour in base.sky)
    return replace(
        base, sky=(one, two, three, four), haze=turned(base.haze), dark=turned(base.dark)
    )


def palette(words: Words, rng: np.random.Generator, name: str = "") -> Palette:
    """The colours for a prompt.

    `name` is one of `NAMES`, a list of colour codes ("#102030, #ffcc00"), or empty or "auto": then
    the prompt's own
    colours decide, and its hour and mood where it names none. An unknown name counts as empty.
    """
    if name in _NAMED:
        return _from_set(name, _NAMED[name])
    chosen = hour(words, rng)
    sets = _HOURS[chosen]
    base = _jittered(_from_set(chosen, sets[int(rng.integers(len(sets)))]), rng)
    if name and name != "auto" and _HEX_LIST.fullmatch(name.strip()):
        codes = [
            code for code in re.split(r"[\s,;]+", name.strip()) if len(code.lstrip("#")) in (3, 6)
        ]
        if codes:
            return _steered(base, [from_hex(code) for code in codes], 0.95)
    if "mono" in words.styles:
        return (
            _from_set("mono", _NAMED["mono"])
            if not words.free_colours
            else _steered(base, words.free_colours)
        )
    if words.free_colours:
        return _steered(base, words.free_colours)
    if "neon" in words.styles and chosen == "night":
        return replace(base, accents=_from_set("neon", _NAMED["neon"]).accents)
    return base
