"""Music has the length, tempo and key that were asked for, and different prompts sound different."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.render import listening
from tests.render.samples import streams

from flexura.render import task as task_module
from flexura.render.random import rng
from flexura.render.sound import music
from flexura.render.sound.arrange import compose
from flexura.render.sound.brief import Brief, read_brief
from flexura.render.sound.genres import PACE, STYLES
from flexura.render.sound.loudness import loudness
from flexura.render.sound.perform import perform
from flexura.render.task import Made, Task, TaskError

SCHEMA = json.loads(
    (Path(task_module.__file__).parent / "models" / "music.json").read_text(encoding="utf-8")
)["input_schema"]["properties"]


def made(prompt: str, out: Path, seed: int = 1, **options: Any) -> Made:
    defaults = {name: option["default"] for name, option in SCHEMA.items()}
    return music.make(
        Task("music", prompt, defaults | {"seconds": 6, "format": "wav"} | options, seed, out)
    )


@lru_cache(maxsize=64)
def heard(
    prompt: str, seconds: float = 12.0, seed: int = 1, loop: bool = False, **options: Any
) -> Any:
    brief = read_brief(prompt, options)
    score, piece = compose(brief, seconds, loop, rng(prompt, seed))
    return perform(score, piece, brief.genre, rng(prompt, seed, "p"), lambda done: None)


@pytest.mark.parametrize("format", ["wav", "mp3", "ogg"])
def test_music_is_as_long_as_asked_in_every_format(format: str, tmp_path: Path) -> None:
    file = made("calm piano", tmp_path / "m", seconds=4.5, format=format).files[0]
    seconds, kinds = streams(file.path)
    assert list(kinds) == ["audio"]
    assert file.seconds == pytest.approx(4.5)
    assert seconds == pytest.approx(4.5, abs=0.06)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_piece(tmp_path: Path) -> None:
    first, again, other = (
        made("happy ukulele", tmp_path / name, seed=seed).files[0].path.read_bytes()
        for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert first == again
    assert first != other


def test_a_fresh_process_gives_the_same_bytes(tmp_path: Path) -> None:
    here = made("lofi beats", tmp_path / "here", seconds=3).files[0].path.read_bytes()
    code = (
        "import sys; from pathlib import Path; from flexura.render.task import Task;"
        "from flexura.render.sound.music import make;"
        "make(Task('music', 'lofi beats', eval(sys.argv[1]), 1, Path(sys.argv[2])))"
    )
    options = {name: option["default"] for name, option in SCHEMA.items()} | {
        "seconds": 3,
        "format": "wav",
    }
    source = str(Path(task_module.__file__).parents[2])
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {source!r}); {code}",
            repr(options),
            str(tmp_path / "there"),
        ],
        check=True,
    )
    assert (tmp_path / "there.wav").read_bytes() == here


@pytest.mark.parametrize("tempo", [96.0, 128.0, 150.0])
def test_the_tempo_that_was_asked_for_is_heard(tempo: float) -> None:
    sound = heard("driving house", 14, tempo=tempo)
    at = listening.beats_at(sound, tempo)
    assert at > 0.4
    assert at > 2 * max(listening.beats_at(sound, tempo * factor) for factor in (0.91, 1.09, 1.17))


@pytest.mark.parametrize(
    ("name", "tonic", "mode"),
    [("D minor", 2, "minor"), ("E major", 4, "major"), ("Bb major", 10, "major")],
)
def test_the_key_that_was_asked_for_is_heard(name: str, tonic: int, mode: str) -> None:
    found = listening.key(heard("orchestral strings", 16, key=name))
    relative = ((tonic + 3) % 12, "major") if mode == "minor" else ((tonic - 3) % 12, "minor")
    # A relative key has the same notes; which of the two is home lies in their order, not in their sum.
    assert found in ((tonic, mode), relative)


def test_the_prompt_and_the_option_name_the_key_alike() -> None:
    prompt, option = (
        read_brief("a sad piano in F# minor", {}),
        read_brief("a sad piano", {"key": "F# minor"}),
    )
    assert (prompt.tonic, prompt.mode) == (option.tonic, option.mode) == (6, "minor")


@pytest.mark.parametrize("genre", STYLES)
def test_every_genre_is_mastered_cleanly(genre: str) -> None:
    sound = heard(genre, 8)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 0.9
    assert abs(float(sound.mean())) < 1e-3
    assert -17.5 < loudness(sound) < -12
    assert np.abs(sound[:, 0]).max() < 0.01
    assert np.abs(sound[:, -1]).max() < 0.01
    assert np.corrcoef(sound)[0, 1] < 0.999 or genre == "chiptune"
    # No hole in the middle of the music.
    middle = sound[:, : int(6.5 * 48_000)]
    assert (
        min(listening.decibels(part) for part in np.array_split(middle[:, 4800:], 6, axis=1)) > -45
    )


def test_genres_sound_different() -> None:
    prints = {genre: listening.fingerprint(heard(genre, 8)) for genre in STYLES}
    pace = {genre: listening.onsets(heard(genre, 8)).std() for genre in ("ambient", "techno")}
    names = list(prints)
    closest = min(
        np.linalg.norm(prints[a] - prints[b]) for k, a in enumerate(names) for b in names[k + 1 :]
    )
    assert closest > 0.03
    assert pace["techno"] > 3 * pace["ambient"]
    assert listening.centroid(heard("lo-fi", 8)) < 0.7 * listening.centroid(heard("chiptune", 8))


def test_moods_differ_in_mode_and_pace() -> None:
    for seed in range(5):
        happy, _ = compose(read_brief("happy acoustic", {}), 30, False, rng("h", seed))
        _, sad = compose(read_brief("sad acoustic", {}), 30, False, rng("s", seed))
        assert happy.tempo > 98
        assert sad.mode == "minor"


@pytest.mark.parametrize("genre", ["ambient", "chiptune", "house", "waltz"])
def test_a_loop_joins_its_end_to_its_start_on_a_whole_bar(genre: str) -> None:
    brief = read_brief(genre, {})
    score, piece = compose(brief, 10, True, rng(genre, 3))
    sound = perform(score, piece, genre, rng(genre, 3, "p"), lambda done: None)
    assert sound.shape[-1] == pytest.approx(score.seconds * 48_000, abs=1)
    assert listening.seam(sound) < 1.0
    edge = 2400
    joined = np.concatenate([sound[:, -edge:], sound[:, :edge]], axis=1)
    # The start of a loop is not faded in: what rings over the end goes on at the beginning.
    assert listening.decibels(joined) > listening.decibels(sound) - 14


def test_a_loop_whose_tempo_is_fixed_is_rounded_to_a_bar_and_says_so(tmp_path: Path) -> None:
    result = made("house", tmp_path / "m", seconds=7, loop=True, tempo=100)
    assert result.files[0].seconds == pytest.approx(7.2)
    assert [warning.code for warning in result.warnings] == ["length_rounded"]


def test_a_loop_as_mp3_warns_of_the_gap_that_players_leave(tmp_path: Path) -> None:
    result = made("house", tmp_path / "m", seconds=4, loop=True, format="mp3")
    assert "loop_gap" in [warning.code for warning in result.warnings]


def test_singing_is_not_pretended(tmp_path: Path) -> None:
    result = made("a pop song with female vocals", tmp_path / "m", seconds=2)
    assert [warning.code for warning in result.warnings] == ["subject_not_drawn"]
    assert "singing" in result.warnings[0].message


def test_an_unknown_key_is_refused_with_an_example(tmp_path: Path) -> None:
    with pytest.raises(TaskError) as caught:
        made("piano", tmp_path / "m", key="H sharp dorian-ish")
    assert caught.value.code == "invalid_request"
    assert "D minor" in caught.value.next_step


@pytest.mark.parametrize(
    ("prompt", "genre", "mood"),
    [
        ("calm ambient background music", "ambient", "calm"),
        ("lofi hip hop beats to study to", "lo-fi", "calm"),
        ("8-bit chiptune for a boss battle", "chiptune", "epic"),
        ("epic cinematic trailer", "cinematic", "epic"),
        ("happy ukulele for a commercial", "acoustic", "happy"),
        ("dark techno", "techno", "dark"),
        ("smooth jazz in a cafe", "jazz", "calm"),
        ("a sad piano piece", "ambient", "sad"),
        ("", "acoustic", "happy"),
    ],
)
def test_a_prompt_is_read_for_genre_and_mood(prompt: str, genre: str, mood: str) -> None:
    brief = read_brief(prompt, {})
    assert (brief.genre, brief.mood) == (genre, mood)


@pytest.mark.parametrize(
    ("prompt", "tonic", "mode"),
    [
        ("a waltz in D minor", 2, "minor"),
        ("in Eb major", 3, "major"),
        ("C# minor techno", 1, "minor"),
        ("in the key of G", 7, ""),
        ("in Am", 9, "minor"),
        ("a major hit about a minor problem", -1, ""),
        ("A song in America", -1, ""),
    ],
)
def test_a_prompt_is_read_for_its_key(prompt: str, tonic: int, mode: str) -> None:
    brief = read_brief(prompt, {})
    assert (brief.tonic, brief.mode) == (tonic, mode)


def test_instruments_that_are_named_play_and_those_that_are_denied_do_not() -> None:
    for seed in range(6):
        with_cello, _ = compose(
            read_brief("cinematic with cello and harp", {}), 40, False, rng(seed)
        )
        without, _ = compose(
            read_brief("acoustic tune without drums and bass", {}), 40, False, rng(seed)
        )
        played = {part.instrument for part in with_cello.parts}
        assert played & {"strings", "strings_lead"}
        assert "harp" in played
        assert not {part.role for part in without.parts} & {"drums", "bass"}


def test_what_follows_a_denied_instrument_is_not_denied() -> None:
    brief = read_brief("ambient, no drums or bass with soft piano", {})
    assert brief.without == {"drums", "bass"}
    assert brief.instruments == ("piano",)


def test_a_solo_keeps_to_its_instrument() -> None:
    score, _ = compose(read_brief("solo piano, melancholic", {}), 30, False, rng("solo"))
    assert {part.instrument for part in score.parts} == {"piano"}


@settings(max_examples=40, deadline=None)
@given(
    genre=st.sampled_from(sorted(STYLES)),
    mood=st.sampled_from(sorted(PACE)),
    seconds=st.floats(1, 300),
    tempo=st.sampled_from([0.0, 40.0, 97.0, 220.0]),
    loop=st.booleans(),
    seed=st.integers(1, 1 << 40),
)
def test_any_brief_gives_a_whole_score(
    genre: str, mood: str, seconds: float, tempo: float, loop: bool, seed: int
) -> None:
    brief = Brief(genre, mood, tempo, 1.0, -1, "", (), frozenset(), ())
    score, piece = compose(brief, seconds, loop, rng(seed))
    assert score.tempo == pytest.approx(tempo or score.tempo)
    assert sum(section.bars for section in score.sections) == score.bars
    assert [s.start for s in score.sections] == list(
        np.cumsum([0, *(s.bars for s in score.sections)])[:-1]
    )
    assert score.parts
    if not loop:
        assert piece.plan.seconds == seconds
    for part in score.parts:
        for note in part.notes:
            assert -0.001 <= note.start < score.bars * score.meter + 0.001
            assert note.beats > 0
            assert 0 < note.velocity <= 1.05
            assert part.role == "drums" or 24 <= note.pitch <= 108


def test_the_options_of_the_model_are_the_ones_that_the_composer_knows() -> None:
    assert set(SCHEMA["genre"]["enum"]) == {"auto", *STYLES}
    assert set(SCHEMA["mood"]["enum"]) == {"auto", *PACE}
