"""The sound of a given file as samples."""

from __future__ import annotations

import numpy as np
from av import AudioResampler
from numpy.typing import NDArray

from flexura.render.transform.media_input import MOST_SECONDS, Media, opened

RATE = 48_000
Sound = NDArray[np.float32]


def read_sound(media: Media, start: float = 0.0, seconds: float = MOST_SECONDS) -> Sound:
    """Stereo samples (n, 2) at 48 kHz from `start` on, at most `seconds` long; fewer when the sound ends.

    Raises TaskError when the sound cannot be decoded.
    """
    blocks: list[NDArray[np.float32]] = []
    end = start + min(seconds, MOST_SECONDS)
    if media.format == "mp4" and media.seconds:
        # The last block of AAC is filled up with silence; the container knows where the sound ends.
        end = min(end, media.seconds)
    first, last = round(start * RATE), round(end * RATE)
    position = 0
    resampler = AudioResampler(format="flt", layout="stereo", rate=RATE)
    with opened(media) as container:
        stream = container.streams.audio[0]
        for frame in container.decode(stream):
            for converted in resampler.resample(frame):
                block = np.asarray(converted.to_ndarray(), np.float32).reshape(-1, 2)
                blocks.append(block[max(0, first - position) : max(0, last - position)])
                position += len(block)
            if position >= last:
                break
        else:
            for converted in resampler.resample(None):
                block = np.asarray(converted.to_ndarray(), np.float32).reshape(-1, 2)
                blocks.append(block[max(0, first - position) : max(0, last - position)])
                position += len(block)
    if not blocks:
        return np.zeros((0, 2), np.float32)
    return np.concatenate(blocks)


def fitted(sound: Sound, count: int, *, loop: bool = False) -> Sound:
    """Exactly `count` samples: cut, and continued with silence or with itself."""
    if loop and 0 < len(sound) < count:
        sound = np.tile(sound, (-(-count // len(sound)), 1))
    if len(sound) >= count:
        return sound[:count]
    return np.concatenate([sound, np.zeros((count - len(sound), 2), np.float32)])


def at_speed(sound: Sound, speed: float) -> Sound:
    """Played faster or slower, with the pitch that goes with it, as a tape does."""
    if speed == 1.0 or len(sound) < 2:
        return sound
    if speed > 1:
        # What would lie above half the new rate must go first, or it comes back as a false tone.
        width = max(1, round(speed))
        kernel = np.full(width, 1 / width, np.float32)
        smooth = [np.convolve(sound[:, side], kernel, "same") for side in (0, 1)]
        sound = np.stack(smooth, axis=1).astype(np.float32)
    places = np.arange(int(len(sound) / speed)) * speed
    source = np.arange(len(sound))
    sides = [np.interp(places, source, sound[:, side]) for side in (0, 1)]
    return np.stack(sides, axis=1).astype(np.float32)
