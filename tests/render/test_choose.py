"""The prompt decides what kind of picture is painted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.render.pictures.canvas import PAINTERS
from flexura.render.pictures.choose import choose, size_in
from flexura.render.words import read

CASES = [
    ("a futuristic city at night, neon lights, cinematic", "scene"),
    ("a futuristic city at night", "scene"),
    ("cinematic rainy street at night, neon reflections, highly detailed", "scene"),
    ("a cat playing with a ball of yarn", "scene"),
    ("snowy mountains at dawn", "scene"),
    ("calm sea under a full moon", "scene"),
    ("a forest in the fog", "scene"),
    ("desert dunes at sunset", "scene"),
    ("nebula in deep space", "scene"),
    ("wallpaper of mountains at golden hour", "scene"),
    ("hero background of snowy mountains", "scene"),
    ("a poster of mountains at sunset", "scene"),
    ("a lighthouse in a storm", "scene"),
    ("aurora over a frozen lake", "scene"),
    ("abstract waves of blue", "abstract"),
    ("mesh gradient, pink and violet", "abstract"),
    ("hero background for a fintech startup", "abstract"),
    ("landing page background, soft", "abstract"),
    ("topographic contour lines", "abstract"),
    ("halftone dots in red", "abstract"),
    ("bauhaus composition", "abstract"),
    ("glassmorphism orbs", "abstract"),
    ("aurora gradient background", "abstract"),
    ("something quite unnameable", "abstract"),
    ("", "abstract"),
    ("seamless pattern of leaves", "pattern"),
    ("terrazzo in pastel colours", "pattern"),
    ("polka dots pink", "pattern"),
    ("repeating geometric pattern", "pattern"),
    ("pattern of cats", "pattern"),
    ("red plaid", "pattern"),
    ("truchet tiles", "pattern"),
    ("wrapping paper with stars", "pattern"),
    ("wood texture", "texture"),
    ("seamless marble texture", "texture"),
    ("marble background", "texture"),
    ("brushed metal surface", "texture"),
    ("grass texture, seen from above", "texture"),
    ("concrete wall", "texture"),
    ("seamless stone", "texture"),
    ("app icon for a music player", "icon"),
    ("a chat app icon, green", "icon"),
    ("favicon for a bakery", "icon"),
    ("bar chart icon", "icon"),
    ("app icon for a chart app", "icon"),
    ("minimal icon of a mountain", "icon"),
    ("logo for Acme", "logo"),
    ("logo for Pattern Labs", "logo"),
    ("monogram for Jane Porter", "logo"),
    ("wordmark for Lumen", "logo"),
    ("coffee shop logo", "logo"),
    ('social card "Ship faster"', "card"),
    ("og image for the launch of Nimbus", "card"),
    ('banner "Summer sale"', "card"),
    ("banner for our summer sale", "card"),
    ('a poster saying "Jazz Night"', "card"),
    ('quote card "Less is more"', "card"),
    ("twitter card announcing version 2", "card"),
    ('"Hello world"', "card"),
    ("placeholder 800x600", "placeholder"),
    ("640x480", "placeholder"),
    ("dark placeholder", "placeholder"),
    ("avatar for jane@example.com", "avatar"),
    ("jane@example.com", "avatar"),
    ("identicon for octocat", "avatar"),
    ("profile picture of Jane", "avatar"),
    ("bar chart of sales 2021: 10, 2022: 20", "chart"),
    ("monthly revenue line chart", "chart"),
    ("apples: 4, pears: 7, plums: 2", "chart"),
    ("donut chart of traffic sources", "chart"),
    ("wireframe of a login page", "wireframe"),
    ("dashboard wireframe with bar chart", "wireframe"),
    ("kanban board mockup", "wireframe"),
]


@pytest.mark.parametrize(("prompt", "style"), CASES)
def test_the_prompt_decides_the_style(prompt: str, style: str) -> None:
    assert choose(read(prompt), {}) == style


def test_data_alone_asks_for_a_chart() -> None:
    assert choose(read("sales of the year"), {"data": "a: 1, b: 2"}) == "chart"


def test_a_title_alone_asks_for_a_card() -> None:
    assert choose(read("something violet"), {"text": "Hello"}) == "card"


def test_a_quoted_style_word_is_a_text_and_not_a_style() -> None:
    assert choose(read('social card "Our new logo"'), {}) == "card"


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        ("placeholder 800x600", (800, 600)),
        ("banner 1200 \u00d7 630", (1200, 630)),
        ("room 101", None),
        ("v1.20x30.1", None),
    ],
)
def test_a_size_is_read_from_the_prompt(prompt: str, size: tuple[int, int] | None) -> None:
    assert size_in(prompt) == size


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_every_text_leads_to_a_style_that_exists(prompt: str) -> None:
    assert choose(read(prompt), {}) in PAINTERS
