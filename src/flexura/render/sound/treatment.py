"""What is done to a finished effect: rooms, distance, old media, and its level."""

from __future__ import annotations

import numpy as np

from flexura.render.sound.filters import filtered, highpass, highshelf, lowpass
from flexura.render.sound.loudness import CEILING, levelled, limited
from flexura.render.sound.mix import echo, reverb, room, saturated
from flexura.render.sound.synth import Signal


def treated(
    sound: Signal, spaces: frozenset[str], share: float, rng: np.random.Generator, *, wrap: bool
) -> Signal:
    """The sound where, and through what, the prompt hears it; `share` is how much of a room it has anyway."""
    if "reversed" in spaces:
        sound = sound[:, ::-1].copy()
    if "distorted" in spaces:
        sound = saturated(_unit(sound), 5.0)
    if "crushed" in spaces:
        sound = crushed(sound, 6, 4)
    if "thin" in spaces:
        sound = filtered(
            sound, highpass(420), highpass(420), lowpass(3100), lowpass(3100), wrap=wrap
        )
    if "muffled" in spaces:
        sound = filtered(sound, lowpass(480), lowpass(700), wrap=wrap)
    if "far" in spaces:
        sound, share = (
            filtered(sound, highshelf(1800, -12), lowpass(3800), highpass(120), wrap=wrap),
            share + 0.5,
        )
    if "echo" in spaces:
        sound = sound + echo(sound, 0.31, 0.55, wrap=wrap) * np.float32(0.9)
    length = 3.2 if "hall" in spaces else 1.6 if "far" in spaces else 0.7
    share += 0.5 if "hall" in spaces else 0.25 if "room" in spaces else 0.0
    if share:
        sound = sound + reverb(sound, room(length, rng, bright=5000), wrap=wrap) * np.float32(share)
    return sound


def tail_of(spaces: frozenset[str]) -> float:
    """Seconds that a treatment rings on after the sound."""
    return 2.2 if "hall" in spaces else 1.4 if "echo" in spaces else 1.0 if "far" in spaces else 0.0


def crushed(sound: Signal, bits: int, hold: int) -> Signal:
    """Few bits and few samples a second, as an old console would play it."""
    n = sound.shape[-1]
    steps = float(2 ** (bits - 1))
    kept = np.repeat(_unit(sound)[:, ::hold], hold, axis=-1)[:, :n]
    return (np.round(kept * steps) / steps).astype(np.float32)


def _unit(sound: Signal) -> Signal:
    return sound / np.float32(np.abs(sound).max() + 1e-9)


def levelled_shot(sound: Signal, force: float) -> Signal:
    """One short sound at full level, a soft one lower."""
    clean = filtered(sound, highpass(22))
    return _unit(clean) * np.float32(CEILING * (0.15 + 0.85 * min(1.0, force * 1.7)))


def levelled_texture(sound: Signal, force: float, *, wrap: bool) -> Signal:
    """A lasting sound at a steady loudness: -24 LUFS when soft, -16 when loud."""
    clean = filtered(sound, highpass(24), wrap=wrap)
    return limited(levelled(clean, -24.0 + 8.0 * force), wrap=wrap)
