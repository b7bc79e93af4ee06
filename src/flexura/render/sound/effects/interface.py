"""Sounds of interfaces: clicks, taps, chimes for success and failure, pops, swipes, keys."""

from __future__ import annotations

import numpy as np

from flexura.render.sound.effects.shape import (
    Events,
    Shape,
    blip,
    burst,
    chord_of,
    glide,
    joined,
    mallet,
    struck,
    tone,
)
from flexura.render.sound.filters import filtered, highpass, lowpass, moving, resonant_bandpass
from flexura.render.sound.synth import Signal, adsr, band, curve, fade, frames, noise, ring


def click(s: Shape) -> Signal:
    """A button: the press, and a softer release just after it."""
    if s.retro:
        return joined(s.n, [(0, blip(1400 * s.pitch, 0.025 * s.stretch, "square") * 0.6)])
    f = 2300 * s.varied(0.08)
    return joined(
        s.n,
        [(0, struck(f, s, "plastic")), (0.045 * s.stretch, struck(f * 1.35, s, "plastic", 0.35))],
    )


def tap(s: Shape) -> Signal:
    """A fingertip on a surface: a soft low knock."""
    n = frames(0.09 * s.stretch)
    f = glide(520 * s.pitch * s.varied(), 240 * s.pitch, 0.09 * s.stretch, 0.4)
    knock = tone(f, 0.09 * s.stretch) * ring(n, 0.055 * s.stretch, 0.001)
    return joined(s.n, [(0, knock), (0, burst(0.006, 900, 4000, s.rng) * 0.25)])


def toggle(s: Shape) -> Signal:
    """A switch: two clicks, up for on and down for off."""
    low, high = 1500 * s.varied(), 2300 * s.varied()
    first, second = (high, low) if s.down else (low, high)
    return joined(
        s.n,
        [(0, struck(first, s, "plastic", 0.7)), (0.065 * s.stretch, struck(second, s, "plastic"))],
    )


def hover(s: Shape) -> Signal:
    """The faintest tick of air, for a pointer that passes."""
    f = 1850 * s.pitch * s.varied()
    return joined(
        s.n,
        [
            (0, blip(f, 0.05 * s.stretch, attack=0.012) * 0.5),
            (0, burst(0.03, 4000, 9000, s.rng, 0.01) * 0.1),
        ],
    )


def success(s: Shape) -> Signal:
    """A rising chord: root, third, fifth, octave, or fewer of them."""
    steps = ((0, 4, 7, 12), (0, 7, 12), (0, 5, 9))[int(s.rng.integers(3))]
    kind = "square" if s.retro else "mallet"
    return joined(
        s.n,
        chord_of(steps, 587 * s.pitch * s.varied(0.08), 0.085 * s.stretch, 0.55 * s.stretch, kind),
    )


def error(s: Shape) -> Signal:
    """Two low, slightly rough tones that fall."""
    root = 311 * s.pitch * s.varied(0.05)
    kind = "square" if s.retro else "triangle"
    events: Events = []
    for k, step in enumerate((0, -5)):
        f = root * 2 ** (step / 12)
        each = 0.2 * s.stretch
        rough = (tone(f, each, kind) + 0.6 * tone(f * 1.06, each, kind)) * adsr(
            frames(each), 0.006, 0.2, 0.5, 0.06
        )
        events.append((k * 0.15 * s.stretch, filtered(rough, lowpass(1800 + 3000 * s.force))))
    return joined(s.n, events)


def warning(s: Shape) -> Signal:
    """The same tone three times, with a nervous second beneath."""
    f = 660 * s.pitch * s.varied()
    each = 0.13 * s.stretch
    sound = (tone(f, each, "triangle") + 0.4 * tone(f * 0.75, each, "triangle")) * adsr(
        frames(each), 0.005, 0.2, 0.6, 0.04
    )
    return joined(s.n, [(k * 0.2 * s.stretch, sound) for k in range(3)])


def notification(s: Shape) -> Signal:
    """Two glass tones, a fourth or a fifth apart, the second one ringing on."""
    step = float(s.rng.choice((5, 7, 4)))
    root = 880 * s.pitch * s.varied(0.06)
    kind = "square" if s.retro else "mallet"
    first, second = (step, 0.0) if s.down else (0.0, step)
    return joined(
        s.n,
        [
            *chord_of((first,), root, 0, 0.5 * s.stretch, kind),
            *(
                (0.13 * s.stretch, x)
                for _, x in chord_of((second,), root, 0, 0.9 * s.stretch, kind)
            ),
        ],
    )


def message(s: Shape) -> Signal:
    """A bubble that pops up: two quick rising drops."""

    def drop(low: float, seconds: float) -> Signal:
        f = glide(low * s.pitch, low * 2.1 * s.pitch, seconds, 1.6)
        return tone(f, seconds) * ring(frames(seconds), seconds, 0.004)

    return joined(
        s.n,
        [
            (0, drop(480 * s.varied(), 0.09 * s.stretch)),
            (0.085 * s.stretch, drop(720 * s.varied(), 0.14 * s.stretch)),
        ],
    )


def swipe(s: Shape) -> Signal:
    """A finger that brushes over glass: a quick breath of noise that moves across."""
    return whoosh(s, 0.55)


def whoosh(s: Shape, depth: float = 1.0) -> Signal:
    """Something that rushes past: noise whose pitch and loudness rise and fall, from one side to
    the other.
    """
    n = s.n
    peak = float(s.rng.uniform(0.42, 0.58)) * n / 48_000
    end = n / 48_000
    top = (900 + 2600 * s.force) * s.pitch / depth**0.5
    centre = curve(n, (0, top * 0.22), (peak, top), (end, top * 0.3))
    air = moving(noise(n, s.rng, band(120, 11_000)), resonant_bandpass(0.75), centre)
    low = noise(n, s.rng, band(60, 300)) * np.float32(0.5 * depth * s.force)
    gain = (
        curve(n, (0, 0), (peak * 0.5, 0.18), (peak, 1), (peak + (end - peak) * 0.4, 0.35), (end, 0))
        ** 1.4
    )
    way = np.linspace(0.15, 0.85, n, dtype=np.float32) * np.float32(np.pi / 2)
    if s.rng.random() < 0.5:
        way = way[::-1]
    return ((air * 2.5 + low) * gain * np.stack([np.cos(way), np.sin(way)])).astype(np.float32)


def pop(s: Shape) -> Signal:
    """A cork or a bubble: a very short tone that shoots up."""
    seconds = 0.08 * s.stretch
    f = glide(330 * s.pitch * s.varied(), 1250 * s.pitch, seconds, 1.3)
    body = tone(f, seconds) * ring(frames(seconds), 0.07 * s.stretch, 0.002)
    return joined(s.n, [(0, body), (0, burst(0.006, 1200, 6000, s.rng) * 0.3)])


def _key(s: Shape, large: bool) -> Signal:
    """One key of a keyboard: down, bottom, up."""
    f = (1150 if large else 1900) * s.varied(0.12)
    down = struck(f, s, "plastic", 0.7)
    body = blip(190 * s.pitch * s.varied(0.1), 0.05, attack=0.001) * (0.35 if large else 0.22)
    up = struck(f * 1.4, s, "plastic", 0.22)
    gap = float(s.rng.uniform(0.05, 0.085))
    return joined(
        frames(0.2),
        [(0, down), (0.002, body), (gap, up), (0.001, burst(0.012, 2500, 9000, s.rng) * 0.18)],
    )


def typing(s: Shape) -> Signal:
    """Somebody types: uneven bursts of keys, with the space bar now and then."""
    events: Events = []
    at = 0.02
    while at < s.seconds - 0.12:
        large = s.rng.random() < 0.16
        sound = _key(s, large)
        side = float(s.rng.uniform(0.6, 1))
        events.append(
            (
                at,
                sound
                * np.array([[side], [1.6 - side]], dtype=np.float32)
                * float(s.rng.uniform(0.5, 1)),
            )
        )
        at += float(s.rng.gamma(4, 0.032)) + (0.25 if s.rng.random() < 0.07 else 0.0)
    return joined(s.n, events)


def shutter(s: Shape) -> Signal:
    """A camera: mirror up, the curtain runs, mirror down."""
    open_, close = struck(1700, s, "plastic"), struck(1250, s, "plastic", 0.8)
    run = (
        noise(frames(0.07), s.rng, band(2500, 9000), 1)[0]
        * fade(frames(0.07), 0.01, 0.03)
        * np.float32(0.9)
    )
    thud = blip(160 * s.pitch, 0.06, attack=0.001) * 0.5
    gap = 0.095 * s.stretch
    return joined(
        s.n,
        [
            (0, open_),
            (0, thud),
            (0.012, run),
            (gap, close),
            (gap, thud * 0.8),
            (gap + 0.018, struck(2100, s, "plastic", 0.4)),
        ],
    )


def buzz(s: Shape) -> Signal:
    """The wrong answer: two harsh low buzzes."""
    each = 0.24 * s.stretch
    f = 118 * s.pitch * s.varied()
    sound = (tone(f, each, "saw") + tone(f * 1.012, each, "square") * 0.6) * adsr(
        frames(each), 0.004, 1, 0.9, 0.03
    )
    sound = filtered(
        np.tanh(sound * 1.5).astype(np.float32), lowpass(2600 + 3000 * s.force), highpass(80)
    )
    return joined(s.n, [(0, sound), (each * 1.25, sound)])


def beep(s: Shape) -> Signal:
    """One plain tone."""
    seconds = 0.16 * s.stretch
    f = 1000 * s.pitch * s.varied()
    sound = tone(f, seconds, "square" if s.retro else "sine") * adsr(
        frames(seconds), 0.004, 1, 0.9, 0.03
    )
    return joined(s.n, [(0, sound)])


def countdown(s: Shape) -> Signal:
    """Three equal beeps, and a longer, higher one to go."""
    step = s.seconds / 4
    f = 660 * s.pitch
    kind = "square" if s.retro else "triangle"
    short = tone(f, step * 0.3, kind) * adsr(frames(step * 0.3), 0.004, 1, 0.8, 0.05)
    last = tone(f * 2, step * 0.85, kind) * adsr(frames(step * 0.85), 0.004, 1, 0.7, 0.2)
    return joined(s.n, [(0, short), (step, short), (2 * step, short), (3 * step, last)])


def send(s: Shape) -> Signal:
    """A message leaves: a rising breath with a light tone in it."""
    air = whoosh(s, 0.6)
    seconds = s.seconds * 0.8
    f = glide(420 * s.pitch, 1300 * s.pitch, seconds, 1.5)
    return air * 0.8 + joined(
        s.n, [(0.02, tone(f, seconds) * fade(frames(seconds), seconds * 0.4, seconds * 0.5) * 0.25)]
    )


def opening(s: Shape) -> Signal:
    """A panel unfolds (or folds): an airy sweep with a chord that blooms."""
    steps = (7, 4, 0) if s.down else (0, 4, 7)
    notes = chord_of(steps, 523 * s.pitch, 0.04 * s.stretch, 0.35 * s.stretch, "mallet")
    return whoosh(s, 0.4) * 0.35 + joined(s.n, [(at + 0.04, sound * 0.5) for at, sound in notes])


def lock(s: Shape) -> Signal:
    """A bolt: it slides, then falls into place."""
    slide = (
        noise(frames(0.07), s.rng, band(1800, 7000), 1)[0]
        * fade(frames(0.07), 0.03, 0.02)
        * np.float32(0.4)
    )
    return joined(
        s.n,
        [
            (0, struck(2600, s, "metal", 0.12)),
            (0.02, slide),
            (0.09, struck(900, s, "plastic")),
            (0.09, blip(210 * s.pitch, 0.07, attack=0.001) * 0.6),
        ],
    )


def trash(s: Shape) -> Signal:
    """Paper that is crumpled and dropped."""
    events = [
        (
            float(at),
            burst(float(s.rng.uniform(0.01, 0.04)), 1500 * s.pitch, 9000, s.rng)
            * float(s.rng.uniform(0.15, 0.7)),
        )
        for at in np.sort(s.rng.uniform(0, s.seconds * 0.7, 26))
    ]
    events.append((s.seconds * 0.75, burst(0.06, 200, 1500, s.rng) * 0.8))
    return joined(s.n, events)


def phone(s: Shape) -> Signal:
    """A ringtone: a short tune on glass bars, twice."""
    root = 659 * s.pitch
    tune = chord_of((0, 7, 4, 12, 7), root, 0.14, 0.5, "square" if s.retro else "mallet")
    half = s.seconds / 2
    return joined(s.n, [*tune, *((at + half, sound) for at, sound in tune)])


def chime(s: Shape) -> Signal:
    """Three or four bars that swing into each other, left to ring."""
    steps = s.rng.permutation(np.array([0, 4, 7, 11, 14]))[:4]
    events = [
        (k * 0.11 * s.stretch, mallet(784 * s.pitch * 2 ** (float(step) / 12), 1.4 * s.stretch))
        for k, step in enumerate(steps)
    ]
    return joined(s.n, events)
