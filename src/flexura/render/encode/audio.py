"""Writes sound as WAV, MP3 or Ogg Opus."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flexura.provenance.record import Record
from flexura.render.encode.atomic import whole_file, with_extension
from flexura.render.encode.muxer import Muxer
from flexura.render.encode.sound_track import SoundTrack, stereo
from flexura.render.provenance import embed
from flexura.render.task import File, TaskError

_FORMATS = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg"}
_MP3_RATES = (32_000, 44_100, 48_000)


def write_audio(
    samples: NDArray[np.floating], rate: int, out: Path, *, format: str, provenance: Record | None
) -> File:
    """Writes stereo (n, 2) or mono samples within -1..1, `rate` a second, to `out` plus the extension.

    `format` is wav (16 bit), mp3 (192 kbit/s) or ogg (Opus, 160 kbit/s). Raises TaskError for another format
    or rate, and when there is no sound at all.
    """
    if format not in _FORMATS:
        raise TaskError(
            "invalid_request",
            f"The sound format {format!r} is not supported.",
            f"Use one of {', '.join(_FORMATS)}.",
        )
    if not 8_000 <= rate <= 96_000 or (format == "mp3" and rate not in _MP3_RATES):
        raise TaskError(
            "invalid_request", f"{format} cannot hold {rate} samples a second.", "Use 48000."
        )
    sound = stereo(samples)
    path = with_extension(out, format)
    with whole_file(path) as part:
        if format == "wav":
            _write_wav(sound, rate, part)
        else:
            _write_packets(sound, rate, part, format)
        embed(part, provenance)
    return File(path, _FORMATS[format], seconds=len(sound) / rate)


def _write_packets(sound: NDArray[np.float32], rate: int, part: Path, format: str) -> None:
    codec, bit_rate = ("libmp3lame", 192_000) if format == "mp3" else ("libopus", 160_000)
    options = {"id3v2_version": "3"} if format == "mp3" else {}
    with Muxer(part, format, options=options) as muxer:
        track = SoundTrack(muxer, codec, sound, rate, bit_rate)
        track.advance(len(sound) / rate)
        track.finish()


def _write_wav(sound: NDArray[np.float32], rate: int, part: Path) -> None:
    data = np.rint(sound * 32_767.0).astype("<i2").tobytes()
    format_chunk = struct.pack("<HHIIHH", 1, 2, rate, rate * 4, 4, 16)
    chunks = _chunk(b"fmt ", format_chunk) + _chunk(b"data", data)
    part.write_bytes(_chunk(b"RIFF", b"WAVE" + chunks))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
