"""Scenes in motion."""

from __future__ import annotations

import importlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from flexura.render import task as task_module
from flexura.render.motion.camera import Camera
from flexura.render.motion.flatten import flattened
from flexura.render.motion.video import frames, make, sheet_of
from flexura.render.pictures.scene.layer import Moment
from flexura.render.pictures.scene.painter import composed
from flexura.render.pictures.scene.places import scene, stage_of
from flexura.render.pictures.scene.tone import pixel
from flexura.render.task import Made, Task

SMALL: dict[str, Any] = {
    "width": 192, "height": 112, "seconds": 1, "fps": 8, "format": "mp4", "loop": True, "sound": False,
    "motion": 0.5, "palette": "auto", "style": "auto",
}  # fmt: skip
PROMPTS = (
    "cinematic rainy street at night, neon reflections",
    "a cat playing with a ball of yarn",
    "calm sea at sunset with a sailboat",
    "synthwave city",
    "snow over a village at night",
)


def task(prompt: str, out: Path = Path("unused"), **options: object) -> Task:
    return Task("motion", prompt, {**SMALL, **options}, 7, out)


def film(prompt: str, count: int, seconds: float, **options: object) -> list[NDArray[np.float64]]:
    wanted = task(prompt, **options)
    strength, loop = float(wanted.options["motion"]) * 2, bool(wanted.options["loop"])
    shown = frames(sheet_of(wanted), count, seconds, strength, loop)
    return [np.asarray(frame, dtype=np.float64) for frame in shown]


def streams(path: Path) -> dict[str, Any]:
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        count = sum(1 for _ in container.decode(video))
        return {
            "size": (video.width, video.height),
            "frames": count,
            "audio": len(container.streams.audio),
            "codec": video.codec_context.name,
        }


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_end_of_a_loop_runs_into_its_beginning(prompt: str) -> None:
    shown = film(prompt, 24, 2.0)
    steps = [np.abs(b - a).mean() for a, b in pairwise(shown)]
    assert np.abs(shown[0] - shown[-1]).mean() <= max(steps) * 1.35
    assert max(steps) > 0.05, "nothing moves"


def test_without_a_loop_the_camera_travels_from_one_side_to_the_other() -> None:
    shown = film("mountains at noon", 6, 2.0, loop=False, motion=1.0)
    first, last = shown[0], shown[-1]
    assert np.abs(first - last).mean() > np.abs(first - shown[1]).mean() * 1.5


def test_a_still_camera_leaves_far_things_in_place() -> None:
    shown = film("mountains at noon, clear sky", 4, 2.0, motion=0.0)
    assert np.abs(shown[0] - shown[2])[:20].mean() < 3


def test_joined_layers_look_like_the_single_ones() -> None:
    wanted = task("cinematic rainy street at night", width=320, height=180)
    stage = stage_of(sheet_of(wanted))
    single = np.asarray(composed(stage), dtype=np.float64)
    frame = Image.new("RGB", stage.size)
    joined = flattened(scene(stage), stage.size, pixel(stage.palette.haze))
    for layer in joined:
        layer.draw(frame, Moment())
    assert len(joined) < sum(1 for _ in scene(stage)) / 2
    assert np.abs(np.asarray(frame, dtype=np.float64) - single).mean() < 4


@pytest.mark.parametrize("loop", [True, False])
def test_the_camera_never_leaves_the_margin(loop: bool) -> None:
    camera = Camera((640, 360), 5.0, 2.0, loop)
    for phase in np.linspace(0, 1, 41):
        moment = camera.moment(float(phase))
        for depth in (0.0, 0.5, 1.0):
            assert 0 <= moment.offset(depth) <= 2 * camera.margin[0]


def test_an_mp4_has_the_size_length_and_streams_asked_for(tmp_path: Path) -> None:
    made = make(task("rain in the forest", tmp_path / "clip", sound=True))
    main, thumbnail = made.files
    assert (main.path.suffix, main.mime) == (".mp4", "video/mp4")
    assert (main.width, main.height, main.seconds) == (192, 112, 1.0)
    found = streams(main.path)
    assert found == {"size": (192, 112), "frames": 8, "audio": 1, "codec": "h264"}
    assert thumbnail.role == "thumbnail"
    with Image.open(thumbnail.path) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) <= 512


@pytest.mark.parametrize(("name", "codec"), [("webm", "vp9"), ("gif", "gif")])
def test_the_other_formats_are_written_too(tmp_path: Path, name: str, codec: str) -> None:
    made = make(task("sea", tmp_path / "clip", format=name))
    found = streams(made.files[0].path)
    assert made.files[0].path.suffix == f".{name}"
    assert found["size"] == (192, 112)
    assert found["frames"] == 8
    assert found["audio"] == 0
    assert codec in str(found["codec"])


def test_a_gif_has_no_sound_even_when_asked_for(tmp_path: Path) -> None:
    made = make(task("sea", tmp_path / "clip", format="gif", sound=True))
    assert streams(made.files[0].path)["audio"] == 0


def test_the_same_task_gives_the_same_bytes(tmp_path: Path) -> None:
    def bytes_of(made: Made) -> bytes:
        return made.files[0].path.read_bytes()

    first = bytes_of(make(task("a boat on a lake", tmp_path / "one", sound=True)))
    second = bytes_of(make(task("a boat on a lake", tmp_path / "two", sound=True)))
    assert first == second


def test_progress_grows_to_one(tmp_path: Path) -> None:
    told: list[float] = []
    wanted = task("desert", tmp_path / "clip")
    make(
        Task(
            wanted.model, wanted.prompt, wanted.options, wanted.seed, wanted.out,
            progress=lambda done, note: told.append(done),
        )
    )  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) >= 3


def test_what_cannot_be_drawn_is_warned_of(tmp_path: Path) -> None:
    made = make(task("a dragon over the sea", tmp_path / "clip"))
    assert [warning.code for warning in made.warnings] == ["subject_not_drawn"]


def test_a_style_option_wins_over_the_prompt() -> None:
    assert sheet_of(task("a forest", style="monochrome")).words.styles[0] == "mono"
    assert sheet_of(task("a forest", style="auto")).words.styles == ()


def test_the_cat_bats_its_ball_and_the_ball_rolls_away() -> None:
    shown = film("a cat playing with a ball of yarn", 24, 2.4, motion=0.0)
    rows = slice(60, 112)
    travel = max(np.abs(frame[rows] - shown[0][rows]).mean() for frame in shown)
    assert travel > 2


def test_the_model_file_describes_what_the_maker_takes() -> None:
    own = json.loads((Path(task_module.__file__).parent / "models" / "motion.json").read_text())
    module, name = own["maker"].split(":")
    assert callable(getattr(importlib.import_module(module), name))
    properties = own["input_schema"]["properties"]
    assert set(properties) == set(SMALL)
    for schema in properties.values():
        assert {"type", "description", "default"} <= set(schema)
