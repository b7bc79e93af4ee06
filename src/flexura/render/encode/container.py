"""Pictures and sound into one MP4 or WebM file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from flexura.render.encode.muxer import Muxer
from flexura.render.encode.sound_track import SoundTrack

_BT709 = 1
_LIMITED_RANGE = 1
_THREADS = 2
_SCALER = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


@dataclass(frozen=True)
class Codecs:
    """What one container is made of. The number of threads is fixed: it changes the bytes."""

    video: str
    sound: str
    options: dict[str, str]
    sound_bit_rate: int


# The fast paths of x264 for new processors give other bytes from run to run (seen with AVX-512 and its
# macroblock tree); its exact ones do not, and they give the same on every processor.
_X264 = {"preset": "veryfast", "crf": "20", "profile": "high", "x264-params": "cpu-independent=1"}
CODECS = {
    "mp4": Codecs("libx264", "aac", _X264, 192_000),
    "webm": Codecs(
        "libvpx-vp9",
        "libopus",
        {
            "deadline": "realtime",
            "cpu-used": "6",
            "crf": "30",
            "b": "0",
            "row-mt": "1",
            "tile-columns": "1",
        },
        128_000,
    ),
}


class ContainerSink:
    """Encodes frames as they come, the sound in step with them, so that memory does not grow with length."""

    def __init__(self, part: Path, format: str, size: tuple[int, int], rate: Fraction) -> None:
        codecs = CODECS[format]
        self._rate = rate
        self._codecs = codecs
        options = {"movflags": "+faststart"} if format == "mp4" else {}
        self._muxer = Muxer(part, format, options=options)
        self._stream = self._video_stream(size)
        self._reformatter = VideoReformatter()
        self._track: SoundTrack | None = None
        self._count = 0

    def _video_stream(self, size: tuple[int, int]) -> VideoStream:
        stream = self._muxer.add_video(self._codecs.video, self._rate, self._codecs.options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.thread_count = _THREADS
        context.gop_size = max(1, round(2 * self._rate))
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED_RANGE
        return stream

    def set_sound(self, sound: NDArray[np.float32], rate: int) -> None:
        """The whole sound track; to be given before the first frame."""
        self._track = SoundTrack(
            self._muxer, self._codecs.sound, sound, rate, self._codecs.sound_bit_rate
        )

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Encodes one RGB frame."""
        picture = VideoFrame.from_ndarray(frame, format="rgb24")
        picture = self._reformatter.reformat(
            picture,
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=_SCALER,
        )
        picture.pts = self._count
        picture.time_base = 1 / self._rate
        self._muxer.encode(self._stream, picture)
        self._count += 1
        if self._track:
            self._track.advance(self._count / self._rate)

    def finish(self) -> None:
        """Writes what the encoders hold and the index."""
        self._muxer.encode(self._stream, None)
        if self._track:
            self._track.finish()
        self._muxer.close()

    def abort(self) -> None:
        """Lets go of the file without finishing it."""
        self._muxer.close()
