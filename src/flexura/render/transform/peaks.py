"""The shape of a sound: how loud each part of it is, for drawing it before it is played."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
from av import AudioResampler
from numpy.typing import NDArray

from flexura.render.encode.atomic import whole_file, with_extension
from flexura.render.task import File, Made, Task
from flexura.render.transform.media_input import MOST_SECONDS, Media, opened, read_media, unusable

COUNT = 240
"""Parts of a sound, whatever its length."""
_RATE = 8_000
_BLOCK = 80
"""Samples of which the loudest is kept while reading: a hundredth of a second."""


def make(task: Task) -> Made:
    """Writes `{"seconds": …, "peaks": […]}`, the loudest of each part from 0 to 100, the whole being 100.

    Raises TaskError for a file that cannot be read or holds no sound.
    """
    media = read_media(task.inputs[0].path)
    if not media.has_sound:
        raise unusable("holds no sound")
    blocks = _blocks(media)
    path = with_extension(task.out, "json")
    with whole_file(path) as part:
        part.write_text(
            json.dumps({"seconds": round(len(blocks) * _BLOCK / _RATE, 2), "peaks": parts(blocks)})
        )
    return Made((File(path, "application/json"),))


def parts(blocks: NDArray[np.float32]) -> list[int]:
    """The loudest of each of `COUNT` equal parts, in hundredths of the loudest of all."""
    if not len(blocks) or not float(blocks.max()):
        return [0] * COUNT
    edges = np.linspace(0, len(blocks), COUNT + 1)
    found = [
        float(blocks[int(low) : max(int(low) + 1, int(high))].max())
        for low, high in pairwise(edges)
    ]
    top = max(found)
    return [round(100 * one / top) for one in found]


def _blocks(media: Media) -> NDArray[np.float32]:
    """The loudest sample of every block, mixed to one channel."""
    resampler = AudioResampler(format="flt", layout="mono", rate=_RATE)
    found: list[NDArray[np.float32]] = []
    rest = np.zeros(0, np.float32)
    most = (MOST_SECONDS + 1) * _RATE
    with opened(media) as container:
        for frame in container.decode(container.streams.audio[0]):
            for converted in resampler.resample(frame):
                rest = np.concatenate(
                    [rest, np.asarray(converted.to_ndarray(), np.float32).ravel()]
                )
                whole = len(rest) // _BLOCK * _BLOCK
                found.append(np.abs(rest[:whole]).reshape(-1, _BLOCK).max(axis=1))
                rest = rest[whole:]
                most -= whole
            if most <= 0:
                break
    return np.concatenate(found) if found else np.zeros(0, np.float32)
