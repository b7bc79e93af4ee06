"""The frames of a given video, at the times and in the size that are wanted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from flexura.render.transform.fitting import Fit, Frame, Size
from flexura.render.transform.media_input import MOST_SECONDS, Media, check_frame, opened

# Without these two every pass would come out darker by two of 255 steps.
_EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_SCALER = Interpolation.BICUBIC | _EXACT
_TURNS = {90: 1, 180: 2, 270: 3}


def frames_at(media: Media, times: Iterator[float], size: Size, fit: str) -> Iterator[Frame]:
    """For each time in seconds, which must rise, the frame that is shown then; the last one stays on.

    Raises TaskError when the video cannot be decoded.
    """
    time = next(times, None)
    if time is None:
        return
    scaler = _Scaler(Fit((media.width, media.height), size, fit))
    shown: VideoFrame | None = None
    for moment, frame in _decoded(media, time):
        # What is shown at a time is the last frame that began before it, give or take rounding.
        while shown is not None and time is not None and moment > time + 1e-4:
            yield scaler.scaled(shown)
            time = next(times, None)
        if time is None:
            return
        shown = frame
    while shown is not None and time is not None:
        yield scaler.scaled(shown)
        time = next(times, None)


def _decoded(media: Media, start: float) -> Iterator[tuple[float, VideoFrame]]:
    """Frames with their times from the start of the stream, from the last key frame before `start` on."""
    with opened(media) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 2
        base = stream.time_base or 1
        first = stream.start_time or 0
        if start > 1 and media.format != "gif":
            container.seek(first + int(start / base), stream=stream)
        step = float(1 / media.rate)
        moment = -step
        for frame in container.decode(stream):
            check_frame(frame.width, frame.height)
            moment = float((frame.pts - first) * base) if frame.pts is not None else moment + step
            if moment > MOST_SECONDS:
                return
            yield moment, frame


class _Scaler:
    """Scales frames to RGB; a frame that is shown twice is scaled once."""

    def __init__(self, fit: Fit) -> None:
        self._fit = fit
        self._reformatter = VideoReformatter()
        self._last: tuple[VideoFrame, Frame] | None = None

    def scaled(self, frame: VideoFrame) -> Frame:
        if self._last and self._last[0] is frame:
            return self._last[1]
        turn = _TURNS.get(frame.rotation % 360, 0)
        width, height = self._fit.inner
        pixels = self._rgb(frame, (height, width) if turn % 2 else (width, height))
        result = self._fit.placed(np.ascontiguousarray(np.rot90(pixels, turn)) if turn else pixels)
        self._last = (frame, result)
        return result

    def _rgb(self, frame: VideoFrame, size: Size) -> Frame:
        # A video that does not say is taken as players take it: small ones by the older standard.
        unsaid = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
        spaces = {1: Colorspace.ITU709, 5: Colorspace.ITU601, 6: Colorspace.ITU601}
        converted = self._reformatter.reformat(
            frame,
            width=size[0],
            height=size[1],
            format="rgb24",
            src_colorspace=spaces.get(frame.colorspace, unsaid),
            dst_color_range=ColorRange.JPEG,
            interpolation=_SCALER,
        )
        return np.asarray(converted.to_ndarray(), np.uint8)
