"""Palettes and colour arithmetic."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.render.oklab import (
    RGB,
    from_hex,
    from_oklab,
    from_polar,
    gradient,
    lightness,
    mix,
    polar,
    to_hex,
    to_oklab,
)
from flexura.render.palette import NAMES, Palette, from_colours, hour, palette
from flexura.render.random import rng
from flexura.render.words import read

unit = st.floats(0, 1)
colours = st.tuples(unit, unit, unit)


def _every(colours_of: Palette) -> tuple[RGB, ...]:
    own = colours_of
    return (*own.sky, own.light, own.haze, own.dark, *own.accents)


def _hue_distance(one: RGB, other: RGB) -> float:
    away = abs(polar(one)[2] - polar(other)[2]) % (2 * math.pi)
    return min(away, 2 * math.pi - away)


@given(colours)
def test_oklab_there_and_back_is_the_same_colour(colour: RGB) -> None:
    assert from_oklab(to_oklab(colour)) == pytest.approx(colour, abs=2e-3)


@given(colours, colours, unit)
def test_a_mixture_lies_between_its_parts(one: RGB, other: RGB, share: float) -> None:
    low, high = sorted((lightness(one), lightness(other)))
    assert low - 0.02 <= lightness(mix(one, other, share)) <= high + 0.02


@given(unit, st.floats(0, 0.5), st.floats(-math.pi, math.pi))
def test_a_polar_colour_can_always_be_shown(light: float, chroma: float, hue: float) -> None:
    assert all(0 <= channel <= 1 for channel in from_polar(light, chroma, hue))


@given(st.integers(0, 0xFFFFFF))
def test_a_colour_code_survives_reading_and_writing(number: int) -> None:
    assert to_hex(from_hex(f"{number:06x}")) == f"#{number:06x}"


@pytest.mark.parametrize("code", ["#12", "#12345", "blue!", ""])
def test_a_wrong_colour_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"rrggbb|invalid literal"):
        from_hex(code)


def test_a_gradient_starts_and_ends_with_its_stops() -> None:
    steps = gradient(((1, 0, 0), (0, 0, 1)), 9)
    assert steps[0] == pytest.approx((1, 0, 0), abs=2e-3)
    assert steps[-1] == pytest.approx((0, 0, 1), abs=2e-3)


@given(st.text(max_size=60), st.integers(1, 2**31), st.sampled_from(["", "auto", *NAMES]))
def test_every_palette_holds_colours_that_can_be_shown(prompt: str, seed: int, name: str) -> None:
    chosen = palette(read(prompt), rng("palette", prompt, seed), name)
    assert all(0 <= channel <= 1 for colour in _every(chosen) for channel in colour)


def test_the_dark_of_a_palette_is_darker_than_its_light() -> None:
    for name in NAMES:
        chosen = palette(read(""), rng(1), name)
        assert lightness(chosen.dark) < 0.5 < 0.85 < lightness(chosen.light)


def test_night_is_darker_than_day() -> None:
    night, day = (palette(read(f"city by {time}"), rng(3)) for time in ("night", "day"))
    assert lightness(night.sky[1]) < lightness(day.sky[1]) - 0.2
    assert night.is_dark
    assert not day.is_dark


@pytest.mark.parametrize("word", ["purple", "teal", "orange", "green"])
def test_a_colour_word_gives_the_sky_its_hue(word: str) -> None:
    asked = read(f"{word} mountains at dusk")
    chosen = palette(asked, rng(5))
    assert _hue_distance(chosen.sky[1], asked.colours[0]) < 0.5


def test_codes_as_a_name_steer_the_palette() -> None:
    chosen = palette(read("mountains"), rng(5), "#1faa55")
    assert _hue_distance(chosen.sky[1], from_hex("#1faa55")) < 0.4


def test_an_unknown_name_counts_as_none() -> None:
    words = read("mountains")
    assert palette(words, rng(5), "no such palette") == palette(words, rng(5))


def test_a_ramp_runs_from_dark_to_light() -> None:
    steps = palette(read("sea at dawn"), rng(2)).ramp(7)
    levels = [lightness(step) for step in steps]
    assert len(steps) == 7
    assert levels == sorted(levels)


def test_one_colour_alone_makes_a_palette_of_its_hue() -> None:
    chosen = from_colours((from_hex("#7b2cbf"),))
    assert chosen.accent == from_hex("#7b2cbf")
    assert lightness(chosen.sky[0]) < lightness(chosen.sky[3])


def test_the_hour_is_what_the_prompt_says() -> None:
    assert hour(read("a beach at sunset"), rng(1)) == "sunset"
    assert hour(read("northern lights"), rng(1)) == "night"
    assert hour(read("a futuristic neon city"), rng(1)) == "night"
