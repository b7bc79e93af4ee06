"""Writes sound as WAV, MP3 or Ogg Opus."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flexura.render.encode.atomic import whole_file, with_extension
from flexura.render.encode.muxer import Muxer
from flexura.render.encode.sound_track import SoundTrack, stereo
from flexura.render.provenance import SOFTWARE, Provenance, container_tags, xmp_packet
from flexura.render.task import File, TaskError

_FORMATS = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg"}
_MP3_RATES = (32_000, 44_100, 48_000)


def write_audio(
    samples: NDArray[np.floating], rate: int, out: Path, *, format: str, provenance: Provenance
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
            _write_wav(sound, rate, part, provenance)
        else:
            _write_packets(sound, rate, part, format, provenance)
    return File(path, _FORMATS[format], seconds=len(sound) / rate)


def _write_packets(
    sound: NDArray[np.float32], rate: int, part: Path, format: str, provenance: Provenance
) -> None:
    codec, bit_rate = ("libmp3lame", 192_000) if format == "mp3" else ("libopus", 160_000)
    options = {"id3v2_version": "3"} if format == "mp3" else {}
    tags = container_tags(provenance)
    if format == "mp3":
        tags["id3v2_priv.XMP"] = xmp_packet(provenance)
    else:
        # Vorbis comments know one field for both, and FFmpeg would join them.
        del tags["description"]
    with Muxer(part, format, options=options, tags=tags) as muxer:
        track = SoundTrack(muxer, codec, sound, rate, bit_rate)
        track.advance(len(sound) / rate)
        track.finish()


def _write_wav(sound: NDArray[np.float32], rate: int, part: Path, provenance: Provenance) -> None:
    data = np.rint(sound * 32_767.0).astype("<i2").tobytes()
    format_chunk = struct.pack("<HHIIHH", 1, 2, rate, rate * 4, 4, 16)
    tags = container_tags(provenance)
    record = {
        b"INAM": tags["title"],
        b"IART": tags["artist"],
        b"ISFT": SOFTWARE,
        b"ICMT": tags["comment"],
    }
    info = b"INFO" + b"".join(_chunk(name, text.encode() + b"\0") for name, text in record.items())
    chunks = (
        _chunk(b"fmt ", format_chunk)
        + _chunk(b"data", data)
        + _chunk(b"LIST", info)
        + _chunk(b"_PMX", xmp_packet(provenance).encode())
    )
    part.write_bytes(_chunk(b"RIFF", b"WAVE" + chunks))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
