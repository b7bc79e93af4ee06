"""Filters without a loop over samples: biquad responses turned into kernels, and block convolution.

A biquad's exact frequency response is sampled and turned into a finite kernel once; the kernel is
convolved in blocks, so that a long piece needs little memory. With `wrap` the signal is taken as a
circle (for loops).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from flexura.render.sound.synth import RATE, Signal

Stage = tuple[str, float, float, float]
"""kind (lowpass, highpass, bandpass, peak, lowshelf, highshelf), frequency in Hz, Q, gain in dB."""

TAPS = 4096


def lowpass(frequency: float, q: float = 0.707) -> Stage:
    """Passes what is below `frequency`, 12 dB an octave."""
    return ("lowpass", frequency, q, 0.0)


def highpass(frequency: float, q: float = 0.707) -> Stage:
    """Passes what is above `frequency`, 12 dB an octave."""
    return ("highpass", frequency, q, 0.0)


def bandpass(frequency: float, q: float = 1.0) -> Stage:
    """Passes a band around `frequency`, 0 dB at its top."""
    return ("bandpass", frequency, q, 0.0)


def peak(frequency: float, gain: float, q: float = 0.8) -> Stage:
    """Raises or lowers a band by `gain` dB."""
    return ("peak", frequency, q, gain)


def lowshelf(frequency: float, gain: float) -> Stage:
    """Raises or lowers all below `frequency` by `gain` dB."""
    return ("lowshelf", frequency, 0.707, gain)


def highshelf(frequency: float, gain: float) -> Stage:
    """Raises or lowers all above `frequency` by `gain` dB."""
    return ("highshelf", frequency, 0.707, gain)


def coefficients(stage: Stage) -> tuple[list[float], list[float]]:
    """Numerator and denominator of the biquad (the Audio EQ Cookbook)."""
    kind, frequency, q, gain = stage
    w = 2 * np.pi * min(frequency, RATE * 0.49) / RATE
    cos, alpha, a = float(np.cos(w)), float(np.sin(w) / (2 * q)), 10 ** (gain / 40)
    if kind == "lowpass":
        return [(1 - cos) / 2, 1 - cos, (1 - cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]
    if kind == "highpass":
        return [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]
    if kind == "bandpass":
        return [alpha, 0.0, -alpha], [1 + alpha, -2 * cos, 1 - alpha]
    if kind == "peak":
        return [1 + alpha * a, -2 * cos, 1 - alpha * a], [1 + alpha / a, -2 * cos, 1 - alpha / a]
    side = 1.0 if kind == "lowshelf" else -1.0
    root = 2 * a**0.5 * alpha
    over = [
        a * ((a + 1) - side * (a - 1) * cos + root),
        side * 2 * a * ((a - 1) - side * (a + 1) * cos),
        a * ((a + 1) - side * (a - 1) * cos - root),
    ]
    under = [
        (a + 1) + side * (a - 1) * cos + root,
        side * -2 * ((a - 1) + side * (a + 1) * cos),
        (a + 1) + side * (a - 1) * cos - root,
    ]
    return over, under


@lru_cache(maxsize=256)
def kernel(stages: tuple[Stage, ...], taps: int = TAPS) -> Signal:
    """The impulse response of the stages in a row."""
    return sampled(tuple(coefficients(stage) for stage in stages), taps)


def sampled(sections: tuple[tuple[list[float], list[float]], ...], taps: int = TAPS) -> Signal:
    """The impulse response of biquads given by their numerators and denominators, in a row."""
    z = np.exp(-1j * np.linspace(0, np.pi, taps + 1))
    response = np.ones(taps + 1, dtype=np.complex128)
    for over, under in sections:
        response *= (over[0] + over[1] * z + over[2] * z * z) / (
            under[0] + under[1] * z + under[2] * z * z
        )
    return np.fft.irfft(response)[:taps].astype(np.float32)


def filtered(sound: Signal, *stages: Stage, wrap: bool = False) -> Signal:
    """The sound through the stages; the same shape as before."""
    short = sound.shape[-1] <= TAPS and not wrap
    return convolve(sound, kernel(stages, 2048 if short else TAPS), wrap=wrap)


def convolve(sound: Signal, impulse: Signal, *, wrap: bool = False) -> Signal:
    """Convolution along the last axis, cut to the sound's length, or wrapped around with `wrap`.

    `impulse` is mono or has as many channels as the sound.
    """
    shape = np.broadcast_shapes(sound.shape[:-1], impulse.shape[:-1])
    out = np.empty((*shape, sound.shape[-1]), dtype=np.float32)
    for start, part in convolved_blocks(sound, impulse, wrap=wrap):
        out[..., start : start + part.shape[-1]] = part
    return out


def convolved_blocks(
    sound: Signal, impulse: Signal, *, wrap: bool = False
) -> Iterator[tuple[int, Signal]]:
    """The convolution piece by piece, as (first sample, samples); a piece is only good until the next.

    Overlap-save, with buffers that are used again: fresh memory for each block would cost more time
    than the transforms.
    """
    n, taps = sound.shape[-1], impulse.shape[-1]
    size = 1 << max(12, int(np.ceil(np.log2(min(n, max(3 * taps, 12_288)) + taps))))
    response = np.fft.rfft(impulse.astype(np.float32), size, axis=-1)
    shape = np.broadcast_shapes(sound.shape[:-1], impulse.shape[:-1])
    block = np.zeros((*sound.shape[:-1], size), dtype=np.float32)
    spectrum = np.empty((*sound.shape[:-1], size // 2 + 1), dtype=np.complex64)
    product = np.empty((*shape, size // 2 + 1), dtype=np.complex64)
    answer = np.empty((*shape, size), dtype=np.float32)
    for start in range(0, n, size - taps + 1):
        count = min(size - taps + 1, n - start)
        _fill(block, sound, start - taps + 1, wrap)
        if block.any():
            # The stubs know `out` in double precision only; single precision is half the memory.
            np.fft.rfft(block, axis=-1, out=cast("NDArray[np.complex128]", spectrum))
            np.multiply(spectrum, response, out=product)
            np.fft.irfft(product, size, axis=-1, out=cast("NDArray[np.float64]", answer))
        else:
            answer[...] = 0
        yield start, answer[..., taps - 1 : taps - 1 + count]


def _fill(block: Signal, sound: Signal, first: int, wrap: bool) -> None:
    """The stretch of sound that begins at `first`; what lies before the sound is silence or its end."""
    n, size = sound.shape[-1], block.shape[-1]
    before = min(max(0, -first), size)
    if before:
        past = sound[..., np.arange(first, first + before) % n] if wrap else 0.0
        block[..., :before] = past
    inside = max(0, min(size - before, n - max(first, 0)))
    block[..., before : before + inside] = sound[..., max(first, 0) : max(first, 0) + inside]
    block[..., before + inside :] = 0


def around(long: Signal, n: int) -> Signal:
    """Folds what lies beyond n back onto the start, as a loop would play it."""
    head = long[..., :n].copy()
    for start in range(n, long.shape[-1], n):
        part = long[..., start : start + n]
        head[..., : part.shape[-1]] += part
    return head


def moving(sound: Signal, response: Callable[[Signal, Signal], Signal], control: Signal) -> Signal:
    """A filter that changes with time: `response(frequencies (1, b), control (f, 1))` gives magnitudes (f,
    b).

    Short-time Fourier frames with cosine windows, taken as a circle, so that a loop stays one.
    """
    size, hop = 1024, 256
    n = sound.shape[-1]
    count = -(-n // hop)
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size).astype(np.float32)
    bins = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)[None, :]
    lines = sound.reshape(-1, n)
    out = np.zeros((len(lines) + 1, count * hop + size), dtype=np.float32)
    for first in range(0, count, 1024):
        starts = np.arange(first, min(first + 1024, count)) * hop
        index = (starts[:, None] + np.arange(size)[None, :] - size // 2) % n
        gains = response(bins, control[np.minimum(starts, n - 1)][:, None]).astype(np.float32)
        for line, target in zip(lines, out, strict=False):
            pieces = np.fft.irfft(np.fft.rfft(line[index] * window) * gains, size).astype(
                np.float32
            )
            _overlap(pieces * window, target[starts[0] :], hop)
        _overlap(np.broadcast_to(window * window, (len(starts), size)), out[-1, starts[0] :], hop)
    circle = np.roll(around(out, n), -(size // 2), axis=-1)
    return (circle[:-1] / circle[-1]).reshape(sound.shape)


def _overlap(pieces: Signal, target: Signal, hop: int) -> None:
    """Adds windowed frames into `target`, each one `hop` after the one before."""
    span = len(pieces) * hop
    for k in range(pieces.shape[1] // hop):
        target[k * hop : k * hop + span] += pieces[:, k * hop : (k + 1) * hop].reshape(-1)


def resonant_lowpass(resonance: float = 0.0) -> Callable[[Signal, Signal], Signal]:
    """For `moving`: a 24 dB low-pass at the control (Hz) with a bump of `resonance` at the edge."""

    def response(f: Signal, cutoff: Signal) -> Signal:
        x = f / np.maximum(cutoff, 20.0)
        bump = resonance * np.exp(-((np.log2(np.maximum(x, 1e-3)) / 0.25) ** 2))
        return (1 / (1 + x**4) + bump).astype(np.float32)

    return response


def resonant_bandpass(octaves: float = 0.5) -> Callable[[Signal, Signal], Signal]:
    """For `moving`: a band of about `octaves` around the control (Hz)."""

    def response(f: Signal, centre: Signal) -> Signal:
        x = np.log2(np.maximum(f, 1.0) / np.maximum(centre, 20.0))
        return (np.exp(-((x / octaves) ** 2)) + 0.02 / (1 + x * x)).astype(np.float32)

    return response
