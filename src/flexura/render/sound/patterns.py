"""How chords are played: held, broken, strummed, stabbed … and what the bass does under them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flexura.render.sound.harmony import Slot
from flexura.render.sound.notes import Note


@dataclass(frozen=True)
class Bar:
    """One chord of the accompaniment: its time, its voicing (low to high), its bass note and the one after
    it.
    """

    start: float
    beats: float
    voicing: tuple[int, ...]
    root: int
    fifth: int
    next_root: int
    meter: int
    energy: float


Pattern = Callable[[Bar, np.random.Generator], list[Note]]


def bars(
    slots: Sequence[Slot],
    voicings: Sequence[tuple[int, ...]],
    meter: int,
    energies: Sequence[float],
) -> list[Bar]:
    """Joins chords, their voicings and the bass line under them."""
    roots: list[int] = []
    for slot in slots:
        near = roots[-1] if roots else 40
        options = [p for p in range(31, 48) if p % 12 == slot.chord.root]
        roots.append(min(options, key=lambda p: (abs(p - near) + 0.35 * abs(p - 38), p)))
    result: list[Bar] = []
    for k, (slot, voicing) in enumerate(zip(slots, voicings, strict=True)):
        fifth = next(
            (c for c in slot.chord.classes if (c - slot.chord.root) % 12 in (6, 7)), slot.chord.root
        )
        above = roots[k] + (fifth - roots[k]) % 12
        following = roots[(k + 1) % len(roots)]
        result.append(
            Bar(slot.start, slot.beats, voicing, roots[k], above, following, meter, energies[k])
        )
    return result


def _hits(
    bar: Bar, rhythm: Sequence[tuple[float, float, float]], pitches: Sequence[int]
) -> list[Note]:
    """All pitches at each (beat, length, velocity) that lies inside the chord."""
    return [
        Note(bar.start + at, min(length, bar.beats - at), pitch, velocity)
        for at, length, velocity in rhythm
        if at < bar.beats
        for pitch in pitches
    ]


def held(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """All voices through the whole chord."""
    return _hits(bar, ((0, bar.beats, 0.55 + 0.2 * bar.energy),), bar.voicing)


def rolled(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """The chord from below, one voice after the other, and left to ring."""
    return [
        Note(bar.start + 0.09 * k, bar.beats - 0.09 * k, pitch, 0.5 + 0.05 * k)
        for k, pitch in enumerate((bar.root + 12, *bar.voicing))
    ]


def _order(voicing: tuple[int, ...], count: int, shape: int) -> list[int]:
    up = list(voicing)
    cycle = (up, up + up[-2:0:-1], up[::-1], [up[0], up[-1], *up[1:-1]] if len(up) > 2 else up)[
        shape % 4
    ]
    return [cycle[k % len(cycle)] for k in range(count)]


def _broken(step: float, shape: int, length: float) -> Pattern:
    def play(bar: Bar, rng: np.random.Generator) -> list[Note]:
        count = max(1, round(bar.beats / step))
        order = _order(bar.voicing, count, shape)
        return [
            Note(
                bar.start + k * step,
                min(length, bar.beats - k * step),
                pitch,
                0.5 + 0.2 * bar.energy + (0.12 if k * step % 1 == 0 else 0.0) - 0.04 * (k % 2),
            )
            for k, pitch in enumerate(order)
        ]

    return play


def broken_slow(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """A ballad's left hand: root, fifth, tenth and back, in eighths that ring into each other."""
    low = bar.root + 12
    tones = [low, bar.voicing[0], *bar.voicing[1:], *bar.voicing[-2:0:-1]]
    count = round(bar.beats * 2)
    return [
        Note(
            bar.start + k / 2,
            min(2.5, bar.beats - k / 2),
            tones[k % len(tones)],
            0.62 if k == 0 else 0.46,
        )
        for k in range(count)
    ]


def lofi_keys(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """A long chord, and a short one that comes early."""
    late = float(rng.choice((2.5, 2.75, 3.5)))
    return _hits(
        bar,
        ((0, min(late, 2.4), 0.66), (late, bar.beats - late if late < 3 else 0.5, 0.5)),
        bar.voicing,
    )


def comping(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Jazz piano: short chords off the beat."""
    rhythms = (
        ((0, 0.9, 0.6), (1.5, 0.4, 0.55)),
        ((0.5, 0.5, 0.55), (1.5, 1.0, 0.5)),
        ((1.5, 1.2, 0.6),),
        ((0, 0.4, 0.6), (2.5, 1.0, 0.5)),
        ((1, 0.4, 0.5), (2.5, 0.4, 0.55), (3.5, 0.4, 0.4)),
    )
    return _hits(bar, rhythms[int(rng.integers(len(rhythms)))], bar.voicing)


def stabs(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Club chords: five short ones that push against the beat."""
    rhythm = (
        (0, 0.35, 0.8),
        (0.75, 0.35, 0.65),
        (1.5, 0.35, 0.7),
        (2.5, 0.35, 0.75),
        (3.25, 0.5, 0.6),
    )
    return _hits(bar, rhythm, bar.voicing)


def waltz(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """The two light beats of three."""
    return _hits(bar, ((1, 0.7, 0.5), (2, 0.7, 0.44)), bar.voicing)


def fingerpick(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Travis picking: the thumb alternates root and fifth, the fingers fill in between."""
    low, v = bar.root + 12, bar.voicing
    tones = (low, v[1], v[-1], v[1], bar.fifth + (0 if bar.fifth > low else 12), v[-1], v[-2], v[1])
    return [
        Note(
            bar.start + k / 2,
            min(2.0, bar.beats - k / 2),
            tones[k % 8],
            0.66 if k % 4 == 0 else 0.5,
        )
        for k in range(round(bar.beats * 2))
    ]


def strum(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Down, down-up, up-down-up: strings from low to high, and back on the up-strokes."""
    strokes = (
        (0, 0.8, 1),
        (1, 0.62, 1),
        (1.5, 0.5, -1),
        (2.5, 0.55, -1),
        (3, 0.66, 1),
        (3.5, 0.48, -1),
    )
    strings = (bar.root + 12, *bar.voicing)
    notes: list[Note] = []
    for at, velocity, way in strokes:
        if at >= bar.beats:
            continue
        chosen = strings if way > 0 else tuple(reversed(strings[-3:]))
        for k, pitch in enumerate(chosen):
            notes.append(
                Note(bar.start + at + 0.022 * k, min(1.4, bar.beats - at), pitch, velocity * 0.85)
            )
    return notes


def ostinato(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Short bows in eighths, accented 3 + 3 + 2, that grow into sixteenths when the music is full."""
    step = 0.25 if bar.energy > 0.9 else 0.5
    tones = (
        bar.voicing[0],
        bar.voicing[0],
        bar.voicing[1],
        bar.voicing[0],
        bar.voicing[0],
        bar.voicing[-1],
        bar.voicing[1],
        bar.voicing[0],
    )
    return [
        Note(
            bar.start + k * step,
            step * 0.8,
            tones[k % 8],
            0.85 if (k * step * 2) % 8 in (0, 3, 6) else 0.55,
        )
        for k in range(round(bar.beats / step))
    ]


def pizzicato(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Plucked quarters with an eighth between, up and down the chord."""
    order = _order(bar.voicing, 8, 1)
    times = (0, 1, 1.5, 2, 3, 3.5)
    return [
        Note(bar.start + at, 0.4, order[k], 0.68 if at % 2 == 0 else 0.5)
        for k, at in enumerate(times)
        if at < bar.beats
    ]


def chip_arp(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """A chord as old consoles played it: its tones in turn, so fast that they melt into one sound."""
    count = round(bar.beats * 4)
    tones = [*bar.voicing[:3], bar.voicing[0] + 12]
    return [
        Note(bar.start + k / 4, 0.23, tones[k % len(tones)], 0.6 if k % 4 else 0.72)
        for k in range(count)
    ]


def twinkle(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """A few high tones of the chord, here and there."""
    count = int(rng.integers(1, 4))
    times = sorted(
        float(t)
        for t in rng.choice(np.arange(0, bar.beats, 0.5), min(count, int(bar.beats * 2)), False)
    )
    high = [p + 12 for p in bar.voicing]
    return [
        Note(bar.start + t, 2.0, int(rng.choice(high)), float(rng.uniform(0.3, 0.55)))
        for t in times
    ]


def high_line(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """One long tone above, the chord's top voice an octave up."""
    return [Note(bar.start, bar.beats, bar.voicing[-1] + (12 if bar.voicing[-1] < 72 else 0), 0.6)]


def harmony(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """A second voice of long and short tones inside the chord."""
    return _hits(
        bar, ((0, 1.4, 0.55), (1.5, 0.4, 0.5), (2, 1.4, 0.55), (3.5, 0.4, 0.5)), bar.voicing[1:2]
    )


PATTERNS: Mapping[str, Pattern] = {
    "held": held,
    "rolled": rolled,
    "broken": _broken(0.5, 1, 1.2),
    "broken_half": _broken(1.0, 0, 1.8),
    "broken_slow": broken_slow,
    "arp8": _broken(0.5, 3, 0.5),
    "arp16": _broken(0.25, 1, 0.3),
    "lofi_keys": lofi_keys,
    "comping": comping,
    "stabs": stabs,
    "waltz": waltz,
    "fingerpick": fingerpick,
    "strum": strum,
    "ostinato": ostinato,
    "pizzicato": pizzicato,
    "chip_arp": chip_arp,
    "twinkle": twinkle,
    "high_line": high_line,
    "harmony": harmony,
}
