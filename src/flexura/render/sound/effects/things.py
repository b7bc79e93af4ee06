"""Sounds of things and people: steps, doors, bells, clocks, hearts, hands."""

from __future__ import annotations

import numpy as np

from flexura.render.sound.effects.shape import (
    Events,
    Shape,
    blip,
    burst,
    glide,
    joined,
    struck,
    tone,
)
from flexura.render.sound.filters import filtered, highpass, lowpass, moving, resonant_bandpass
from flexura.render.sound.nature import scatter
from flexura.render.sound.synth import (
    Signal,
    band,
    curve,
    fade,
    frames,
    modal,
    noise,
    ring,
    sine,
    tilted,
)


def _times(s: Shape, gap: float, spread: float) -> list[float]:
    """Even times through the effect, each a little early or late; a whole number of them, for loops."""
    count = max(1, round(s.seconds / gap))
    return [k * s.seconds / count + abs(float(s.rng.normal(0, spread))) for k in range(count)]


def footsteps(s: Shape) -> Signal:
    """Somebody walks: heel, then toe, left and right, on the ground that the prompt names."""
    events: Events = []
    low, high = {"wood": (140, 1400), "metal": (300, 5000), "stone": (250, 3200)}.get(
        s.material, (120, 2200)
    )
    for k, at in enumerate(_times(s, 0.52 * s.stretch, 0.012)):
        side = 0.65 if k % 2 else 0.35
        heel = burst(0.05, low * s.pitch, high * s.pitch, s.rng, 0.001) * float(
            s.rng.uniform(0.7, 1)
        )
        toe = burst(0.07, low * 1.8, high * 1.7, s.rng, 0.012) * float(s.rng.uniform(0.25, 0.45))
        body = blip(85 * s.pitch * s.varied(0.1), 0.09, attack=0.002) * 0.7
        knock = (
            struck(480 if s.material == "wood" else 1300, s, s.material, 0.25)
            if s.material
            else np.zeros(9, np.float32)
        )
        step = joined(frames(0.4), [(0, heel), (0, body), (0, knock), (0.085, toe)])
        events.append((at, step * np.array([[1.2 - side], [0.2 + side]], dtype=np.float32)))
    return joined(s.n, events, wrap=True)


def knock(s: Shape) -> Signal:
    """Knuckles on a door, three times."""
    events: Events = []
    for k in range(3):
        panel = struck(210 * s.varied(0.04), s, "wood", 0.9)
        events.append((k * 0.21 * s.stretch, panel))
        events.append((k * 0.21 * s.stretch, blip(120 * s.pitch, 0.12, attack=0.001) * 0.8))
        events.append((k * 0.21 * s.stretch, burst(0.03, 500, 3000, s.rng) * 0.35))
    return joined(s.n, events)


def door(s: Shape) -> Signal:
    """The handle, hinges that creak, and the door that falls into its frame."""
    creak = max(0.15, s.seconds - 0.75)
    n = frames(creak)
    rate = curve(n, (0, 46), (creak * 0.4, 92), (creak, 58)) * np.float32(s.pitch)
    pulses = np.maximum(0, sine((rate * s.varied(0.1)).astype(np.float32), n)) ** 14
    wood = moving(
        pulses * noise(n, s.rng, band(300, 5000), 1)[0] * 4, resonant_bandpass(0.35), rate * 17
    )
    wood = wood * fade(n, creak * 0.3, creak * 0.25)
    shut = creak + 0.22
    thud = np.tanh(tone(glide(140 * s.pitch, 58 * s.pitch, 0.25, 0.4), 0.25) * 2) * ring(
        frames(0.25), 0.26, 0.001
    )
    return joined(
        s.n,
        [
            (0, struck(1500, s, "metal", 0.1)),
            (0.05, struck(1100, s, "plastic", 0.3)),
            (0.12, wood * 1.8),
            (shut, thud.astype(np.float32)),
            (shut, burst(0.09, 150, 2600, s.rng)),
            (shut + 0.03, struck(1300, s, "plastic", 0.5)),
        ],
    )


def slam(s: Shape) -> Signal:
    """A door that is slammed, and the room's answer."""
    thud = np.tanh(tone(glide(160 * s.pitch, 48 * s.pitch, 0.35, 0.4), 0.35) * 3) * ring(
        frames(0.35), 0.36, 0.001
    )
    tail = noise(s.n, s.rng, tilted(100, 3000, -0.4)) * ring(s.n, s.seconds * 0.7, 0.01) * 0.7
    return (
        joined(
            s.n,
            [
                (0, thud.astype(np.float32)),
                (0, burst(0.12, 120, 4500, s.rng) * 1.2),
                (0.02, struck(900, s, "plastic", 0.6)),
            ],
        )
        + tail
    )


def clock(s: Shape) -> Signal:
    """Tick and tock."""
    gap = 0.5 * s.stretch
    count = max(1, round(s.seconds / gap / 2)) * 2
    events: Events = []
    for k in range(count):
        f = 2500 if k % 2 == 0 else 2050
        tick = struck(f, s, "plastic", 0.8)
        events += [
            (k * s.seconds / count, tick),
            (k * s.seconds / count + 0.018, struck(f * 0.55, s, "wood", 0.25)),
        ]
    return joined(s.n, events, wrap=True)


def heartbeat(s: Shape) -> Signal:
    """Lub-dub, felt more than heard."""
    events: Events = []
    for at in _times(s, 0.86 * s.stretch, 0.004):
        for delay, f, level in ((0.0, 62.0, 1.0), (0.24 * s.stretch, 74.0, 0.7)):
            pitch = glide(f * 1.5 * s.pitch, f * s.pitch, 0.2, 0.4)
            beat = np.tanh(tone(pitch, 0.2) * 1.6) * ring(frames(0.2), 0.2, 0.008)
            skin = filtered(burst(0.06, 90, 420, s.rng, 0.006), lowpass(500)) * 0.5
            events += [(at + delay, beat.astype(np.float32) * level), (at + delay, skin * level)]
    return joined(s.n, events, wrap=True)


def applause(s: Shape) -> Signal:
    """A full hall: hundreds of pairs of hands, swelling and ebbing."""
    hands = [
        burst(float(s.rng.uniform(0.012, 0.03)), f, f * 3.2, s.rng, 0.0006)
        for f in s.rng.uniform(650, 1700, 9)
    ]
    near = scatter(s.n, s.rng, 60 + 90 * s.force, hands, 0.7)
    far = scatter(s.n, s.rng, 420, hands, 0.4)
    far = filtered(far, lowpass(3200), wrap=True) * 0.35
    hall = noise(s.n, s.rng, tilted(500, 3500, -0.3)) * np.float32(0.35)
    return near * 0.5 + far + hall


def bell(s: Shape) -> Signal:
    """A cast bell: hum, prime, minor third, fifth, octave, and a clang that is over first."""
    f = 415 * s.pitch * s.varied(0.05)
    ratios = np.array([0.5, 1, 1.19, 1.5, 2, 2.5, 2.67, 3.01, 4.17, 5.43, 6.8], np.float32)
    levels = np.array([0.28, 0.36, 0.3, 0.14, 0.36, 0.1, 0.1, 0.14, 0.1, 0.06, 0.04], np.float32)
    lives = np.array(
        [1, 0.75, 0.6, 0.42, 0.4, 0.24, 0.2, 0.18, 0.12, 0.08, 0.05], np.float32
    ) * np.float32(s.seconds * 1.1)
    left = modal(s.n, ratios * np.float32(f), lives, levels)
    right = modal(s.n, ratios * np.float32(f * 1.0006), lives, levels, 0.05)
    return np.stack([left, right]) * fade(s.n, 0.001, s.seconds * 0.25) + joined(
        s.n, [(0, burst(0.03, 1500, 8000, s.rng) * 0.3)]
    )


def desk_bell(s: Shape) -> Signal:
    """The little bell of a counter: high, bright, one stroke (or a doorbell's two)."""
    f = 2093 * s.pitch
    ratios = np.array([1, 2.02, 2.74, 4.1, 5.2], np.float32)
    lives = np.array([1.6, 0.9, 0.7, 0.3, 0.2], np.float32) * np.float32(s.stretch)
    body = modal(
        s.n, ratios * np.float32(f), lives, np.array([0.4, 0.2, 0.14, 0.08, 0.05], np.float32)
    )
    return joined(
        s.n, [(0, body * fade(s.n, 0.0005, 0.05)), (0, burst(0.006, 4000, 12_000, s.rng) * 0.3)]
    )


def door_bell(s: Shape) -> Signal:
    """Ding, dong."""

    def bar(f: float) -> Signal:
        n = frames(1.5 * s.stretch)
        ratios, lives = np.array([1, 2.0, 3.98], np.float32), np.array([1.4, 0.7, 0.2], np.float32)
        return modal(
            n,
            ratios * np.float32(f * s.pitch),
            lives * np.float32(s.stretch),
            np.array([0.6, 0.15, 0.07], np.float32),
        ) * fade(n, 0.002, 0.1)

    return joined(s.n, [(0, bar(659.3)), (0.5 * s.stretch, bar(523.3))])


def glass_break(s: Shape) -> Signal:
    """A pane that bursts: the blow, then shards that ring and fall."""
    shard = Shape(s.rng, s.seconds, 0.5, s.pitch, 0.9, material="glass")
    events: Events = [
        (0, burst(0.07, 1500, 12_000, s.rng) * 1.3),
        (0, burst(0.05, 200, 1500, s.rng) * 0.7),
    ]
    for at in s.rng.exponential(s.seconds * 0.17, 42):
        if at < s.seconds * 0.9:
            side = float(s.rng.random())
            piece = struck(
                float(s.rng.uniform(1400, 5200)), shard, "glass", float(s.rng.uniform(0.06, 0.3))
            )
            events.append((float(at), np.stack([piece * side, piece * (1 - side)])))
    return joined(s.n, events)


def paper(s: Shape) -> Signal:
    """A page that is turned."""
    n = s.n
    slide = moving(
        noise(n, s.rng, band(900, 12_000)),
        resonant_bandpass(1.1),
        curve(n, (0, 1800), (s.seconds * 0.6, 4800), (s.seconds, 2400)),
    )
    gain = (
        curve(
            n,
            (0, 0),
            (s.seconds * 0.3, 0.35),
            (s.seconds * 0.62, 1),
            (s.seconds * 0.75, 0.25),
            (s.seconds, 0),
        )
        ** 1.3
    )
    flaps = [
        (float(t), burst(0.02, 900, 7000, s.rng) * 0.4)
        for t in s.rng.uniform(s.seconds * 0.4, s.seconds * 0.75, 7)
    ]
    return slide * gain * 2 + joined(n, flaps)


def register(s: Shape) -> Signal:
    """The till: keys, the bell, the drawer, coins."""
    ding = desk_bell(Shape(s.rng, s.seconds, 0.8, s.pitch))
    drawer = noise(frames(0.16), s.rng, band(250, 3500), 1)[0] * fade(frames(0.16), 0.08, 0.03)
    coins = [
        (0.5 + 0.05 * k, struck(float(s.rng.uniform(3000, 5200)), s, "metal", 0.06))
        for k in range(5)
    ]
    rolled = [
        (at, sound[: frames(0.25)] * fade(len(sound[: frames(0.25)]), 0, 0.15))
        for at, sound in coins
    ]
    return (
        joined(
            s.n,
            [
                (0, struck(900, s, "plastic")),
                (0.06, struck(700, s, "plastic", 0.7)),
                (0.24, drawer),
                (0.4, burst(0.05, 150, 1800, s.rng)),
                *rolled,
            ],
        )
        + np.roll(ding, frames(0.18), axis=-1) * 0.6
    )


def keys(s: Shape) -> Signal:
    """A bunch of keys that is shaken."""
    events: Events = []
    for at in np.sort(s.rng.uniform(0, s.seconds * 0.85, max(6, int(26 * s.seconds)))):
        ping = struck(
            float(s.rng.uniform(2600, 6200)),
            Shape(s.rng, s.seconds, 0.12, s.pitch, 0.8),
            "metal",
            float(s.rng.uniform(0.1, 0.5)),
        )
        events.append((float(at), ping))
    return joined(s.n, events)


def drum_roll(s: Shape) -> Signal:
    """A snare roll that grows, and a cymbal at its end."""
    wires = burst(0.09, 1200, 9000, s.rng) + np.pad(
        blip(190, 0.08), (0, frames(0.09) - frames(0.08))
    )
    end = s.seconds * 0.8
    count = int(end * 26)
    strokes = [
        (end * k / count, wires * float((0.25 + 0.6 * k / count) * s.rng.uniform(0.8, 1)))
        for k in range(count)
    ]
    crash = noise(frames(s.seconds - end), s.rng, band(2500, 13_000)) * ring(
        frames(s.seconds - end), s.seconds * 0.25, 0.002
    )
    return joined(s.n, [*strokes, (end, crash * 1.8), (end, blip(60, 0.2) * 0.8)])


def breath(s: Shape) -> Signal:
    """In, and out."""
    n = s.n
    half = s.seconds / 2
    air = moving(
        noise(n, s.rng, band(250, 7000)),
        resonant_bandpass(0.8),
        curve(n, (0, 900), (half * 0.7, 1900), (half, 1200), (s.seconds, 600)),
    )
    return (
        air
        * curve(n, (0, 0), (half * 0.6, 0.7), (half * 0.95, 0.05), (half * 1.25, 1), (s.seconds, 0))
        ** 1.4
    )


def whistle(s: Shape) -> Signal:
    """A referee's whistle, with its rattling pea."""
    n = s.n
    trill = 1 + 0.035 * np.sign(sine(34.0, n)) * 0.7
    f = (
        2350
        * s.pitch
        * trill
        * curve(n, (0, 0.9), (0.03, 1), (s.seconds - 0.04, 1), (s.seconds, 0.85))
    ).astype(np.float32)
    air = noise(n, s.rng, band(1800, 9000), 1)[0] * np.float32(0.25)
    sound = (sine(f, n) + 0.25 * sine((f * 2.01).astype(np.float32), n)) * (
        0.75 + 0.25 * sine(34.0, n)
    ) + air
    return joined(
        n, [(0, filtered((sound * fade(n, 0.01, 0.05)).astype(np.float32), highpass(800)) * 0.6)]
    )
