"""Drum patterns on a grid of sixteenths, with fills, crashes and rolls where a section ends or begins."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

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
    Note,
    Section,
)

Groove = Mapping[int, tuple[str, ...]]

_STRENGTH = {"X": 1.0, "x": 0.78, "o": 0.5, "-": 0.28}

GROOVES: Mapping[str, Groove] = {
    "boom_bap": {
        KICK: ("X.....-.x.......", "X......x..x.....", "X..o......x..o.."),
        SNARE: ("....X.......X...", "....X..-....X...", "....X.......X..-"),
        CLOSED: ("x.o.x.o.x.o.x.o.", "x.o.x.oox.o.x.o.", "x.o.xoo.x.o.x.o."),
        OPEN: ("................", "..............o.", "................"),
    },
    "chip_beat": {
        KICK: ("X...x...X..x....", "X..x....X.x.....", "X.....x.X......."),
        SNARE: ("....X.......X...", "....X.......X.-.", "....X.......X..o"),
        CLOSED: ("x.x.x.x.x.x.x.x.", "xoxoxoxoxoxoxoxo", "..x...x...x...x."),
    },
    "taiko": {
        LOW_TOM: ("X.......x..x....", "X.....x...x.....", "X..x..x...x.x..."),
        MID_TOM: ("......o.....o.oo", "....o.......o...", "..........o...oo"),
        HIGH_TOM: ("................", "..o...o...o.....", "....-...-...-..."),
    },
    "timpani": {
        LOW_TOM: ("X...............", "X.......x.......", "X...........o.o."),
        TAMBOURINE: ("................", "....o.......o...", "....o...o...o..."),
    },
    "four_techno": {
        KICK: ("X...X...X...X...",),
        CLOSED: ("-.o.-.o.-.o.-.o.", "-oo--oo--oo--oo-", "o.ooo.ooo.ooo.oo"),
        OPEN: ("..x...x...x...x.", "..x...x...x...x.", "......x.......x."),
        CLAP: ("....x.......x...", "................", "....x.......x..o"),
        RIM: ("...o..o....o....", "................", "......o..o....o."),
    },
    "four_house": {
        KICK: ("X...X...X...X...",),
        CLAP: ("....X.......X...",),
        OPEN: ("..x...x...x...x.",),
        CLOSED: ("oo-ooo-ooo-ooo-o", "o-o-o-o-o-o-o-oo", "................"),
        SHAKER: ("-o-x-o-x-o-x-o-x", "................", "-o-x-o-x-o-x-o-x"),
    },
    "swing_ride": {
        RIDE: ("x...X.o.x...X.o.", "x...X.o.x.o.X.o.", "x...X...x...X.o."),
        PEDAL: ("....x.......x...",),
        KICK: ("-.......-.......", "-.............-.", "......-........."),
        SNARE: ("..............-.", "......-.........", "..-.......-....."),
    },
    "brush_pop": {
        KICK: ("X.......x.......", "X.....o.x.......", "X.......x.o....."),
        SNARE: ("....o.......o...", "....x.......x...", "....x.......x..-"),
        SHAKER: ("o-x-o-x-o-x-o-x-", "o-x-o-x-o-x-o-x-", "..x...x...x...x."),
        TAMBOURINE: ("................", "....o.......o...", "..o...o...o...o."),
    },
    "eighties": {
        KICK: ("X.......X.......", "X.......X.x.....", "X..x....X......."),
        SNARE: ("....X.......X...",),
        CLOSED: ("o.o.o.o.o.o.o.o.", "o-o-o-o-o-o-o-o-", "..o...o...o...o."),
        HIGH_TOM: ("................", "................", "..............o."),
    },
    "trap": {
        KICK: ("X.........x.....", "X.....x.........", "X..x......x....."),
        SNARE: ("........X.......",),
        CLOSED: ("x.o.x.o.x.o.x.oo", "x.x.x.oox.x.x.x.", "x.o.xoo.x.o.x.o."),
        OPEN: ("................", "......o.........", "................"),
    },
}
"""Three variants of each line; a piece picks among them, and changes them from section to section."""


def drums(
    groove: str, section: Section, meter: int, rng: np.random.Generator, last: bool
) -> list[Note]:
    """The drum part of one section: the groove, a lift on its first beat and a fill in its last bar."""
    lines = GROOVES[groove]
    picks = {drum: variants[int(rng.integers(len(variants)))] for drum, variants in lines.items()}
    other = {drum: variants[int(rng.integers(len(variants)))] for drum, variants in lines.items()}
    notes: list[Note] = []
    for bar in range(section.bars):
        chosen = other if bar % 4 == 3 and section.bars > 1 else picks
        first = (section.start + bar) * meter
        filling = bar == section.bars - 1 and section.bars >= 2 and not last
        for drum, line in chosen.items():
            if not _plays(drum, section.energy):
                continue
            notes += _line(line, drum, first, meter, 12 if filling and drum != KICK else 16)
        if filling:
            notes += _fill(groove, first + meter - 1, section.energy, rng)
        if groove == "trap" and section.energy > 0.5:
            notes += _roll(first, meter, rng)
    return notes + _lift(groove, section, meter)


def _plays(drum: int, energy: float) -> bool:
    """A quiet section leaves out the loud drums."""
    if drum in (SNARE, CLAP, MID_TOM):
        return energy >= 0.45
    if drum in (OPEN, SHAKER, TAMBOURINE, RIM, HIGH_TOM):
        return energy >= 0.6
    return True


def _line(line: str, drum: int, first: float, meter: int, steps: int) -> list[Note]:
    return [
        Note(first + k / 4, 0.25, drum, _STRENGTH[mark])
        for k, mark in enumerate(line[: min(steps, meter * 4)])
        if mark != "."
    ]


def _fill(groove: str, beat: float, energy: float, rng: np.random.Generator) -> list[Note]:
    """One beat that leads into the next section."""
    if groove in ("taiko", "timpani"):
        return [
            Note(beat + k / 4, 0.25, LOW_TOM if k % 2 else MID_TOM, 0.5 + 0.13 * k)
            for k in range(4)
        ]
    if groove in ("four_techno", "four_house"):
        return [Note(beat + k / 4, 0.25, CLAP, 0.4 + 0.15 * k) for k in range(4)]
    if groove == "swing_ride":
        return [Note(beat + k / 3, 0.3, SNARE, 0.3 + 0.12 * k) for k in range(3)]
    drums_ = (
        [SNARE, SNARE, HIGH_TOM, LOW_TOM]
        if rng.random() < 0.6
        else [SNARE, HIGH_TOM, MID_TOM, LOW_TOM]
    )
    if groove == "trap" or energy < 0.5:
        drums_ = [SNARE] * 4
    return [Note(beat + k / 4, 0.25, drum, 0.5 + 0.12 * k) for k, drum in enumerate(drums_)]


def _roll(first: float, meter: int, rng: np.random.Generator) -> list[Note]:
    """A burst of fast hi-hats, in thirds or fourths of an eighth."""
    beat = first + float(rng.integers(0, meter))
    count = int(rng.choice((3, 4, 6)))
    return [
        Note(beat + 0.5 + k * 0.5 / count, 0.1, CLOSED, 0.35 + 0.4 * k / count)
        for k in range(count)
    ]


def _lift(groove: str, section: Section, meter: int) -> list[Note]:
    """What marks the start of a full section; club music also sweeps up into it."""
    beat = section.start * meter
    notes: list[Note] = []
    if section.energy > 0.6 and groove != "swing_ride":
        loud = 0.35 if groove in ("boom_bap", "brush_pop") else 0.7
        notes.append(Note(beat, 4, IMPACT if groove in ("taiko", "trap") else CRASH, loud))
    if (
        groove in ("four_techno", "four_house", "eighties", "taiko")
        and section.energy > 0.6
        and beat >= 2 * meter
    ):
        notes.append(Note(beat - 2 * meter, 2.0 * meter, RISER, 0.6))
    return notes
