"""Icons and their glyph library."""

import numpy as np
import pytest

from flexura.render.pictures.contrast import contrast
from flexura.render.pictures.icon.glyphs.glyph import GLYPHS, GRID, find, parts
from flexura.render.pictures.icon.painter import draw, paint
from render.sheets import sheet


def test_the_library_has_more_than_sixty_glyphs() -> None:
    assert len(GLYPHS) >= 60


@pytest.mark.parametrize("name", GLYPHS)
def test_every_glyph_lies_on_its_grid_and_fills_a_good_part_of_it(name: str) -> None:
    boxes = [
        (part.path.bounds(), part.width / 2)
        for part in parts(name)
        if part.mode not in {"cut", "carve"}
    ]
    left, top = min(b[0] - w for b, w in boxes), min(b[1] - w for b, w in boxes)
    right, bottom = max(b[2] + w for b, w in boxes), max(b[3] + w for b, w in boxes)
    assert left > -1.5
    assert top > -1.5
    assert right < GRID + 1.5
    assert bottom < GRID + 1.5
    assert max(right - left, bottom - top) > 15


@pytest.mark.parametrize(
    ("prompt", "glyph"),
    [
        ("app icon for a music player", "music"),
        ("rockets", "rocket"),
        ("icon of a cat", "cat"),
        ("password manager", "lock"),
        ("food delivery", "food"),
        ("a weather app", "sun"),
        ("e-commerce", "cart"),
        ("xylograph", None),
    ],
)
def test_words_find_their_glyph(prompt: str, glyph: str | None) -> None:
    assert find(prompt.split()) == glyph


def test_different_subjects_give_different_icons() -> None:
    pictures = {
        paint(sheet(f"app icon for {name}", 32, 32)).image.tobytes() for name in list(GLYPHS)[:25]
    }
    assert len(pictures) == 25


def test_a_name_without_glyph_becomes_its_monogram_and_nothing_is_warned() -> None:
    painting = paint(sheet('app icon for "Zyrtec"', 96, 96))
    assert painting.warnings == ()


def test_a_subject_without_glyph_is_told() -> None:
    assert [w.code for w in paint(sheet("app icon of a xylograph", 96, 96)).warnings] == [
        "subject_not_drawn"
    ]


@pytest.mark.parametrize(
    "prompt", ["app icon for music", "yellow app icon for the sun", "white camera icon"]
)
@pytest.mark.parametrize("seed", range(1, 7))
def test_the_glyph_stands_out_from_its_tile(prompt: str, seed: int) -> None:
    image = np.asarray(paint(sheet(prompt, 128, 128, seed)).image.convert("RGB"), dtype=float) / 255
    centre = image[40:88, 40:88].reshape(-1, 3)
    order = np.argsort(centre.sum(axis=1))
    low, high = (tuple(float(c) for c in centre[i]) for i in (order[20], order[-20]))
    assert contrast(low, high) > 1.8  # type: ignore[arg-type]


def test_the_svg_and_the_pixels_come_from_the_same_shapes() -> None:
    painting = paint(sheet("app icon for chat", 96, 96))
    drawing = draw(sheet("app icon for chat", 96, 96))
    assert painting.svg is not None
    assert painting.svg.count("<path") == len(drawing.shapes) + 1 + painting.svg.count("<clipPath")
