"""Small pictures, sounds and videos that the tests of the encoders and of the transforms start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from PIL import Image

from flexura.provenance.record import Record
from flexura.render.encode.video import VideoWriter
from flexura.render.registry import with_defaults
from flexura.render.task import Input, Task

# What FFmpeg does by default is faster and wrong by a step or two.
EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
PROVENANCE = Record(
    'a <cat> & "dog"\r\n ночь ]]>', "canvas", 7, {"text": "ü", "width": 3}, ("ab" * 32,)
)


def photo(width: int = 96, height: int = 64) -> Image.Image:
    """Smooth colours with a bright disc right of the middle, so that there is something to see."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    red = 120 + 90 * np.sin(x / width * 4)
    green = 110 + 80 * np.cos(y / height * 3)
    blue = 60 + 120 * y / height
    colours = np.stack([red, green, blue], axis=2)
    disc = np.hypot(x - width * 0.7, y - height * 0.4) < min(width, height) * 0.18
    colours[disc] = (250, 240, 180)
    return Image.fromarray(colours.astype(np.uint8))


def tone(
    seconds: float, frequency: float = 440.0, rate: int = 48_000, level: float = 0.4
) -> NDArray[np.float32]:
    """A stereo sine."""
    wave = level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def video(
    out: Path,
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (64, 48),
    fps: int = 12,
    sound: bool = True,
    level: int = 0,
) -> Path:
    """An MP4 whose frames grow brighter from `level` on by two a frame."""
    count = round(seconds * fps)
    writer = VideoWriter(
        out,
        width=size[0],
        height=size[1],
        fps=fps,
        sound=tone(seconds) if sound else None,
        provenance=PROVENANCE,
    )
    with writer:
        for number in range(count):
            writer.add(np.full((size[1], size[0], 3), level + 2 * number, np.uint8))
    return writer.file.path


def given(path: Path, role: str = "image") -> Input:
    """The file as an input; its type is a lie, since nothing may trust it."""
    return Input(path, "application/octet-stream", role, "cd" * 32)


def task(model: str, out: Path, prompt: str = "", *inputs: Input, **options: Any) -> Task:
    """A task of the model with its defaults."""
    return Task(model, prompt, with_defaults(model, options), 5, out, inputs)


def streams(path: Path) -> tuple[float, dict[str, str]]:
    """The duration in seconds and the codec of each kind of stream."""
    with av.open(str(path)) as container:
        kinds = {stream.type: stream.codec_context.name for stream in container.streams}
        return (container.duration or 0) / 1_000_000, kinds


def frames(path: Path) -> list[NDArray[np.uint8]]:
    """All frames as RGB."""
    with av.open(str(path)) as container:
        return [
            frame.reformat(format="rgb24", interpolation=EXACT).to_ndarray()
            for frame in container.decode(video=0)
        ]


def samples(path: Path) -> NDArray[np.float32]:
    """The sound as (n, 2) at 48 kHz."""
    resampler = av.AudioResampler(format="flt", layout="stereo", rate=48_000)
    with av.open(str(path)) as container:
        blocks = [
            block.to_ndarray().reshape(-1, 2)
            for frame in container.decode(audio=0)
            for block in resampler.resample(frame)
        ]
    return np.concatenate(blocks)


def colourfulness(values: NDArray[np.int_]) -> float:
    return float((values.max(axis=2) - values.min(axis=2)).mean())


def sharpness(values: NDArray[np.int_]) -> float:
    return float(np.abs(np.diff(values, axis=1)).max())
