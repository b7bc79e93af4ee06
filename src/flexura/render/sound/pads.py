"""A bed of slow chords that loops: what makes a quiet scene sound like music rather than like noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flexura.render.sound.mix import silence
from flexura.render.sound.synth import RATE, Signal, drift, hertz, padsynth, saw_harmonics

CHORDS: dict[str, tuple[tuple[int, ...], ...]] = {
    "calm": ((38, 57, 61, 64, 66), (43, 57, 59, 62, 66)),
    "happy": ((43, 55, 59, 62, 66), (40, 55, 59, 62, 64)),
    "dark": ((38, 53, 57, 60, 64), (34, 53, 57, 58, 62)),
    "tense": ((36, 51, 55, 56, 62), (37, 53, 56, 60, 65)),
    "neon": ((33, 52, 55, 59, 60), (29, 52, 53, 57, 60)),
    "vast": ((36, 55, 62, 64, 71), (41, 55, 60, 64, 69)),
    "warm": ((41, 53, 57, 60, 64), (46, 53, 57, 62, 65)),
}
"""Two chords for each colour of a scene; both share notes, so that they melt into each other."""


def bed(n: int, rng: np.random.Generator, colour: str, brightness: float) -> Signal:
    """A pad of two chords that cross-fade once around the loop; `brightness` is its cutoff in Hz."""
    pair = CHORDS[colour]
    turn = np.arange(n, dtype=np.float32) / np.float32(n)
    share = (0.5 + 0.5 * np.cos(2 * np.pi * turn)) ** 0.7
    if n < 4 * RATE:
        return chord(n, rng, pair[0], brightness)
    return chord(n, rng, pair[0], brightness) * share + chord(n, rng, pair[1], brightness) * (
        1 - share
    )


def chord(n: int, rng: np.random.Generator, notes: Sequence[int], brightness: float) -> Signal:
    """One held chord in which every voice breathes for itself."""
    out = silence(n)
    for k, note in enumerate(notes):
        frequency = hertz(note)
        harmonics = saw_harmonics(frequency, brightness, 3.0)
        # Even harmonics a little lower: a rounder sound, between a saw and a square.
        harmonics[1::2] *= 0.6
        level = 0.5 if k == 0 else 0.34
        out += padsynth(n, frequency, harmonics, 22.0, rng) * drift(
            n, rng, 3.0, 0.55 * level, level
        )
    return out
