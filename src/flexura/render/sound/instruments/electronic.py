"""Synthesizers and old consoles: moving filters over saws and pulses."""

from __future__ import annotations

import numpy as np

from flexura.render.sound.synth import (
    TABLE,
    Signal,
    adsr,
    curve,
    fade,
    frames,
    hertz,
    oscillate,
    phases,
    pulse_harmonics,
    ramp,
    ring,
    saw_harmonics,
    sine,
    swept,
    table,
)


def _resonant(f: float, cutoff: float) -> Signal:
    """Saw harmonics through a ladder filter that rings at its edge."""
    harmonics = saw_harmonics(f, cutoff, 6.0)
    at = f * np.arange(1, len(harmonics) + 1)
    bump = 1 + 3.2 * np.exp(-((np.log2(at / cutoff) / 0.16) ** 2))
    return (harmonics * bump).astype(np.float32)


def lead(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Two saws and an octave below, with a slow filter and vibrato."""
    f = hertz(midi)
    n = frames(seconds + 0.25)
    bend = (
        1 + curve(n, (0, -0.02), (0.045, 0)) + 0.004 * curve(n, (0.25, 0), (0.7, 1)) * sine(5.5, n)
    )
    bright = table(saw_harmonics(f, 2600 + 3200 * velocity))
    dark = table(pulse_harmonics(f / 2, 0.5, 1200))
    gain = adsr(n, 0.012, 0.5, 0.75, 0.2)
    sides = [
        oscillate(bright, phases((f * cents * bend).astype(np.float32), n, float(rng.random())))
        for cents in (0.9965, 1.0035)
    ]
    low = oscillate(dark, phases((f / 2 * bend).astype(np.float32), n)) * np.float32(0.35)
    return np.stack([sides[0] + low, sides[1] + low]) * gain * np.float32(0.36 * velocity)


def pluck(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A saw whose filter snaps shut."""
    f = hertz(midi)
    n = frames(0.75)
    t = ramp(n)
    cutoff = f * 1.2 + (1500 + 5200 * velocity) * np.exp(-t * np.float32(14))
    start = float(rng.random())
    sides = [swept(f * d, n, cutoff, saw_harmonics, start) for d in (0.9975, 1.0025)]
    return np.stack(sides) * ring(n, 0.62, 0.002) * np.float32(0.5 * velocity)


def stab(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """One voice of a club chord: saws, quickly closing."""
    f = hertz(midi)
    n = frames(min(seconds, 0.4) + 0.18)
    cutoff = f * 1.5 + (1800 + 3000 * velocity) * np.exp(-ramp(n) * np.float32(7))
    start = float(rng.random())
    sides = [swept(f * d, n, cutoff, saw_harmonics, start + d) for d in (0.995, 1.005)]
    return np.stack(sides) * adsr(n, 0.003, 0.25, 0.35, 0.12) * np.float32(0.4 * velocity)


def saw_bass(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A saw bass with a short filter sweep, and a sine beneath."""
    f = hertz(midi)
    n = frames(seconds + 0.06)
    cutoff = 260 + f + (600 + 1500 * velocity) * np.exp(-ramp(n) * np.float32(9))
    tone = swept(f, n, cutoff, saw_harmonics, 0.0) * np.float32(0.55) + sine(f, n) * np.float32(0.4)
    return tone * adsr(n, 0.004, 0.5, 0.7, 0.05) * np.float32(velocity)


def acid_bass(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A resonant filter that squeaks on accents."""
    f = hertz(midi)
    n = frames(seconds + 0.08)
    accent = max(0.0, velocity - 0.6) * 2.5
    cutoff = 220 + f + (700 + 2600 * accent) * np.exp(-ramp(n) * np.float32(11))
    tone = np.tanh(swept(f, n, cutoff, _resonant, 0.0) * 1.6)
    return (tone * adsr(n, 0.003, 0.3, 0.5, 0.05) * np.float32(0.5 * velocity)).astype(np.float32)


def sub(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A round sine bass with a little of its octaves, so that small speakers have something to play."""
    n = frames(seconds + 0.12)
    tone = oscillate(
        table(np.array([1, 0.28, 0.14, 0.05], dtype=np.float32)), phases(hertz(midi), n)
    )
    return tone * adsr(n, min(0.03, seconds / 4), 1.0, 0.8, 0.1) * np.float32(0.55 * velocity)


def bass_808(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A long kick with a pitch: it drops in, then booms, driven a little."""
    f = hertz(midi)
    n = frames(seconds + 0.08)
    pitch = (f * (1 + 1.6 * np.exp(-ramp(n) * np.float32(45)))).astype(np.float32)
    tone = np.tanh(sine(pitch, n) * np.float32(1.9)).astype(np.float32)
    return tone * ring(n, 2.6, 0.002) * fade(n, 0.001, 0.07) * np.float32(0.6 * velocity)


def _chip(midi: int, seconds: float, velocity: float, width: float, vibrato: bool) -> Signal:
    f = hertz(midi)
    n = frames(seconds + 0.01)
    pitch = np.full(n, f, dtype=np.float32)
    if vibrato and seconds > 0.3:
        pitch = (f * (1 + 0.007 * curve(n, (0.2, 0), (0.3, 1)) * np.sign(sine(6.0, n)))).astype(
            np.float32
        )
    tone = oscillate(table(pulse_harmonics(f, width)), phases(pitch, n))
    # Volume in sixteen steps, as the chips had it.
    steps = np.round(15 * velocity * (0.65 + 0.35 * np.exp(-ramp(n) * 5))) / 15
    return (tone * steps * fade(n, 0.001, 0.006) * np.float32(0.4)).astype(np.float32)


def pulse_lead(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A square wave of an old console, with vibrato on long notes."""
    return _chip(midi, seconds, velocity, 0.5, True)


def pulse_arp(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A quarter pulse for fast arpeggios."""
    return _chip(midi, seconds, velocity, 0.25, False)


def pulse_thin(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """An eighth pulse: thin and nasal."""
    return _chip(midi, seconds, velocity * 0.8, 0.125, True)


def triangle_bass(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A triangle in sixteen steps, as the console's bass channel had it."""
    f = hertz(midi)
    n = frames(seconds + 0.01)
    turn = np.arange(TABLE) / TABLE
    wave = np.round((np.abs(((turn + 0.75) % 1) * 4 - 2) - 1) * 7.5) / 7.5
    spectrum = np.fft.rfft(wave)
    spectrum[0] = 0
    spectrum[max(2, int(18_000 / f)) :] = 0
    tone = oscillate(np.fft.irfft(spectrum, TABLE).astype(np.float32), phases(f, n))
    return tone * fade(n, 0.002, 0.008) * np.float32(0.55)
