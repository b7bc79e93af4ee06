"""A picture is edited as the words and the options say, and a stranger's file does no harm."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from tests.render.samples import colourfulness, given, photo, sharpness, task

from flexura.provenance.reading import record_in
from flexura.render.registry import models
from flexura.render.task import File, Made, TaskError
from flexura.render.transform import retouch
from flexura.render.transform.filter_names import FILTER_NAMES
from flexura.render.transform.retouch import make
from flexura.render.transform.wishes import read_wishes


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.bin"
    photo(120, 80).save(path, "PNG")
    return path


def edited(source: Path, prompt: str = "", **options: Any) -> Made:
    return make(task("retouch", source.with_name("out"), prompt, given(source), **options))


def pixels(file: File) -> NDArray[np.int_]:
    with Image.open(file.path) as read:
        return np.asarray(read.convert("RGB"), int)


def test_words_alone_make_it_black_and_white_and_soft(source: Path) -> None:
    before = np.asarray(photo(120, 80).convert("L"), int)
    made = edited(source, "make it black and white and blur it slightly")
    after = pixels(made.files[0])
    assert made.warnings == ()
    assert colourfulness(after) == 0
    assert sharpness(after) < 0.6 * sharpness(before)


def test_wishes_that_cannot_be_done_are_named(source: Path) -> None:
    made = edited(source, "sepia, and put a hat on the dog")
    (warning,) = made.warnings
    assert warning.code == "edit_not_understood"
    assert "hat" in warning.message
    assert "dog" in warning.message
    assert "sepia" not in warning.message


def test_nothing_understood_is_an_error_that_lists_what_is_possible(source: Path) -> None:
    with pytest.raises(TaskError) as caught:
        edited(source, "put a hat on the dog")
    assert caught.value.code == "invalid_request"
    assert "black and white" in caught.value.next_step


def test_no_picture_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="none was given"):
        make(task("retouch", tmp_path / "out", "blur"))


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"width": 60}, (60, 40)),
        ({"height": 40}, (60, 40)),
        ({"width": 50, "height": 50}, (50, 50)),
        ({"width": 50, "height": 50, "fit": "inside"}, (50, 33)),
        ({"width": 50, "height": 50, "fit": "contain"}, (50, 50)),
        ({"width": 50, "height": 50, "fit": "fill"}, (50, 50)),
        ({"upscale": 2}, (240, 160)),
        ({"upscale": 4}, (480, 320)),
        ({"crop": "1:1"}, (80, 80)),
        ({"crop": "16:9"}, (120, 68)),
        ({"rotate": 90}, (80, 120)),
        ({"padding": 10}, (140, 100)),
        ({"border": 5}, (120, 80)),
        ({"shape": "circle"}, (80, 80)),
    ],
)
def test_the_size_is_as_asked(options: dict[str, Any], size: tuple[int, int], source: Path) -> None:
    (file,) = edited(source, **options).files
    with Image.open(file.path) as read:
        assert read.size == (file.width, file.height) == size


@pytest.mark.parametrize(
    ("prompt", "settings"),
    [
        ("resize to 800x600", {"width": 800, "height": 600}),
        ("make it 512 px wide", {"width": 512}),
        ("crop to 16:9 please", {"crop": "16:9"}),
        ("square crop", {"crop": "1:1"}),
        ("upscale it 4x", {"upscale": 4}),
        ("rotate 90 degrees left", {"rotate": 270}),
        ("flip it vertically", {"flip": "vertical"}),
        ("mirror", {"flip": "horizontal"}),
        ("convert to webp", {"format": "webp"}),
        ("remove the background", {"background": "transparent"}),
        ("rounded corners", {"corners": 0.08}),
        ('add the watermark "© Ada"', {"text": "© Ada"}),
        ("duotone in navy and coral", {"recolour": "duotone"}),
        ("tint it blue", {"recolour": "tint"}),
        ("a white frame", {"border_color": "#ffffff", "border": -2}),
        ("thick black border", {"border_color": "#000000", "border": -5}),
        (
            "replace the background with red",
            {"background_color": "#e5383b", "background": "transparent"},
        ),
        ("put it on a red background", {"background_color": "#e5383b", "background": "opaque"}),
    ],
)
def test_words_ask_for_the_same_as_options(prompt: str, settings: dict[str, Any]) -> None:
    wishes = read_wishes(prompt)
    assert settings.items() <= wishes.settings.items()
    assert wishes.unknown == ()


@pytest.mark.parametrize(
    ("prompt", "filters"),
    [
        ("pencil sketch", ["sketch"]),
        ("a cartoon with a vignette", ["cartoon", "vignette"]),
        ("cinematic film look with grain", ["grain", "film", "teal_orange"]),
        ("sharpen, but no grain", ["sharpen"]),
    ],
)
def test_words_ask_for_filters(prompt: str, filters: list[str]) -> None:
    assert sorted(name for name, _ in read_wishes(prompt).filters) == sorted(filters)


@pytest.mark.parametrize(
    ("prompt", "name", "sign"),
    [
        ("less saturated", "saturation", -1),
        ("more saturated", "saturation", 1),
        ("lower contrast", "contrast", -1),
        ("increase the contrast", "contrast", 1),
        ("darker", "brightness", -1),
        ("brighter", "brightness", 1),
        ("colder", "warmth", -1),
        ("warmer", "warmth", 1),
    ],
)
def test_more_and_less_are_told_apart(prompt: str, name: str, sign: int) -> None:
    wishes = read_wishes(prompt)
    assert set(wishes.settings) == {name}
    assert np.sign(wishes.settings[name]) == sign
    assert wishes.filters == []


def test_that_a_filter_cannot_find_the_background_is_said() -> None:
    assert read_wishes("blur the background").unknown == ("background",)
    assert read_wishes("blur it, remove the background").unknown == ()


def test_colours_are_inks_and_not_things() -> None:
    assert [round(part, 2) for part in read_wishes("duotone in navy and coral").colours[1]] == [
        1.0,
        0.5,
        0.42,
    ]


def test_slightly_is_less_than_strongly() -> None:
    ((_, slight),) = read_wishes("blur slightly").filters
    ((_, plain),) = read_wishes("blur").filters
    ((_, heavy),) = read_wishes("blur heavily").filters
    assert slight < plain < heavy


def test_an_option_wins_over_the_words(source: Path) -> None:
    (file,) = edited(source, "resize to 50x50", width=60, height=30).files
    assert (file.width, file.height) == (60, 30)


@settings(max_examples=80, deadline=None)
@examples(st.text(max_size=80))
def test_any_prompt_can_be_read(prompt: str) -> None:
    wishes = read_wishes(prompt)
    schema = next(model for model in models() if model["id"] == "retouch")["input_schema"][
        "properties"
    ]
    assert set(wishes.settings) <= {*schema, "tint_strength"}


@pytest.mark.parametrize("name", FILTER_NAMES)
def test_every_filter_changes_the_picture_and_repeats_itself(name: str, source: Path) -> None:
    (file,) = edited(source, filter=name).files
    first = file.path.read_bytes()
    (file,) = edited(source, filter=name).files
    assert file.path.read_bytes() == first
    assert np.abs(pixels(file) - np.asarray(photo(120, 80), int)).mean() > 0.4
    assert (file.width, file.height) == (120, 80)


@pytest.mark.parametrize("name", FILTER_NAMES)
def test_a_stronger_filter_does_more_or_something_else(name: str, source: Path) -> None:
    photo(480, 320).save(source, "PNG")
    weak = pixels(edited(source, filter=name, strength=0.1).files[0])
    strong = pixels(edited(source, filter=name, strength=1.0).files[0])
    assert np.abs(weak - strong).mean() > 0.05


def test_a_halftone_has_no_seam_between_its_bands(source: Path) -> None:
    Image.new("RGB", (64, 600), (90, 140, 200)).save(source, "PNG")
    printed = pixels(edited(source, filter="halftone").files[0])
    steps = np.abs(np.diff(printed, axis=0)).mean(axis=(1, 2))
    assert steps[250:262].max() <= steps[20:240].max() * 1.1


def test_the_schema_names_the_filters_that_there_are() -> None:
    schema = next(model for model in models() if model["id"] == "retouch")["input_schema"][
        "properties"
    ]
    assert set(schema["filter"]["enum"]) == {"none", *FILTER_NAMES}


@pytest.mark.parametrize(
    ("options", "measure", "more"),
    [
        ({"brightness": 0.5}, lambda p: p.mean(), True),
        ({"brightness": -0.5}, lambda p: p.mean(), False),
        ({"contrast": 0.5}, lambda p: p.std(), True),
        ({"contrast": -0.5}, lambda p: p.std(), False),
        ({"saturation": 0.5}, colourfulness, True),
        ({"saturation": -0.5}, colourfulness, False),
        ({"warmth": 0.7}, lambda p: (p[:, :, 0] - p[:, :, 2]).mean(), True),
        ({"warmth": -0.7}, lambda p: (p[:, :, 0] - p[:, :, 2]).mean(), False),
    ],
)
def test_tone_goes_the_way_it_was_asked(
    options: dict[str, Any], measure: Any, more: bool, source: Path
) -> None:
    after = measure(pixels(edited(source, **options).files[0]))
    assert (after > measure(np.asarray(photo(120, 80), int))) == more


def test_a_duotone_has_the_two_colours_at_its_ends(source: Path) -> None:
    after = pixels(edited(source, recolour="duotone", palette="#101060 #ffd0a0").files[0])
    light = after.sum(axis=2)
    assert np.abs(after[np.unravel_index(light.argmin(), light.shape)] - (16, 16, 96)).max() <= 2
    assert np.abs(after[np.unravel_index(light.argmax(), light.shape)] - (255, 208, 160)).max() <= 2


def test_a_crop_keeps_what_there_is_to_see(tmp_path: Path) -> None:
    wide = Image.new("RGB", (300, 100), (90, 120, 160))
    wide.paste(photo(90, 90), (205, 5))
    wide.save(tmp_path / "in.bin", "PNG")
    (file,) = edited(tmp_path / "in.bin", crop="1:1").files
    assert np.asarray(photo(90, 90)).std() * 0.9 < pixels(file).std()


def test_a_mask_keeps_the_rest_as_it_was(source: Path) -> None:
    mask = Image.new("L", (120, 80), 0)
    mask.paste(255, (60, 0, 120, 80))
    mask.save(source.with_name("mask"), "PNG")
    inputs = (given(source), given(source.with_name("mask"), "mask"))
    (file,) = make(task("retouch", source.with_name("out"), "invert", *inputs)).files
    before, after = np.asarray(photo(120, 80), int), pixels(file)
    assert np.array_equal(after[:, :60], before[:, :60])
    assert np.array_equal(after[:, 60:], 255 - before[:, 60:])


def test_a_plain_background_becomes_transparent(tmp_path: Path) -> None:
    studio = Image.new("RGB", (120, 120), (30, 200, 60))
    studio.paste((220, 40, 40), (40, 40, 80, 80))
    studio.paste((30, 200, 60), (55, 55, 65, 65))
    studio.save(tmp_path / "in.bin", "JPEG", quality=95)
    made = edited(tmp_path / "in.bin", "remove the green background")
    with Image.open(made.files[0].path) as read:
        alpha = np.asarray(read.getchannel("A"), int)
        red = read.getpixel((45, 45))
    assert made.files[0].mime == "image/png"
    assert alpha[5, 5] == alpha[115, 60] == 0
    assert alpha[45, 45] == 255
    assert isinstance(red, tuple)
    assert red[0] > 180
    # What is enclosed is not joined to the rim and stays.
    assert alpha[60, 60] == 255


def test_a_background_that_is_not_plain_is_kept_and_that_is_said(source: Path) -> None:
    made = edited(source, "remove the background")
    assert [warning.code for warning in made.warnings] == ["background_kept"]


def test_the_format_stays_unless_another_is_asked(source: Path) -> None:
    photo().save(source, "JPEG")
    assert edited(source, "blur").files[0].mime == "image/jpeg"
    assert edited(source, "blur, as webp").files[0].mime == "image/webp"
    assert edited(source, format="avif").files[0].mime == "image/avif"
    assert edited(source, "rounded corners").files[0].mime == "image/png"


def test_a_picture_is_set_upright_and_its_place_is_forgotten(source: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (50.0, 5.0, 1.0)
    photo(120, 80).save(source, "JPEG", exif=exif)
    (file,) = edited(source, format="jpeg", quality=95).files
    with Image.open(file.path) as read:
        assert read.size == (80, 120)
        assert 0x0112 not in read.getexif()
        assert not read.getexif().get_ifd(0x8825)


def test_the_result_tells_where_it_comes_from(source: Path) -> None:
    record = record_in(edited(source, "sepia").files[0].path)
    assert record is not None
    assert (record.prompt, record.model, record.seed, record.inputs) == (
        "sepia",
        "retouch",
        5,
        ("cd" * 32,),
    )


def test_another_seed_gives_another_grain(source: Path) -> None:
    first = task("retouch", source.with_name("a"), "grain", given(source))
    second = type(first)(
        first.model, first.prompt, first.options, 6, source.with_name("b"), first.inputs
    )
    assert not np.array_equal(pixels(make(first).files[0]), pixels(make(second).files[0]))


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )
    (tmp_path / "in.bin").write_bytes(bomb)
    with pytest.raises(TaskError) as caught:
        edited(tmp_path / "in.bin", "blur")
    assert caught.value.code == "invalid_request"


def test_a_picture_of_a_strange_shape_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (3000, 2)).save(tmp_path / "in.bin", "PNG")
    with pytest.raises(TaskError, match="3000x2"):
        edited(tmp_path / "in.bin", "blur")


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "in.bin").write_bytes(content)
    with pytest.raises(TaskError) as caught:
        edited(tmp_path / "in.bin", "blur")
    assert caught.value.code == "invalid_request"
    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize("format", ["BMP", "TIFF", "PPM"])
def test_other_formats_are_refused_even_if_they_could_be_read(format: str, tmp_path: Path) -> None:
    photo().save(tmp_path / "in.bin", format)
    with pytest.raises(TaskError, match="not a PNG"):
        edited(tmp_path / "in.bin", "blur")


def test_a_cut_off_file_is_refused(source: Path) -> None:
    source.write_bytes(source.read_bytes()[:400])
    with pytest.raises(TaskError, match="damaged"):
        edited(source, "blur")


def test_what_would_be_too_large_is_made_smaller_and_that_is_said(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retouch, "_MOST_PIXELS", 20_000)
    made = edited(source, upscale=4)
    (file,) = made.files
    assert [warning.code for warning in made.warnings] == ["size_limited"]
    assert 18_000 < (file.width or 0) * (file.height or 0) <= 20_000
