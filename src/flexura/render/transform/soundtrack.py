"""The sound of a montage: that of its videos, that of given sound files, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from flexura.render.transform.media_input import Media
from flexura.render.transform.sound_input import RATE, Sound, at_speed, fitted, read_sound
from flexura.render.transform.timeline import Timeline

_SOFT_CUT = 0.008
"""Seconds of fade at a hard cut, so that it does not click."""


def soundtrack(
    timeline: Timeline, given: Sequence[Media], seconds: float, options: Mapping[str, Any]
) -> Sound | None:
    """The sound for `seconds` of picture, or None when there is none or when `sound` is false."""
    if not options["sound"]:
        return None
    count = round(seconds * RATE)
    own = _own(timeline, count) if not given or options["mix"] == "mix" else None
    added = None
    if given:
        # Where the sound begins is asked by `start` only when there is no video to begin in.
        added = fitted(joined(given), count, loop=options["loop"]) * np.float32(options["volume"])
    elif own is not None:
        own = own * np.float32(options["volume"])
    whole = (
        own + added if own is not None and added is not None else own if added is None else added
    )
    return None if whole is None else finished(whole, options["fade"])


def joined(given: Sequence[Media], start: float = 0.0) -> Sound:
    """Sound files one after the other, from `start` of the first on."""
    parts = [read_sound(media, start if not number else 0.0) for number, media in enumerate(given)]
    return np.concatenate(parts)


def finished(sound: Sound, fade: float) -> Sound:
    """Faded at both ends, and turned down as a whole if it would clip."""
    length = min(len(sound) // 2, round(max(fade, _SOFT_CUT) * RATE))
    result = sound.copy()
    if length:
        slope = np.linspace(0, 1, length, dtype=np.float32)[:, None]
        result[-length:] *= slope[::-1]
        if fade:
            result[:length] *= slope
    peak = float(np.abs(result).max(initial=0.0))
    return result / np.float32(peak) if peak > 1 else result


def _own(timeline: Timeline, count: int) -> Sound | None:
    """The videos' own sound at the places of their pictures, blended as these are."""
    if not any(isinstance(part.source, Media) and part.source.has_sound for part in timeline.parts):
        return None
    whole = np.zeros((count, 2), np.float32)
    over = max(round(timeline.overlap * RATE), round(_SOFT_CUT * RATE))
    for number, ((first, length), part) in enumerate(
        zip(timeline.places(), timeline.parts, strict=True)
    ):
        if not (isinstance(part.source, Media) and part.source.has_sound):
            continue
        begin = round(first / timeline.rate * RATE)
        wanted = round(length / timeline.rate * RATE)
        sound = read_sound(part.source, part.start, float(length / timeline.rate) * part.speed)
        piece = fitted(at_speed(sound, part.speed), wanted)
        slope = np.linspace(0, 1, min(over, wanted), dtype=np.float32)[:, None]
        piece = piece.copy()
        if number:
            piece[: len(slope)] *= slope
        if number + 1 < len(timeline.parts):
            piece[-len(slope) :] *= slope[::-1]
        room = max(0, min(wanted, count - begin))
        whole[begin : begin + room] += piece[:room]
    return whole
