"""Videos, pictures and sound are cut together as asked, and a stranger's file does no harm."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.render.samples import (
    PROVENANCE,
    frames,
    given,
    photo,
    samples,
    streams,
    task,
    tone,
    video,
)

from flexura.provenance.reading import record_in
from flexura.render.encode.audio import write_audio
from flexura.render.encode.video import VideoWriter
from flexura.render.task import Input, Made, TaskError
from flexura.render.transform import media_input
from flexura.render.transform.fitting import Fit
from flexura.render.transform.montage import make
from flexura.render.transform.montage_wishes import read_montage_wishes

FRAME = 1 / 12


@pytest.fixture
def clip(tmp_path: Path) -> Input:
    """One second of 64x48 at 12 frames a second, growing brighter, with a tone of 440 Hz."""
    return given(video(tmp_path / "clip"), "video")


@pytest.fixture
def song(tmp_path: Path) -> Input:
    """Three seconds of 1500 Hz."""
    sound = tone(3, 1500)
    return given(
        write_audio(sound, 48_000, tmp_path / "song", format="mp3", provenance=PROVENANCE).path,
        "audio",
    )


def cut(tmp_path: Path, *inputs: Input, prompt: str = "", **options: Any) -> Made:
    return make(task("montage", tmp_path / "out", prompt, *inputs, **options))


def loudness(path: Path, frequency: float) -> float:
    """How much of this frequency there is in the sound."""
    sound = samples(path)[:, 0]
    turn = np.exp(-2j * np.pi * frequency * np.arange(len(sound)) / 48_000)
    return float(2 * abs((sound * turn).mean()))


def brightness(path: Path) -> list[float]:
    return [float(frame.mean()) for frame in frames(path)]


def test_a_sound_file_replaces_the_sound(clip: Input, song: Input, tmp_path: Path) -> None:
    file, thumbnail = cut(tmp_path, clip, song).files
    seconds, kinds = streams(file.path)
    assert kinds == {"video": "h264", "audio": "aac"}
    assert seconds == pytest.approx(1, abs=FRAME)
    assert loudness(file.path, 1500) > 0.3
    assert loudness(file.path, 440) < 0.02
    assert file.path.read_bytes() != clip.path.read_bytes()
    assert thumbnail.role == "thumbnail"


def test_mixed_sound_has_both(clip: Input, song: Input, tmp_path: Path) -> None:
    (file, _) = cut(tmp_path, clip, song, mix="mix", volume=0.5).files
    assert loudness(file.path, 1500) == pytest.approx(0.2, rel=0.15)
    assert loudness(file.path, 440) == pytest.approx(0.4, rel=0.15)


def test_without_sound_there_is_no_audio_stream(clip: Input, song: Input, tmp_path: Path) -> None:
    assert set(streams(cut(tmp_path, clip, song, sound=False).files[0].path)[1]) == {"video"}
    assert set(streams(cut(tmp_path, clip, prompt="mute it").files[0].path)[1]) == {"video"}


def test_the_videos_own_sound_stays(clip: Input, tmp_path: Path) -> None:
    (file, _) = cut(tmp_path, clip, volume=0.5).files
    assert loudness(file.path, 440) == pytest.approx(0.2, rel=0.1)


def test_short_sound_can_be_repeated_to_the_end(clip: Input, tmp_path: Path) -> None:
    short = write_audio(
        tone(0.25, 1500), 48_000, tmp_path / "s", format="wav", provenance=PROVENANCE
    ).path
    once = cut(tmp_path, clip, given(short, "audio")).files[0].path
    assert np.abs(samples(once)[30_000:]).max() < 0.02
    repeated = cut(tmp_path, clip, given(short, "audio"), loop=True).files[0].path
    assert np.abs(samples(repeated)[30_000:44_000]).max() > 0.3


@pytest.mark.parametrize(("start", "seconds"), [(0.0, 0.5), (0.25, 0.5), (0.5, 0.0)])
def test_a_trim_has_the_frames_and_the_length_that_were_asked(
    start: float, seconds: float, clip: Input, tmp_path: Path
) -> None:
    (file, _) = cut(tmp_path, clip, start=start, seconds=seconds).files
    first = frames(clip.path)[round(start * 12)]
    assert streams(file.path)[0] == pytest.approx(seconds or 0.5, abs=FRAME)
    assert len(frames(file.path)) == 6
    assert brightness(file.path)[0] == pytest.approx(first.mean(), abs=1.5)


def test_a_trim_deep_in_a_video_finds_its_frame(tmp_path: Path) -> None:
    long = given(video(tmp_path / "long", seconds=6, sound=False), "video")
    (file, _) = cut(tmp_path, long, start=5, seconds=0.5).files
    assert brightness(file.path)[0] == pytest.approx(120, abs=2)


@pytest.mark.parametrize(("speed", "seconds"), [(2.0, 0.5), (0.5, 2.0)])
def test_speed_changes_the_length_and_the_pitch(
    speed: float, seconds: float, clip: Input, tmp_path: Path
) -> None:
    (file, _) = cut(tmp_path, clip, speed=speed).files
    assert streams(file.path)[0] == pytest.approx(seconds, abs=FRAME)
    assert loudness(file.path, 440 * speed) > 0.3
    assert brightness(file.path)[-1] == pytest.approx(22, abs=3)


@pytest.mark.parametrize("fit", ["cover", "blur", "contain"])
def test_a_new_shape_has_the_size_that_was_asked(fit: str, tmp_path: Path) -> None:
    bright = given(video(tmp_path / "v", level=200, sound=False), "video")
    (file, _) = cut(tmp_path, bright, width=48, height=96, fit=fit).files
    shown = frames(file.path)[0]
    assert (file.width, file.height) == (48, 96)
    assert shown.shape == (96, 48, 3)
    assert shown[48, 24].mean() == pytest.approx(200, abs=4)
    border = {"cover": 200, "blur": 124, "contain": 0}[fit]
    assert shown[6, 24].mean() == pytest.approx(border, abs=6)


@pytest.mark.parametrize("kind", ["cover", "blur", "contain"])
@pytest.mark.parametrize("source", [(64, 48), (48, 64), (33, 200), (100, 3)])
@pytest.mark.parametrize("size", [(64, 64), (20, 90), (90, 20)])
def test_any_shape_fits_into_any_frame(
    source: tuple[int, int], size: tuple[int, int], kind: str
) -> None:
    fit = Fit(source, size, kind)
    width, height = fit.inner
    assert fit.placed(np.full((height, width, 3), 99, np.uint8)).shape == (size[1], size[0], 3)


def test_videos_are_joined_in_their_order(clip: Input, tmp_path: Path) -> None:
    second = given(video(tmp_path / "second", seconds=0.5, level=150), "video")
    (file, _) = cut(tmp_path, clip, second).files
    levels = brightness(file.path)
    assert len(levels) == 18
    assert max(levels[:12]) < 40
    assert min(levels[12:]) > 140
    assert streams(file.path)[0] == pytest.approx(1.5, abs=FRAME)
    assert loudness(file.path, 440) > 0.3


def test_a_crossfade_shortens_and_blends(clip: Input, tmp_path: Path) -> None:
    second = given(video(tmp_path / "second", level=150), "video")
    (file, _) = cut(tmp_path, clip, second, crossfade=0.34).files
    levels = brightness(file.path)
    assert len(levels) == 20
    assert 50 < levels[9] < 130
    assert levels[7] < 40
    assert levels[13] > 140


def test_pictures_become_a_slideshow_as_long_as_asked(song: Input, tmp_path: Path) -> None:
    pictures = [tmp_path / f"{number}.bin" for number in range(3)]
    for number, path in enumerate(pictures):
        Image.new("RGB", (64, 48), (80 * number,) * 3).save(path, "PNG")
    inputs = [given(path) for path in pictures]
    (file, _) = cut(tmp_path, *inputs, song, slide_seconds=1, crossfade=0.25, fps=12).files
    levels = brightness(file.path)
    assert streams(file.path)[1] == {"video": "h264", "audio": "aac"}
    assert streams(file.path)[0] == pytest.approx(2.5, abs=FRAME)
    assert [round(levels[at] / 80) for at in (2, 15, 25)] == [0, 1, 2]


def test_a_picture_with_a_song_lasts_as_long_as_the_song(song: Input, tmp_path: Path) -> None:
    photo().save(tmp_path / "p", "PNG")
    (file, _) = cut(tmp_path, given(tmp_path / "p"), song, fps=8).files
    assert streams(file.path)[0] == pytest.approx(3, abs=1 / 8)


def test_a_fade_begins_and_ends_in_black_and_silence(tmp_path: Path) -> None:
    bright = given(video(tmp_path / "v", level=200), "video")
    (file, _) = cut(tmp_path, bright, fade=0.25).files
    levels, sound = brightness(file.path), np.abs(samples(file.path))
    assert levels[0] < 5
    assert levels[-1] < 5
    assert levels[6] > 190
    assert sound[:500].max() < 0.05
    assert sound[20_000:25_000].max() > 0.3


def test_a_gif_of_a_video_is_small_and_slow(tmp_path: Path) -> None:
    source = given(
        video(tmp_path / "v", size=(640, 320), fps=24, sound=False, seconds=0.5), "video"
    )
    (file, _) = cut(tmp_path, source, prompt="make a gif").files
    assert (file.mime, file.width, file.height) == ("image/gif", 480, 240)
    assert len(frames(file.path)) == 6


@pytest.mark.parametrize(
    ("format", "codec"), [("wav", "pcm_s16le"), ("mp3", "mp3float"), ("ogg", "opus")]
)
def test_the_sound_can_be_taken_out(format: str, codec: str, clip: Input, tmp_path: Path) -> None:
    (file,) = cut(tmp_path, clip, output="audio", format=format, start=0.25, seconds=0.5).files
    seconds, kinds = streams(file.path)
    assert kinds == {"audio": codec}
    assert seconds == pytest.approx(0.5, abs=0.03)
    assert loudness(file.path, 440) > 0.3


def test_a_frame_can_be_taken_out(tmp_path: Path) -> None:
    source = given(video(tmp_path / "v", seconds=3, sound=False), "video")
    (file,) = cut(tmp_path, source, output="image", at=2, format="png").files
    with Image.open(file.path) as read:
        assert read.size == (64, 48)
        assert np.asarray(read).mean() == pytest.approx(48, abs=2)


def test_a_poster_is_not_the_black_beginning(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "v", width=96, height=64, fps=6, provenance=PROVENANCE)
    with writer:
        for number in range(12):
            writer.add(
                np.asarray(photo(96, 64)) if 5 < number < 9 else np.zeros((64, 96, 3), np.uint8)
            )
    (file,) = cut(tmp_path, given(writer.file.path, "video"), prompt="thumbnail").files
    with Image.open(file.path) as read:
        assert read.format == "JPEG"
        assert np.asarray(read).mean() > 50


@pytest.mark.parametrize("format", ["mp4", "webm", "gif"])
def test_the_same_task_gives_the_same_bytes_with_its_provenance(
    format: str, clip: Input, song: Input, tmp_path: Path
) -> None:
    first = cut(tmp_path, clip, song, format=format).files[0].path
    content = first.read_bytes()
    assert cut(tmp_path, clip, song, format=format).files[0].path.read_bytes() == content
    record = record_in(first)
    assert record is not None
    assert record.inputs == ("cd" * 32,) * 2


def test_a_video_from_a_phone_is_set_upright(tmp_path: Path) -> None:
    path = video(tmp_path / "v", sound=False)
    content = bytearray(path.read_bytes())
    # The matrix of the track header; this one says: turn by 90 degrees clockwise.
    at = content.index(b"tkhd") + 4 + 40
    content[at : at + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30
    )
    path.write_bytes(content)
    (file, _) = cut(tmp_path, given(path, "video")).files
    assert (file.width, file.height) == (48, 64)


def test_turning_goes_the_right_way(tmp_path: Path) -> None:
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[:, :16] = 255
    writer = VideoWriter(tmp_path / "v", width=64, height=48, fps=6, provenance=PROVENANCE)
    with writer:
        writer.add(frame)
        writer.add(frame)
    content = bytearray(writer.file.path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40
    content[at : at + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30
    )
    writer.file.path.write_bytes(content)
    (file,) = cut(tmp_path, given(writer.file.path, "video"), output="image", format="png").files
    with Image.open(file.path) as read:
        pixels = np.asarray(read).astype(int)
    # Clockwise: what was on the left is now on top.
    assert pixels[4].mean() > 200
    assert pixels[-4].mean() < 50


def test_cutting_again_and_again_does_not_darken(tmp_path: Path) -> None:
    path = video(tmp_path / "v", level=120, seconds=0.25, sound=False)
    for number in range(3):
        path = (
            make(task("montage", tmp_path / str(number), "", given(path, "video"), width=32))
            .files[0]
            .path
        )
    assert brightness(path)[0] == pytest.approx(120, abs=1.5)


def test_less_than_was_asked_is_said(clip: Input, tmp_path: Path) -> None:
    made = cut(tmp_path, clip, seconds=9)
    assert [warning.code for warning in made.warnings] == ["shorter_than_asked"]
    assert streams(made.files[0].path)[0] == pytest.approx(1, abs=FRAME)


@pytest.mark.parametrize(
    ("prompt", "settings"),
    [
        ("extract the audio as wav", {"output": "audio", "format": "wav"}),
        (
            "make a vertical version with blurred background",
            {"width": 720, "height": 1280, "fit": "blur"},
        ),
        ("trim to 5 seconds starting at 2 s", {"seconds": 5.0, "start": 2.0}),
        ("slow motion", {"speed": 0.5}),
        ("a thumbnail at 3 s", {"output": "image", "at": 3.0}),
        ("cross-fade the clips and fade out", {"crossfade": 1.0, "fade": 0.75}),
        ("a slideshow with cross-fade", {"crossfade": 1.0}),
        ("put the music under it", {}),
    ],
)
def test_words_ask_for_the_same_as_options(prompt: str, settings: dict[str, Any]) -> None:
    assert read_montage_wishes(prompt) == settings


def test_what_the_inputs_do_not_hold_is_an_error(song: Input, tmp_path: Path) -> None:
    silent = given(video(tmp_path / "v", sound=False), "video")
    asked: list[tuple[tuple[Input, ...], dict[str, Any]]] = [
        ((), {}),
        ((song,), {}),
        ((song,), {"output": "image"}),
        ((silent,), {"output": "audio"}),
        ((silent,), {"start": 5}),
        ((silent,), {"output": "image", "at": 5}),
        ((silent,), {"output": "image", "format": "mp4"}),
        ((given(song.path, "video"),), {}),
        ((silent, given(silent.path, "audio")), {}),
        ((silent,) * 41, {}),
    ]
    for inputs, options in asked:
        with pytest.raises(TaskError) as caught:
            cut(tmp_path, *inputs, **options)
        assert caught.value.code == "invalid_request"
        assert caught.value.next_step


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\0\0\0\x18ftypmp42" + bytes(99),
        b"OggS" + bytes(99),
        b"\x1aE\xdf\xa3" + bytes(99),
    ],
)
@pytest.mark.parametrize("role", ["video", "audio"])
def test_what_is_no_video_is_refused(content: bytes, role: str, tmp_path: Path) -> None:
    (tmp_path / "in.mp4").write_bytes(content)
    with pytest.raises(TaskError) as caught:
        cut(tmp_path, given(tmp_path / "in.mp4", role))
    assert caught.value.code == "invalid_request"
    assert str(tmp_path) not in caught.value.message


def test_a_damaged_video_gives_an_error_or_what_is_left(clip: Input, tmp_path: Path) -> None:
    whole = clip.path.read_bytes()
    for share in (0.3, 0.6, 0.9):
        clip.path.write_bytes(whole[: int(len(whole) * share)])
        try:
            cut(tmp_path, clip)
        except TaskError as error:
            assert error.code == "invalid_request"


def test_limits_of_size_and_length_hold(
    clip: Input, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_input, "MOST_SECONDS", -0.5)
    with pytest.raises(TaskError, match="s long"):
        cut(tmp_path, clip)
    monkeypatch.undo()
    monkeypatch.setattr(media_input, "_MOST_PIXELS", 1000)
    with pytest.raises(TaskError):
        cut(tmp_path, clip)
