"""Harmony, voice leading, melody and form follow the rules that make music out of notes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.render.random import rng
from flexura.render.sound.arrange import compose
from flexura.render.sound.brief import Brief
from flexura.render.sound.form import plan, sections
from flexura.render.sound.genres import STYLES
from flexura.render.sound.harmony import chord, progression, scale_over, voice_led
from flexura.render.sound.notes import Score


@pytest.mark.parametrize(
    ("numeral", "classes"),
    [
        ("I", (0, 4, 7)),
        ("bVImaj7", (8, 0, 3, 7)),
        ("ii7b5", (2, 5, 8, 0)),
        ("V7", (7, 11, 2, 5)),
        ("iv", (5, 8, 0)),
    ],
)
def test_a_numeral_names_its_chord(numeral: str, classes: tuple[int, ...]) -> None:
    assert chord(numeral, 0).classes == classes
    assert chord(numeral, 3).classes == tuple((c + 3) % 12 for c in classes)


@pytest.mark.parametrize("numeral", ["", "VIII", "Iwhat", "X"])
def test_a_numeral_that_is_none_is_refused(numeral: str) -> None:
    with pytest.raises(ValueError, match="numeral"):
        chord(numeral, 0)


@pytest.mark.parametrize("genre", STYLES)
def test_every_progression_can_be_played(genre: str) -> None:
    for text in (*STYLES[genre].major, *STYLES[genre].minor):
        slots = progression(text, 5, 8, 0, 4)
        assert sum(slot.beats for slot in slots) == 32
        for notes, slot in zip(voice_led([s.chord for s in slots], 52, 74, 4), slots, strict=True):
            assert {note % 12 for note in notes} <= set(slot.chord.classes)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["I", "ii", "iii", "IV", "V", "vi", "Imaj7", "ii7", "V7", "bVII", "iv"]),
        min_size=2,
        max_size=8,
    ),
    st.integers(0, 11),
)
def test_voices_move_little_from_chord_to_chord(numerals: list[str], tonic: int) -> None:
    led = voice_led([chord(numeral, tonic) for numeral in numerals], 52, 76, 4)
    for before, after in itertools.pairwise(led):
        moves = [abs(a - b) for a, b in zip(before, after, strict=True)]
        assert np.mean(moves) <= 4
        assert max(moves) <= 9
    for notes in led:
        assert list(notes) == sorted(set(notes))


def test_a_foreign_tone_of_the_chord_bends_the_scale() -> None:
    over = scale_over(9, "minor", chord("V", 9))
    assert 8 in over
    assert 7 not in over


def _score(genre: str, seed: int) -> tuple[Score, int]:
    brief = Brief(genre, "happy", 0.0, 1.0, 2, "major", (), frozenset(), ())
    score, piece = compose(brief, 45, False, rng(seed))
    return score, piece.tonic


@pytest.mark.parametrize("genre", ["acoustic", "orchestral", "chiptune", "waltz", "synthwave"])
def test_a_melody_ends_at_home_sings_in_its_range_and_comes_back(genre: str) -> None:
    for seed in range(8):
        score, tonic = _score(genre, seed)
        tune = next((part.notes for part in score.parts if part.role == "melody"), ())
        assert tune
        assert tune[-1].pitch % 12 == tonic
        steps = [abs(b.pitch - a.pitch) for a, b in itertools.pairwise(tune)]
        assert max(steps) <= 14
        assert np.mean([step <= 4 for step in steps]) > 0.6
        bars = {}
        for note in tune:
            bar = int(note.start // score.meter)
            bars.setdefault(bar, []).append((note.start - bar * score.meter, note.beats))
        rhythms = [tuple(cells) for cells in bars.values()]
        assert len(set(rhythms)) < len(rhythms)


def test_strong_beats_of_the_melody_belong_to_the_chord() -> None:
    brief = Brief("orchestral", "happy", 0.0, 1.0, 0, "major", (), frozenset(), ())
    for seed in range(6):
        score, piece = compose(brief, 60, False, rng("strong", seed))
        tune = next(part.notes for part in score.parts if part.role == "melody")
        for note in tune:
            slot = next(s for s in piece.slots if s.start <= note.start < s.start + s.beats)
            if (note.start - slot.start) % 4 == 0:
                assert note.pitch % 12 in slot.chord.classes


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 300), st.floats(40, 220), st.sampled_from([3, 4]), st.booleans(), st.booleans())
def test_a_plan_fills_the_time_with_whole_bars(
    seconds: float, tempo: float, meter: int, fixed: bool, loop: bool
) -> None:
    found = plan(seconds, tempo, meter, fixed=fixed, loop=loop)
    bars = found.bars * meter * 60 / found.tempo
    assert found.bars >= 1
    assert abs(found.tempo / tempo - 1) <= (0 if fixed else 0.126)
    if loop:
        assert found.seconds == pytest.approx(bars)
    else:
        assert found.seconds == seconds
        assert bars <= seconds * 1.06 or found.bars == 1


@pytest.mark.parametrize("bars", [1, 2, 5, 8, 13, 21, 64, 150])
def test_a_form_grows_to_a_climax_and_ends(bars: int) -> None:
    parts = sections(bars, loop=False)
    assert sum(part.bars for part in parts) == bars
    themes = [part.energy for part in parts if part.name[0] in "AB"]
    assert themes[-1] == max(themes)
    if bars > 4:
        assert parts[-1].name == "end"
    assert all(part.name[0] in "AB" or part.name == "break" for part in sections(bars, loop=True))
