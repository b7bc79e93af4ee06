"""Contact sheets, drawn in the child: all of each picture, legible labels, and a size that always holds."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from flexura.render import registry
from flexura.render.contact.cell import clock
from flexura.render.contact.layout import LONGEST, MOST_CELLS, grid_of
from flexura.render.contact.text import font, legible, shortened, width_of, wrapped
from flexura.render.task import Input, Made, Task, TaskError
from render.samples import photo, tone, video

MOST_BYTES = 192_000
LONG = "vendor:family/flux-kontext-maximum-preview-edition-2026-01-with-a-very-long-name"


def drawn(
    out: Path, files: list[Path | None], most: int = MOST_BYTES, **told: Any
) -> tuple[Image.Image, Path]:
    """The sheet of these files; None is an order that failed."""
    inputs = [_input(path) for path in files if path is not None]
    places = iter(range(len(inputs)))
    cells = [
        {
            "number": str(number),
            "title": LONG,
            "facts": ["seed 1234567890", "0.04 USD", "12 s"],
            "input": next(places) if path else None,
            "why": "" if path else "content_policy: The vendor refused the picture.",
            **told,
        }
        for number, path in enumerate(files, 1)
    ]
    options = {"cells": cells, "most_bytes": most}
    task = Task(registry.CONTACT_SHEET, "", options, 0, out / "sheet", tuple(inputs))
    made: Made = registry.maker(registry.CONTACT_SHEET)(task)
    (file,) = made.files
    with Image.open(file.path) as image:
        image.load()
        assert image.format == "JPEG" and image.size == (file.width, file.height)
        return image, file.path


def _input(path: Path) -> Input:
    media = {".png": "image/png", ".mp4": "video/mp4", ".wav": "audio/wav"}
    mime = media.get(path.suffix, "image/svg+xml")
    return Input(path, mime, mime.partition("/")[0])


def plain(path: Path, colour: tuple[int, ...], width: int = 300, height: int = 200) -> Path:
    Image.new("RGB" if len(colour) == 3 else "RGBA", (width, height), colour).save(path)
    return path


def noise(folder: Path, number: int, side: int) -> Path:
    path = folder / f"noise-{number}-{side}.png"
    pixels = np.random.default_rng(number).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(pixels).save(path, compress_level=0)
    return path


def near(image: Image.Image, colour: tuple[int, int, int], slack: int = 12) -> int:
    """How many pixels have about this colour."""
    off = np.abs(np.asarray(image.convert("RGB"), np.int16) - np.array(colour)).max(axis=2)
    return int((off <= slack).sum())


def test_it_is_no_model() -> None:
    known = {model["id"] for model in registry.models()}
    assert not known & {registry.CONTACT_SHEET, registry.FOR_TERMINAL}


@pytest.mark.parametrize(("count", "side"), [(1, 1600), (4, 700), (9, 400), (MOST_CELLS, 200)])
def test_noise_which_nothing_compresses_stays_below_the_limit(
    count: int, side: int, tmp_path: Path
) -> None:
    sources = [noise(tmp_path, number, side) for number in range(min(count, 4))]
    files: list[Path | None] = [sources[number % len(sources)] for number in range(count)]
    image, path = drawn(tmp_path, files)
    assert path.stat().st_size <= MOST_BYTES
    assert max(image.size) <= LONGEST and min(image.size) > 300


def test_even_the_smallest_limit_holds(tmp_path: Path) -> None:
    _, path = drawn(tmp_path, [noise(tmp_path, n, 300) for n in range(16)], most=24_000)
    assert path.stat().st_size <= 24_000
    with pytest.raises(TaskError, match="cannot be that small"):
        drawn(tmp_path, [noise(tmp_path, 1, 300)], most=1_000)


def test_the_same_cells_give_the_same_bytes(tmp_path: Path) -> None:
    photo(400, 300).save(tmp_path / "a.png")
    _, first = drawn(tmp_path, [tmp_path / "a.png"] * 3)
    before = first.read_bytes()
    _, again = drawn(tmp_path, [tmp_path / "a.png"] * 3)
    assert again.read_bytes() == before


def test_pictures_of_other_shapes_are_shown_whole(tmp_path: Path) -> None:
    # A red frame around each: a crop would lose a side of it.
    files: list[Path | None] = []
    for width, height in ((600, 100), (100, 600), (300, 300)):
        image = Image.new("RGB", (width, height), (255, 255, 255))
        image.paste((220, 0, 0), (0, 0, width, 8))
        image.paste((220, 0, 0), (0, height - 8, width, height))
        image.paste((0, 0, 220), (0, 0, 8, height))
        image.paste((0, 0, 220), (width - 8, 0, width, height))
        image.save(tmp_path / f"{width}.png")
        files.append(tmp_path / f"{width}.png")
    sheet, _ = drawn(tmp_path, files)
    red = np.abs(np.asarray(sheet, np.int16) - np.array((220, 0, 0))).max(axis=2) < 60
    # Runs of red in the columns through the middles: an upper and a lower edge for each picture.
    edges = sum(_runs(red[:, column]) >= 2 for column in range(0, sheet.width, 4))
    assert edges > 10


def _runs(line: np.ndarray[Any, Any]) -> int:
    return int((np.diff(line.astype(int)) == 1).sum())


def test_a_transparent_picture_lies_on_a_checkerboard(tmp_path: Path) -> None:
    sheet, _ = drawn(tmp_path, [plain(tmp_path / "glass.png", (255, 0, 0, 0))])
    assert near(sheet, (255, 255, 255), 3) > 20_000 and near(sheet, (214, 214, 218), 3) > 20_000
    assert near(sheet, (255, 0, 0), 60) == 0


def test_a_video_shows_a_frame_with_its_mark_and_a_sound_its_waveform(tmp_path: Path) -> None:
    film = video(tmp_path / "film", seconds=0.5, level=120)
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((tone(0.5) * 32_000).astype("<i2").tobytes())
    sheet, _ = drawn(tmp_path, [film, tmp_path / "tone.wav"])
    assert near(sheet, (63, 63, 70)) > 500, "the bars of the waveform"
    assert near(sheet, (255, 255, 255), 4) > 300, "the disc of the play mark"


def test_what_cannot_be_seen_says_why_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "junk.png").write_bytes(b"no picture")
    (tmp_path / "logo.svg").write_text("<svg/>")
    green = plain(tmp_path / "green.png", (0, 160, 0))
    sheet, _ = drawn(tmp_path, [tmp_path / "junk.png", None, green, tmp_path / "logo.svg"])
    assert near(sheet, (0, 160, 0)) > 20_000
    assert near(sheet, (153, 27, 27), 40) > 200, "three reasons in red"


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_text_becomes_one_line_that_can_be_drawn(text: str) -> None:
    line = legible(text)
    assert all(c.isprintable() for c in line) and "\n" not in line and len(line) <= 400
    assert width_of(shortened(line, "semibold", 14, 120), "semibold", 14) <= 120
    for part in wrapped(line, "regular", 14, 120, 3):
        assert width_of(part, "regular", 14) <= 120
    font("regular", 14).getmask(line)


def test_text_of_strangers_survives_on_a_sheet(tmp_path: Path) -> None:
    blue = plain(tmp_path / "blue.png", (0, 0, 200))
    wild = "\x1b[31m‮evil\x00 日本語 🦊 عربي <script> \ud800 é"
    sheet, _ = drawn(tmp_path, [blue] * 2, title=wild, facts=[wild, wild, "x" * 5000], number=wild)
    assert near(sheet, (0, 0, 200)) > 20_000
    assert legible(wild) == "[31mevil ? ? ? <script> é"


def test_long_names_lose_their_middle() -> None:
    short = shortened(LONG, "semibold", 16, 200)
    head, _, tail = short.partition("…")
    assert LONG.startswith(head) and LONG.endswith(tail) and len(head) > 5 and len(tail) > 4
    assert shortened("flux", "semibold", 16, 200) == "flux"


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 30, MOST_CELLS])
@pytest.mark.parametrize("ratio", [0.3, 9 / 16, 1.0, 16 / 9, 4.0])
def test_a_grid_has_room_for_all_within_its_longest_side(count: int, ratio: float) -> None:
    for longest in (LONGEST, 600, 192):
        grid = grid_of([ratio] * count, longest)
        assert grid.columns * grid.rows >= count > (grid.rows - 1) * grid.columns
        if longest == LONGEST:
            assert max(grid.size) <= longest and min(grid.box) >= 60
        right, bottom = grid.corner(count - 1)
        assert right + grid.box[0] < grid.size[0]
        assert bottom + grid.box[1] + grid.label < grid.size[1]


@pytest.mark.parametrize("count", [0, MOST_CELLS + 1])
def test_none_and_too_many_are_refused(count: int, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="is not possible") as refused:
        drawn(tmp_path, [None] * count)
    assert "1 to 64" in refused.value.next_step


def test_durations_read_like_those_of_players() -> None:
    assert [clock(s) for s in (0.4, 9.9, 10, 65, 3725)] == [
        "0.4 s",
        "9.9 s",
        "0:10",
        "1:05",
        "1:02:05",
    ]


def test_a_terminal_gets_png_or_sixels_of_its_width(tmp_path: Path) -> None:
    photo(400, 300).save(tmp_path / "a.png")
    made: dict[str, bytes] = {}
    for format in ("png", "sixel"):
        task = Task(
            registry.FOR_TERMINAL,
            "",
            {"format": format, "width": 200},
            0,
            tmp_path / "shown",
            (Input(tmp_path / "a.png", "image/png", "image"),),
        )
        (file,) = registry.maker(registry.FOR_TERMINAL)(task).files
        assert (file.width, file.height) == (200, 150)
        made[format] = file.path.read_bytes()
    assert made["png"].startswith(b"\x89PNG")
    assert made["sixel"].startswith(b'\x1bP0;1;0q"1;1;200;150#')
    assert made["sixel"].endswith(b"-\x1b\\") and made["sixel"].count(b"-") == 25


def test_sixels_hold_the_pixels_of_the_picture(tmp_path: Path) -> None:
    from flexura.render.contact.terminal import sixels

    image = Image.new("RGB", (9, 7), (255, 0, 0))
    image.paste((0, 0, 255), (4, 0, 9, 7))
    found = sixels(image)
    assert found.count(b";100;0;0") == 1 and found.count(b";0;0;100") == 1
    # Six rows in the first band ("~"), one in the second ("@"): four of red, five of blue.
    body = found.split(b";")[-1]
    assert b"!4~!5?" in body and b"!4?!5~" in body and b"!4@!5?" in body and b"!4?!5@" in body
