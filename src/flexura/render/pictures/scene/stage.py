"""The stage of a scene: its size, hour, light and the places where things stand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from flexura.render import palette as palettes
from flexura.render.oklab import RGB, lightness, mix, shade
from flexura.render.palette import Palette
from flexura.render.random import rng
from flexura.render.words import Words

_SUN_HEIGHT = {"dawn": 0.12, "day": 0.62, "golden": 0.3, "sunset": 0.1, "dusk": 0.45, "night": 0.6}
"""How high the sun or the moon stands: share of the sky above the horizon."""


@dataclass(frozen=True)
class Stage:
    """What every part of a scene is painted for. Lengths are pixels of the canvas, which is the
    frame and its margin.
    """

    width: int
    height: int
    words: Words
    palette: Palette
    prompt: str
    seed: int
    margin: tuple[int, int] = (0, 0)
    horizon_share: float = 0.62
    """Where the horizon lies, as a share of the height from the top."""
    options: dict[str, str] = field(default_factory=dict[str, str])

    def rng(self, label: str) -> np.random.Generator:
        """A generator for one part of the scene."""
        return rng("scene", self.prompt, self.seed, label)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return (self.width, self.height)

    @property
    def unit(self) -> float:
        """The length that things are measured by: the shorter side of the frame."""
        return float(min(self.width - 2 * self.margin[0], self.height - 2 * self.margin[1]))

    @property
    def hour(self) -> str:
        """dawn, day, golden, sunset, dusk or night."""
        return palettes.hour(self.words, rng("palette", self.prompt, self.seed))

    @property
    def horizon(self) -> int:
        """The row of the horizon."""
        return round(self.height * self.horizon_share)

    @property
    def focus(self) -> float:
        """The column of the main subject, on one of the thirds."""
        generator = self.rng("focus")
        third = 1 / 3 if generator.random() < 0.5 else 2 / 3
        return self.column(third + float(generator.uniform(-0.03, 0.03)))

    def column(self, share: float) -> float:
        """The column at a share of the frame's width."""
        return self.margin[0] + share * (self.width - 2 * self.margin[0])

    def row(self, share: float) -> float:
        """The row at a share of the frame's height."""
        return self.margin[1] + share * (self.height - 2 * self.margin[1])

    @property
    def sun(self) -> tuple[float, float]:
        """Where the sun or the moon stands; it faces the main subject from the other third."""
        generator = self.rng("sun")
        frame_width = self.width - 2 * self.margin[0]
        side = 1.0 - (self.focus - self.margin[0]) / frame_width
        x = self.column(float(np.clip(side + generator.uniform(-0.1, 0.1), 0.16, 0.84)))
        high = _SUN_HEIGHT[self.hour] * float(generator.uniform(0.8, 1.2))
        return x, self.horizon * (1.0 - min(high, 0.78))

    @property
    def is_night(self) -> bool:
        """Whether lamps and stars are lit."""
        return self.hour in {"night", "dusk"}

    @property
    def weather(self) -> str:
        """The main weather word."""
        return self.words.weather

    def has(self, *names: str) -> bool:
        """Whether the prompt names one of these weathers, subjects, styles, moods or places."""
        words = self.words
        said = {*words.weathers, *words.subjects, *words.styles, *words.moods, *words.places}
        return any(name in said for name in names)

    def far(self, colour: RGB, depth: float) -> RGB:
        """`colour` as the air shows it: at depth 0 it is all haze, at 1 itself."""
        thick = 0.72 if self.has("fog") else 1.0
        share = min(max(depth, 0.0), 1.0) ** (0.72 if thick == 1.0 else 1.3)
        return mix(self.palette.haze, colour, share)

    @property
    def day_light(self) -> float:
        """How bright the surroundings are, 0..1."""
        return {
            "dawn": 0.72,
            "day": 1.0,
            "golden": 0.85,
            "sunset": 0.6,
            "dusk": 0.42,
            "night": 0.26,
        }[self.hour]

    def lit(self, colour: RGB, light: float = 1.0) -> RGB:
        """A surface's own colour under this hour's light: tinted by sky and sun, darkened in the dark."""
        tint = (
            self.palette.light if self.hour in {"golden", "sunset", "dawn"} else self.palette.sky[2]
        )
        tinted = mix(colour, tint, 0.18 if self.hour == "day" else 0.3)
        level = self.day_light * light
        shown = shade(tinted, 0.35 + 0.65 * level, 1.0)
        if lightness(shown) < 0.3:
            return mix(shown, self.palette.dark, 0.25)
        return shown
