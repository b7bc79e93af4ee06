"""Loudness (ITU-R BS.1770), compression and the limiter that keeps peaks below full scale."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from flexura.render.sound.filters import convolved_blocks, filtered, highpass, sampled
from flexura.render.sound.synth import RATE, Signal

CEILING = 10 ** (-1.2 / 20)
"""The highest sample value that leaves room for what an encoder adds between samples."""


@lru_cache(maxsize=1)
def _weighting() -> Signal:
    """The K-weighting filter, by the coefficients that the standard gives for 48 kHz."""
    head = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
    )
    low_cut = [1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621]
    return sampled((head, low_cut))


def loudness(sound: Signal) -> float:
    """Integrated loudness in LUFS with the standard's two gates; -100 for silence."""
    hop = RATE // 10
    squares = np.empty(sound.shape[-1], dtype=np.float32)
    for start, part in convolved_blocks(np.atleast_2d(sound), _weighting()):
        squares[start : start + part.shape[-1]] = np.einsum("cn,cn->n", part, part)
    spare = (-len(squares)) % hop
    tenths = np.pad(squares, (0, spare)).reshape(-1, hop).mean(axis=1, dtype=np.float64)
    blocks = (
        np.convolve(tenths, np.ones(4) / 4, "valid")
        if len(tenths) > 4
        else np.array([tenths.max()])
    )
    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(loud):
        return -100.0
    loud = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def levelled(sound: Signal, target: float, most_gain: float = 40.0) -> Signal:
    """The sound at the `target` loudness (LUFS), raised by at most `most_gain` dB."""
    return sound * gain_for(sound, target, most_gain)


def gain_for(sound: Signal, target: float, most_gain: float = 40.0) -> np.float32:
    """The factor that brings the sound to the `target` loudness (LUFS), `most_gain` dB at most."""
    return np.float32(10 ** (min(target - loudness(sound), most_gain) / 20))


def _around(values: Signal, margin: int, wrap: bool) -> Signal:
    return np.pad(values, margin, mode="wrap" if wrap else "edge")


def _smoothed(values: Signal, window: Signal) -> Signal:
    return np.asarray(np.convolve(values, window / window.sum(), "valid"), dtype=np.float32)


def _block_peaks(sound: Signal, size: int) -> Signal:
    level = np.abs(sound).max(axis=0)
    return np.pad(level, (0, (-len(level)) % size)).reshape(-1, size).max(axis=1)


def _shaped(sound: Signal, gains: Signal, size: int, wrap: bool) -> Signal:
    """The sound times a gain that runs straight between the middles of blocks of `size` samples."""
    padded = _around(gains, 1, wrap)
    middles = (np.arange(len(padded)) - 0.5) * size
    out = np.empty(sound.shape, dtype=np.float32)
    # In stretches, so that a long piece does not need its gain in double precision as a whole.
    for start in range(0, sound.shape[-1], 1 << 17):
        stop = min(start + (1 << 17), sound.shape[-1])
        out[:, start:stop] = sound[:, start:stop] * np.interp(
            np.arange(start, stop), middles, padded
        )
    return out


def limited(sound: Signal, ceiling: float = CEILING, *, wrap: bool = False) -> Signal:
    """No sample above `ceiling`: a look-ahead limiter of about 5 ms attack and 60 ms release, and a last
    clip.
    """
    size, ahead, after = 48, 5, 60
    peaks = _block_peaks(sound, size)
    if peaks.max() <= ceiling:
        return sound
    need = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9)).astype(np.float32)
    span = 2 * ahead + 1
    held = np.lib.stride_tricks.sliding_window_view(_around(need, ahead + 1, wrap), span + 2).min(
        axis=1
    )
    # In the log domain the release is a straight mean of the past, never above what the peak itself allows.
    kept = np.lib.stride_tricks.sliding_window_view(_around(held, after, wrap), after + 1)[
        : len(held)
    ]
    weights = np.exp(np.linspace(-4, 0, after + 1)).astype(np.float32)
    slow = (kept @ (weights / weights.sum())).astype(np.float32)
    gain = np.minimum(held, slow)
    window = np.hanning(span + 2)[1:-1].astype(np.float32)
    smooth = _smoothed(_around(gain, ahead, wrap), window)
    out = _shaped(sound, smooth, size, wrap)
    return np.clip(out, -ceiling, ceiling, out=out)


def compressed(sound: Signal, threshold: float, ratio: float, *, wrap: bool = False) -> Signal:
    """Gentle bus compression: RMS over 40 ms above `threshold` (dB) is held back by `ratio`."""
    size = 480
    square = np.einsum("cn,cn->n", sound, sound) / np.float32(len(sound))
    power = np.pad(square, (0, (-len(square)) % size)).reshape(-1, size).mean(axis=1)
    window = np.hanning(11)[1:-1]
    smooth = _smoothed(_around(power, 4, wrap), window)
    level = 10 * np.log10(smooth + 1e-10)
    gain = 10 ** (-np.maximum(level - threshold, 0.0) * (1 - 1 / ratio) / 20)
    return _shaped(sound, gain, size, wrap)


def mastered(sound: Signal, target: float, *, wrap: bool = False) -> Signal:
    """Without DC and rumble, at the `target` loudness (LUFS), and without a sample above the ceiling."""
    clean = filtered(sound, highpass(26.0), wrap=wrap)
    for _ in range(2):
        clean = limited(levelled(clean, target), wrap=wrap)
    return clean
