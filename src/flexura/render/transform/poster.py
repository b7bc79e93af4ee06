"""One frame that stands for a whole video."""

from __future__ import annotations

import numpy as np

from flexura.render.task import TaskError
from flexura.render.transform.fitting import Frame, Size
from flexura.render.transform.media_input import Media
from flexura.render.transform.video_frames import frames_at

_LOOKS = 9


def poster_frame(media: Media, at: float, size: Size, fit: str) -> Frame:
    """The frame at that time in seconds; below zero, the one with the most to see among nine over the video.

    Raises TaskError when the time is after the end.
    """
    if at >= media.seconds + 0.05:
        raise TaskError(
            "invalid_request",
            f"There is no frame at {at:g} s: the video lasts {media.seconds:.2f} s.",
            "Use an earlier time.",
        )
    if at >= 0:
        return next(frames_at(media, iter([at]), size, fit))
    # The ends are often black or a title; the looks lie within.
    times = (media.seconds * (number + 0.5) / _LOOKS for number in range(_LOOKS))
    return max(frames_at(media, times, size, fit), key=_interest)


def _interest(frame: Frame) -> float:
    """Contrast and sharpness: a blend, a blur or a black frame has little of one or the other."""
    light = frame[::4, ::4].astype(np.float32).mean(axis=2)
    sharpness = float(np.abs(np.diff(light, axis=0)).mean() + np.abs(np.diff(light, axis=1)).mean())
    return float(light.std()) * (1 + sharpness)
