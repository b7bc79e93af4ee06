"""Bass lines: what the lowest voice does under each chord."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from flexura.render.sound.notes import Note
from flexura.render.sound.patterns import Bar, Pattern


def drone(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """The root, low and long."""
    return [Note(bar.start, bar.beats, bar.root, 0.6)]


def root(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """The root and its octave, held."""
    notes = [Note(bar.start, bar.beats, bar.root, 0.72)]
    return [*notes, Note(bar.start, bar.beats, bar.root + 12, 0.55)] if bar.energy > 0.7 else notes


def downbeat(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """The first beat of a waltz, sometimes the fifth."""
    low = bar.fifth if round(bar.start / bar.meter) % 2 and bar.fifth < 52 else bar.root
    return [Note(bar.start, min(1.2, bar.beats), low, 0.7)]


def root_fifth(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Root, fifth, and a step that leads on."""
    notes = [Note(bar.start, min(1.8, bar.beats), bar.root, 0.74)]
    if bar.beats >= 4:
        low = bar.fifth if bar.fifth < 48 else bar.fifth - 12
        notes.append(Note(bar.start + 2, 1.4 if bar.energy > 0.5 else 1.9, low, 0.66))
        if bar.energy > 0.5:
            notes.append(Note(bar.start + 3.5, 0.45, _approach(bar), 0.55))
    return notes


def _approach(bar: Bar) -> int:
    """A tone a whole step from the next root, on the side from which the line comes."""
    return bar.next_root - 2 if bar.next_root > bar.root else bar.next_root + 2


def walking(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Quarters: root, tones of the chord, and a half step into the next root."""
    count = round(bar.beats)
    tones = [p + shift for p in bar.voicing for shift in (-24, -12) if 31 <= p + shift <= 52]
    line = [bar.root]
    for k in range(1, count):
        if k == count - 1:
            line.append(bar.next_root + (1 if rng.random() < 0.5 else -1))
            continue
        aim = bar.root + (bar.next_root - bar.root) * k / count + float(rng.normal(0, 3))
        line.append(
            min(tones or [bar.fifth], key=lambda p: (abs(p - aim) + 4 * (p == line[-1]), p))
        )
    return [
        Note(bar.start + k, 0.92, pitch, 0.74 if k % 2 == 0 else 0.68)
        for k, pitch in enumerate(line)
    ]


def lofi_bass(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Root, a late echo of it, and a slide up to the next."""
    notes = [Note(bar.start, 1.4, bar.root, 0.75)]
    if bar.beats >= 4:
        notes.append(Note(bar.start + 1.75, 0.6, bar.root, 0.55))
        notes.append(
            Note(bar.start + 2.5, 0.9, bar.fifth if rng.random() < 0.5 else bar.root + 12, 0.62)
        )
        notes.append(Note(bar.start + 3.5, 0.45, _approach(bar), 0.5))
    return notes


def _steps(marks: str, step: float, length: float) -> Pattern:
    """A line on a grid: r is the root, o its octave, f the fifth, a dot a rest."""

    def play(bar: Bar, rng: np.random.Generator) -> list[Note]:
        tones = {"r": bar.root, "o": bar.root + 12, "f": bar.fifth}
        return [
            Note(
                bar.start + k * step,
                length,
                tones[marks[k % len(marks)]],
                0.8 if k * step % 1 == 0 else 0.66,
            )
            for k in range(round(bar.beats / step))
            if marks[k % len(marks)] != "."
        ]

    return play


def eight_o_eight(bar: Bar, rng: np.random.Generator) -> list[Note]:
    """Long booming roots where the kick falls."""
    low = bar.root if bar.root > 33 else bar.root + 12
    if bar.beats < 4:
        return [Note(bar.start, bar.beats, low, 0.85)]
    return [Note(bar.start, 2.4, low, 0.9), Note(bar.start + 2.5, 1.4, low, 0.75)]


BASSLINES: Mapping[str, Pattern] = {
    "drone": drone,
    "root": root,
    "downbeat": downbeat,
    "root_fifth": root_fifth,
    "walking": walking,
    "lofi_bass": lofi_bass,
    "pulse8": _steps("rrrrrrro", 0.5, 0.42),
    "octaves": _steps("ro", 0.5, 0.42),
    "offbeat": _steps(".r", 0.5, 0.4),
    "house_bass": _steps("r..r..o.r..r.fo.", 0.25, 0.3),
    "acid": _steps("r.rr.or.r.rf.ro.", 0.25, 0.2),
    "acid_dense": _steps("rrorrr.orrforror", 0.25, 0.18),
    "eight_o_eight": eight_o_eight,
}
