"""Makes videos from prompts: a scene whose layers, particles and camera move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from flexura.render.encode.video import VideoWriter
from flexura.render.motion.camera import Camera
from flexura.render.motion.film import Film
from flexura.render.motion.flatten import flattened
from flexura.render.palette import palette
from flexura.render.pictures.scene.finish import grade_of
from flexura.render.pictures.scene.painter import warnings_of
from flexura.render.pictures.scene.places import scene, stage_of
from flexura.render.pictures.scene.stage import Stage
from flexura.render.pictures.scene.style import filter_of
from flexura.render.pictures.scene.tone import pixel
from flexura.render.pictures.sheet import Sheet
from flexura.render.provenance import record_of
from flexura.render.random import rng
from flexura.render.sound.ambience import ambience
from flexura.render.task import Made, Task
from flexura.render.words import Words, read

_RATE = 48_000
_STYLES = {
    "synthwave": "synthwave",
    "pixel": "pixel",
    "line": "line",
    "monochrome": "mono",
    "lowpoly": "lowpoly",
}


def _words(task: Task, style: str) -> Words:
    words = read(task.prompt)
    if style in {"", "auto"}:
        return words
    name = _STYLES.get(style, style)
    return replace(words, styles=(name, *(own for own in words.styles if own != name)))


def sheet_of(task: Task) -> Sheet:
    """The sheet that the scene is painted for."""
    options = task.options
    words = _words(task, str(options.get("style", "auto")))
    colours = palette(
        words, rng("palette", task.prompt, task.seed), str(options.get("palette", "auto"))
    )
    width, height = int(options.get("width", 1280)), int(options.get("height", 720))
    return Sheet(task.prompt, words, colours, width, height, options, task.seed)


def frames(
    sheet: Sheet, count: int, seconds: float, strength: float, loop: bool
) -> Iterator[Image.Image]:
    """`count` finished frames of a scene; in a loop the first follows on the last without a seam."""
    return (finish() for finish in drafts(sheet, count, seconds, strength, loop))


def drafts(
    sheet: Sheet, count: int, seconds: float, strength: float, loop: bool
) -> Iterator[Callable[[], Image.Image]]:
    """The frames as drawn, each with what finishes it: lens, grade and style, a quarter of the work, which
    the encoder's thread does while the next frame is drawn."""
    size = (sheet.width, sheet.height)
    side = 1.0 if rng("camera", sheet.prompt, sheet.seed).random() < 0.5 else -1.0
    camera = Camera(size, seconds, strength, loop, side)
    stage = stage_of(sheet, camera.margin)
    layers = flattened(scene(stage), stage.size, pixel(stage.palette.haze))
    film = Film(stage, grade_of(stage), size)
    styled = filter_of(replace_size(stage, size))

    def finish(frame: Image.Image, phase: float, number: int) -> Image.Image:
        developed = film.develop(camera.seen(frame, phase), number)
        return styled(developed) if styled else developed

    for number in range(count):
        phase = number / count if loop else number / max(count - 1, 1)
        moment = camera.moment(phase)
        frame = Image.new("RGB", size)
        for layer in layers:
            layer.draw(frame, moment)
        yield partial(finish, frame, phase, number)


def replace_size(stage: Stage, size: tuple[int, int]) -> Stage:
    """The stage without its margin."""
    return replace(stage, width=size[0], height=size[1], margin=(0, 0))


def _sound(sheet: Sheet, options: dict[str, Any], seconds: float) -> np.ndarray | None:
    if not bool(options.get("sound", True)) or options.get("format") == "gif":
        return None
    return ambience(sheet.words, seconds, sheet.seed, _RATE)


def _pixels(finish: Callable[[], Image.Image]) -> np.ndarray:
    return np.asarray(finish())


def make(task: Task) -> Made:
    """A video file and its thumbnail. Raises TaskError where the settings do not fit the format."""
    options = dict(task.options)
    sheet = sheet_of(task)
    seconds, fps = float(options.get("seconds", 5)), int(options.get("fps", 24))
    count = max(1, round(seconds * fps))
    task.progress(0.02, "painting layers")
    sound = _sound(sheet, options, count / fps)
    writer = VideoWriter(
        task.out,
        width=sheet.width,
        height=sheet.height,
        fps=fps,
        format=str(options.get("format", "mp4")),
        sound=sound,
        rate=_RATE,
        provenance=record_of(task),
    )
    strength, loop = float(options.get("motion", 0.5)) * 2, bool(options.get("loop", True))
    with writer:
        for number, finish in enumerate(drafts(sheet, count, count / fps, strength, loop)):
            writer.add_later(partial(_pixels, finish))
            if number % 4 == 0:
                task.progress(0.05 + 0.9 * number / count, "drawing frames")
    task.progress(1.0, "done")
    warnings = warnings_of(stage_of(sheet))
    return Made((writer.file, writer.thumbnail), warnings)
