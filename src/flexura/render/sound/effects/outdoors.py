"""Weather, water, fire and animals as effects."""

from __future__ import annotations

import numpy as np

from flexura.render.sound import nature
from flexura.render.sound.effects.shape import Events, Shape, burst, glide, joined, tone
from flexura.render.sound.filters import filtered, lowpass
from flexura.render.sound.mix import panned, place, silence
from flexura.render.sound.synth import (
    Signal,
    band,
    curve,
    fade,
    frames,
    noise,
    oscillate,
    phases,
    ramp,
    sine,
    table,
)


def rain(s: Shape) -> Signal:
    """Rain, from drizzle (soft) to a downpour (hard)."""
    return nature.rain(s.n, s.rng, s.force)


def thunder(s: Shape) -> Signal:
    """One strike and its roll."""
    return nature.thunder(s.n, s.rng)


def storm(s: Shape) -> Signal:
    """Rain and wind, with thunder that rolls through."""
    out = nature.rain(s.n, s.rng, 0.85) + nature.wind(s.n, s.rng, 0.8) * 0.6
    strike = nature.thunder(min(s.n, frames(6)), s.rng)
    place(out, strike * 1.2, int(s.rng.integers(0, s.n)), wrap=True)
    return out


def wind(s: Shape) -> Signal:
    """Gusts."""
    return nature.wind(s.n, s.rng, s.force)


def sea(s: Shape) -> Signal:
    """Waves on a beach."""
    return nature.sea(s.n, s.rng, s.force)


def stream(s: Shape) -> Signal:
    """A brook or, hard, a waterfall."""
    out = nature.stream(s.n, s.rng, s.force)
    return (
        out + noise(s.n, s.rng, band(300, 7000)) * np.float32(1.5 * s.force)
        if s.force > 0.7
        else out
    )


def fire(s: Shape) -> Signal:
    """A fire that crackles."""
    return nature.fire(s.n, s.rng, s.force)


def birds(s: Shape) -> Signal:
    """Birds in the morning."""
    return nature.birds(s.n, s.rng, 2.4) + nature.wind(s.n, s.rng, 0.1) * 0.03


def crickets(s: Shape) -> Signal:
    """A meadow at night."""
    return nature.crickets(s.n, s.rng)


def city(s: Shape) -> Signal:
    """Streets from a window."""
    return nature.city(s.n, s.rng)


def bubbles(s: Shape) -> Signal:
    """Bubbles that rise through water."""
    grains = [nature.bubble(float(f) * s.pitch, 0.6, 0.06) for f in s.rng.uniform(250, 1300, 12)]
    return nature.scatter(s.n, s.rng, 9 + 14 * s.force, grains, 0.6)


def drop(s: Shape) -> Signal:
    """A drop of water into a pool."""
    plink = nature.bubble(820 * s.pitch * s.varied(), 0.7, 0.13 * s.stretch)
    second = nature.bubble(1350 * s.pitch, 0.4, 0.05) * 0.3
    return joined(
        s.n, [(0, burst(0.004, 2000, 9000, s.rng) * 0.3), (0.012, plink), (0.085, second)]
    )


def splash(s: Shape) -> Signal:
    """Something falls into water: the slap, the spray, bubbles."""
    n = s.n
    spray = (
        noise(n, s.rng, band(700, 9000))
        * curve(n, (0, 0), (0.02, 1), (0.12, 0.45), (s.seconds, 0)) ** 1.6
    )
    after = [nature.bubble(float(f) * s.pitch, 0.5, 0.05) for f in s.rng.uniform(350, 1400, 18)]
    events = [
        (float(t), b * 0.3)
        for t, b in zip(np.sort(s.rng.uniform(0.1, s.seconds * 0.8, 18)), after, strict=True)
    ]
    body = tone(glide(240 * s.pitch, 70, 0.18, 0.5), 0.18) * fade(frames(0.18), 0.002, 0.12)
    return spray * 1.6 + joined(n, [(0, body * 0.7), *events])


def _voice(f: Signal, formants: Signal, n: int) -> Signal:
    """A throat: a buzz at pitch f through one moving mouth resonance; `formants` in Hz."""
    top = float(f.max())
    k = np.arange(1, max(2, min(60, int(14_000 / top))) + 1)
    openings = np.geomspace(300.0, 4200.0, 12)
    waves = np.stack(
        [
            table(
                (
                    1
                    / k**0.8
                    * (
                        0.12
                        + 2.2 * np.exp(-((np.log2(k * top * 0.85 / c) / 0.38) ** 2))
                        + 0.7 * np.exp(-((np.log2(k * top * 0.85 / (c * 2.4)) / 0.3) ** 2))
                    )
                ).astype(np.float32)
                * 0.25
            )
            for c in openings
        ]
    )
    position = np.log(formants / 300.0) / np.log(14.0) * (len(openings) - 1)
    turns = phases(f, n)
    low = np.clip(position, 0, len(openings) - 1.001)
    out = np.zeros(n, dtype=np.float32)
    for row, wave in enumerate(waves):
        share = np.maximum(0, 1 - np.abs(low - row)).astype(np.float32)
        if share.any():
            out += oscillate(wave, turns) * share
    return out


def meow(s: Shape) -> Signal:
    """A cat: the mouth opens on "ee-ow" and closes, while the pitch arches."""
    n = s.n
    end = s.seconds
    f = curve(n, (0, 520), (end * 0.25, 760), (end * 0.6, 700), (end, 430)) * np.float32(
        s.pitch * s.varied()
    )
    f = (f * (1 + 0.012 * sine(6.5, n))).astype(np.float32)
    mouth = curve(
        n, (0, 420), (end * 0.18, 2100), (end * 0.55, 1350), (end * 0.85, 800), (end, 450)
    )
    sound = _voice(f, mouth, n) + noise(n, s.rng, band(1500, 7000), 1)[0] * np.float32(0.03)
    gain = curve(n, (0, 0), (end * 0.12, 0.6), (end * 0.4, 1), (end * 0.75, 0.6), (end, 0))
    return joined(n, [(0, (sound * gain).astype(np.float32))])


def purr(s: Shape) -> Signal:
    """A cat that is content: puffs of air, 25 a second, in and out."""
    n = s.n
    rate = max(1.0, round(25 * s.pitch * s.seconds)) / s.seconds
    puffs = np.maximum(0, sine(rate, n)) ** 2
    breaths = max(1, round(s.seconds / 1.6))
    tide = 0.65 + 0.35 * np.sin(2 * np.pi * breaths * np.arange(n) / n)
    rumble = noise(n, s.rng, band(90, 700))
    return (rumble * puffs * tide * 3).astype(np.float32)


def bark(s: Shape) -> Signal:
    """A dog, twice."""
    each = 0.2 * s.stretch
    n = frames(each)
    f = (glide(560, 300, each, 0.8) * np.float32(s.pitch * s.varied())).astype(np.float32)
    mouth = curve(n, (0, 500), (each * 0.3, 1250), (each, 600))
    rough = _voice(f, mouth, n) * (1 + 0.5 * noise(n, s.rng, band(50, 900), 1)[0] * 5)
    woof = (rough + noise(n, s.rng, band(500, 4500), 1)[0] * np.float32(0.35)) * curve(
        n, (0, 0), (0.015, 1), (each * 0.6, 0.6), (each, 0)
    )
    return joined(
        s.n, [(0, woof.astype(np.float32)), (0.34 * s.stretch, woof.astype(np.float32) * 0.85)]
    )


def frog(s: Shape) -> Signal:
    """A pond: croaks made of quick pulses."""
    out = silence(s.n)
    for _ in range(max(2, round(s.seconds * 1.6))):
        length = float(s.rng.uniform(0.2, 0.4))
        n = frames(length)
        pulses = np.maximum(0, sine(float(s.rng.uniform(26, 40)), n)) ** 4
        call = sine(float(s.rng.uniform(420, 900)) * s.pitch, n) * pulses * fade(n, 0.04, 0.1)
        place(
            out,
            panned(call.astype(np.float32), float(s.rng.uniform(-0.8, 0.8))) * 0.5,
            int(s.rng.integers(0, s.n)),
            wrap=True,
        )
    return out


def owl(s: Shape) -> Signal:
    """Hoo, hu-hu hoo."""
    events: Events = []
    for at, length in ((0, 0.4), (0.75, 0.14), (0.95, 0.14), (1.15, 0.55)):
        n = frames(length * s.stretch)
        f = (370 * s.pitch * curve(n, (0, 0.95), (length * 0.3, 1), (length, 0.94))).astype(
            np.float32
        )
        hoot = (sine(f, n) + 0.12 * sine((2 * f).astype(np.float32), n)) * fade(n, 0.06, 0.12)
        events.append((at * s.stretch, filtered(hoot.astype(np.float32), lowpass(1400))))
    return joined(s.n, events)


def bees(s: Shape) -> Signal:
    """Insects that circle the ear."""
    n = s.n
    out = silence(n)
    for _ in range(3):
        cycles = max(1, round(s.seconds * float(s.rng.uniform(0.3, 0.8))))
        orbit = 2 * np.pi * (cycles * ramp(n) / np.float32(s.seconds) + s.rng.random())
        base = max(1.0, round(float(s.rng.uniform(190, 250)) * s.pitch * s.seconds)) / s.seconds
        turns = phases(base, n) + 0.9 * np.sin(orbit * 2)
        wings = oscillate(
            table(np.array([1, 0.7, 0.5, 0.35, 0.25, 0.2, 0.12, 0.1], np.float32)), turns
        )
        near = (0.35 + 0.65 * (0.5 + 0.5 * np.sin(orbit))) ** 2
        angle = (1 + np.cos(orbit)) * np.pi / 4
        out += (wings * near * np.stack([np.cos(angle), np.sin(angle)]) * 0.3).astype(np.float32)
    return out
