"""Keys, chords in roman numerals, and voice leading."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}

_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_NUMERAL = re.compile(r"([b#]?)(vii|vi|iv|v|iii|ii|i)(.*)", re.IGNORECASE)
_KINDS: dict[str, tuple[int, ...]] = {
    "M": (0, 4, 7),
    "m": (0, 3, 7),
    "Mmaj7": (0, 4, 7, 11),
    "Mmaj9": (0, 4, 7, 11, 14),
    "M7": (0, 4, 7, 10),
    "M9": (0, 4, 7, 10, 14),
    "M13": (0, 4, 10, 14, 21),
    "M7b9": (0, 4, 7, 10, 13),
    "M6": (0, 4, 7, 9),
    "Madd9": (0, 4, 7, 14),
    "Msus2": (0, 2, 7),
    "Msus4": (0, 5, 7),
    "M5": (0, 7),
    "m7": (0, 3, 7, 10),
    "m9": (0, 3, 7, 10, 14),
    "m6": (0, 3, 7, 9),
    "madd9": (0, 3, 7, 14),
    "msus2": (0, 2, 7),
    "msus4": (0, 5, 7),
    "m5": (0, 7),
    "m7b5": (0, 3, 6, 10),
    "mdim": (0, 3, 6),
}


@dataclass(frozen=True)
class Chord:
    """A chord by its numeral; pitch classes are absolute (0 is C)."""

    numeral: str
    root: int
    classes: tuple[int, ...]


@dataclass(frozen=True)
class Slot:
    """A chord in time: `start` and `beats` in beats from the beginning of the piece."""

    start: float
    beats: float
    chord: Chord


def chord(numeral: str, tonic: int) -> Chord:
    """The chord that a numeral names in a key: ii7, bVImaj7, V, iadd9, iv6 …

    Numerals are relative to the major scale, so that the sixth chord of a minor key is bVI. Raises ValueError
    for a numeral that is not known.
    """
    found = _NUMERAL.fullmatch(numeral)
    if not found:
        raise ValueError(f"{numeral!r} is not a chord numeral")
    shift = {"b": -1, "#": 1, "": 0}[found[1]]
    kind = ("M" if found[2].isupper() else "m") + found[3]
    if kind not in _KINDS:
        raise ValueError(f"{numeral!r} is not a chord numeral")
    root = (tonic + _DEGREES[found[2].lower()] + shift) % 12
    return Chord(numeral, root, tuple((root + step) % 12 for step in _KINDS[kind]))


def scale(tonic: int, mode: str) -> tuple[int, ...]:
    """The pitch classes of a mode."""
    return tuple((tonic + step) % 12 for step in MODES[mode])


def scale_over(tonic: int, mode: str, over: Chord) -> frozenset[int]:
    """The scale as it is bent by a chord: tones of the chord replace their chromatic neighbours."""
    own = set(scale(tonic, mode))
    foreign = set(over.classes) - own
    bent = {
        c for c in own if not any((c - f) % 12 in (1, 11) for f in foreign) or c in over.classes
    }
    return frozenset(bent | set(over.classes))


def progression(text: str, tonic: int, bars: int, start: int, meter: int) -> list[Slot]:
    """Fills `bars` from bar `start` with the chords of the text: a word is a bar, a comma splits a bar."""
    words = text.split()
    slots: list[Slot] = []
    for bar in range(bars):
        numerals = words[bar % len(words)].split(",")
        beats = meter / len(numerals)
        for k, numeral in enumerate(numerals):
            slots.append(Slot((start + bar) * meter + k * beats, beats, chord(numeral, tonic)))
    return slots


def voicings(over: Chord, low: int, high: int, voices: int) -> list[tuple[int, ...]]:
    """Every way to lay the chord between two MIDI notes that sounds open: no mud below, no gap above an
    octave.
    """
    classes = _essential(over, voices)
    choices = [[p for p in range(low, high + 1) if p % 12 == c] for c in classes]
    found: list[tuple[int, ...]] = []
    for pick in itertools.product(*choices):
        notes = tuple(sorted(pick))
        gaps = [b - a for a, b in itertools.pairwise(notes)]
        muddy = any(
            gap < 1 or (gap < 3 and note < 55) for gap, note in zip(gaps, notes, strict=False)
        )
        if (
            max(gaps, default=0) <= 12
            and not muddy
            and gaps.count(1) <= 1
            and (not gaps or gaps[-1] > 1)
        ):
            found.append(notes)
    return found or [tuple(sorted(next(iter(c)) for c in choices if c))]


def _essential(over: Chord, voices: int) -> tuple[int, ...]:
    """The chord's tones for so many voices: of a rich chord the fifth goes first, then the root."""
    classes = list(over.classes)
    if len(classes) > voices and len(classes) > 3:
        classes.pop(2)
    if len(classes) > voices:
        classes.pop(0)
    while len(classes) < voices:
        classes.append(over.classes[len(classes) % len(over.classes)])
    return tuple(classes[:voices])


def voice_led(chords: Sequence[Chord], low: int, high: int, voices: int) -> list[tuple[int, ...]]:
    """One voicing for each chord, so that all voices move as little as they can and stay in their range."""
    centre = (low + high) / 2
    result: list[tuple[int, ...]] = []
    for over in chords:
        options = voicings(over, low, high, voices)
        last = result[-1] if result else None
        result.append(min(options, key=lambda notes: (_effort(notes, last, centre), notes)))
    return result


def _effort(notes: tuple[int, ...], last: tuple[int, ...] | None, centre: float) -> float:
    spread = notes[-1] - notes[0]
    stray = (
        abs(sum(notes) / len(notes) - centre) * 0.6
        + max(0, spread - 17) * 0.5
        + max(0, 9 - spread) * 0.5
    )
    if last is None or len(last) != len(notes):
        return stray
    moves = [b - a for a, b in zip(last, notes, strict=True)]
    parallel = 3.0 if len({m for m in moves if m}) == 1 and all(moves) else 0.0
    return sum(abs(m) for m in moves) + stray + parallel + 0.7 * max(abs(m) for m in moves)
