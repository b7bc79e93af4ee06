"""Frames into a looping GIF with one palette chosen over the whole clip."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np
from av import VideoFrame
from av.error import BlockingIOError, EOFError
from av.filter import Graph
from av.video.format import VideoFormat
from numpy.typing import NDArray

from flexura.render.encode.muxer import Muxer

# An ordered dither stays where it is from frame to frame; error diffusion would crawl over still places.
_DITHER = "dither=bayer:bayer_scale=3:diff_mode=rectangle"


class GifSink:
    """Keeps the frames in a file of raw pixels, because the palette is known only after the last one."""

    def __init__(self, part: Path, size: tuple[int, int], rate: Fraction) -> None:
        self._part = part
        self._size = size
        self._rate = rate
        self._raw = part.with_name(f"{part.name}.raw.part")
        self._stream = self._raw.open("w+b")
        self._count = 0

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Keeps one RGB frame."""
        self._stream.write(frame.tobytes())
        self._count += 1

    def finish(self) -> None:
        """Chooses the palette, dithers every frame to it and writes the file."""
        try:
            self._write(self._palette())
        finally:
            self.abort()

    def abort(self) -> None:
        """Lets go of the kept frames."""
        self._stream.close()
        self._raw.unlink(missing_ok=True)

    def _frames(self) -> Iterator[VideoFrame]:
        width, height = self._size
        self._stream.seek(0)
        for number in range(self._count):
            pixels = np.frombuffer(self._stream.read(width * height * 3), np.uint8)
            frame = VideoFrame.from_ndarray(pixels.reshape(height, width, 3), format="rgb24")
            frame.pts = number
            frame.time_base = 1 / self._rate
            yield frame

    def _palette(self) -> VideoFrame:
        width, height = self._size
        graph = Graph()
        source = graph.add_buffer(
            width=width, height=height, format=VideoFormat("rgb24"), time_base=1 / self._rate
        )
        generator = graph.add("palettegen", "reserve_transparent=0:stats_mode=full")
        sink = graph.add("buffersink")
        source.link_to(generator)
        generator.link_to(sink)
        graph.configure()
        for frame in self._frames():
            source.push(frame)
        source.push(None)
        return cast(VideoFrame, sink.pull())

    def _write(self, palette: VideoFrame) -> None:
        width, height = self._size
        graph = Graph()
        source = graph.add_buffer(
            width=width, height=height, format=VideoFormat("rgb24"), time_base=1 / self._rate
        )
        colours = graph.add_buffer(
            width=16, height=16, format=VideoFormat("bgra"), time_base=1 / self._rate
        )
        mapper = graph.add("paletteuse", _DITHER)
        sink = graph.add("buffersink")
        source.link_to(mapper, 0, 0)
        colours.link_to(mapper, 0, 1)
        mapper.link_to(sink)
        graph.configure()
        palette.pts = 0
        palette.time_base = 1 / self._rate
        colours.push(palette)
        colours.push(None)
        with Muxer(self._part, "gif", options={"loop": "0"}) as muxer:
            stream = muxer.add_video("gif", self._rate, {})
            stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
            for frame in chain(self._frames(), (None,)):
                source.push(frame)
                for mapped in _pulled(graph):
                    muxer.encode(stream, mapped)
            muxer.encode(stream, None)


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (BlockingIOError, EOFError):
            return
