"""Type: measuring, breaking, fitting, and characters that no face has."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.render import fonts
from flexura.render.type import (
    FACES,
    Setting,
    break_lines,
    drawable,
    fit,
    line_path,
    line_width,
    missing,
    missing_warnings,
)

FOLDER = Path(fonts.__file__).parent


def test_every_face_is_bundled_with_its_licence_and_all_are_small() -> None:
    for name in FACES.values():
        assert (FOLDER / f"{name}.ttf").exists()
        assert any(
            name.startswith(licence.name.removesuffix("-OFL.txt"))
            for licence in FOLDER.glob("*-OFL.txt")
        )
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 1_200_000


@pytest.mark.parametrize("face", FACES)
def test_every_face_draws_latin_with_accents_cyrillic_and_greek(face: str) -> None:
    for text in ("Hamburgefonstiv", "Žluťoučký kůň", "Größe", "Привет", "Ωμέγα"):
        assert missing(text) == ""
        left, _, right, _ = line_path(text, Setting(face, 40), 0, 50).bounds()
        assert right - left == pytest.approx(line_width(text, Setting(face, 40)), rel=0.12)


def test_width_grows_with_size_and_tracking() -> None:
    base = line_width("Wave", Setting("bold", 20))
    assert line_width("Wave", Setting("bold", 40)) == pytest.approx(2 * base)
    assert line_width("Wave", Setting("bold", 20, 0.1)) == pytest.approx(base + 3 * 2)


def test_pairs_are_kerned() -> None:
    setting = Setting("bold", 100)
    assert line_width("AV", setting) < line_width("A", setting) + line_width("V", setting) - 2


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=120), st.floats(30, 600))
def test_broken_lines_fit_and_lose_nothing(text: str, width: float) -> None:
    shown = drawable(text)
    setting = Setting("regular", 20)
    lines = break_lines(shown, setting, width)
    assert "".join(lines).replace(" ", "") == shown.replace(" ", "")
    assert all(line_width(line, setting) <= width + 0.01 or len(line) == 1 for line in lines)


def test_no_word_is_left_alone_when_it_need_not_be() -> None:
    lines = break_lines("one two three four five six", Setting("regular", 20), 150)
    widths = [line_width(line, Setting("regular", 20)) for line in lines]
    assert min(widths) > 0.5 * max(widths)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.floats(20, 500), st.floats(20, 300))
def test_fitted_text_stays_in_its_box(text: str, width: float, height: float) -> None:
    block = fit(drawable(text), Setting("bold", 60), (width, height), smallest=4, most_lines=6)
    assert block.width <= width + 5
    assert block.height <= max(height, block.setting.cap_height) + 0.5


def test_a_text_that_cannot_fit_ends_with_an_ellipsis() -> None:
    block = fit("word " * 300, Setting("regular", 40), (200, 60), smallest=20, most_lines=2)
    assert len(block.lines) <= 2
    assert block.lines[-1].endswith("…")


def test_characters_without_a_glyph_are_left_out_and_told() -> None:
    assert drawable("Hi 😀 日本 there") == "Hi there"
    (warning,) = missing_warnings("Hi 😀", "日本")
    assert warning.code == "glyph_missing"
    assert all(character in warning.message for character in "😀日本")
    assert missing_warnings("plain text", "Größe") == ()


def test_a_right_to_left_script_is_never_shown_garbled() -> None:
    assert drawable("שלום") == ""
    assert "right-to-left" in missing_warnings("שלום")[0].message


def test_a_line_can_be_set_left_centred_and_right() -> None:
    setting = Setting("semibold", 30)
    left = line_path("Mid", setting, 100, 50).bounds()
    middle = line_path("Mid", setting, 100, 50, "center").bounds()
    right = line_path("Mid", setting, 100, 50, "right").bounds()
    width = line_width("Mid", setting)
    assert left[0] - middle[0] == pytest.approx(width / 2)
    assert left[0] - right[0] == pytest.approx(width)
