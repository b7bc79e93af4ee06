"""Sources of sound: wave tables, modal (struck) bodies, PADsynth textures, noise and envelopes.

Signals are float32; mono has the shape (n,), stereo (2, n). Everything here is vectorised: there is no loop
over samples. What is periodic over n (noise, textures, drifts) can be looped without a seam.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.floating]
"""Samples; float32 in memory, whatever the type checker makes of a product with a float."""

RATE = 48_000
"""Samples a second of everything that this package makes."""

TABLE = 2048
"""Samples of one period in a wave table."""


def hertz(midi: float) -> float:
    """The frequency of a MIDI note number (69 is A4, 440 Hz)."""
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def frames(seconds: float) -> int:
    """How many samples `seconds` take, at least one."""
    return max(1, round(seconds * RATE))


def ramp(n: int) -> Signal:
    """Seconds since the start, for each of n samples."""
    return np.arange(n, dtype=np.float32) / np.float32(RATE)


def curve(n: int, *points: tuple[float, float]) -> Signal:
    """Straight lines through (second, value) points; the first and last value are held."""
    at = np.array([p[0] for p in points], dtype=np.float64) * RATE
    values = np.array([p[1] for p in points], dtype=np.float64)
    return np.interp(np.arange(n), at, values).astype(np.float32)


def fade(n: int, attack: float, release: float) -> Signal:
    """A raised-cosine start and end (seconds), 1 between; it keeps sounds free of clicks."""
    gain = np.ones(n, dtype=np.float32)
    a, r = min(frames(attack), n), min(frames(release), n)
    gain[:a] *= (0.5 - 0.5 * np.cos(np.pi * (np.arange(a) + 0.5) / a)).astype(np.float32)
    gain[n - r :] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(r) + 0.5) / r)).astype(np.float32)
    return gain


def adsr(n: int, attack: float, decay: float, sustain: float, release: float) -> Signal:
    """Attack and release are raised cosines (seconds), the decay falls exponentially to `sustain`."""
    t = ramp(n) - np.float32(attack)
    body = sustain + (1.0 - sustain) * np.exp(
        -np.maximum(t, 0.0) * np.float32(3.0 / max(decay, 1e-3))
    )
    return body.astype(np.float32) * fade(n, attack, release)


def ring(n: int, t60: float, attack: float = 0.001) -> Signal:
    """Exponential decay by 60 dB in `t60` seconds, after a short attack, with a silent end."""
    return np.exp(-ramp(n) * np.float32(6.9078 / max(t60, 1e-3))) * fade(
        n, attack, min(0.01, n / RATE / 4)
    )


def phases(frequency: float | Signal, n: int, start: float = 0.0) -> NDArray[np.float64]:
    """The phase in turns at each sample of an oscillator with a steady or a moving frequency (Hz)."""
    if isinstance(frequency, float | int):
        return start + np.arange(n, dtype=np.float64) * (float(frequency) / RATE)
    return start + np.cumsum(frequency[:n], dtype=np.float64) / RATE


def sine(frequency: float | Signal, n: int, start: float = 0.0) -> Signal:
    """A sine wave; `start` is its phase in turns."""
    turns = phases(frequency, n, start)
    return np.sin((2 * np.pi) * (turns - np.floor(turns)).astype(np.float32)).astype(np.float32)


def table(amplitudes: Sequence[float] | Signal, shift: float = 0.0) -> Signal:
    """One period from the amplitudes of harmonics 1, 2, 3 …; `shift` turns every phase (in turns)."""
    spectrum = np.zeros(TABLE // 2 + 1, dtype=np.complex128)
    count = min(len(amplitudes), TABLE // 2 - 1)
    spectrum[1 : count + 1] = (
        -1j * np.asarray(amplitudes[:count], dtype=np.float64) * np.exp(2j * np.pi * shift)
    )
    return (np.fft.irfft(spectrum, TABLE) * (TABLE / 2)).astype(np.float32)


def saw_harmonics(frequency: float, cutoff: float = 16_000.0, slope: float = 4.0) -> Signal:
    """Amplitudes of a saw wave through a soft low-pass; nothing above 18 kHz, so nothing folds."""
    k = np.arange(1, max(2, min(TABLE // 2 - 1, int(18_000 / frequency) + 1)), dtype=np.float32)
    return (0.6 / k / (1.0 + (k * frequency / cutoff) ** slope) ** 0.5).astype(np.float32)


def pulse_harmonics(frequency: float, width: float = 0.5, cutoff: float = 16_000.0) -> Signal:
    """Amplitudes of a pulse wave with the duty cycle `width`, band-limited like the saw."""
    k = np.arange(1, max(2, min(TABLE // 2 - 1, int(18_000 / frequency) + 1)), dtype=np.float32)
    return (
        np.sin(np.pi * k * width) * 0.8 / k / (1.0 + (k * frequency / cutoff) ** 4) ** 0.5
    ).astype(np.float32)


def oscillate(wave: Signal, turns: NDArray[np.float64]) -> Signal:
    """Reads a wave table at the given phases, with linear interpolation."""
    place = (turns - np.floor(turns)).astype(np.float32) * np.float32(TABLE)
    low = place.astype(np.int32)
    part = place - low
    closed = np.append(wave, wave[:2])
    return closed[low] + (closed[low + 1] - closed[low]) * part


def morph(waves: Signal, turns: NDArray[np.float64], position: Signal) -> Signal:
    """Like `oscillate`, through several tables (k, TABLE): `position` 0..1 moves from the first to
    the last.
    """
    place = (turns - np.floor(turns)).astype(np.float32) * np.float32(TABLE)
    low = place.astype(np.int32) % TABLE
    level = np.clip(position, 0.0, 1.0) * np.float32(len(waves) - 1)
    row = np.minimum(level.astype(np.int32), len(waves) - 2)
    part = level - row
    flat = waves.reshape(-1)
    below = flat[row * TABLE + low]
    return (below + (flat[(row + 1) * TABLE + low] - below) * part).astype(np.float32)


def swept(
    frequency: float, n: int, cutoff: Signal, shape: Callable[[float, float], Signal], start: float
) -> Signal:
    """An oscillator whose low-pass moves: `shape(frequency, cutoff)` gives the harmonics, `cutoff`
    is in Hz.
    """
    steps = np.geomspace(120.0, 14_000.0, 14)
    waves = np.stack([table(shape(frequency, float(step))) for step in steps])
    position = np.log(np.maximum(cutoff, 120.0) / 120.0) / np.log(14_000.0 / 120.0)
    return morph(waves, phases(frequency, n, start), position.astype(np.float32))


def modal(
    n: int, frequencies: Signal, t60: Signal, amplitudes: Signal, turns: Signal | float = 0.0
) -> Signal:
    """A sum of exponentially dying sines: strings, bars, bells, struck bodies.

    exp(a(mK + k)) = exp(amK)·exp(ak), so the whole sum is one product of two small matrices.
    """
    keep = (frequencies < RATE * 0.45) & (np.abs(amplitudes) > 1e-7)
    f, d = frequencies[keep].astype(np.float64), np.maximum(t60[keep], 1e-3).astype(np.float64)
    start = (turns[keep] if isinstance(turns, np.ndarray) else np.full(len(f), turns)).astype(
        np.float64
    )
    step = -6.9078 / (d * RATE) + 2j * np.pi * f / RATE
    block = max(16, int(np.sqrt(n)))
    rows = -(-n // block)
    heads = np.exp(np.outer(np.arange(rows) * block, step)) * (
        amplitudes[keep] * np.exp(2j * np.pi * start)
    )
    tails: NDArray[np.complex128] = np.exp(step[:, None] * np.arange(block)[None, :])
    left = np.concatenate([heads.imag, heads.real], axis=1).astype(np.float32)
    right = np.concatenate([tails.real, tails.imag], axis=0).astype(np.float32)
    return np.ascontiguousarray((left @ right).reshape(-1)[:n])


def padsynth(
    n: int, frequency: float, amplitudes: Signal, cents: float, rng: np.random.Generator
) -> Signal:
    """A stereo ensemble texture, periodic over n: each harmonic is a narrow band of noise `cents` wide."""
    spectrum = np.zeros(n // 2 + 1, dtype=np.float32)
    spacing = RATE / n
    for k, amplitude in enumerate(amplitudes, start=1):
        centre = frequency * k
        if centre > 17_000 or amplitude < 1e-5:
            continue
        width = max(centre * (2 ** (cents / 1200) - 1) * 0.5 * k**-0.15, spacing * 0.6)
        low, high = int((centre - 4 * width) / spacing), int((centre + 4 * width) / spacing) + 2
        bins = np.arange(max(1, low), min(high, len(spectrum)))
        bell = np.exp(-0.5 * ((bins * spacing - centre) / width) ** 2)
        spectrum[bins] += (amplitude / np.sqrt(np.sum(bell**2) + 1e-9) * bell).astype(np.float32)
    return shaped_noise(n, spectrum, rng) * np.float32(n * 0.5)


def shaped_noise(n: int, magnitude: Signal, rng: np.random.Generator, channels: int = 2) -> Signal:
    """Noise with exactly this magnitude at each bin of rfft(n); periodic over n."""
    angle = rng.random((channels, len(magnitude)), dtype=np.float32) * np.float32(2 * np.pi)
    spectrum = magnitude * (np.cos(angle) + 1j * np.sin(angle)).astype(np.complex64)
    spectrum[:, 0] = 0
    return np.fft.irfft(spectrum, n, axis=-1).astype(np.float32)


def noise(
    n: int, rng: np.random.Generator, shape: Callable[[Signal], Signal], channels: int = 2
) -> Signal:
    """Noise whose magnitude over frequency (Hz) is `shape`, at RMS 0.2; periodic over n when it is short."""
    span = min(n, 1 << 19)
    bins = np.fft.rfftfreq(span, 1 / RATE).astype(np.float32)
    one = shaped_noise(span, shape(bins).astype(np.float32), rng, channels)
    one *= np.float32(0.2) / (np.sqrt(np.mean(one**2)) + np.float32(1e-9))
    return one if span == n else _continued(one, n)


def _continued(one: Signal, n: int) -> Signal:
    """Repeats a periodic texture to n samples; the seam at n is cross-faded so that it still loops."""
    count = -(-(n + RATE) // one.shape[-1])
    long = np.tile(one, (1, count))[:, : n + RATE]
    rise = np.sqrt(np.linspace(0, 1, RATE, dtype=np.float32))
    head = long[:, :n].copy()
    head[:, :RATE] = head[:, :RATE] * rise + long[:, n : n + RATE] * rise[::-1]
    return head


def band(low: float, high: float, slope: float = 2.0) -> Callable[[Signal], Signal]:
    """A magnitude that passes low..high Hz and falls off by `slope` (1 is 6 dB an octave) beyond."""

    def shape(f: Signal) -> Signal:
        safe = np.maximum(f, 1.0).astype(np.float64)
        edges = (1 + (low / safe) ** (2 * slope)) * (1 + (safe / high) ** (2 * slope))
        return (1 / np.sqrt(edges)).astype(np.float32)

    return shape


def tilted(low: float, high: float, tilt: float) -> Callable[[Signal], Signal]:
    """The band low..high with a slope: `tilt` -0.5 is pink, -1 is brown noise."""
    inside = band(low, high)
    return lambda f: (inside(f) * np.maximum(f, 10.0) ** tilt).astype(np.float32)


def drift(n: int, rng: np.random.Generator, period: float, low: float, high: float) -> Signal:
    """A slow random movement between low and high, about one turn a `period` (seconds); periodic over n."""
    count = max(2, round(n / RATE / period * 2))
    values = rng.random(count).astype(np.float32)
    place = np.arange(n, dtype=np.float32) * np.float32(count / n)
    index = place.astype(np.int32)
    part = 0.5 - 0.5 * np.cos(np.pi * (place - index))
    first, second = values[index % count], values[(index + 1) % count]
    return (low + (high - low) * (first + (second - first) * part)).astype(np.float32)
