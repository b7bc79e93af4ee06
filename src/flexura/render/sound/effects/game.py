"""Sounds of games: coins, jumps, lasers, explosions, magic, fanfares."""

from __future__ import annotations

import numpy as np

from flexura.render.sound.effects.interface import whoosh
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
from flexura.render.sound.filters import filtered, highpass, lowpass, moving, resonant_lowpass
from flexura.render.sound.synth import (
    Signal,
    adsr,
    band,
    curve,
    fade,
    frames,
    noise,
    ramp,
    ring,
    sine,
    tilted,
)


def coin(s: Shape) -> Signal:
    """Two square tones, a fourth apart, the second one ringing: the classic."""
    f = 988 * s.pitch * s.varied(0.04)
    kind = "square" if s.retro or not s.material else "mallet"
    first = tone(f, 0.075 * s.stretch, "square") * np.float32(0.6)
    rest = 0.5 * s.stretch
    second = tone(f * 4 / 3, rest, "square") * ring(frames(rest), rest, 0.001) * np.float32(0.6)
    if kind == "mallet":
        return joined(s.n, [(0, struck(2400, s, "metal")), (0.06, struck(3150, s, "metal"))])
    shine = mallet(f * 8 / 3, rest) * 0.3
    return joined(
        s.n,
        [
            (0, first * fade(len(first), 0.001, 0.004)),
            (0.075 * s.stretch, second),
            (0.075 * s.stretch, shine),
        ],
    )


def pickup(s: Shape) -> Signal:
    """Something collected: a quick rising third."""
    return joined(
        s.n,
        chord_of(
            (0, 4, 11),
            880 * s.pitch * s.varied(0.05),
            0.05 * s.stretch,
            0.22 * s.stretch,
            "square" if s.retro else "mallet",
        ),
    )


def power_up(s: Shape) -> Signal:
    """An arpeggio that climbs by octaves while its filter opens."""
    steps = [0, 4, 7, 12, 16, 19, 24, 28, 31, 36][: max(4, round(s.seconds / 0.075))]
    gap = s.seconds * 0.8 / len(steps)
    events = chord_of(steps, 262 * s.pitch * s.varied(0.05), gap, gap * 2.2, "pulse")
    shimmer = whoosh(s, 0.4) * 0.25
    return joined(s.n, [(at, x * 0.6) for at, x in events]) + (0 if s.retro else shimmer)


def jump(s: Shape) -> Signal:
    """A hop: a square tone that slides up."""
    seconds = min(s.seconds, 0.26 * s.stretch)
    f = glide(210 * s.pitch * s.varied(), 640 * s.pitch, seconds, 0.7)
    return joined(
        s.n,
        [
            (
                0,
                tone(f, seconds, "square" if s.retro else "triangle")
                * ring(frames(seconds), seconds * 1.3, 0.004),
            )
        ],
    )


def laser(s: Shape) -> Signal:
    """A shot of light: a saw that falls three octaves at once, with a bite at the front."""
    seconds = min(s.seconds, 0.38 * s.stretch)
    f = glide(2900 * s.pitch * s.varied(), 170 * s.pitch, seconds, 0.45)
    beam = tone(f, seconds, "square" if s.retro else "saw") * ring(
        frames(seconds), seconds * 1.1, 0.001
    )
    twin = tone((f * 1.013).astype(np.float32), seconds, "saw") * ring(
        frames(seconds), seconds * 0.9, 0.001
    )
    snap = burst(0.02, 2500, 11_000, s.rng) * 0.5
    return joined(s.n, [(0, np.stack([beam + 0.3 * twin, 0.3 * beam + twin])), (0, snap)])


def zap(s: Shape) -> Signal:
    """Electricity: a buzz that is torn by random gaps, and sparks."""
    n = s.n
    buzz = np.sign(sine(110 * s.pitch, n)) * noise(n, s.rng, band(800, 9000), 1)[0]
    gates = np.repeat((s.rng.random(n // 380 + 1) < 0.62).astype(np.float32), 380)[:n]
    gates = np.convolve(gates, np.hanning(65) / 32, "same").astype(np.float32)
    sparks = [
        (float(t), burst(0.015, 3000, 12_000, s.rng))
        for t in s.rng.uniform(0, s.seconds * 0.9, int(14 * s.seconds) + 4)
    ]
    return joined(n, [(0, buzz * gates * 2 * fade(n, 0.002, min(0.1, s.seconds / 4))), *sparks])


def explosion(s: Shape) -> Signal:
    """A blast: a crack, a pressure wave that drops to the floor, and rubble that rolls out."""
    n = s.n
    end = s.seconds
    cutoff = curve(n, (0, 7000), (0.06, 2600), (end * 0.3, 650), (end, 120)) * np.float32(s.pitch)
    roar = moving(noise(n, s.rng, tilted(25, 9000, -0.35)), resonant_lowpass(0.3), cutoff)
    if s.retro:
        step = 14
        roar = np.repeat(noise(n // step + 1, s.rng, band(20, 20_000)), step, axis=-1)[:, :n]
    roar *= np.exp(-ramp(n) * np.float32(4.2 / end)) * fade(n, 0.002, end * 0.2)
    low = glide(115 * s.pitch, 30 * s.pitch, min(end, 1.1), 0.4)
    boom = np.tanh(tone(low, min(end, 1.1)) * 2) * ring(frames(min(end, 1.1)), min(end, 1.1), 0.002)
    debris = [
        (
            float(at),
            burst(float(s.rng.uniform(0.01, 0.05)), 400, 5000, s.rng)
            * float(s.rng.uniform(0.04, 0.2)),
        )
        for at in s.rng.uniform(0.15 * end, end * 0.8, 24)
    ]
    out = np.tanh(roar * 4.5).astype(np.float32) * np.float32(0.8)
    return out + joined(
        n,
        [
            (0, boom.astype(np.float32) * 0.8),
            (0, burst(0.05, 900, 9000, s.rng) * 0.7),
            *([] if s.retro else debris),
        ],
    )


def hit(s: Shape) -> Signal:
    """A blow: a low thud, a slap of skin or wood, a little air before it."""
    f = glide(190 * s.pitch * s.varied(), 52 * s.pitch, 0.16 * s.stretch, 0.4)
    thud = np.tanh(tone(f, 0.16 * s.stretch) * (1 + 2 * s.force)) * ring(
        len(f), 0.18 * s.stretch, 0.001
    )
    slap = burst(0.045 * s.stretch, 350 * s.pitch, 3200 * s.pitch, s.rng) * np.float32(
        0.5 + 0.5 * s.force
    )
    extra = [(0, struck(700, s, s.material))] if s.material else []
    return joined(s.n, [(0, thud.astype(np.float32)), (0, slap), *extra])


def impact(s: Shape) -> Signal:
    """A cinematic boom: a very low drop with a long dark room."""
    n = s.n
    f = glide(95 * s.pitch, 27 * s.pitch, s.seconds, 0.35)
    boom = np.tanh(tone(f, s.seconds) * 1.8) * ring(n, s.seconds * 1.1, 0.003)
    room = noise(n, s.rng, tilted(60, 3500, -0.5)) * ring(n, s.seconds * 0.9, 0.004)
    return (
        boom.astype(np.float32) * 0.8
        + room * 1.2
        + joined(n, [(0, burst(0.08, 150, 4000, s.rng) * 0.8)])
    )


def level_up(s: Shape) -> Signal:
    """A small fanfare: four quick notes and a chord that stays."""
    kind = "pulse" if s.retro else "mallet"
    root = 523 * s.pitch * s.varied(0.05)
    run = chord_of((0, 4, 7, 12), root, 0.09 * s.stretch, 0.3 * s.stretch, kind)
    last = [
        (0.4 * s.stretch, x)
        for step in (4, 7, 12, 16)
        for _, x in chord_of((step,), root, 0, 1.0 * s.stretch, kind)
    ]
    return joined(s.n, [*run, *((at, x * 0.55) for at, x in last)])


def game_over(s: Shape) -> Signal:
    """Four notes that sink, the last one long and sagging."""
    root = 392 * s.pitch
    each = s.seconds / 5.5
    events: Events = []
    for k, step in enumerate((0, -1, -2)):
        events.append(
            (
                k * each,
                tone(root * 2 ** (step / 12), each * 0.9, "square" if s.retro else "triangle")
                * adsr(frames(each * 0.9), 0.005, 1, 0.7, each * 0.3),
            )
        )
    long = each * 2.4
    f = (
        root
        * 2 ** (-3 / 12)
        * (1 - 0.06 * np.linspace(0, 1, frames(long)) ** 2)
        * (1 + 0.008 * sine(5.5, frames(long)))
    )
    events.append(
        (
            3 * each,
            tone(f.astype(np.float32), long, "square" if s.retro else "triangle")
            * adsr(frames(long), 0.005, 2, 0.7, long * 0.5),
        )
    )
    return joined(s.n, events)


def sparkle(s: Shape) -> Signal:
    """Magic: many tiny bells that rise and scatter from side to side, over a breath of air."""
    count = max(10, round(22 * s.seconds))
    scale = np.array([0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24])
    events: Events = []
    for k in range(count):
        at = s.seconds * 0.72 * (k / count) ** 0.8
        step = scale[min(len(scale) - 1, int(len(scale) * k / count + s.rng.integers(0, 3)))]
        side = float(s.rng.uniform(0, 1))
        bell = mallet(1319 * s.pitch * 2 ** (float(step) / 12), 0.5) * float(
            s.rng.uniform(0.2, 0.6)
        )
        events.append(
            (at + float(s.rng.uniform(0, 0.03)), np.stack([bell * (1 - side), bell * side]))
        )
    return joined(s.n, events) + whoosh(s, 0.3) * 0.18


def teleport(s: Shape) -> Signal:
    """A body comes apart: a tone that spirals up under ring modulation, then a rush away."""
    n = s.n
    t = np.linspace(0, 1, n, dtype=np.float32)
    carrier = (180 * s.pitch * (1 + 9 * t**2)).astype(np.float32)
    wobble = sine((6 + 40 * t**2).astype(np.float32), n)
    sides = [
        sine((carrier * side * (1 + 0.04 * wobble)).astype(np.float32), n) * (0.6 + 0.4 * wobble)
        for side in (1.0, 1.02)
    ]
    gain = np.abs(np.sin(np.pi * t**0.8)) ** 0.8
    return (
        (np.stack(sides) * gain * 0.6).astype(np.float32) + whoosh(s, 0.7) * 0.6 + sparkle(s) * 0.25
    )


def shield(s: Shape) -> Signal:
    """A field of force: a humming fifth that swells and dies."""
    n = s.n
    hum = tone(110 * s.pitch, s.seconds, "saw") + tone(165.4 * s.pitch, s.seconds, "saw")
    cutoff = curve(n, (0, 300), (s.seconds * 0.3, 3200), (s.seconds, 250))
    body = moving(np.stack([hum, hum]), resonant_lowpass(1.2), cutoff) * fade(
        n, s.seconds * 0.25, s.seconds * 0.6
    )
    return body.astype(np.float32) + whoosh(s, 0.5) * 0.3


def hurt(s: Shape) -> Signal:
    """Damage taken: a rough tone that falls, and a slap."""
    seconds = min(s.seconds, 0.28 * s.stretch)
    f = glide(420 * s.pitch * s.varied(), 110 * s.pitch, seconds, 0.7)
    return joined(
        s.n,
        [
            (0, tone(f, seconds, "saw") * ring(frames(seconds), seconds, 0.002) * 0.7),
            (0, burst(0.09, 300, 4000, s.rng) * 0.8),
        ],
    )


def sword(s: Shape) -> Signal:
    """A blade: a fast whoosh, then steel that sings."""
    steel = Shape(s.rng, s.seconds, s.stretch * 1.3, s.pitch, 0.9, material="metal")
    air = whoosh(Shape(s.rng, 0.24 * s.stretch, 1, 1.5 * s.pitch, 0.8), 0.5)
    return joined(
        s.n,
        [
            (0, air * 0.7),
            (0.13 * s.stretch, struck(1850, steel, "metal", 0.8)),
            (0.13 * s.stretch, struck(2710, steel, "metal", 0.5)),
        ],
    )


def shot(s: Shape) -> Signal:
    """A gun: a crack that is over at once, a thump, and its echo."""
    crack = burst(0.05, 500 * s.pitch, 11_000, s.rng, 0.0001) * 1.4
    f = glide(260 * s.pitch, 55 * s.pitch, 0.15, 0.35)
    thump = np.tanh(tone(f, 0.15) * 2) * ring(len(f), 0.15, 0.0005)
    tail = (
        noise(s.n, s.rng, tilted(120, 3500, -0.4))
        * ring(s.n, s.seconds * 0.8, 0.01)
        * np.float32(0.8)
    )
    return np.tanh(joined(s.n, [(0, crack), (0, thump.astype(np.float32))]) + tail).astype(
        np.float32
    )


def riser(s: Shape) -> Signal:
    """Tension: noise and a chord of saws that climb until they stop."""
    n = s.n
    t = np.linspace(0, 1, n, dtype=np.float32)
    air = moving(
        noise(n, s.rng, band(100, 14_000)),
        resonant_lowpass(1.5),
        (150 * 70**t).astype(np.float32) * np.float32(s.pitch),
    )
    f = (90 * s.pitch * 4**t).astype(np.float32)
    saws = np.stack(
        [
            tone(f, s.seconds, "saw") + tone((f * 1.498).astype(np.float32), s.seconds, "saw"),
            tone((f * 1.007).astype(np.float32), s.seconds, "saw")
            + tone((f * 1.509).astype(np.float32), s.seconds, "saw"),
        ]
    )
    return (
        (air * 1.6 + filtered(saws, lowpass(3500), highpass(120)) * 0.35)
        * t**1.6
        * fade(n, 0.01, 0.015)
    ).astype(np.float32)


def glitch(s: Shape) -> Signal:
    """A machine that stumbles: snippets of tone and noise, repeated, cut and crushed."""
    events: Events = []
    at = 0.0
    while at < s.seconds - 0.02:
        length = float(s.rng.choice((0.012, 0.02, 0.035, 0.06)))
        pick = s.rng.random()
        if pick < 0.45:
            grain = (
                tone(float(s.rng.choice((110, 220, 880, 1760, 3520))) * s.pitch, length, "square")
                * 0.5
            )
        elif pick < 0.8:
            grain = burst(length, float(s.rng.uniform(200, 3000)), 11_000, s.rng) * 0.6
        else:
            grain = np.zeros(frames(length), dtype=np.float32)
        side = float(s.rng.uniform(0.2, 1))
        grain = np.stack([grain * side, grain * (1.2 - side)]) * fade(len(grain), 0.0004, 0.001)
        for _ in range(int(s.rng.integers(1, 6))):
            events.append((at, grain))
            at += length
    return joined(s.n, [event for event in events if event[0] < s.seconds - 0.07])


def robot(s: Shape) -> Signal:
    """A friendly machine that says something: tones that hop and slide, through a ring modulator."""
    events: Events = []
    at = 0.0
    while at < s.seconds - 0.12:
        length = float(s.rng.uniform(0.05, 0.16))
        start = float(s.rng.uniform(500, 1900)) * s.pitch
        f = glide(start, start * float(s.rng.choice((0.6, 0.8, 1.0, 1.3, 1.9))), length)
        voice = tone(f, length, "pulse") * (0.7 + 0.3 * sine(62.0, frames(length)))
        events.append((at, voice * fade(frames(length), 0.004, 0.01) * 0.6))
        at += length + float(s.rng.choice((0.0, 0.02, 0.05)))
    return joined(s.n, events)


def heal(s: Shape) -> Signal:
    """Life comes back: a warm chord that opens upwards, with sparkles."""
    notes = chord_of((0, 7, 12, 16, 19), 392 * s.pitch, s.seconds * 0.09, s.seconds * 0.7, "mallet")
    return joined(s.n, [(at, x * 0.6) for at, x in notes]) + sparkle(s) * 0.35


def dash(s: Shape) -> Signal:
    """A sudden burst of speed."""
    return whoosh(s, 1.2) + joined(s.n, [(0, blip(95 * s.pitch, 0.2) * 0.5)])
