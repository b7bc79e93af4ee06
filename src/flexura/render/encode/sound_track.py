"""The sound of a container: samples go in as an array, encoded packets come out in step with the picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from av import AudioFrame
from numpy.typing import NDArray

from flexura.render.encode.muxer import Muxer
from flexura.render.task import TaskError

_BLOCK = 4800
OPUS_RATE = 48_000
"""Opus knows no 44 100 Hz; its encoder is always fed at this rate."""


def stereo(samples: NDArray[np.floating]) -> NDArray[np.float32]:
    """The samples as a finite (n, 2) float32 array within -1..1.

    Raises TaskError when there are none or when they are not mono or stereo.
    """
    sound = np.asarray(samples, dtype=np.float32)
    if sound.ndim == 1:
        sound = sound[:, None]
    if sound.ndim != 2 or sound.shape[0] == 0 or sound.shape[1] not in (1, 2):
        raise TaskError("provider_error", "The sound came out empty.", "Ask for a longer sound.")
    if sound.shape[1] == 1:
        sound = np.repeat(sound, 2, axis=1)
    return np.clip(np.nan_to_num(sound, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)


class SoundTrack:
    """Encodes an (n, 2) array into an audio stream of its own, block by block."""

    def __init__(
        self, muxer: Muxer, codec: str, samples: NDArray[np.float32], rate: int, bit_rate: int
    ) -> None:
        self._muxer = muxer
        self._samples = samples
        self._rate = rate
        self._next = 0
        target = OPUS_RATE if codec == "libopus" else rate
        self._stream = muxer.add_sound(codec, target, bit_rate)

    def advance(self, seconds: Fraction | float) -> None:
        """Encodes up to that time from the start; past the end of the samples there is silence."""
        end = round(seconds * self._rate)
        while self._next < end:
            count = min(_BLOCK, end - self._next)
            block = np.zeros((count, 2), np.float32)
            given = self._samples[self._next : self._next + count]
            block[: len(given)] = given
            frame = AudioFrame.from_ndarray(
                np.ascontiguousarray(block.T), format="fltp", layout="stereo"
            )
            frame.sample_rate = self._rate
            frame.pts = self._next
            frame.time_base = Fraction(1, self._rate)
            self._muxer.encode(self._stream, frame)
            self._next += count

    def finish(self) -> None:
        """Writes what the encoder still holds."""
        self._muxer.encode(self._stream, None)
