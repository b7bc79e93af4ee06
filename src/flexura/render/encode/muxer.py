"""One output container of FFmpeg, without anything in it that differs from run to run."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import av
from av import AudioFrame, VideoFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags as CodecFlags
from av.container.core import Flags as ContainerFlags
from av.video.stream import VideoStream


class Muxer:
    """Adds streams, encodes frames into them and closes the file; a context manager."""

    def __init__(self, path: Path, format: str, *, options: Mapping[str, str]) -> None:
        # PyAV's stubs leave packets generic and unknown; here is the one place that sees them.
        self._container: Any = av.open(str(path), "w", format=format, options=dict(options))
        self._container.flags |= ContainerFlags.bitexact.value

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add_video(self, codec: str, rate: Fraction, options: Mapping[str, str]) -> VideoStream:
        """A video stream whose time is counted in frames."""
        stream = cast(
            VideoStream, self._container.add_stream(codec, rate=rate, options=dict(options))
        )
        stream.codec_context.time_base = 1 / rate
        stream.codec_context.flags |= CodecFlags.bitexact
        return stream

    def add_sound(self, codec: str, rate: int, bit_rate: int) -> AudioStream:
        """A stereo stream; `bit_rate` is in bits a second."""
        stream = cast(AudioStream, self._container.add_stream(codec, rate=rate, layout="stereo"))
        stream.codec_context.bit_rate = bit_rate
        stream.codec_context.flags |= CodecFlags.bitexact
        return stream

    def encode(
        self, stream: VideoStream | AudioStream, frame: VideoFrame | AudioFrame | None
    ) -> None:
        """Encodes a frame and writes what comes out; None empties the encoder at the end."""
        encoder: Any = stream
        self._container.mux(encoder.encode(frame))

    def close(self) -> None:
        """Writes the index and closes the file."""
        self._container.close()
