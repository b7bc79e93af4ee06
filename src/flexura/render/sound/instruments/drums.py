"""Drum kits: each stroke is made once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from flexura.render.sound.filters import filtered, highpass, lowpass
from flexura.render.sound.notes import (
    CLAP,
    CLOSED,
    CRASH,
    HIGH_TOM,
    IMPACT,
    KICK,
    LOW_TOM,
    MID_TOM,
    OPEN,
    PEDAL,
    RIDE,
    RIM,
    RISER,
    SHAKER,
    SNARE,
    TAMBOURINE,
)
from flexura.render.sound.synth import (
    Signal,
    band,
    curve,
    fade,
    frames,
    modal,
    noise,
    ramp,
    ring,
    sine,
)


@dataclass(frozen=True)
class Kit:
    """How a kit is tuned: kick and snare pitch (Hz), how long they ring, brightness of metal, grit 0..1."""

    kick: float = 50.0
    kick_life: float = 0.35
    click: float = 0.5
    snare: float = 185.0
    snare_life: float = 0.22
    wires: float = 0.6
    metal: float = 1.0
    soft: float = 0.0
    big: bool = False


KITS: Mapping[str, Kit] = {
    "acoustic_kit": Kit(
        kick=58, kick_life=0.28, click=0.45, snare=195, snare_life=0.2, wires=0.55, soft=0.25
    ),
    "dusty_kit": Kit(
        kick=62,
        kick_life=0.26,
        click=0.25,
        snare=175,
        snare_life=0.17,
        wires=0.6,
        metal=0.8,
        soft=0.55,
    ),
    "jazz_kit": Kit(
        kick=72, kick_life=0.3, click=0.2, snare=210, snare_life=0.2, wires=0.5, soft=0.4
    ),
    "club_kit": Kit(kick=47, kick_life=0.42, click=0.7, snare=200, snare_life=0.18, wires=0.7),
    "gated_kit": Kit(
        kick=50, kick_life=0.38, click=0.6, snare=170, snare_life=0.34, wires=0.75, big=True
    ),
    "trap_kit": Kit(
        kick=46, kick_life=0.4, click=0.6, snare=205, snare_life=0.2, wires=0.8, metal=1.15
    ),
    "cinema_kit": Kit(
        kick=44, kick_life=0.9, click=0.25, snare=160, snare_life=0.4, wires=0.4, soft=0.3, big=True
    ),
    "orchestra_kit": Kit(
        kick=48, kick_life=0.8, click=0.15, snare=180, snare_life=0.3, wires=0.5, soft=0.3, big=True
    ),
}


def _kick(kit: Kit, rng: np.random.Generator) -> Signal:
    """A sine that drops into its pitch, and the beater's click."""
    n = frames(kit.kick_life + 0.12)
    t = ramp(n)
    pitch = kit.kick * (1 + 4.2 * np.exp(-t * 52) + 0.7 * np.exp(-t * 11))
    body = np.tanh(sine(pitch.astype(np.float32), n) * 1.5) * ring(n, kit.kick_life * 1.3, 0.0008)
    snap = noise(n, rng, band(1800, 7000), 1)[0] * ring(n, 0.02, 0.0003)
    return (body * 0.85 + snap * kit.click * 0.6).astype(np.float32) * fade(n, 0.0005, 0.03)


def _snare(kit: Kit, rng: np.random.Generator) -> Signal:
    """Two modes of the head, and wires that rattle longer."""
    n = frames(kit.snare_life * 1.6 + 0.05)
    head = modal(
        n,
        np.array([kit.snare, kit.snare * 1.72], np.float32),
        np.array([0.16, 0.11], np.float32),
        np.array([0.5, 0.28], np.float32),
        0.0,
    )
    rattle = noise(n, rng, band(1400, 9500 - 4500 * kit.soft), 1)[0] * ring(
        n, kit.snare_life * 1.4, 0.001
    )
    crack = noise(n, rng, band(600, 4000), 1)[0] * ring(n, 0.03, 0.0004)
    sound = head + rattle * kit.wires * 1.5 + crack * (1 - kit.soft)
    if kit.big:
        hall = noise(n, rng, band(400, 6000), 1)[0] * curve(
            n, (0, 0.5), (kit.snare_life * 0.9, 0.4), (kit.snare_life, 0)
        )
        sound = sound + hall
    return sound.astype(np.float32)


def _clap(kit: Kit, rng: np.random.Generator) -> Signal:
    """Several hands, not quite together."""
    n = frames(0.3)
    hands = np.zeros(n, dtype=np.float32)
    for at, level in ((0.0, 0.7), (0.011, 0.8), (0.021, 0.75), (0.031, 1.0)):
        start = frames(at) - 1
        life = 0.16 if level == 1.0 else 0.018
        hands[start:] += ring(n - start, life, 0.0004) * np.float32(level)
    return noise(n, rng, band(900, 5500), 1)[0] * hands * np.float32(1.5)


def _metal(n: int, kit: Kit, rng: np.random.Generator, low: float) -> Signal:
    """The clang of six square waves that do not fit together, mixed with hiss."""
    f = np.array([205.3, 304.4, 369.6, 522.7, 540.0, 800.0]) * 4.1 * kit.metal
    clang = np.sum([np.sign(sine(float(x), n, float(rng.random()))) for x in f], axis=0).astype(
        np.float32
    )
    hiss = noise(n, rng, band(low, 13_000), 1)[0]
    return filtered(clang * np.float32(0.08) + hiss * np.float32(0.9), highpass(low))


def _hat(kit: Kit, rng: np.random.Generator, life: float) -> Signal:
    n = frames(life * 1.1 + 0.02)
    return _metal(n, kit, rng, 6200 - 1500 * kit.soft) * ring(n, life, 0.0006) * np.float32(0.8)


def _ride(kit: Kit, rng: np.random.Generator) -> Signal:
    """A cymbal played with the stick: a ping over a long wash."""
    n = frames(1.2)
    f = rng.uniform(2600, 9000, 14).astype(np.float32)
    ping = modal(
        n,
        f,
        rng.uniform(0.4, 1.3, 14).astype(np.float32),
        rng.uniform(0.01, 0.05, 14).astype(np.float32),
        0.0,
    )
    return ping + _metal(n, kit, rng, 5200) * ring(n, 0.9, 0.001) * np.float32(0.22)


def _crash(kit: Kit, rng: np.random.Generator) -> Signal:
    n = frames(2.4)
    wash = noise(n, rng, band(2200, 12_000), 2) * ring(n, 2.2, 0.003) * np.float32(0.8)
    return wash + _metal(n, kit, rng, 3500) * ring(n, 0.9, 0.001) * np.float32(0.3)


def _tom(kit: Kit, rng: np.random.Generator, pitch: float) -> Signal:
    """A head that sags in pitch; large kits ring longer and lower (taiko, timpani)."""
    life = 1.5 if kit.big else 0.45
    n = frames(life)
    t = ramp(n)
    f = (pitch * (1 + 0.35 * np.exp(-t * 26))).astype(np.float32)
    skin = sine(f, n) * ring(n, life * 0.9, 0.002) + 0.45 * sine(
        (f * 1.59).astype(np.float32), n
    ) * ring(n, life * 0.4)
    slap = noise(n, rng, band(180, 2600), 1)[0] * ring(n, 0.07, 0.0006)
    return (np.tanh(skin * 1.2) * 0.75 + slap * (1.1 - 0.5 * kit.soft)).astype(np.float32)


def _riser(rng: np.random.Generator) -> Signal:
    """Noise that opens up over two bars."""
    n = frames(4.0)
    t = np.linspace(0, 1, n, dtype=np.float32)
    dark = noise(n, rng, band(200, 1500)) * (1 - t) * t
    bright = noise(n, rng, band(1500, 11_000)) * t**3
    return (dark + bright) * fade(n, 0.2, 0.02) * np.float32(0.7)


def _impact(rng: np.random.Generator) -> Signal:
    """A boom under a large beginning."""
    n = frames(2.2)
    pitch = (34 + 60 * np.exp(-ramp(n) * 9)).astype(np.float32)
    boom = np.tanh(sine(pitch, n) * 1.6) * ring(n, 2.0, 0.004)
    return filtered(
        (boom + noise(n, rng, band(60, 1200), 1)[0] * ring(n, 0.7, 0.003)).astype(np.float32),
        lowpass(3000),
    )


def _shaken(rng: np.random.Generator, low: float, life: float) -> Signal:
    n = frames(life)
    return (
        noise(n, rng, band(low, 12_000), 1)[0]
        * np.sin(np.pi * np.linspace(0, 1, n)).astype(np.float32) ** 1.5
    )


def stroke(kit_name: str, drum: int, rng: np.random.Generator) -> Signal:
    """One stroke at full strength; mono or stereo."""
    kit = KITS[kit_name]
    makers = {
        KICK: lambda: _kick(kit, rng),
        SNARE: lambda: _snare(kit, rng),
        CLAP: lambda: _clap(kit, rng),
        CLOSED: lambda: _hat(kit, rng, 0.055),
        PEDAL: lambda: _hat(kit, rng, 0.09) * np.float32(0.7),
        OPEN: lambda: _hat(kit, rng, 0.32),
        RIDE: lambda: _ride(kit, rng),
        CRASH: lambda: _crash(kit, rng),
        LOW_TOM: lambda: _tom(kit, rng, 62 if kit.big else 92),
        MID_TOM: lambda: _tom(kit, rng, 88 if kit.big else 128),
        HIGH_TOM: lambda: _tom(kit, rng, 124 if kit.big else 172),
        SHAKER: lambda: _shaken(rng, 5200, 0.07) * np.float32(0.9),
        TAMBOURINE: lambda: _shaken(rng, 7000, 0.11) * np.float32(0.8),
        RIM: lambda: modal(
            frames(0.08),
            np.array([820, 1720, 2600], np.float32),
            np.array([0.05, 0.04, 0.03], np.float32),
            np.array([0.5, 0.4, 0.2], np.float32),
            0.0,
        ),
        RISER: lambda: _riser(rng),
        IMPACT: lambda: _impact(rng),
    }
    return makers[drum]()


def chip_stroke(drum: int, rng: np.random.Generator) -> Signal:
    """The noise and triangle channels of an old console: held random steps, and a falling tone."""
    life = {KICK: 0.14, SNARE: 0.15, CLOSED: 0.035, OPEN: 0.12, CRASH: 0.6}.get(drum, 0.12)
    n = frames(life)
    step = {KICK: 64, SNARE: 9, CRASH: 5}.get(drum, 3)
    hiss = np.repeat(rng.choice(np.array([-1.0, 1.0], np.float32), n // step + 1), step)[:n]
    if drum in (KICK, LOW_TOM, MID_TOM, HIGH_TOM):
        top = {KICK: 330.0, LOW_TOM: 260.0, MID_TOM: 360.0, HIGH_TOM: 480.0}[drum]
        return sine((top * np.exp(-ramp(n) * 16)).astype(np.float32), n) * fade(n, 0.001, 0.02)
    return hiss * ring(n, life * 1.2, 0.0005) * np.float32(0.5)


PANS: Mapping[int, float] = {
    CLOSED: 0.25,
    PEDAL: 0.25,
    OPEN: 0.3,
    RIDE: -0.35,
    SHAKER: -0.45,
    TAMBOURINE: 0.5,
    RIM: -0.25,
    HIGH_TOM: 0.4,
    MID_TOM: 0.1,
    LOW_TOM: -0.3,
}
"""Where each drum stands, as seen by the listener."""

LEVELS: Mapping[int, float] = {
    KICK: 1.0,
    SNARE: 0.72,
    CLAP: 0.62,
    CLOSED: 0.26,
    PEDAL: 0.2,
    OPEN: 0.26,
    RIDE: 0.5,
    CRASH: 0.36,
    LOW_TOM: 0.85,
    MID_TOM: 0.75,
    HIGH_TOM: 0.65,
    SHAKER: 0.24,
    TAMBOURINE: 0.22,
    RIM: 0.4,
    RISER: 0.3,
    IMPACT: 0.9,
}
"""How loud each drum is in the kit, by peak."""
