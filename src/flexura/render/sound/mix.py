"""The mixing desk: panning, placing, reverb, delay, saturation and stereo width, on stereo (2, n) signals."""

from __future__ import annotations

import itertools

import numpy as np

from flexura.render.sound.filters import (
    convolve,
    convolved_blocks,
    filtered,
    highpass,
    kernel,
    lowpass,
)
from flexura.render.sound.synth import RATE, Signal, band, frames, noise, ramp


def panned(mono: Signal, place: float) -> Signal:
    """Mono to stereo at `place` (-1 left, 0 middle, 1 right), with constant power."""
    angle = (float(np.clip(place, -1, 1)) + 1) * np.pi / 4
    gains = np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32) * np.float32(2**0.5)
    return gains * mono[None, :]


def silence(n: int) -> Signal:
    """n silent stereo samples."""
    return np.zeros((2, n), dtype=np.float32)


def place(bus: Signal, sound: Signal, start: int, *, wrap: bool = False) -> None:
    """Adds a sound to the bus from sample `start`; beyond its end it is cut, or with `wrap` goes on at 0."""
    n = bus.shape[-1]
    start = start % n if wrap else start
    if start < 0:
        sound, start = sound[..., -start:], 0
    while sound.shape[-1] and start < n:
        part = sound[..., : n - start]
        bus[..., start : start + part.shape[-1]] += part
        sound, start = sound[..., part.shape[-1] :], 0 if wrap else n


def room(
    seconds: float, rng: np.random.Generator, *, bright: float = 6000.0, pre_delay: float = 0.012
) -> Signal:
    """The stereo impulse response of a room of which the sound takes `seconds` to die (60 dB).

    Early echoes, then noise in four bands of which the high ones die sooner, as in air and on walls.
    """
    n = frames(seconds * 1.15 + pre_delay)
    start = frames(pre_delay)
    tail = np.zeros((2, n), dtype=np.float32)
    t = ramp(n - start)
    edges = (90.0, 500.0, 1800.0, 5000.0, 14_000.0)
    for low, high in itertools.pairwise(edges):
        life = seconds * (1.0 if high < 2000 else 0.75 if high < 6000 else 0.45)
        level = 1.0 / (1.0 + (low / bright) ** 2)
        build = 1 - np.exp(-t / np.float32(0.015 + 0.01 * seconds))
        hiss = noise(n - start, rng, band(low, high, 3.0))
        tail[:, start:] += hiss * (np.exp(-6.9078 * t / life) * level * build).astype(np.float32)
    for channel in range(2):
        times = np.cumsum(rng.uniform(0.003, 0.011, 9)) * (0.6 + 0.25 * seconds) + pre_delay * 0.5
        for k, at in enumerate(times):
            if frames(at) < n:
                tail[channel, frames(at)] += rng.choice((-1, 1)) * 2.2 * 0.82**k
    energy = np.sqrt(np.sum(tail**2) / 2)
    return filtered(tail / energy, lowpass(bright * 2), highpass(120))


def reverb(sound: Signal, impulse: Signal, *, wrap: bool = False) -> Signal:
    """The sound as the room answers it (wet only)."""
    return convolve(sound, impulse, wrap=wrap)


def echo(sound: Signal, seconds: float, feedback: float, *, wrap: bool = False) -> Signal:
    """Repeats that go from side to side and get duller (wet only)."""
    step, n = frames(seconds), sound.shape[-1]
    out = np.zeros_like(sound)
    line = sound
    for k in range(1, 9):
        level = feedback**k
        if level < 0.02 or (not wrap and k * step >= n):
            break
        line = filtered(line[::-1], lowpass(4500), highpass(220), wrap=wrap)
        if wrap:
            out += np.roll(line, k * step, axis=-1) * np.float32(level)
        else:
            out[:, k * step :] += line[:, : n - k * step] * np.float32(level)
    return out


def saturated(sound: Signal, drive: float) -> Signal:
    """Soft clipping as of tape or tubes; a drive of 1 is gentle, 4 is distortion. Levels stay about
    the same.
    """
    return (np.tanh(sound * np.float32(drive)) / np.float32(np.tanh(drive * 0.7) / 0.7)).astype(
        np.float32
    )


def widened(sound: Signal, amount: float, *, wrap: bool = False) -> Signal:
    """More difference between left and right: 0 is mono, 1 leaves it, 1.5 is wide. Bass stays in
    the middle.
    """
    side = (sound[0] - sound[1]) * np.float32(amount / 2)
    out = np.empty_like(sound)
    for start, part in convolved_blocks(side, kernel((highpass(140),)), wrap=wrap):
        here = slice(start, start + len(part))
        middle = (sound[0, here] + sound[1, here]) / 2
        out[0, here], out[1, here] = middle + part, middle - part
    return out


def wobbled(sound: Signal, depth: float, rng: np.random.Generator) -> Signal:
    """The pitch drift of an old tape (`depth` in milliseconds of play-head movement); periodic over n."""
    n = int(sound.shape[-1])
    waves = [
        (max(1, round(rate * n / RATE)), share, float(rng.random()))
        for rate, share in ((0.55, 1.0), (0.9, 0.5), (6.3, 0.035))
    ]
    out = np.empty(sound.shape, dtype=np.float32)
    for start in range(0, n, 1 << 17):
        at = np.arange(start, min(start + (1 << 17), n))
        shift = np.full(len(at), 1.6)
        for cycles, share, turn in waves:
            shift += share * np.sin(2 * np.pi * (cycles * (at / n) + turn))
        where = at + shift * (depth * RATE / 1000)
        low = where.astype(np.int64)
        part = (where - low).astype(np.float32)
        out[:, at] = sound[:, low % n] * (1 - part) + sound[:, (low + 1) % n] * part
    return out
