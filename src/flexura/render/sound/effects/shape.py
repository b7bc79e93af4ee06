"""What the adjectives of a prompt do to a sound effect, and the sounds that many effects are built from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from flexura.render.sound.mix import place
from flexura.render.sound.synth import (
    Signal,
    adsr,
    band,
    fade,
    frames,
    modal,
    noise,
    oscillate,
    phases,
    pulse_harmonics,
    ring,
    saw_harmonics,
    sine,
    table,
)


@dataclass(frozen=True)
class Shape:
    """How one effect is to be: every maker reads what concerns it.

    `stretch` multiplies durations and `pitch` frequencies; `force` is 0 (soft) to 1 (hard), 0.5 is usual.
    """

    rng: np.random.Generator
    seconds: float
    stretch: float = 1.0
    pitch: float = 1.0
    force: float = 0.5
    retro: bool = False
    down: bool = False
    material: str = ""

    @property
    def n(self) -> int:
        """Samples of the whole effect."""
        return frames(self.seconds)

    def varied(self, spread: float = 0.03) -> float:
        """A factor near 1, different for every seed."""
        return float(np.exp(self.rng.normal(0, spread)))


Make = Callable[[Shape], Signal]

Events = list[tuple[float, Signal]]
"""Sounds and the seconds at which they start."""


def joined(n: int, events: Sequence[tuple[float, Signal]], *, wrap: bool = False) -> Signal:
    """Mono or stereo sounds at their start times (seconds), as one stereo signal of n samples."""
    out = np.zeros((2, n), dtype=np.float32)
    for at, sound in events:
        place(
            out,
            sound if sound.ndim == 2 else np.stack([sound, sound]),
            frames(max(at, 0.0)) - 1,
            wrap=wrap,
        )
    return out


def tone(frequency: float | Signal, seconds: float, kind: str = "sine") -> Signal:
    """A steady or moving tone: sine, triangle, square, pulse or saw, free of aliasing at its
    highest pitch.
    """
    n = frames(seconds)
    if kind == "sine":
        return sine(frequency, n)
    top = float(np.max(frequency))
    if kind == "triangle":
        k = np.arange(1, 24)
        levels = np.where(k % 2 == 1, (-1.0) ** (k // 2) / k**2, 0)[: max(1, int(18_000 / top))]
    elif kind == "saw":
        levels = saw_harmonics(top)
    else:
        levels = pulse_harmonics(top, 0.5 if kind == "square" else 0.25)
    return oscillate(table(levels.astype(np.float32)), phases(frequency, n))


def glide(start: float, end: float, seconds: float, bend: float = 1.0) -> Signal:
    """A pitch (Hz) that goes from start to end, evenly by ear; `bend` above 1 leaves later, below 1
    sooner.
    """
    t = np.linspace(0, 1, frames(seconds), dtype=np.float32) ** np.float32(bend)
    return (start * (end / start) ** t).astype(np.float32)


def blip(frequency: float, seconds: float, kind: str = "sine", attack: float = 0.004) -> Signal:
    """A short dying tone."""
    sound = tone(frequency, seconds, kind)
    return sound * ring(len(sound), seconds * 0.95, attack)


def mallet(frequency: float, seconds: float) -> Signal:
    """A clear, modern interface tone: a soft mallet on a bar with glassy overtones."""
    n = frames(seconds)
    ratios = np.array([1, 2.0, 3.01, 5.4], np.float32)
    lives = np.array([1, 0.55, 0.28, 0.1], np.float32) * seconds
    body = modal(
        n, ratios * np.float32(frequency), lives, np.array([0.6, 0.13, 0.07, 0.03], np.float32)
    )
    return body * fade(n, 0.003, min(0.04, seconds / 4))


def burst(
    seconds: float, low: float, high: float, rng: np.random.Generator, attack: float = 0.0006
) -> Signal:
    """A short dying noise between two frequencies."""
    n = frames(seconds)
    return noise(n, rng, band(low, high), 1)[0] * ring(n, seconds * 0.9, attack) * np.float32(2.5)


_BODIES = {
    "metal": ((1, 1.58, 2.24, 2.92, 4.1, 5.6), 0.9, 1.0),
    "wood": ((1, 2.4, 3.8), 0.06, 0.55),
    "glass": ((1, 2.32, 4.25, 6.6), 0.5, 1.6),
    "plastic": ((1, 1.9, 2.7), 0.022, 0.85),
    "stone": ((1, 1.7, 2.9), 0.03, 0.7),
}


def struck(frequency: float, shape: Shape, usual: str, level: float = 1.0) -> Signal:
    """A small body that is hit; its material decides how long it rings and how its partials lie."""
    ratios, life, tune = _BODIES[shape.material or usual]
    partials = np.array(ratios, dtype=np.float32)
    life *= shape.stretch
    n = frames(max(0.03, life * 1.1))
    jitter = np.exp(shape.rng.normal(0, 0.015, len(partials))).astype(np.float32)
    lives = (life / partials**0.7).astype(np.float32)
    levels = (0.6 / partials ** (1.35 - 0.7 * shape.force)).astype(np.float32)
    body = modal(n, partials * jitter * np.float32(frequency * tune * shape.pitch), lives, levels)
    hit = burst(0.008, 1500 * shape.pitch, 9000, shape.rng, 0.0002) * np.float32(
        0.25 + 0.5 * shape.force
    )
    body[: len(hit)] += hit[:n]
    return body * np.float32(level) * fade(n, 0.0003, 0.004)


def chord_of(
    steps: Sequence[float], root: float, gap: float, each: float, kind: str
) -> list[tuple[float, Signal]]:
    """Notes (half steps above the root, Hz) one after the other, for `joined`."""
    events: Events = []
    for k, step in enumerate(steps):
        f = root * 2 ** (step / 12)
        sound = (
            mallet(f, each)
            if kind == "mallet"
            else tone(f, each, kind) * adsr(frames(each), 0.003, each, 0.2, each / 3)
        )
        events.append((k * gap, sound))
    return events
