"""A camera moves over a still picture, smoothly and as it was asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.render.samples import frames, given, photo, streams, task

from flexura.provenance.reading import record_in
from flexura.render.task import Made, TaskError
from flexura.render.transform.camera import make, read_move
from flexura.render.transform.camera_path import MOVES, Stage, camera_path

STAGE = Stage(400, 300, 16 / 9, (0.7, 0.4))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.bin"
    photo(240, 160).save(path, "PNG")
    return path


def moved(source: Path, prompt: str = "", **options: Any) -> Made:
    small: dict[str, Any] = {"width": 96, "height": 64, "seconds": 1, "fps": 12}
    return make(task("camera", source.with_name("out"), prompt, given(source), **small | options))


def step(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    return float(np.abs(first.astype(int) - second).mean())


@pytest.mark.parametrize("format", ["mp4", "webm", "gif"])
def test_size_duration_and_streams_are_as_asked(format: str, source: Path) -> None:
    made = moved(source, "zoom in", format=format, seconds=1.5, fps=10)
    file, thumbnail = made.files
    seconds, kinds = streams(file.path)
    assert (file.width, file.height, file.seconds) == (96, 64, 1.5)
    assert seconds == pytest.approx(1.5, abs=0.1)
    assert list(kinds) == ["video"]
    assert len(frames(file.path)) == 15
    assert thumbnail.role == "thumbnail"
    assert record_in(file.path) is not None


def test_sound_comes_only_when_asked(source: Path) -> None:
    assert set(streams(moved(source, "rain", sound=True).files[0].path)[1]) == {"video", "audio"}
    assert set(streams(moved(source, "rain").files[0].path)[1]) == {"video"}


@pytest.mark.parametrize("move", MOVES)
def test_every_move_moves_all_the_time_and_repeats_itself(move: str, source: Path) -> None:
    (first, _) = moved(source, move=move, amount=1.0).files
    content = first.path.read_bytes()
    shown = frames(first.path)
    steps = [step(shown[number], shown[number + 1]) for number in range(len(shown) - 1)]
    assert moved(source, move=move, amount=1.0).files[0].path.read_bytes() == content
    assert min(steps) > 0.01
    assert step(shown[0], shown[len(shown) // 2]) > 1.0


def test_different_moves_give_different_videos(source: Path) -> None:
    contents = {moved(source, move=move).files[0].path.read_bytes() for move in MOVES}
    assert len(contents) == len(MOVES)


@pytest.mark.parametrize("move", MOVES)
def test_a_loop_ends_one_step_before_its_beginning(move: str) -> None:
    path = camera_path(move, STAGE, 0.7, True)
    assert path(1.0).box == pytest.approx(path(0.0).box, abs=1e-6)
    assert path(1.0).aside == pytest.approx(path(0.0).aside, abs=1e-6)
    assert path(0.5) != path(0.0)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("amount", [0.0, 0.5, 1.0])
def test_the_camera_stays_within_the_picture_and_goes_smoothly(
    move: str, loop: bool, amount: float
) -> None:
    path = camera_path(move, STAGE, amount, loop)
    boxes = np.array([path(number / 240).box for number in range(241)])
    assert boxes.min() >= -1e-6
    assert boxes[:, 2].max() <= 400 + 1e-6
    assert boxes[:, 3].max() <= 300 + 1e-6
    assert np.allclose((boxes[:, 2] - boxes[:, 0]) / (boxes[:, 3] - boxes[:, 1]), 16 / 9)
    # The second difference is the jerk that an eye would see.
    assert np.abs(np.diff(boxes, 2, axis=0)).max() < 0.12


@pytest.mark.parametrize(
    ("prompt", "same_as"),
    [
        ("slowly zoom out", "zoom_out"),
        ("the camera pans to the left", "pan_left"),
        ("pan right across the skyline", "pan_right"),
        ("tilt up", "pan_up"),
        ("a parallax effect", "orbit"),
        ("gentle drift", "drift"),
        ("push in", "zoom_in"),
        ("a drone flying forward", "zoom_in"),
        ("pan from left to right", "pan_right"),
    ],
)
def test_words_choose_the_move(prompt: str, same_as: str) -> None:
    assert read_move(prompt).move == same_as


def test_a_zoom_goes_to_the_point_of_interest() -> None:
    left, top, right, bottom = camera_path("zoom_in", STAGE, 1.0, False)(1.0).box
    assert (left + right) / 2 / 400 == pytest.approx(0.7, abs=0.02)
    assert (top + bottom) / 2 / 300 == pytest.approx(0.4, abs=0.05)


def test_slowly_moves_less_than_fast(source: Path) -> None:
    slow, fast = (
        frames(moved(source, f"{pace} pan right").files[0].path) for pace in ("slow", "fast")
    )
    assert step(slow[0], slow[-1]) < step(fast[0], fast[-1])


def test_what_cannot_move_is_said(source: Path) -> None:
    made = moved(source, "zoom in while the horses gallop")
    (warning,) = made.warnings
    assert warning.code == "edit_not_understood"
    assert "horses" in warning.message


@pytest.mark.parametrize(
    ("picture", "options", "size"),
    [
        ((1500, 1001), {"width": 0, "height": 0}, (1280, 854)),
        ((300, 201), {"width": 0, "height": 0}, (300, 200)),
        ((300, 200), {"width": 151, "height": 0}, (150, 100)),
        ((300, 200), {"width": 0, "height": 64, "format": "gif"}, (96, 64)),
    ],
)
def test_a_size_that_is_not_given_follows_from_the_picture(
    picture: tuple[int, int], options: dict[str, Any], size: tuple[int, int], source: Path
) -> None:
    photo(*picture).save(source, "PNG")
    (file, _) = moved(source, "zoom in", seconds=0.5, fps=8, **options).files
    assert (file.width, file.height) == size


def test_a_transparent_picture_is_laid_on_white(source: Path) -> None:
    Image.new("RGBA", (96, 64), (0, 0, 0, 0)).save(source, "PNG")
    assert frames(moved(source, "zoom in").files[0].path)[0].min() > 245


def test_no_picture_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="none was given"):
        make(task("camera", tmp_path / "out", "zoom in"))
