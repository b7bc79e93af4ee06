"""Melodies: short motifs that are repeated, moved with the chords, varied and brought to a close.

A phrase is four cells of a bar; the plan says which cells come back. Strong beats take tones of the
chord, the others steps of the scale; a leap is answered by steps the other way; the last cell of a
phrase comes to rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flexura.render.sound.harmony import Chord, Slot, scale_over
from flexura.render.sound.notes import Note, Section

Rhythm = tuple[tuple[float, float], ...]

RHYTHMS: Mapping[str, tuple[Rhythm, ...]] = {
    "sparse": (
        ((0, 3),),
        ((0, 2), (2, 2)),
        ((1, 3),),
        ((0, 1.5), (1.5, 2.5)),
        ((0, 1), (1, 1), (2, 2)),
        ((2, 2),),
    ),
    "lazy": (
        ((0.5, 0.5), (1, 1), (2.5, 1.5)),
        ((0, 1.5), (1.5, 1), (2.5, 1)),
        ((1, 0.5), (1.5, 0.5), (2, 1.5)),
        ((0, 0.75), (0.75, 0.75), (1.5, 2)),
        ((0.5, 0.5), (1, 0.5), (1.5, 1), (3, 0.75)),
    ),
    "broad": (
        ((0, 2), (2, 1), (3, 1)),
        ((0, 1.5), (1.5, 0.5), (2, 2)),
        ((0, 1), (1, 1), (2, 2)),
        ((0, 3), (3, 1)),
        ((0, 1.5), (1.5, 1.5), (3, 1)),
    ),
    "flowing": (
        ((0, 1), (1, 0.5), (1.5, 0.5), (2, 1), (3, 1)),
        ((0, 1.5), (1.5, 0.5), (2, 1), (3, 1)),
        ((0, 0.5), (0.5, 0.5), (1, 1), (2, 1.5), (3.5, 0.5)),
        ((0, 1), (1, 1), (2, 0.5), (2.5, 0.5), (3, 1)),
    ),
    "lively": (
        ((0, 0.5), (0.5, 0.5), (1, 1), (2, 0.5), (2.5, 1.5)),
        ((0.5, 0.5), (1, 0.5), (1.5, 1), (2.5, 0.5), (3, 1)),
        ((0, 1), (1, 0.5), (1.5, 0.5), (2, 1.5)),
        ((0, 0.75), (0.75, 0.75), (1.5, 0.5), (2, 1), (3, 0.5)),
    ),
    "busy": (
        ((0, 0.5), (0.5, 0.5), (1, 0.5), (1.5, 0.5), (2, 1), (3, 0.5), (3.5, 0.5)),
        ((0, 0.75), (0.75, 0.25), (1, 0.5), (1.5, 0.5), (2, 0.5), (2.5, 1.25)),
        ((0, 0.5), (0.5, 0.25), (0.75, 0.25), (1, 0.5), (1.5, 1), (2.5, 0.5), (3, 0.75)),
        ((0, 1), (1, 0.5), (1.5, 0.5), (2, 0.5), (2.5, 0.5), (3, 0.5), (3.5, 0.5)),
    ),
    "riff": (
        ((0, 0.5), (0.75, 0.5), (1.5, 0.5), (2.5, 0.5), (3, 0.75)),
        ((0, 0.75), (0.75, 0.75), (1.5, 0.5), (2, 0.75), (2.75, 0.75)),
        ((0.5, 0.5), (1, 0.5), (1.75, 0.5), (2.5, 1)),
        ((0, 0.5), (1.5, 0.5), (2, 0.5), (3.5, 0.5)),
    ),
    "swung": (
        ((0, 0.5), (0.5, 0.5), (1, 0.5), (1.5, 1), (3, 0.5), (3.5, 0.5)),
        ((0.5, 0.5), (1, 0.5), (1.5, 0.5), (2, 0.5), (2.5, 1.25)),
        ((0, 1.5), (1.5, 0.5), (2, 0.5), (2.5, 0.5), (3, 0.5), (3.5, 0.5)),
        ((1, 0.5), (1.5, 1), (2.5, 0.5), (3, 0.5), (3.5, 0.5)),
    ),
    "waltz": (
        ((0, 2), (2, 1)),
        ((0, 1), (1, 1), (2, 1)),
        ((0, 1.5), (1.5, 0.5), (2, 1)),
        ((0, 1), (1, 0.5), (1.5, 0.5), (2, 1)),
    ),
}
"""Cells of one bar, as (beat, length); gaps are rests. `waltz` has three beats, the others four."""

PLANS = ("aaba", "abac", "aabc", "abab", "aaab")
CLOSES: Mapping[int, Rhythm] = {4: ((0, 1), (1, 3)), 3: ((0, 3),)}
HALF_CLOSES: Mapping[int, Rhythm] = {4: ((0, 0.5), (0.5, 0.5), (1, 2)), 3: ((0, 2),)}

CONTOURS: tuple[tuple[int, ...], ...] = (
    (0, 1, 2, 1, 0, -1, 0),
    (0, 2, 1, 3, 2, 0, 1),
    (0, -1, -2, -1, 1, 0, 2),
    (0, 2, 4, 3, 2, 1, 0),
    (0, 0, 1, 0, -1, 0, 2),
    (0, -2, -1, 1, 0, 2, 1),
    (0, 3, 2, 1, 0, -1, -2),
)
"""Steps of the scale above the cell's first note."""

PENTATONIC = {True: (0, 2, 4, 7, 9), False: (0, 3, 5, 7, 10)}


@dataclass(frozen=True)
class Cell:
    """A motif of one bar."""

    rhythm: Rhythm
    contour: tuple[int, ...]


@dataclass(frozen=True)
class Voice:
    """Who sings: its range of MIDI notes, the key, and how it moves. `five` keeps to the pentatonic scale."""

    low: int
    high: int
    tonic: int
    mode: str
    rhythm: str
    meter: int = 4
    five: bool = False
    chromatic: bool = False


def motifs(voice: Voice, rng: np.random.Generator) -> dict[str, Cell]:
    """The cells a, b and c of a theme, each with a rhythm and a shape of its own."""
    choices = RHYTHMS[voice.rhythm]
    rhythms = rng.permutation(len(choices))
    shapes = rng.permutation(len(CONTOURS))
    return {
        letter: Cell(choices[int(rhythms[k % len(choices)])], CONTOURS[int(shapes[k])])
        for k, letter in enumerate("abc")
    }


def theme(
    section: Section,
    slots: Sequence[Slot],
    cells: Mapping[str, Cell],
    voice: Voice,
    rng: np.random.Generator,
) -> list[Note]:
    """The melody of a section. Every phrase of four bars follows the same plan; the last one closes fully."""
    plan = PLANS[int(rng.integers(len(PLANS)))]
    centre = (voice.low + voice.high) / 2 + (4 if section.name.startswith("B") else -2)
    notes: list[Note] = []
    pitch = centre
    for bar in range(section.bars):
        closing = bar == section.bars - 1
        half = bar % 4 == 3 and not closing
        cell = cells[plan[bar % 4]]
        if closing or half:
            cell = Cell((CLOSES if closing else HALF_CLOSES)[voice.meter], cell.contour)
        elif bar >= 4 and rng.random() < 0.4:
            cell = varied(cell, rng)
        first = (section.start + bar) * voice.meter
        sung = _sing(cell, first, slots, voice, pitch * 0.6 + centre * 0.4, closing)
        pitch = float(sung[-1].pitch) if sung else centre
        notes += sung
    return notes


def varied(cell: Cell, rng: np.random.Generator) -> Cell:
    """The same idea once more: one note split in two, or the end of the line turned round."""
    rhythm = list(cell.rhythm)
    longest = max(range(len(rhythm)), key=lambda k: rhythm[k][1])
    start, beats = rhythm[longest]
    if beats >= 1 and rng.random() < 0.6:
        rhythm[longest : longest + 1] = [(start, beats / 2), (start + beats / 2, beats / 2)]
        return Cell(tuple(rhythm), cell.contour)
    tail = tuple(-step for step in cell.contour[3:])
    return Cell(cell.rhythm, cell.contour[:3] + tail)


def _chord_at(slots: Sequence[Slot], beat: float) -> Chord:
    return next(
        (s.chord for s in slots if s.start - 1e-6 <= beat < s.start + s.beats - 1e-6),
        slots[-1].chord,
    )


def _sing(
    cell: Cell, first: float, slots: Sequence[Slot], voice: Voice, around: float, closing: bool
) -> list[Note]:
    notes: list[Note] = []
    anchor = _nearest(
        around, _tones(_chord_at(slots, first + cell.rhythm[0][0]), voice, True), voice
    )
    last, leap = anchor, 0
    for k, (start, beats) in enumerate(cell.rhythm):
        over = _chord_at(slots, first + start)
        strong = start % 2 == 0 or beats >= 1.5 or k == 0
        target = anchor + cell.contour[k % len(cell.contour)] * 1.8
        if abs(leap) > 4:
            target = last - np.sign(leap) * 1.5
        tones = _tones(over, voice, strong)
        if closing and k == len(cell.rhythm) - 1:
            tones = _resting(over, voice)
        pitch = _nearest(float(target), tones, voice, last if len(notes) > 1 else None)
        if voice.chromatic and not strong and beats <= 0.5 and k % 3 == 2:
            pitch = min(max(last + (1 if target > last else -1), voice.low), voice.high)
        leap, last = pitch - last, pitch
        accent = 0.82 if start % 2 == 0 else 0.7
        notes.append(Note(first + start, beats * 0.94, pitch, accent + 0.04 * (pitch > anchor)))
    return notes


def _tones(over: Chord, voice: Voice, strong: bool) -> frozenset[int]:
    if strong:
        return frozenset(over.classes[:4])
    if voice.five:
        third_major = voice.mode in ("major", "lydian", "mixolydian")
        five = {(voice.tonic + step) % 12 for step in PENTATONIC[third_major]}
        return frozenset(five | set(over.classes[:3]))
    return scale_over(voice.tonic, voice.mode, over)


def _resting(over: Chord, voice: Voice) -> frozenset[int]:
    """Where a phrase may end: on the key's tonic if the chord has it, else on the chord's own root
    or third.
    """
    if voice.tonic in over.classes[:3]:
        return frozenset({voice.tonic})
    return frozenset(over.classes[:2])


def _nearest(target: float, classes: frozenset[int], voice: Voice, last: int | None = None) -> int:
    """The allowed pitch that is closest to the target; a repeat and a wide leap from `last` cost extra."""
    options = [p for p in range(voice.low, voice.high + 1) if p % 12 in classes]

    def cost(pitch: int) -> tuple[float, int]:
        extra = 0.0
        if last is not None:
            extra = (0.8 if pitch == last else 0.0) + max(0, abs(pitch - last) - 7) * 1.5
        return abs(pitch - target) + extra, pitch

    return min(options, key=cost)
