"""Videos have the size, the duration and the streams that were asked for, and play at once in a browser."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.render.samples import PROVENANCE, frames, photo, samples, streams, tone

from flexura.provenance.reading import record_in
from flexura.render.encode.video import VideoWriter
from flexura.render.task import TaskError


def written(
    out: Path,
    format: str = "mp4",
    *,
    count: int = 24,
    fps: float | Fraction = 24,
    sound: NDArray[np.float32] | None = None,
) -> VideoWriter:
    picture = np.asarray(photo(96, 64))
    writer = VideoWriter(
        out,
        width=96,
        height=64,
        fps=fps,
        format=format,
        sound=sound,
        rate=48_000,
        provenance=PROVENANCE,
    )
    with writer:
        for number in range(count):
            writer.add(np.roll(picture, number * 2, axis=1))
    return writer


@pytest.mark.parametrize(
    ("format", "kinds"),
    [
        ("mp4", {"video": "h264", "audio": "aac"}),
        ("webm", {"video": "vp9", "audio": "opus"}),
        ("gif", {"video": "gif"}),
    ],
)
def test_size_duration_and_streams_are_as_asked(
    format: str, kinds: dict[str, str], tmp_path: Path
) -> None:
    file = written(tmp_path / "a", format, sound=tone(1)).file
    seconds, found = streams(file.path)
    shown = frames(file.path)
    assert {name: codec.removeprefix("lib") for name, codec in found.items()} == kinds
    assert (file.width, file.height, file.seconds) == (96, 64, 1.0)
    assert seconds == pytest.approx(1, abs=1 / 24)
    assert len(shown) == 24
    assert shown[0].shape == (64, 96, 3)


@pytest.mark.parametrize("format", ["mp4", "webm", "gif"])
def test_every_format_carries_its_provenance(format: str, tmp_path: Path) -> None:
    writer = written(tmp_path / "a", format, count=4)
    assert record_in(writer.file.path) == PROVENANCE
    assert record_in(writer.thumbnail.path) == PROVENANCE


@pytest.mark.parametrize("format", ["mp4", "webm", "gif"])
def test_the_same_frames_give_the_same_bytes(format: str, tmp_path: Path) -> None:
    # At this size the encoder's fast paths differed in nearly every run; in four, one would show.
    picture = np.asarray(photo(320, 192))
    contents: set[bytes] = set()
    for _ in range(4):
        writer = VideoWriter(
            tmp_path / "a",
            width=320,
            height=192,
            fps=24,
            format=format,
            sound=tone(1),
            provenance=PROVENANCE,
        )
        with writer:
            for number in range(20):
                writer.add(np.roll(picture, number * 2, axis=1))
        contents.add(writer.file.path.read_bytes())
    assert len(contents) == 1


@pytest.mark.parametrize("format", ["mp4", "webm"])
def test_colours_survive(format: str, tmp_path: Path) -> None:
    colours = [(200, 30, 40), (30, 180, 60), (40, 60, 210), (240, 240, 240), (12, 12, 12)]
    frame = np.repeat(np.repeat(np.array([colours], np.uint8), 64, axis=0), 32, axis=1)
    writer = VideoWriter(
        tmp_path / "a", width=160, height=64, fps=24, format=format, provenance=PROVENANCE
    )
    with writer:
        for _ in range(6):
            writer.add(frame)
    with av.open(str(writer.file.path)) as container:
        shown = next(container.decode(video=0))
        # 1 is BT.709: without this mark players guess, and small videos come out in other colours.
        assert (shown.colorspace, shown.color_range) == (1, 1)
        read = shown.to_ndarray(format="rgb24", src_colorspace="ITU709", dst_color_range="JPEG")
    for number, colour in enumerate(colours):
        assert np.abs(read[32, number * 32 + 16].astype(int) - colour).max() <= 6


def test_an_mp4_has_its_index_before_its_frames(tmp_path: Path) -> None:
    content = written(tmp_path / "a", sound=tone(1)).file.path.read_bytes()
    boxes, position = [], 0
    while position < len(content):
        length, name = struct.unpack_from(">I4s", content, position)
        boxes.append(name)
        position += length
    assert position == len(content)
    assert boxes.index(b"moov") < boxes.index(b"mdat")


@pytest.mark.parametrize("seconds", [0.3, 2.5])
def test_sound_is_cut_or_continued_to_the_length_of_the_picture(
    seconds: float, tmp_path: Path
) -> None:
    read = samples(written(tmp_path / "a", sound=tone(seconds)).file.path)
    assert len(read) / 48_000 == pytest.approx(1, abs=1 / 24)
    heard = np.abs(read[int(0.5 * 48_000) :]).max()
    assert (heard < 0.02) == (seconds < 0.5)


def test_thirty_thousand_a_thousand_and_first_is_a_rate_too(tmp_path: Path) -> None:
    file = written(tmp_path / "a", fps=29.97, count=30).file
    with av.open(str(file.path)) as container:
        assert float(container.streams.video[0].average_rate or 0) == pytest.approx(
            29.97, abs=0.001
        )
    assert streams(file.path)[0] == pytest.approx(30 / 29.97, abs=0.02)


def test_a_gif_loops_for_ever_and_keeps_a_still_background_still(tmp_path: Path) -> None:
    file = written(tmp_path / "a", "gif", fps=10, count=10).file
    with Image.open(file.path) as read:
        assert read.info["loop"] == 0
        assert read.n_frames == 10
        assert read.info["duration"] == 100
        assert read.info["comment"].decode() == PROVENANCE.prompt


def test_the_thumbnail_is_not_the_black_beginning(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "a", width=96, height=64, fps=4, provenance=PROVENANCE)
    with writer:
        for number in range(8):
            writer.add(
                np.asarray(photo(96, 64)) if number >= 4 else np.zeros((64, 96, 3), np.uint8)
            )
    with Image.open(writer.thumbnail.path) as read:
        assert np.asarray(read).mean() > 50
        assert (writer.thumbnail.width, writer.thumbnail.height) == read.size == (96, 64)


@pytest.mark.parametrize(
    ("width", "height", "fps", "format"),
    [
        (95, 64, 24, "mp4"),
        (96, 63, 24, "webm"),
        (8, 64, 24, "mp4"),
        (5000, 64, 24, "mp4"),
        (96, 64, 0.5, "mp4"),
        (96, 64, 24, "avi"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(
    width: int, height: int, fps: float, format: str, tmp_path: Path
) -> None:
    with pytest.raises(TaskError) as caught:
        VideoWriter(
            tmp_path / "a",
            width=width,
            height=height,
            fps=fps,
            format=format,
            provenance=PROVENANCE,
        )
    assert caught.value.code == "invalid_request"
    assert caught.value.next_step


@pytest.mark.parametrize("format", ["mp4", "webm", "gif"])
def test_a_drawing_that_fails_leaves_no_file(format: str, tmp_path: Path) -> None:
    writer = VideoWriter(
        tmp_path / "a", width=96, height=64, fps=24, format=format, provenance=PROVENANCE
    )
    with pytest.raises(ZeroDivisionError), writer:
        writer.add(np.asarray(photo(96, 64)))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_video_without_a_frame_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(TaskError, match="no frame"),
        VideoWriter(tmp_path / "a", width=96, height=64, fps=24, provenance=PROVENANCE),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "frame", [np.zeros((64, 95, 3), np.uint8), np.zeros((64, 96, 3), np.float32)]
)
def test_a_frame_of_another_shape_is_refused(frame: NDArray[np.generic], tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "a", width=96, height=64, fps=24, provenance=PROVENANCE)
    with pytest.raises(ValueError, match="frame"), writer:
        writer.add(frame)  # type: ignore[arg-type]
