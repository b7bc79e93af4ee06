"""Sounds of machines and signals: engines, sirens, alarms, fans, radios."""

from __future__ import annotations

import numpy as np

from flexura.render.sound.effects.shape import Events, Shape, burst, joined, struck, tone
from flexura.render.sound.filters import filtered, highpass, lowpass, moving, resonant_bandpass
from flexura.render.sound.nature import scatter
from flexura.render.sound.synth import (
    RATE,
    Signal,
    adsr,
    band,
    curve,
    drift,
    fade,
    frames,
    noise,
    oscillate,
    phases,
    ring,
    saw_harmonics,
    sine,
    table,
    tilted,
)


def whole(f: float, n: int) -> float:
    """The frequency next to f that makes a whole number of turns in n samples, so that it loops."""
    return max(1.0, round(f * n / RATE)) * RATE / n


def engine(s: Shape) -> Signal:
    """Four cylinders that fire in turn, exhaust and gears; it breathes a little, and it loops."""
    n = s.n
    base = whole(27 * s.pitch, n)
    wander = drift(n, s.rng, 1.2, -0.5, 0.5)
    turns = np.arange(n) * (base / RATE) + 0.02 * (wander - wander[0])
    fire = (turns * 4) % 4
    strength = np.array([1.0, 0.82, 0.94, 0.78])[fire.astype(int) % 4]
    pulse = np.exp(-(fire % 1) * 5.5) * strength
    rough = noise(n, s.rng, tilted(60, 2600, -0.3), 1)[0] * pulse * (1.5 + 2 * s.force)
    tone_ = oscillate(table(saw_harmonics(base * 4, 260 + 500 * s.force)), turns * 4)
    whine = oscillate(table(np.array([1, 0.3, 0.2], np.float32)), turns * 23) * np.float32(0.05)
    body = np.tanh(rough + tone_ * 0.7 + whine).astype(np.float32)
    other = np.roll(body, frames(0.004))
    return filtered(
        np.stack([body, 0.7 * body + 0.3 * other]),
        lowpass(1800 + 3000 * s.force),
        highpass(35),
        wrap=True,
    )


def siren(s: Shape) -> Signal:
    """A wail that goes up and down, on a horn loudspeaker."""
    n = s.n
    cycles = max(1, round(s.seconds / (2.4 * s.stretch)))
    sweep = 0.5 - 0.5 * np.cos(2 * np.pi * cycles * np.arange(n) / n)
    f = 560 * (1350 / 560) ** sweep * s.pitch
    turns = np.cumsum(f) / RATE
    turns *= max(1, round(turns[-1])) / turns[-1]
    wave = oscillate(table(saw_harmonics(1350 * s.pitch, 4500)), turns)
    return _horn(wave)


def _horn(wave: Signal) -> Signal:
    """The narrow band of an outdoor loudspeaker, with one echo from the houses opposite."""
    out = filtered(np.tanh(wave * 1.6).astype(np.float32), highpass(420), lowpass(3800), wrap=True)
    late = np.roll(out, frames(0.09))
    return np.stack([out + 0.2 * late, out + 0.2 * np.roll(late, frames(0.023))]) * np.float32(0.7)


def alarm(s: Shape) -> Signal:
    """Two tones in turn, urgent."""
    gap = 0.25 * s.stretch
    count = max(2, 2 * round(s.seconds / gap / 2))
    each = s.seconds / count
    events: Events = []
    for k in range(count):
        f = (980 if k % 2 == 0 else 760) * s.pitch
        events.append(
            (
                k * each,
                tone(f, each, "square") * adsr(frames(each), 0.004, 1, 0.9, 0.02) * np.float32(0.6),
            )
        )
    return filtered(joined(s.n, events), lowpass(5200), wrap=True)


def alarm_clock(s: Shape) -> Signal:
    """Four beeps, a pause, four beeps."""
    groups = max(1, round(s.seconds / 1.0))
    beep = tone(2050 * s.pitch, 0.07, "square") * fade(frames(0.07), 0.003, 0.006) * np.float32(0.5)
    return joined(
        s.n,
        [(g * s.seconds / groups + k * 0.125, beep) for g in range(groups) for k in range(4)],
        wrap=True,
    )


def reversing(s: Shape) -> Signal:
    """A lorry that backs up."""
    count = max(1, round(s.seconds / 1.0))
    beep = tone(1150 * s.pitch, 0.48, "square") * fade(frames(0.48), 0.006, 0.02) * np.float32(0.5)
    return filtered(
        joined(s.n, [(k * s.seconds / count, beep) for k in range(count)], wrap=True),
        lowpass(4000),
        wrap=True,
    )


def helicopter(s: Shape) -> Signal:
    """Blades that beat the air, and a turbine above."""
    n = s.n
    beat = whole(11.5 * s.pitch, n)
    chop = np.maximum(0, sine(beat, n)) ** 3
    air = noise(n, s.rng, tilted(50, 1500, -0.5)) * (0.15 + chop) * np.float32(2.2)
    turbine = sine(whole(1180 * s.pitch, n), n) * np.float32(0.03) + noise(
        n, s.rng, band(900, 4500)
    ) * np.float32(0.08)
    return air + turbine


def fan(s: Shape) -> Signal:
    """A fan or a drone: air, blades and the hum of the motor."""
    n = s.n
    blades = whole(96 * s.pitch, n)
    hum = oscillate(
        table(np.array([1, 0.5, 0.6, 0.2, 0.3, 0.1, 0.1], np.float32)), phases(blades, n)
    ) * np.float32(0.14)
    air = noise(n, s.rng, tilted(150, 6000, -0.45)) * (
        1 + 0.25 * sine(blades / round(blades / 12), n)
    )
    return air + hum


def machine(s: Shape) -> Signal:
    """A press in a factory: strokes of a piston, steam, a turning shaft."""
    n = s.n
    count = max(1, round(s.seconds / (0.75 * s.stretch)))
    events: Events = []
    for k in range(count):
        at = k * s.seconds / count
        events += [
            (at, struck(310, s, "metal", 0.35)[: frames(0.5)]),
            (at, burst(0.08, 90, 1500, s.rng)),
            (at + 0.33 * s.seconds / count, burst(0.22, 2500, 9000, s.rng, 0.05) * 0.35),
            (at + 0.6 * s.seconds / count, struck(640, s, "plastic", 0.5)),
        ]
    shaft = noise(n, s.rng, tilted(40, 500, -0.4)) * np.float32(0.4)
    return joined(n, events, wrap=True) + shaft


def static(s: Shape) -> Signal:
    """A radio between stations."""
    n = s.n
    hiss = noise(n, s.rng, band(400, 7000)) * drift(n, s.rng, 0.5, 0.4, 1.0)
    tuning = (
        moving(
            noise(n, s.rng, band(300, 5000)),
            resonant_bandpass(0.12),
            drift(n, s.rng, 0.9, 500, 2600),
        )
        * 1.5
    )
    cracks = scatter(
        n, s.rng, 14, [burst(0.006, 900, 9000, s.rng), burst(0.012, 500, 6000, s.rng)], 1.0
    )
    return hiss + tuning + cracks


def computer(s: Shape) -> Signal:
    """A thinking machine of the films: quick quiet beeps over a hum."""
    n = s.n
    count = max(1, int(s.seconds * 9))
    scale = np.array([0, 3, 5, 7, 10, 12, 15])
    events: Events = []
    for k in range(count):
        if s.rng.random() < 0.7:
            f = 1047 * s.pitch * 2 ** (float(s.rng.choice(scale)) / 12)
            side = float(s.rng.uniform(0.3, 0.7))
            beep = tone(f, 0.06, "square") * fade(frames(0.06), 0.002, 0.02) * np.float32(0.3)
            events.append((k * s.seconds / count, np.stack([beep * side, beep * (1 - side)])))
    return joined(n, events, wrap=True) + noise(n, s.rng, tilted(60, 400, -0.5)) * np.float32(0.12)


def train(s: Shape) -> Signal:
    """Wheels over rail joints: two and two, with the roll of the carriage."""
    n = s.n
    count = max(1, round(s.seconds / (0.8 * s.stretch)))
    events: Events = []
    for k in range(count):
        for delay, level in ((0, 1.0), (0.1, 0.8), (0.32, 0.9), (0.42, 0.7)):
            events.append(
                (
                    k * s.seconds / count + delay * s.stretch,
                    burst(0.09, 90, 1800, s.rng) * np.float32(level),
                )
            )
            events.append(
                (
                    k * s.seconds / count + delay * s.stretch,
                    struck(700, s, "metal", 0.06)[: frames(0.2)] * fade(frames(0.2), 0, 0.1),
                )
            )
    roll = noise(n, s.rng, tilted(40, 2500, -0.5)) * drift(n, s.rng, 1.0, 0.5, 0.8)
    return joined(n, events, wrap=True) * 0.8 + roll


def car_pass(s: Shape) -> Signal:
    """A car drives by: it nears, its pitch falls, it is gone."""
    n = s.n
    t = np.linspace(-1, 1, n)
    near = 1 / (1 + (t * 5.5) ** 2)
    speed = 1 - 0.055 * np.tanh(t * 6)
    motor = oscillate(
        table(saw_harmonics(92.0, 700)), np.cumsum(92 * s.pitch * speed) / RATE
    ) * np.float32(0.35)
    tyres = moving(
        noise(n, s.rng, tilted(150, 6000, -0.4)),
        resonant_bandpass(1.6),
        (1100 * speed * (0.5 + near)).astype(np.float32),
    )
    angle = (np.tanh(t * 3) + 1) * np.pi / 4
    sides = np.stack([np.cos(angle), np.sin(angle)])
    return (
        (tyres * 1.6 + motor) * near * sides * fade(n, s.seconds * 0.15, s.seconds * 0.2)
    ).astype(np.float32)


def horn(s: Shape) -> Signal:
    """A car's horn: two reeds a third apart."""
    n = s.n
    pair = tone(415 * s.pitch, s.seconds, "saw") + tone(523 * s.pitch, s.seconds, "saw")
    sound = filtered(np.tanh(pair).astype(np.float32), highpass(280), lowpass(4200)) * adsr(
        n, 0.02, 1, 0.95, 0.06
    )
    return joined(n, [(0, sound)])


def start_up(s: Shape) -> Signal:
    """A device wakes: a low swell, then a wide bright chord."""
    n = s.n
    events: Events = []
    for k, step in enumerate((-12, 0, 7, 12, 16, 23)):
        f = 220 * s.pitch * 2 ** (step / 12)
        each = s.seconds * (1 - 0.06 * k)
        swell = tone(f, each, "triangle") * curve(
            frames(each), (0, 0), (each * 0.25, 0.4), (each * 0.5, 0.3), (each, 0)
        )
        side = 0.3 + 0.4 * (k % 2)
        events.append((s.seconds * 0.05 * k, np.stack([swell * side, swell * (1 - side)])))
    steps = events[::-1] if s.down else events
    return joined(n, steps) + noise(n, s.rng, band(3000, 12_000)) * ring(
        n, s.seconds, s.seconds * 0.25
    ) * np.float32(0.06)
