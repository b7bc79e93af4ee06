"""Reading prompts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.render import vocabulary
from flexura.render.oklab import from_hex, polar
from flexura.render.words import read


def test_the_documented_city_prompt_is_read_whole() -> None:
    words = read("a futuristic city at night, neon lights, cinematic")
    assert (words.place, words.time_of_day) == ("city", "night")
    assert {"futuristic", "neon", "cinematic"} <= set(words.styles)
    assert words.unknown == ()


def test_the_documented_street_prompt_is_read_whole() -> None:
    words = read("cinematic rainy street at night, neon reflections, highly detailed")
    assert (words.place, words.weather, words.time_of_day) == ("street", "rain", "night")
    assert words.unknown == ()


def test_a_cat_with_yarn_is_at_home_in_a_room() -> None:
    words = read("a cat playing with a ball of yarn")
    assert set(words.subjects) == {"cat", "yarn"}
    assert words.place == "room"
    assert words.unknown == ()


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("a dragon eating pizza in the mountains", ("dragon", "pizza")),
        ("a violin and a violin", ("violin",)),
        ("launching rockets slowly into deep space", ()),
        ("calm ambient background music", ()),
    ],
)
def test_only_things_it_does_not_know_are_unknown(prompt: str, unknown: tuple[str, ...]) -> None:
    assert read(prompt).unknown == unknown


def test_plurals_and_phrases_mean_the_same_as_single_words() -> None:
    assert read("wolves, boats and cherry trees").subjects == ("boat", "blossom")
    assert read("hot air balloons").subjects == ("balloon",)
    assert read("northern lights").weather == "aurora"


def test_what_is_denied_is_not_taken() -> None:
    words = read("a city street without people and no rain")
    assert "person" not in words.subjects
    assert words.weather == ""


def test_a_colour_before_a_subject_belongs_to_it() -> None:
    words = read("a red boat on a teal sea")
    assert words.tint("boat") == from_hex(vocabulary.COLOURS["red"])
    assert words.free_colours == (from_hex(vocabulary.COLOURS["teal"]),)


def test_a_shade_word_changes_the_colour_after_it() -> None:
    assert polar(read("dark blue").colours[0])[0] < polar(read("blue").colours[0])[0]
    assert polar(read("pale blue").colours[0])[0] > polar(read("blue").colours[0])[0]


def test_hex_codes_are_colours_and_never_words() -> None:
    words = read("a wave in #ff8800 and #0af")
    assert words.colours == (from_hex("#ff8800"), from_hex("#00aaff"))
    assert words.unknown == ()


@pytest.mark.parametrize("quote", ['"{}"', "\u201c{}\u201d", "\u00ab{}\u00bb", "'{}'"])
def test_quoted_text_is_kept_apart(quote: str) -> None:
    words = read("a banner that says " + quote.format("Hello Dragon") + " by the sea")
    assert words.quoted == ("Hello Dragon",)
    assert "dragon" not in words.tokens
    assert words.place == "sea"


def test_an_apostrophe_opens_no_quotation() -> None:
    assert read("the fox's den and the bird's nest").quoted == ()


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("a lake in the mountains", "lake"),
        ("a desk by the window with snow and mountains", "room"),
        ("a lighthouse on a cliff", "island"),
        ("a coral reef", "underwater"),
        ("something", ""),
    ],
)
def test_the_most_telling_place_wins(prompt: str, place: str) -> None:
    assert read(prompt).place == place


def test_a_coral_reef_is_a_place_and_no_colour() -> None:
    assert read("a coral reef").colours == ()


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    words = read(text)
    assert words.text == text
    assert words.place in {"", *vocabulary.PLACES}
    assert set(words.subjects) <= set(vocabulary.SUBJECTS)
    assert len(set(words.unknown)) == len(words.unknown)
