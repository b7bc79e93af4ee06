"""Textures of weather, water and wildlife, in stereo and periodic over their length, so that they loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flexura.render.sound.filters import (
    convolve,
    filtered,
    highpass,
    lowpass,
    moving,
    resonant_bandpass,
)
from flexura.render.sound.mix import panned, place, silence
from flexura.render.sound.synth import (
    RATE,
    Signal,
    band,
    curve,
    drift,
    fade,
    frames,
    noise,
    ramp,
    ring,
    sine,
    tilted,
)


def scatter(
    n: int, rng: np.random.Generator, rate: float, grains: Sequence[Signal], spread: float = 1.0
) -> Signal:
    """Many short sounds at random times (`rate` a second), places and strengths.

    `spread` tells how unequal their strengths are (0: all alike).
    """
    out = silence(n)
    for grain in grains:
        count = max(1, int(rng.poisson(rate * n / RATE / len(grains))))
        hits = silence(n)
        level = np.exp(rng.normal(0, spread, count) - spread**2).astype(np.float32)
        angle = rng.random(count) * np.pi / 2
        at = rng.integers(0, n, count)
        np.add.at(hits[0], at, level * np.cos(angle).astype(np.float32))
        np.add.at(hits[1], at, level * np.sin(angle).astype(np.float32))
        out += convolve(hits, grain, wrap=True)
    return out


def bubble(frequency: float, rise: float, life: float) -> Signal:
    """The ring of an air bubble: a sine that rises a little while it dies."""
    n = frames(life * 1.5)
    t = ramp(n)
    return sine((frequency * (1 + rise * t / life)).astype(np.float32), n) * ring(n, life, 0.0015)


def rain(n: int, rng: np.random.Generator, strength: float = 0.5) -> Signal:
    """A hiss of far drops, near drops on hard ground, and a few that ring in puddles."""
    hiss = noise(n, rng, tilted(700, 9000, -0.25)) * drift(n, rng, 4.0, 0.75, 1.0)
    body = noise(n, rng, tilted(150, 1200, -0.6)) * np.float32(0.25 + 0.45 * strength)
    taps = [
        noise(frames(0.012), rng, band(f, f * 2.2), 1)[0] * ring(frames(0.012), 0.012, 0.0004)
        for f in (1400.0, 2300.0, 3600.0, 5200.0)
    ]
    near = scatter(n, rng, 120 + 500 * strength, taps, 0.9)
    puddles = [bubble(float(f), 0.25, 0.035) for f in rng.uniform(900, 2600, 5)]
    drops = scatter(n, rng, 9 + 14 * strength, puddles, 0.7) * 0.10
    return hiss * np.float32(0.35 + 0.5 * strength) + body * 0.5 + near * 0.55 + drops


def wind(n: int, rng: np.random.Generator, strength: float = 0.5) -> Signal:
    """Air that gusts: the pitch of the whistle follows the force."""
    force = drift(n, rng, 3.5, 0.1, 1.0) * 0.65 + drift(n, rng, 1.3, 0.0, 1.0) * 0.35
    centre = (170 + (260 + 420 * strength) * force).astype(np.float32)
    whistle = moving(noise(n, rng, band(80, 4000)), resonant_bandpass(0.55), centre)
    high = moving(noise(n, rng, band(400, 6000)), resonant_bandpass(0.3), centre * 2.7)
    low = noise(n, rng, tilted(40, 260, -0.5))
    gust = (0.25 + 0.75 * force**1.5).astype(np.float32)
    return whistle * gust * 1.4 + high * gust**2 * np.float32(0.5 * strength) + low * force * 0.35


def sea(n: int, rng: np.random.Generator, strength: float = 0.5) -> Signal:
    """Waves that swell, break and run out in foam; a far surf never stops."""
    out = noise(n, rng, tilted(60, 900, -0.7)) * drift(n, rng, 6.0, 0.12, 0.22)
    count = max(1, round(n / RATE / (8.5 - 2 * strength)))
    for k in range(count):
        length = frames(min(n / RATE, 9.0 + 2 * rng.random()))
        at = int((k + rng.uniform(-0.12, 0.12)) * n / count)
        rise, crest = 0.34 * length / RATE, 0.42 * length / RATE
        end = length / RATE
        swell = (
            curve(
                length,
                (0, 0),
                (rise * 0.6, 0.12),
                (rise, 0.5),
                (crest, 1),
                (end * 0.6, 0.4),
                (end, 0),
            )
            ** 1.5
        )
        cutoff = curve(length, (0, 240), (rise, 700), (crest, 4200), (end * 0.7, 1500), (end, 800))
        water = noise(length, rng, tilted(90, 7000, -0.45))
        wave = moving(water, lambda f, c: 1 / (1 + (f / c) ** 3), cutoff) * swell
        foam = (
            noise(length, rng, band(2500, 9000))
            * curve(length, (rise, 0), (crest * 1.15, 0.22), (end, 0)) ** 1.3
        )
        side = float(rng.uniform(-0.5, 0.5))
        tilt = np.array([[1 - max(0.0, side)], [1 + min(0.0, side)]], dtype=np.float32)
        place(out, (wave * 1.3 + foam) * tilt * np.float32(rng.uniform(0.75, 1.0)), at, wrap=True)
    return out


def stream(n: int, rng: np.random.Generator, strength: float = 0.5) -> Signal:
    """A brook: hundreds of bubbles a second over a soft rush."""
    rush = noise(n, rng, tilted(350, 4200, -0.4)) * drift(n, rng, 1.1, 0.18, 0.3)
    small = [bubble(float(f), rng.uniform(0.1, 0.5), 0.022) for f in rng.uniform(900, 2900, 10)]
    large = [bubble(float(f), rng.uniform(0.2, 0.7), 0.05) for f in rng.uniform(380, 850, 7)]
    bubbles = (
        scatter(n, rng, 170 + 200 * strength, small, 0.9) * 0.09
        + scatter(n, rng, 26, large, 0.6) * 0.16
    )
    return rush * np.float32(0.5 + 0.6 * strength) + bubbles


def fire(n: int, rng: np.random.Generator, strength: float = 0.5) -> Signal:
    """A low breath of flame, hiss, and crackles of wood, small and large."""
    breath = noise(n, rng, tilted(40, 420, -0.6)) * drift(n, rng, 0.7, 0.3, 0.75)
    hiss = noise(n, rng, band(2500, 8000)) * drift(n, rng, 0.5, 0.015, 0.05)
    snaps = [
        noise(frames(0.01), rng, band(f, f * 3), 1)[0] * ring(frames(0.01), 0.008, 0.0002)
        for f in (1200.0, 2400.0, 4200.0)
    ]
    pops = [
        noise(frames(0.05), rng, band(f, f * 2.5), 1)[0] * ring(frames(0.05), 0.04, 0.0004)
        for f in (500.0, 900.0)
    ]
    crackle = (
        scatter(n, rng, 16 + 26 * strength, snaps, 1.1) * 1.1
        + scatter(n, rng, 2.2, pops, 0.6) * 0.9
    )
    return breath * 0.75 + hiss + crackle


def thunder(n: int, rng: np.random.Generator) -> Signal:
    """One strike: a crack, then rolling rumble that gets darker as it goes away."""
    end = n / RATE
    rolls = curve(
        n, *[(float(t), float(rng.uniform(0.25, 1))) for t in np.arange(0, end + 0.22, 0.22)]
    )
    shape = (
        curve(n, (0, 0), (0.02, 1), (0.35, 0.9), (end * 0.4, 0.6), (end * 0.75, 0.2), (end, 0))
        * rolls
    )
    cutoff = curve(n, (0, 5200), (0.25, 1400), (0.9, 420), (end, 130))
    roar = moving(
        noise(n, rng, tilted(28, 6000, -0.55)), lambda f, c: 1 / (1 + (f / c) ** 4), cutoff
    )
    crack = np.zeros((2, n), dtype=np.float32)
    for at in np.cumsum(rng.uniform(0.01, 0.06, 7)):
        snap = (
            noise(frames(0.09), rng, band(500, 9000))
            * ring(frames(0.09), 0.08)
            * float(rng.uniform(0.3, 1))
        )
        place(crack, snap.astype(np.float32), frames(float(at)))
    return (np.tanh(roar * 5.0 * shape) + crack * 0.45) * fade(n, 0.002, min(0.6, end / 3))


def crickets(n: int, rng: np.random.Generator) -> Signal:
    """Three near crickets, each with its own pitch and beat, and a far meadow of them."""
    out = noise(n, rng, band(4100, 5200, 6.0)) * drift(n, rng, 1.0, 0.02, 0.045)
    for side, base in ((-0.7, 4150.0), (0.15, 4680.0), (0.75, 4420.0)):
        frequency = base * float(rng.uniform(0.97, 1.03))
        pulse = sine(frequency, frames(0.017)) * fade(frames(0.017), 0.006, 0.008)
        chirp = np.zeros(frames(0.085), dtype=np.float32)
        for k in range(3):
            place(chirp[None, :], pulse[None, :] * (0.6 + 0.2 * k), frames(0.026 * k))
        count = max(1, round(n / RATE / float(rng.uniform(0.36, 0.62))))
        for k in range(count):
            if rng.random() < 0.86:
                place(
                    out,
                    panned(chirp, side) * float(rng.uniform(0.05, 0.08)),
                    int(k * n / count),
                    wrap=True,
                )
    return out


def bird_call(rng: np.random.Generator) -> Signal:
    """One short song: two to seven syllables that glide or trill about a pitch of their own."""
    base = float(rng.uniform(2300, 4800))
    kinds = rng.integers(0, 3)
    count = int(rng.integers(2, 7))
    step = float(rng.uniform(0.09, 0.2))
    song = np.zeros(frames(step * count + 0.25), dtype=np.float32)
    for k in range(count):
        n = frames(step * float(rng.uniform(0.5, 0.85)))
        t = np.linspace(0, 1, n, dtype=np.float32)
        bend = (0.28 * (0.5 - t), 0.3 * np.sin(np.pi * t), 0.07 * np.sin(2 * np.pi * t * 6))[kinds]
        pitch = base * (1 + bend + 0.06 * float(rng.normal()))
        tone = sine(pitch.astype(np.float32), n) + 0.08 * sine((2 * pitch).astype(np.float32), n)
        place(
            song[None, :],
            (tone * np.abs(np.sin(np.pi * t)) ** 0.7)[None, :].astype(np.float32),
            frames(step * k),
        )
    return song


def birds(n: int, rng: np.random.Generator, rate: float = 0.8) -> Signal:
    """Several birds, each of which repeats its own song at its own place; far ones are duller."""
    out = silence(n)
    for _ in range(5):
        song, side, far = bird_call(rng), float(rng.uniform(-0.9, 0.9)), float(rng.uniform(0.15, 1))
        voice = filtered(panned(song, side), lowpass(3500 + 6000 * far), highpass(900)) * far
        count = max(1, int(rng.poisson(rate * n / RATE / 5)))
        for at in rng.integers(0, n, count):
            place(out, voice.astype(np.float32) * 0.22, int(at), wrap=True)
    return out


def city(n: int, rng: np.random.Generator) -> Signal:
    """Streets from far: a low hum, tyres that pass, once in a while a muffled horn."""
    hum = noise(n, rng, tilted(35, 420, -0.55)) * drift(n, rng, 5.0, 0.5, 0.7)
    out = hum + noise(n, rng, tilted(300, 2600, -0.8)) * drift(n, rng, 3.0, 0.05, 0.12)
    for _ in range(max(1, round(n / RATE / 4))):
        length = min(n, frames(float(rng.uniform(2.5, 4.5))))
        shape = np.sin(np.pi * np.linspace(0, 1, length)) ** 3
        tyres = noise(length, rng, tilted(220, 2400, -0.5), 1)[0] * shape
        way = np.linspace(-1, 1, length) * rng.choice((-1, 1))
        sound = np.stack(
            [tyres * np.cos((way + 1) * np.pi / 4), tyres * np.sin((way + 1) * np.pi / 4)]
        )
        place(
            out,
            (sound * rng.uniform(0.25, 0.6)).astype(np.float32),
            int(rng.integers(0, n)),
            wrap=True,
        )
    if n > 4 * RATE:
        length = frames(0.5)
        tone = sine(392.0, length) + sine(494.0, length) + 0.3 * sine(784.0, length)
        horn = filtered(
            panned(tone * fade(length, 0.03, 0.12), float(rng.uniform(-0.8, 0.8))), lowpass(700)
        )
        place(out, horn * np.float32(0.02), int(rng.integers(0, n)), wrap=True)
    return out
