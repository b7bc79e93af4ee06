"""Opens videos and sound that come from strangers."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.error import FFmpegError

from flexura.render.task import TaskError

MOST_SECONDS: Final = 600
_MOST_PIXELS: Final = 4096 * 2304
_MOST_STREAMS: Final = 16
_MOST_BYTES: Final = 1024 * 1024 * 1024
_CODECS: Final = (
    "h264,hevc,vp8,vp9,libvpx-vp9,libvpx,av1,libdav1d,mpeg4,mjpeg,gif,prores,theora,"
    "aac,mp3,mp3float,opus,libopus,vorbis,libvorbis,flac,alac,"
    "pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_u8,pcm_s16be,pcm_f32be"
)


@dataclass(frozen=True)
class Media:
    """What a checked file holds. Sizes are in pixels as shown, `seconds` is the duration."""

    path: Path
    format: str
    seconds: float
    width: int = 0
    height: int = 0
    rate: Fraction = Fraction(24)
    has_sound: bool = False

    @property
    def has_picture(self) -> bool:
        """Whether there is a video stream."""
        return self.width > 0


def read_media(path: Path) -> Media:
    """Reads a file's headers and checks them against the limits, without decoding more than a few frames.

    Raises TaskError when the file is not one of the known containers, is damaged, longer than 600 s, larger
    than 4096x2304 pixels, or has more than 16 streams.
    """
    format = _container_format(path)
    try:
        with av.open(str(path), format=format, options=_options()) as container:
            return _described(container, path, format)
    except FFmpegError as error:
        raise unusable("is damaged or holds a codec that is not supported") from error


@contextmanager
def opened(media: Media) -> Generator[InputContainer]:
    """The container, ready to decode. Raises TaskError when decoding fails inside the block."""
    try:
        with av.open(str(media.path), format=media.format, options=_options()) as container:
            yield container
    except FFmpegError as error:
        raise unusable("is damaged") from error


def check_frame(width: int, height: int) -> None:
    """A stream may change its size on the way. Raises TaskError when a frame is larger than allowed."""
    if width * height > _MOST_PIXELS:
        raise unusable(f"has a picture of {width}x{height}, which is more than 4096x2304")


def unusable(why: str) -> TaskError:
    """The error for a file that cannot be used."""
    return TaskError(
        "invalid_request",
        f"A given video or sound file {why}.",
        "Give MP4, MOV, WebM, MKV, GIF, MP3, WAV, FLAC or Ogg with usual codecs, up to 600 s.",
    )


def _options() -> dict[str, str]:
    # The demuxer is fixed by the bytes, and nothing but this one file may be opened: no playlists.
    return {
        "codec_whitelist": _CODECS,
        "protocol_whitelist": "file",
        "max_streams": str(_MOST_STREAMS),
        "max_pixels": str(_MOST_PIXELS),
    }


def _container_format(path: Path) -> str:
    """The demuxer by the first bytes; the name and the given type of the file count for nothing."""
    if path.stat().st_size > _MOST_BYTES:
        raise unusable("is larger than 1 GB")
    with path.open("rb") as stream:
        head = stream.read(16)
    if head[4:8] in (b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip"):
        return "mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    signatures = {
        b"\x1aE\xdf\xa3": "matroska",
        b"OggS": "ogg",
        b"fLaC": "flac",
        b"GIF8": "gif",
        b"ID3": "mp3",
    }
    for signature, name in signatures.items():
        if head.startswith(signature):
            return name
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
        return "mp3"
    raise unusable("is of no known kind")


def _described(container: InputContainer, path: Path, format: str) -> Media:
    if len(container.streams) > _MOST_STREAMS:
        raise unusable(f"has more than {_MOST_STREAMS} streams")
    seconds = float(container.duration or 0) / 1_000_000
    if seconds > MOST_SECONDS + 1:
        raise unusable(f"is {seconds:.0f} s long, which is more than {MOST_SECONDS} s")
    has_sound = bool(container.streams.audio)
    videos = container.streams.video
    # A cover in a music file is an attached picture, not a video.
    if not videos or format in ("mp3", "wav", "flac"):
        if not has_sound:
            raise unusable("holds neither picture nor sound")
        return Media(path, format, seconds, has_sound=True)
    stream = videos[0]
    check_frame(stream.width, stream.height)
    first = next(container.decode(stream), None)
    if first is None:
        raise unusable("has no frame")
    ratio = stream.sample_aspect_ratio or Fraction(1)
    width, height = round(first.width * (ratio if 0 < ratio < 8 else 1)), first.height
    if first.rotation % 180:
        width, height = height, width
    rate = stream.average_rate or stream.guessed_rate or Fraction(24)
    rate = min(Fraction(60), max(Fraction(1), rate)).limit_denominator(1001)
    if not seconds:
        seconds = float((stream.duration or 0) * (stream.time_base or 0)) or float(1 / rate)
    return Media(path, format, seconds, width, height, rate, has_sound)
