"""Raw samples, as speech vendors send them, in a WAV file that every player opens."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

DEFAULT_RATE = 24_000
"""Samples per second where a vendor does not tell: what speech models answer with."""
_RATE = re.compile(r"(?i)\brate\s*=\s*\"?(\d{4,6})")
_CHANNELS = re.compile(r"(?i)\bchannels\s*=\s*\"?(\d)")


@dataclass(frozen=True)
class Coding:
    """How samples are written down: the format tag of RIFF and the bytes of one sample."""

    tag: int
    width: int


PCM16 = Coding(1, 2)
"""Signed 16-bit, little-endian. Vendors say `audio/L16` and mean this, though RFC 2586 is big-endian."""
A_LAW = Coding(6, 1)
MU_LAW = Coding(7, 1)


def is_raw(mime: str) -> bool:
    """Whether a media type names bare 16-bit samples, in whatever spelling."""
    return mime.split(";")[0].strip().lower() in (
        "audio/l16",
        "audio/pcm",
        "audio/x-pcm",
        "audio/raw",
    )


def rate_of(mime: str) -> int:
    """Samples per second as `audio/L16;rate=24000` tells them."""
    found = _RATE.search(mime)
    return int(found[1]) if found else DEFAULT_RATE


def channels_of(mime: str) -> int:
    """How many channels a media type tells; 1 where it does not."""
    found = _CHANNELS.search(mime)
    return max(1, int(found[1])) if found else 1


def wav(samples: bytes, rate: int, channels: int = 1, coding: Coding = PCM16) -> bytes:
    """The samples with the head of a WAV file (RIFF). `rate` is per second; half a last sample is dropped."""
    frame = coding.width * channels
    samples = samples[: len(samples) - len(samples) % frame]
    shape = struct.pack(
        "<HHIIHH", coding.tag, channels, rate, rate * frame, frame, coding.width * 8
    )
    chunks = _chunk(b"fmt ", shape if coding.tag == 1 else shape + b"\0\0")
    if coding.tag != 1:
        # Players want to know the length of what is not plain PCM.
        chunks += _chunk(b"fact", struct.pack("<I", len(samples) // frame))
    chunks += _chunk(b"data", samples)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
