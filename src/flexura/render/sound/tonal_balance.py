"""Brings the spectrum of a mix near to what listeners are used to, as a mastering engineer would."""

from __future__ import annotations

import itertools

import numpy as np

from flexura.render.sound.filters import convolve
from flexura.render.sound.synth import RATE, Signal

EDGES = (20.0, 120.0, 500.0, 2000.0, 6000.0, 20_000.0)
FULL = (-5.0, -4.5, -6.5, -14.5, -21.0)
"""Shares of the energy (dB) of a full modern mix in the bands between the edges."""
WARM = (-5.0, -4.0, -6.0, -19.0, -29.0)
DARK = (-4.5, -4.0, -5.5, -19.0, -33.0)

_TAPS = 2048


def shares(sound: Signal) -> list[float]:
    """How the energy is spread over the bands, in dB of the whole."""
    hop = 4096
    n = sound.shape[-1] // hop * hop
    middle = sound.mean(axis=0)
    frames = middle[:n].reshape(-1, hop) if n else np.pad(middle, (0, hop - len(middle)))[None, :]
    power = np.zeros(hop // 2 + 1)
    for start in range(0, len(frames), 512):
        part = frames[start : start + 512] * np.hanning(hop).astype(np.float32)
        power += (np.abs(np.fft.rfft(part)) ** 2).sum(axis=0)
    f = np.fft.rfftfreq(hop, 1 / RATE)
    whole = power.sum() + 1e-12
    bands = itertools.pairwise(EDGES)
    return [float(10 * np.log10(power[(f >= a) & (f < b)].sum() / whole + 1e-9)) for a, b in bands]


def balanced(sound: Signal, target: tuple[float, ...], *, wrap: bool = False) -> Signal:
    """The sound with a smooth equaliser that goes most of the way to the target, by at most 7 dB in
    a band.
    """
    gains = [0.7 * (want - has) for want, has in zip(target, shares(sound), strict=True)]
    gains = [float(np.clip(gain, -7.0, 7.0)) for gain in gains]
    centres = [np.log2((a * b) ** 0.5) for a, b in itertools.pairwise(EDGES)]
    f = np.maximum(np.linspace(0, RATE / 2, _TAPS // 2 + 1), 10.0)
    decibels = np.interp(np.log2(f), centres, gains)
    impulse = np.fft.irfft(10 ** (decibels / 20), _TAPS)
    # Linear phase: the impulse is centred, and the delay is taken off again.
    half = _TAPS // 2
    even = (np.roll(impulse, half) * np.hanning(_TAPS)).astype(np.float32)
    if wrap:
        return np.roll(convolve(sound, even, wrap=True), -half, axis=-1)
    return convolve(np.pad(sound, ((0, 0), (0, half))), even)[:, half:]
