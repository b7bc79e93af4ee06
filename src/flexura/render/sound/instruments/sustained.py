"""Bowed, blown and sung tones, and pads: textures of many players, or one voice with vibrato."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from flexura.render.random import rng as generator
from flexura.render.sound.synth import (
    RATE,
    Signal,
    adsr,
    band,
    curve,
    frames,
    hertz,
    noise,
    oscillate,
    padsynth,
    phases,
    saw_harmonics,
    sine,
    swept,
    table,
)

LOOP = 1 << 18
"""Samples of one cached texture, about 5.5 seconds; it repeats without a seam."""

Formants = tuple[tuple[float, float, float], ...]
"""Resonances of a body: (Hz, gain, width in octaves)."""

_VIOLIN: Formants = ((290, 1.0, 0.4), (480, 0.8, 0.4), (1100, 0.5, 0.6), (2600, 0.8, 0.6))
_CELLO: Formants = ((110, 1.0, 0.5), (220, 1.0, 0.5), (450, 0.5, 0.5), (1600, 0.35, 0.7))
_AH: Formants = ((680, 2.6, 0.28), (1080, 1.9, 0.24), (2500, 0.8, 0.2), (3400, 0.6, 0.2))


def _through(f: float, harmonics: Signal, formants: Formants, floor: float) -> Signal:
    """Harmonics as a body with these resonances lets them out."""
    at = f * np.arange(1, len(harmonics) + 1)
    gain = np.full(len(harmonics), floor)
    for centre, level, width in formants:
        gain += level * np.exp(-((np.log2(at / centre) / width) ** 2))
    out = harmonics * gain
    return (out / np.sqrt(np.sum(out**2) + 1e-12) * 0.5).astype(np.float32)


@lru_cache(maxsize=40)
def texture(kind: str, midi: int) -> Signal:
    """The endless sound of a section on one note. It depends on kind and note alone, so it can be kept."""
    f = hertz(midi)
    saw = saw_harmonics(f, 9000.0, 2.0)
    k = np.arange(1, len(saw) + 1)
    if kind == "strings":
        amplitudes, cents = _through(f, saw, _VIOLIN if midi >= 55 else _CELLO, 0.45), 15.0
    elif kind == "solo":
        amplitudes, cents = _through(f, saw, _VIOLIN, 0.5), 7.0
    elif kind == "choir":
        amplitudes, cents = _through(f, saw_harmonics(f, 5000.0, 3.0), _AH, 0.16), 20.0
    elif kind == "super":
        amplitudes, cents = _through(f, saw_harmonics(f, 6000.0, 2.0), (), 1.0), 30.0
    elif kind == "glass":
        keep = np.isin(k, (1, 2, 3, 5, 8))
        amplitudes, cents = (
            _through(f, np.where(keep, 1 / k**0.9, 0).astype(np.float32), (), 1.0),
            11.0,
        )
    else:
        soft = saw_harmonics(f, max(900.0, f * 2.2), 3.0)
        soft[1::2] *= 0.6
        amplitudes, cents = _through(f, soft, (), 1.0), 20.0
    sound = padsynth(LOOP, f, amplitudes, cents, generator("texture", kind, midi))
    sound.setflags(write=False)
    return sound


def _held(kind: str, midi: int, n: int, rng: np.random.Generator, vibrato: float = 0.0) -> Signal:
    """n samples of a texture from a random place, with vibrato in cents that comes after the attack."""
    whole = texture(kind, midi)
    start = int(rng.integers(LOOP))
    if not vibrato:
        return whole[:, np.arange(start, start + n) % LOOP]
    speed = 5.2 + 0.5 * float(rng.random())
    depth = curve(n, (0.15, 0), (0.6, 1)) * np.float32(2 ** (vibrato / 1200) - 1)
    where = start + np.cumsum(1 + depth * sine(speed, n), dtype=np.float64)
    low = where.astype(np.int64)
    part = (where - low).astype(np.float32)
    return whole[:, low % LOOP] * (1 - part) + whole[:, (low + 1) % LOOP] * part


def _bowed(
    kind: str,
    midi: int,
    seconds: float,
    velocity: float,
    rng: np.random.Generator,
    times: tuple[float, float, float],
) -> Signal:
    """A texture with (attack, release, vibrato); a long note swells a little."""
    attack, release, vibrato = times
    n = frames(seconds + release)
    attack = min(attack, seconds * 0.5)
    gain = adsr(n, attack, 2.0, 0.85, release)
    swell = (
        curve(n, (0, 0.85), (seconds * 0.55, 1.08), (seconds, 0.9))
        if seconds > 1
        else np.float32(1)
    )
    return _held(kind, midi, n, rng, vibrato) * gain * swell * np.float32(velocity)


def pad(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A warm analogue pad, dark and slow."""
    return _bowed("pad", midi, seconds, velocity, rng, (0.7, 1.6, 0.0))


def glass_pad(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Rubbed glasses: few pure partials that shimmer."""
    return _bowed("glass", midi, seconds, velocity, rng, (0.5, 1.8, 0.0))


def strings(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A string section: violins above G3, cellos below."""
    return _bowed("strings", midi, seconds, velocity, rng, (0.22, 0.45, 0.0))


def strings_lead(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A few violins in unison, with vibrato."""
    return _bowed("solo", midi, seconds, velocity, rng, (0.09, 0.3, 13.0))


def spiccato(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Short bouncing bows, with the scratch of their start."""
    n = frames(0.34)
    body = _held("strings", midi, n, rng) * adsr(n, 0.012, 0.16, 0.15, 0.12)
    scratch = noise(n, rng, band(1500, 6000)) * adsr(n, 0.003, 0.03, 0.0, 0.02)
    return (body + scratch * 0.12) * np.float32(velocity)


def choir(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Many voices on "ah", without words."""
    return _bowed("choir", midi, seconds, velocity, rng, (0.35, 0.7, 6.0))


def super_saw(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A wall of detuned saws."""
    return _bowed("super", midi, seconds, velocity, rng, (0.05, 0.35, 0.0))


def organ(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Drawbars through a turning speaker."""
    f = hertz(midi)
    n = frames(seconds + 0.08)
    levels = np.zeros(16, dtype=np.float32)
    for harmonic, level in ((1, 0.8), (2, 1.0), (3, 0.7), (4, 0.6), (6, 0.25), (8, 0.35)):
        levels[harmonic - 1] = level * (f * harmonic < 14_000)
    turn = float(rng.random())
    pitch = (f / 2 * (1 + 0.0016 * sine(6.1, n, turn))).astype(np.float32)
    tone = oscillate(table(levels), phases(pitch, n, turn)) * adsr(n, 0.006, 1, 1.0, 0.07)
    spin = sine(6.1, n, turn)
    return np.stack([tone * (1 + 0.22 * spin), tone * (1 - 0.22 * spin)]) * np.float32(
        0.22 * velocity
    )


def _blown(
    midi: int,
    seconds: float,
    velocity: float,
    rng: np.random.Generator,
    harmonics: Signal,
    breath: float,
) -> Signal:
    """One wind player: a wave with vibrato that comes late, and breath around the pitch."""
    f = hertz(midi)
    n = frames(seconds + 0.12)
    depth = curve(n, (0.12, 0), (0.7, 1)) * np.float32(0.0055)
    wave = sine(5.0 + 0.4 * float(rng.random()), n, float(rng.random()))
    scoop = curve(n, (0, -0.012), (0.06, 0))
    pitch = (f * (1 + depth * wave + scoop)).astype(np.float32)
    limited = harmonics[: max(1, int(16_000 / f))]
    tone = oscillate(table(limited), phases(pitch, n)) * (
        1 + 0.06 * wave * curve(n, (0.1, 0), (0.6, 1))
    )
    air = noise(n, rng, band(f * 0.9, f * 4.5), 1)[0] * curve(n, (0, 1.0), (0.09, 0.45))
    gain = adsr(n, min(0.055, seconds * 0.3), 0.8, 0.82, 0.1)
    return ((tone + air * breath) * gain * np.float32(0.45 * velocity)).astype(np.float32)


def flute(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A concert flute: a strong octave, breath, and late vibrato."""
    levels = np.array([1.0, 0.42 + 0.3 * velocity, 0.2, 0.08, 0.04, 0.02], dtype=np.float32)
    return _blown(midi, seconds, velocity, rng, levels, 0.20)


def whistle(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A whistled tone: almost a sine, with air."""
    return _blown(midi, seconds, velocity, rng, np.array([1.0, 0.06, 0.02], dtype=np.float32), 0.12)


def reed(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A clarinet: odd partials first."""
    levels = np.array([1, 0.06, 0.6, 0.08, 0.36, 0.1, 0.2, 0.08, 0.1, 0.05, 0.05], dtype=np.float32)
    return _blown(midi, seconds, velocity, rng, levels * (0.8 + 0.2 * velocity), 0.05)


def _brass(f: float, cutoff: float) -> Signal:
    return _through(f, saw_harmonics(f, cutoff, 3.0), ((550, 1.2, 0.8), (1300, 0.5, 0.6)), 0.5)


def _lips(
    midi: int, seconds: float, velocity: float, rng: np.random.Generator, dark: float
) -> Signal:
    f = hertz(midi)
    n = frames(seconds + 0.14)
    attack = min(0.07, seconds * 0.3)
    bright = (f * 2.2 + 2200 * velocity) * dark
    cutoff = curve(
        n,
        (0, f),
        (attack, bright * 1.15),
        (attack + 0.2, bright),
        (seconds, bright * 0.8),
        (seconds + 0.1, f),
    )
    out = np.zeros((2, n), dtype=np.float32)
    for side in (0, 1):
        tone = swept(f * (1 + (side - 0.5) * 0.0016), n, cutoff, _brass, float(rng.random()))
        out[side] = tone * adsr(n, attack, 1.5, 0.8, 0.12)
    return out * np.float32(0.8 * velocity)


def horn(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Horns: the tone opens up with the breath."""
    return _lips(midi, seconds, velocity, rng, 0.8)


def muted_horn(midi: int, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A trumpet with a mute: thinner, with a nasal edge."""
    tone = _lips(midi, seconds, velocity, rng, 1.1)
    spectrum = np.fft.rfft(tone, axis=-1)
    f = np.fft.rfftfreq(tone.shape[-1], 1 / RATE)
    nose = 0.25 + 1.3 * np.exp(-((np.log2(np.maximum(f, 20) / 1700) / 0.7) ** 2))
    return np.fft.irfft(spectrum * nose, tone.shape[-1], axis=-1).astype(np.float32)
