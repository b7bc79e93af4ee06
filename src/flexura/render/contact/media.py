"""What stands in the box of a cell: a picture, a video's poster, a waveform, each small and in RGB."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from flexura.render.task import TaskError
from flexura.render.transform.media_input import Media, read_media
from flexura.render.transform.picture_input import open_picture
from flexura.render.transform.poster import poster_frame
from flexura.render.transform.sound_input import Sound, read_sound

_SQUARE = 12
_LIGHT, _DARK = (255, 255, 255), (214, 214, 218)
_WAVE = (63, 63, 70)
_SOUND_RATIO = 16 / 9
_SMOOTHER = 3
_MOST_BARS = 240
_SHORT = 12.0
"""Seconds of a video that are looked through for its best frame."""
Levels = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """A medium as it will be looked at; `seconds` is the duration of what plays."""

    image: Image.Image | None
    ratio: float
    seconds: float | None = None
    levels: Levels | None = None
    """Of a sound: how loud each part of it is, 0..1; the samples themselves would fill the memory."""
    is_video: bool = False
    problem: str = ""
    """Why there is nothing to see."""


def look(path: Path, mime: str, side: int) -> Seen:
    """The file, no larger than a box of `side` pixels needs it. A file that cannot be read says why."""
    if mime == "image/svg+xml":
        return Seen(None, 1.0, problem="A vector drawing: open it by itself to see it.")
    try:
        if mime.startswith("audio/"):
            media = read_media(path)
            return _heard(media)
        if mime.startswith("video/"):
            return _poster(path, side)
        image = open_picture(path).image
        ratio = image.width / image.height
        return Seen(_small(image, side), ratio)
    except TaskError as error:
        return Seen(None, 1.0, problem=error.message)


def _heard(media: Media) -> Seen:
    return Seen(None, _SOUND_RATIO, media.seconds, levels_of(read_sound(media), _MOST_BARS))


def _poster(path: Path, side: int) -> Seen:
    media = read_media(path)
    if not media.has_picture:
        return _heard(media)
    scale = min(1.0, side / max(media.width, media.height))
    size = (max(2, round(media.width * scale)), max(2, round(media.height * scale)))
    # Looking for the best moment means decoding all of it.
    at = -1 if media.seconds <= _SHORT else _SHORT / 4
    frame = poster_frame(media, at, size, "contain")
    ratio = media.width / max(1, media.height)
    return Seen(Image.fromarray(frame), ratio, media.seconds, is_video=True)


def _small(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) > side:
        scale = side / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def boxed(seen: Seen, size: tuple[int, int]) -> Image.Image:
    """The medium as large as it fits into `size`, whole. Small pictures grow by whole factors only."""
    if seen.levels is not None:
        return waveform(seen.levels, size)
    image = seen.image
    assert image is not None, "what cannot be seen has no box"
    scale = min(size[0] / image.width, size[1] / image.height)
    if scale >= 2:
        whole = min(int(scale), 16)
        fitted = (image.width * whole, image.height * whole)
        image = image.resize(fitted, Image.Resampling.NEAREST)
    elif scale < 1:
        fitted = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(fitted, Image.Resampling.LANCZOS)
    return on_checkers(image)


def on_checkers(image: Image.Image) -> Image.Image:
    """A picture with transparency on a checkerboard; any other in RGB."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    rows, columns = np.indices((image.height, image.width)) // _SQUARE
    odd = ((rows + columns) % 2).astype(bool)
    board = np.where(odd[..., None], np.array(_DARK), np.array(_LIGHT)).astype(np.uint8)
    sheet = Image.fromarray(board)
    sheet.paste(image, mask=image.getchannel("A"))
    return sheet


def waveform(levels: Levels, size: tuple[int, int]) -> Image.Image:
    """Loudness over time as bars around the middle."""
    width, height = size
    bars = min(max(8, width // 6), len(levels))
    levels = np.array([part.max(initial=0.0) for part in np.array_split(levels, bars)])
    scale = _SMOOTHER
    sheet = Image.new("RGB", (width * scale, height * scale), _LIGHT)
    draw = ImageDraw.Draw(sheet)
    step, middle = width * scale / bars, height * scale / 2
    for index, level in enumerate(levels):
        reach = max(scale, level * height * scale * 0.42)
        left = (index + 0.22) * step
        corner = step * 0.28
        draw.rounded_rectangle(
            (left, middle - reach, left + step * 0.56, middle + reach), corner, fill=_WAVE
        )
    return sheet.resize(size, Image.Resampling.BOX)


def levels_of(sound: Sound, bars: int) -> Levels:
    """The loudest moment of each part, 0..1 of the loudest of all."""
    if len(sound) == 0:
        return np.zeros(bars, np.float32)
    edges = np.linspace(0, len(sound), bars + 1).astype(int)
    loud = np.abs(np.nan_to_num(sound)).max(axis=1)
    parts = [loud[a : max(b, a + 1)].max(initial=0.0) for a, b in itertools.pairwise(edges)]
    levels = np.array(parts, np.float32)
    return levels / max(float(levels.max()), 1e-6)
