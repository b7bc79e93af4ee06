"""Strings and bars that are struck or plucked, as sums of dying partials."""

from __future__ import annotations

import numpy as np

from flexura.render.sound.synth import (
    Signal,
    band,
    curve,
    fade,
    frames,
    hertz,
    modal,
    noise,
    ramp,
    ring,
    sine,
)


def _partials(
    f: float, stiffness: float, top: float = 15_000.0, most: int = 48
) -> tuple[Signal, Signal]:
    """Numbers and frequencies of the partials of a stiff string."""
    k = np.arange(1, max(2, min(most, int(top / f))) + 1, dtype=np.float32)
    return k, (f * k * np.sqrt(1 + stiffness * k * k)).astype(np.float32)


def _thump(
    n: int, level: float, low: float, high: float, life: float, rng: np.random.Generator
) -> Signal:
    """The noise of hammer, finger or bow."""
    length = min(n, frames(life * 1.5))
    out = np.zeros(n, dtype=np.float32)
    out[:length] = noise(length, rng, band(low, high), 1)[0] * ring(length, life, 0.002) * level
    return out


def _damped(sound: Signal, seconds: float, release: float) -> Signal:
    """Lets the key go after `seconds`: the string dies within `release`."""
    n = sound.shape[-1]
    held = min(frames(seconds), n)
    gain = np.ones(n, dtype=np.float32)
    rest = n - held
    gain[held:] = np.exp(-np.arange(rest, dtype=np.float32) / np.float32(release / 5 * 48_000))
    return sound * gain * fade(n, 0.0005, 0.01)


def _piano(
    midi: int, seconds: float, velocity: float, rng: np.random.Generator, felt: float
) -> Signal:
    f = hertz(midi)
    n = frames(min(seconds + 0.5, 7.0))
    stiffness = 2.4e-4 * 2 ** ((midi - 60) / 9)
    k, frequencies = _partials(f, stiffness)
    bright = (900 + 3400 * velocity**1.5) * (1 - 0.62 * felt) + f * 0.8
    amplitude = np.abs(np.sin(np.pi * k / 7.3)) ** 0.6 / k**0.55 * np.exp(-frequencies / bright)
    amplitude = (amplitude / np.sqrt(np.sum(amplitude**2)) * 0.4).astype(np.float32)
    life = 7.5 * 2 ** (-(midi - 48) / 17)
    fast = (life * 0.45 / (1 + 0.10 * k)).astype(np.float32)
    slow = (life * 1.5 / (1 + 0.16 * k)).astype(np.float32)
    channels: list[Signal] = []
    for side in (-1.0, 1.0):
        detune = np.float32(1 + side * 2.2e-4)
        turns = (0.25 + 0.05 * side * rng.random(len(k))).astype(np.float32)
        body = modal(n, frequencies, fast, amplitude * 0.8, turns)
        channels.append(body + modal(n, frequencies * detune, slow, amplitude * 0.34, turns))
    knock = _thump(n, 0.10 + 0.1 * felt + 0.08 * velocity, 90, 700 - 250 * felt, 0.07, rng)
    attack = 1 - np.exp(-ramp(n) / np.float32(0.0012 + 0.005 * max(0.0, felt)))
    return _damped(
        (np.stack(channels) * attack + knock) * velocity**0.8, seconds, 0.22 + 0.25 * felt
    )


def piano(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A grand: stiff strings in two stages of decay, slightly apart in tune left and right, and the
    hammer.
    """
    return _piano(midi, seconds, velocity, rng, 0.0)


def felt_piano(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """An upright with felt over its strings: dark, soft, with audible wood."""
    return _piano(midi, seconds, velocity * 0.9, rng, 0.75)


def house_piano(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """The bright, short piano of club records."""
    return _piano(midi, min(seconds, 0.5), min(1.0, velocity * 1.2), rng, -0.25)


def electric_piano(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A tine and a tone bar: frequency modulation whose index dies away, and a short high ting."""
    f = hertz(midi)
    n = frames(min(seconds + 0.35, 6.0))
    t = ramp(n)
    index = (0.35 + 1.5 * velocity**1.6) * np.exp(-t * np.float32(2.2)) + 0.12
    warm = np.sin(2 * np.pi * f * t + index * np.sin(2 * np.pi * f * t))
    ting = np.sin(2 * np.pi * f * 7.05 * t) * np.exp(-t * 16) * (0.10 * velocity)
    life = 5.5 * 2 ** (-(midi - 48) / 20)
    sound = (
        (warm + ting).astype(np.float32) * ring(n, life, 0.002) * np.float32(0.42 * velocity**0.8)
    )
    return _damped(sound, seconds, 0.3)


def _string(
    midi: int, seconds: float, velocity: float, pluck: float, life: float, bright: float
) -> Signal:
    f = hertz(midi)
    n = frames(min(seconds + 0.4, 5.0))
    k, frequencies = _partials(f, 4e-5)
    amplitude = (
        np.abs(np.sin(np.pi * k * pluck)) / k * np.exp(-frequencies / (bright * (0.5 + velocity)))
    )
    amplitude = (amplitude / np.sqrt(np.sum(amplitude**2)) * 0.42).astype(np.float32)
    t60 = life * (196 / f) ** 0.4
    across = (t60 / (1 + 0.09 * k + 0.006 * k * k)).astype(np.float32)
    channels = [
        modal(n, frequencies, across, amplitude * 0.75, 0.02 * side)
        + modal(n, frequencies * np.float32(1 + side * 3e-4), across * 1.6, amplitude * 0.35, 0.1)
        for side in (-1.0, 1.0)
    ]
    return np.stack(channels) * np.float32(velocity**0.8)


def guitar(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A steel-string guitar, plucked at a sixth of the string, with the knock of its body."""
    sound = _string(midi, seconds, velocity, 0.165, 4.2, 2600)
    n = sound.shape[-1]
    body = sine(103.0, n) * ring(n, 0.22) + 0.6 * sine(206.0, n) * ring(n, 0.14)
    pick = _thump(n, 0.11 * velocity, 1800, 6500, 0.012, rng)
    return _damped(sound + body * np.float32(0.035 * velocity) + pick, seconds, 0.25)


def harp(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A harp: plucked near the middle of the string, round and long."""
    sound = _string(midi, seconds + 1.2, velocity, 0.36, 4.6, 1700)
    return _damped(sound, seconds + 1.0, 0.8)


def pizzicato(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A string section plucked with the finger: short, woody, not quite together."""
    sound = _string(midi, 0.6, velocity, 0.22, 0.62, 1500)
    n = sound.shape[-1]
    late = frames(0.007 + 0.006 * rng.random())
    sound[1] = np.pad(sound[1], (late, 0))[:n]
    return _damped(sound + _thump(n, 0.10 * velocity, 180, 900, 0.05, rng), 0.4, 0.3)


def upright_bass(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A double bass, plucked: a strong second partial, a finger, and a soft growl that fades."""
    f = hertz(midi)
    n = frames(min(seconds + 0.25, 3.0))
    k, frequencies = _partials(f, 9e-5, 3200, 24)
    amplitude = (
        np.abs(np.sin(np.pi * k * 0.21)) / k**0.9 * np.exp(-frequencies / (420 + 480 * velocity))
    )
    amplitude = (amplitude / np.sqrt(np.sum(amplitude**2)) * 0.5).astype(np.float32)
    sound = modal(n, frequencies, (2.6 / (1 + 0.16 * k)).astype(np.float32), amplitude, 0.0)
    sound = sound * curve(n, (0, 0), (0.008, 1), (0.4, 0.85)) + _thump(n, 0.14, 120, 900, 0.04, rng)
    return _damped(sound * np.float32(velocity**0.7), seconds, 0.12)


def _bar(
    midi: int,
    velocity: float,
    ratios: tuple[float, ...],
    levels: tuple[float, ...],
    lives: tuple[float, ...],
) -> Signal:
    f = hertz(midi)
    shorter = 2 ** (-(midi - 72) / 30)
    t60 = np.array(lives, dtype=np.float32) * np.float32(shorter)
    amplitude = np.array(levels, dtype=np.float32) * np.array(
        [velocity ** (0.7 + 0.5 * i) for i in range(len(levels))]
    )
    n = frames(min(5.0, float(t60.max()) * 1.05))
    frequencies = np.array(ratios, dtype=np.float32) * np.float32(f)
    left = modal(n, frequencies, t60, amplitude.astype(np.float32), 0.0)
    right = modal(n, frequencies * np.float32(1.0004), t60, amplitude.astype(np.float32), 0.08)
    return np.stack([left, right]) * fade(n, 0.001, 0.05)


def bells(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A soft bell: octave and fifth over a hum, with inharmonic partials that die first."""
    ratios, levels = (0.5, 1, 2.0, 2.76, 4.07, 5.4), (0.06, 0.34, 0.12, 0.12, 0.05, 0.04)
    return _bar(midi, velocity, ratios, levels, (3.5, 3.6, 2.4, 1.1, 0.7, 0.35))


def music_box(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A comb of small steel tongues: clear, with a tick."""
    sound = _bar(
        midi,
        velocity,
        (1, 2.0, 4.2, 6.27, 11.2),
        (0.36, 0.06, 0.09, 0.07, 0.03),
        (2.2, 1.4, 0.5, 0.25, 0.06),
    )
    return sound + _thump(sound.shape[-1], 0.06 * velocity, 3000, 9000, 0.008, rng)


def marimba(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Rosewood bars over pipes, with soft mallets."""
    sound = _bar(midi, velocity, (1, 3.93, 9.3), (0.48, 0.10, 0.035), (0.95, 0.28, 0.07))
    return sound + _thump(sound.shape[-1], 0.09 * velocity, 250, 1400, 0.03, rng)


def vibraphone(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Metal bars with the slow tremolo of turning discs."""
    sound = _bar(midi, velocity, (1, 4.0, 10.1), (0.42, 0.07, 0.02), (3.2, 1.2, 0.3))
    n = sound.shape[-1]
    return _damped(sound * (1 + 0.16 * sine(5.2, n)), seconds + 0.3, 0.5)
