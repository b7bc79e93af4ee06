"""Cards set their title legibly, within their margins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from flexura.render.pictures.card.ground import extremes, scrim_strength, veiled
from flexura.render.pictures.card.painter import paint
from flexura.render.pictures.card.title import title_and_subtitle
from flexura.render.pictures.contrast import contrast, ink_on, legible
from render.sheets import sheet


@pytest.mark.parametrize(
    ("prompt", "options", "texts"),
    [
        ('social card "Hello" "World"', {}, ("Hello", "World")),
        ('social card "Hello"', {"text": "Bye", "subtitle": "Now"}, ("Bye", "Now")),
        ("og image for the launch of Nimbus, dark", {}, ("The launch of Nimbus", "")),
        ("banner for our summer sale, blue gradient", {}, ("Our summer sale", "")),
        ('quote card "Less is more" by Mies Rohe', {}, ("Less is more", "Mies Rohe")),
        ('quote card "Less is more — Mies"', {}, ("Less is more", "Mies")),
    ],
)
def test_the_texts_are_found(prompt: str, options: dict[str, str], texts: tuple[str, str]) -> None:
    assert title_and_subtitle(sheet(prompt, **options)) == texts


@pytest.mark.parametrize("words", ["split", "bold", "centered", "gradient", "quote", ""])
@pytest.mark.parametrize("seed", range(1, 6))
def test_another_title_changes_the_inside_and_never_the_margin(words: str, seed: int) -> None:
    # Both cards have the same prompt, so whatever differs is type.
    one, other = (
        np.asarray(paint(sheet(f"{words} social card", 400, 210, seed, text=text)).image, dtype=int)
        for text in ("Quick brown foxes", "Lazy dogs jumping over")
    )
    differs = np.abs(one - other).max(axis=2) > 24
    assert differs.sum() > 400
    edge = 12
    assert not differs[:edge].any()
    assert not differs[-edge:].any()
    assert not differs[:, :edge].any()


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200), st.text(max_size=80), st.integers(1, 40))
def test_any_text_makes_a_card(title: str, subtitle: str, seed: int) -> None:
    painting = paint(sheet("social card", 120, 63, seed, text=title, subtitle=subtitle))
    assert painting.image.size == (120, 63)


def test_missing_glyphs_are_told() -> None:
    assert [w.code for w in paint(sheet('social card "日本 😀"')).warnings] == ["glyph_missing"]


@pytest.mark.parametrize("seed", range(8))
def test_a_veil_makes_any_picture_legible(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).resize((240, 160), Image.Resampling.BICUBIC)
    box = (20.0, 20.0, 180.0, 140.0)
    image, ink = veiled(
        picture, box, ((1, 1, 1), (0.05, 0.05, 0.1)), dim=bool(seed % 2), aside=True
    )
    dark, bright = extremes(image, box)
    assert min(contrast(ink, dark), contrast(ink, bright)) >= 4.5


def test_a_plain_ground_needs_no_veil() -> None:
    black = Image.new("RGB", (50, 50))
    assert scrim_strength(black, (0, 0, 50, 50), (1, 1, 1), (0, 0, 0)) == 0


@given(st.tuples(*[st.floats(0, 1)] * 3), st.tuples(*[st.floats(0, 1)] * 3))
def test_legible_reaches_the_contrast(
    wanted: tuple[float, float, float], ground: tuple[float, float, float]
) -> None:
    assert contrast(legible(wanted, ground), ground) >= 4.49
    assert contrast(ink_on(ground), ground) >= 4.5
