"""Writes videos as MP4 (H.264 and AAC), WebM (VP9 and Opus) or looping GIF."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.provenance.record import Record
from flexura.render.encode.ahead import Ahead
from flexura.render.encode.atomic import whole_file, with_extension
from flexura.render.encode.container import ContainerSink
from flexura.render.encode.gif import GifSink
from flexura.render.encode.image import write_thumbnail
from flexura.render.encode.sound_track import stereo
from flexura.render.provenance import embed
from flexura.render.task import File, TaskError

_MIMES = {"mp4": "video/mp4", "webm": "video/webm", "gif": "image/gif"}
_MOST_SIDE = 4096
_PROBE_STEP = 8


@dataclass
class VideoWriter:
    """A context manager that takes frames; after the block `file` and `thumbnail` are the finished files.

    `width` and `height` are in pixels (even for mp4 and webm), `fps` in frames a second. `sound` is (n, 2)
    float32 within -1..1 at `rate`; it is cut or continued with silence to the length of the picture, and a
    GIF has none. Raises TaskError for settings that the format cannot hold; a block that fails leaves no
    file.
    """

    out: Path
    _: KW_ONLY
    width: int
    height: int
    fps: float | Fraction
    format: str = "mp4"
    sound: NDArray[np.floating] | None = None
    rate: int = 48_000
    provenance: Record | None
    file: File = field(init=False)
    thumbnail: File = field(init=False)

    def __post_init__(self) -> None:
        _check(self.width, self.height, self.fps, self.format)
        self._rate = Fraction(self.fps).limit_denominator(1001)
        self._path = with_extension(self.out, self.format)
        self._stack = ExitStack()
        self._count = 0
        self._encoded = 0
        self._cover: NDArray[np.uint8] | None = None
        self._cover_detail = -1.0

    def __enter__(self) -> Self:
        part = self._part = self._stack.enter_context(whole_file(self._path))
        try:
            self._sink = self._open(part)
            self._ahead = Ahead(self._encode)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return self

    def _open(self, part: Path) -> ContainerSink | GifSink:
        size = (self.width, self.height)
        if self.format == "gif":
            return GifSink(part, size, self._rate)
        sink = ContainerSink(part, self.format, size, self._rate)
        if self.sound is not None:
            sink.set_sound(stereo(self.sound), self.rate)
        return sink

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Adds one frame, height x width x 3 bytes of sRGB. Raises ValueError for any other array."""
        if frame.shape != (self.height, self.width, 3) or frame.dtype != np.uint8:
            raise ValueError(
                f"the frame is {frame.dtype} {frame.shape}, not {self.width}x{self.height} RGB"
            )
        mine = frame.copy()
        self.add_later(lambda: mine)

    def add_later(self, frame: Callable[[], NDArray[np.uint8]]) -> None:
        """Adds one frame that is made in the encoder's thread, as `add` wants it."""
        self._ahead.add(frame)
        self._count += 1

    def _encode(self, made: Callable[[], NDArray[np.uint8]]) -> None:
        frame = np.ascontiguousarray(made())
        self._choose_cover(frame)
        self._sink.add(frame)
        self._encoded += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stack:
            try:
                if error is not None:
                    raise error
                self._finish()
            except BaseException:
                self._ahead.stop()
                self._sink.abort()
                raise
        seconds = float(self._count / self._rate)
        self.file = File(self._path, _MIMES[self.format], self.width, self.height, seconds)

    def _finish(self) -> None:
        self._ahead.finish()
        if self._cover is None:
            raise TaskError("provider_error", "The video has no frame.", "Ask for a longer video.")
        self._sink.finish()
        embed(self._part, self.provenance)
        self.thumbnail = write_thumbnail(
            Image.fromarray(self._cover), self.out, provenance=self.provenance
        )

    def _choose_cover(self, frame: NDArray[np.uint8]) -> None:
        """Keeps the frame with the most to see, one look each half second; a black start is no thumbnail."""
        if self._encoded % max(1, round(self._rate / 2)):
            return
        detail = float(frame[::_PROBE_STEP, ::_PROBE_STEP].std())
        if detail > self._cover_detail * 1.05:
            self._cover, self._cover_detail = frame.copy(), detail


def _check(width: int, height: int, fps: float | Fraction, format: str) -> None:
    if format not in _MIMES:
        raise TaskError(
            "invalid_request",
            f"The video format {format!r} is not supported.",
            f"Use one of {', '.join(_MIMES)}.",
        )
    if not (16 <= width <= _MOST_SIDE and 16 <= height <= _MOST_SIDE):
        raise TaskError(
            "invalid_request",
            f"{width}x{height} is out of range for a video.",
            f"Use 16 to {_MOST_SIDE} pixels a side.",
        )
    if format != "gif" and (width % 2 or height % 2):
        raise TaskError(
            "invalid_request",
            f"{format} needs an even width and height; {width}x{height} is not.",
            f"Use {width + width % 2}x{height + height % 2}.",
        )
    if not 1 <= fps <= 120:
        raise TaskError(
            "invalid_request", f"{fps} frames a second is out of range.", "Use 1 to 120."
        )
