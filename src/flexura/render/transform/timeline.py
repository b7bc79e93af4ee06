"""Videos and pictures one after the other, blended where one goes over into the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from PIL import Image

from flexura.render.transform.fitting import Fit, Frame, Size
from flexura.render.transform.media_input import Media
from flexura.render.transform.video_frames import frames_at


@dataclass(frozen=True)
class Part:
    """One input on the time line; `start` is where in a video it begins, `seconds` how long it is shown."""

    source: Media | Image.Image
    seconds: float
    start: float = 0.0
    speed: float = 1.0

    def frames(self, count: int, rate: Fraction, size: Size, fit: str) -> Iterator[Frame]:
        """So many frames from its beginning on."""
        if isinstance(self.source, Media):
            times = (self.start + float(number / rate) * self.speed for number in range(count))
            return frames_at(self.source, times, size, fit)
        placing = Fit(self.source.size, size, fit)
        scaled = self.source.resize(placing.inner, Image.Resampling.LANCZOS)
        frame = placing.placed(np.asarray(scaled))
        return (frame for _ in range(count))


@dataclass(frozen=True)
class Timeline:
    """Parts in their order; each begins `overlap` seconds before the one before it ends."""

    parts: Sequence[Part]
    overlap: float
    rate: Fraction

    def places(self) -> list[tuple[int, int]]:
        """First frame and number of frames of each part."""
        result: list[tuple[int, int]] = []
        begin = 0.0
        for part in self.parts:
            first = round(begin * self.rate)
            result.append((first, max(1, round((begin + part.seconds) * self.rate) - first)))
            begin += part.seconds - self.overlap
        return result

    def count(self) -> int:
        """The number of frames of the whole."""
        first, count = self.places()[-1]
        return first + count

    def frames(self, count: int, size: Size, fit: str) -> Iterator[Frame]:
        """The first `count` frames of the whole, height x width x 3 bytes each."""
        waiting = list(zip(self.places(), self.parts, strict=True))
        running: list[tuple[int, int, Iterator[Frame]]] = []
        for number in range(count):
            while waiting and waiting[0][0][0] <= number:
                (first, length), part = waiting.pop(0)
                running.append((first, length, part.frames(length, self.rate, size, fit)))
            running = [entry for entry in running if number < entry[0] + entry[1]]
            yield self._blended(number, running)

    def _blended(self, number: int, running: list[tuple[int, int, Iterator[Frame]]]) -> Frame:
        shown = next(running[0][2])
        for first, _, frames in running[1:]:
            over = max(1, round(self.overlap * self.rate))
            share = min(256, max(0, round((number - first + 1) / (over + 1) * 256)))
            above = next(frames).astype(np.uint16)
            mixed = shown.astype(np.uint16) * np.uint16(256 - share) + above * np.uint16(share)
            shown = (mixed >> 8).astype(np.uint8)
        return shown


def faded(frames: Iterator[Frame], count: int, fade: int) -> Iterator[Frame]:
    """The frames from black and to black over `fade` frames at each end."""
    for number, frame in enumerate(frames):
        near = min(number, count - 1 - number)
        if near >= fade:
            yield frame
        else:
            level = np.uint16(round(near / fade * 256))
            yield ((frame.astype(np.uint16) * level) >> 8).astype(np.uint8)
