"""Every family of effects sounds like itself, adjectives change it, and lengths and loops are as asked."""

from __future__ import annotations

import itertools
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.render import listening
from tests.render.samples import samples, streams

from flexura.render.random import rng
from flexura.render.sound import effect
from flexura.render.sound.effects.catalogue import FAMILIES, PHRASES
from flexura.render.sound.effects.family import Family
from flexura.render.sound.effects.request import Reading, Request, read_effects
from flexura.render.task import Made, Task

NAMES = [family.name for family in FAMILIES]


@lru_cache(maxsize=256)
def heard(prompt: str, seconds: float = 0, loop: bool = False, seed: int = 1) -> Any:
    return effect.render(read_effects(prompt), seconds, loop, rng(prompt, seed))


@lru_cache(maxsize=256)
def of(family: Family, seconds: float = 0) -> Any:
    return effect.render(Reading((Request(family),)), seconds, False, rng(family.name))


def made(prompt: str, out: Path, seed: int = 1, **options: Any) -> Made:
    return effect.make(
        Task("effects", prompt, {"seconds": 0, "format": "wav", "loop": False} | options, seed, out)
    )


def named(*names: str) -> list[str]:
    return [request.family.name for name in names for request in read_effects(name).requests]


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_a_family_is_audible_clean_and_of_its_natural_length(family: Family) -> None:
    seconds = min(family.seconds, 3.0) if family.endless else 0
    sound = of(family, seconds)
    assert np.isfinite(sound).all()
    assert sound.shape == (2, round((seconds or family.seconds) * 48_000))
    assert 0.08 < np.abs(sound).max() <= 0.91
    assert abs(float(sound.mean())) < 0.004
    assert np.abs(sound[:, -1]).max() < 0.01
    first = int(np.argmax(np.abs(sound).max(axis=0) > 0.02))
    assert first < 0.35 * sound.shape[-1]


def test_no_two_families_sound_the_same() -> None:
    prints = {
        family.name: listening.fingerprint(
            of(family, min(family.seconds, 3.0) if family.endless else 0)
        )
        for family in FAMILIES
    }
    alike = [
        (a, b)
        for a, b in itertools.combinations(prints, 2)
        if np.linalg.norm(prints[a] - prints[b]) < 0.12
    ]
    assert alike == []


def test_every_phrase_names_its_family_and_no_other() -> None:
    phrases = [" ".join(phrase) for phrase in PHRASES]
    assert len(set(phrases)) == len(phrases)
    for phrase, family in PHRASES.items():
        found = read_effects(" ".join(phrase)).requests
        assert family in [request.family for request in found]
    words = [phrase for family in FAMILIES for phrase in family.words.split("|")]
    assert [word for word in set(words) if words.count(word) > 1] == []


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("button click", ["click"]),
        ("a soft UI hover sound", ["hover"]),
        ("success chime for a payment app", ["success"]),
        ("game over", ["game_over"]),
        ("underwater explosion", ["explosion"]),
        ("bubble pop", ["pop"]),
        ("door bell", ["door_bell"]),
        ("heavy rain on a window with distant thunder", ["rain", "thunder"]),
        ("whoosh followed by an impact", ["whoosh", "impact"]),
        ("wind and birds", ["wind", "birds"]),
        ("cat meow", ["meow"]),
        ("retro coin pickup", ["coin"]),
        ("footsteps on gravel", ["footsteps"]),
        ("sci-fi laser gun", ["laser"]),
    ],
)
def test_a_prompt_is_read_for_its_effects(prompt: str, names: list[str]) -> None:
    assert named(prompt) == names


def test_deep_is_lower_bright_is_higher_and_long_is_longer() -> None:
    for name in ("bell", "hit", "laser", "notification", "drop", "sword"):
        deep, usual, high = (
            listening.centroid(effect.render(read_effects(f"{word} {name}"), 0, False, rng(name)))
            for word in ("deep", "", "high")
        )
        assert deep < usual < high, name
    assert (
        heard("long whoosh").shape[-1]
        > 1.5 * heard("whoosh").shape[-1]
        > 2 * heard("quick whoosh").shape[-1]
    )


def test_soft_is_quieter_than_loud() -> None:
    for name in ("click", "rain", "hit"):
        assert (
            listening.decibels(heard(f"soft {name}"))
            < listening.decibels(heard(f"loud {name}")) - 5
        )


def test_materials_and_spaces_are_heard() -> None:
    metal, wood = heard("metal hit"), heard("wooden hit")
    assert np.abs(listening.fingerprint(metal) - listening.fingerprint(wood)).max() > 0.15
    assert heard("gunshot in a cathedral").shape[-1] > 2 * heard("gunshot").shape[-1]
    assert listening.centroid(heard("muffled alarm")) < 0.7 * listening.centroid(heard("alarm"))
    assert listening.centroid(heard("radio siren")) != listening.centroid(heard("siren"))


def test_retro_sounds_are_coarse() -> None:
    # A crushed sound has few levels: neighbouring samples are often exactly alike before they are filtered.
    assert listening.centroid(heard("retro explosion")) > 1.2 * listening.centroid(
        heard("explosion")
    )


def test_reversed_sounds_end_where_they_began() -> None:
    def half(sound: listening.Sound) -> float:
        energy = np.cumsum(np.square(sound).sum(axis=0))
        return float(np.searchsorted(energy, energy[-1] / 2) / len(energy))

    assert half(heard("bell")) < 0.2 < 0.7 < half(heard("reversed bell"))


@pytest.mark.parametrize(
    "prompt", ["rain", "engine", "siren", "clock ticking", "wind and crickets", "fan", "purr"]
)
def test_a_texture_loops_without_a_seam(prompt: str) -> None:
    sound = heard(prompt, 2.37, True)
    assert sound.shape[-1] == round(2.37 * 48_000)
    assert listening.seam(sound) < 1.0
    assert listening.decibels(sound[:, :12_000]) > listening.decibels(sound) - 13


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(FAMILIES),
    st.sampled_from([0.05, 0.3, 1.0, 2.5]),
    st.booleans(),
    st.integers(1, 1 << 40),
)
def test_any_length_can_be_asked_of_any_family(
    family: Family, seconds: float, loop: bool, seed: int
) -> None:
    sound = effect.render(Reading((Request(family),)), seconds, loop, rng(seed))
    assert sound.shape == (2, round(seconds * 48_000))
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 0.91


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_prompt_is_read(prompt: str) -> None:
    assert 1 <= len(read_effects(prompt).requests) <= 4


@pytest.mark.parametrize("format", ["wav", "mp3", "ogg"])
def test_the_file_is_as_long_as_asked_in_every_format(format: str, tmp_path: Path) -> None:
    file = made("ocean waves", tmp_path / "e", seconds=3, format=format).files[0]
    seconds, kinds = streams(file.path)
    assert (list(kinds), file.seconds) == (["audio"], 3.0)
    assert seconds == pytest.approx(3, abs=0.06)
    assert listening.decibels(samples(file.path).T) > -40


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_sound(tmp_path: Path) -> None:
    first, again, other = (
        made("magic sparkle", tmp_path / name, seed=seed).files[0].path.read_bytes()
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert first == again
    assert first != other


def test_an_unknown_sound_is_replaced_by_the_nearest_and_says_so(tmp_path: Path) -> None:
    result = made("xylograph zither", tmp_path / "e")
    assert [warning.code for warning in result.warnings] == ["subject_not_drawn"]
    assert "whoosh" in result.warnings[0].message
    assert named("a thundr storm") == ["storm"]
    assert named("sound for my arcade cabinet") == ["coin"]
    assert made("coin", tmp_path / "known").warnings == ()
