"""Small real files of every kind, made by Pillow and FFmpeg's libraries, without any word of ours."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from flexura.provenance.record import TRAINED, TRAINED_ALGORITHMIC, Record

RECORD = Record(
    'a <cat> & "dog"\r\n ночь ]]> 𝄞',
    "vendor:some/model",
    7,
    {"text": "ü", "width": 3, "deep": {"a": [1, None, True]}},
    ("ab" * 32, "cd" * 32),
    kind="image",
    provider="vendor",
    version="2.1",
    method=TRAINED,
    source_type=TRAINED_ALGORITHMIC,
    cost={"amount": 0.04, "currency": "USD", "estimated": True},
    parents=("art_one", "art_two"),
    template="film@2",
    step="draw.0",
    asked={"size": "16:9"},
    roles=("image", "mask"),
)
FOREIGN_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<r:Description r:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Studio 5">'
    b"<xmp:Label>keep me</xmp:Label></r:Description></r:RDF></x:xmpmeta>"
)
_NOISE = np.random.default_rng(5).integers(0, 255, (40, 60, 4), np.uint8)


def picture(kind: str, *, alpha: bool = False, **more: Any) -> bytes:
    """A picture of noise by Pillow."""
    image = Image.fromarray(_NOISE if alpha else np.ascontiguousarray(_NOISE[..., :3]))
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def sound(kind: str, codec: str, *, options: Mapping[str, str] = {}, **tags: str) -> bytes:
    """A third of a second of a tone by FFmpeg."""
    return _muxed(kind, None, codec, options, tags)


def film(
    kind: str, codec: str, sound_codec: str, *, options: Mapping[str, str] = {}, **tags: str
) -> bytes:
    """Eight frames and a tone by FFmpeg."""
    return _muxed(kind, codec, sound_codec, options, tags)


def _muxed(
    kind: str,
    codec: str | None,
    sound_codec: str,
    options: Mapping[str, str],
    tags: Mapping[str, str],
) -> bytes:
    with (
        tempfile.NamedTemporaryFile() as out,
        av.open(out.name, "w", format=kind, options=dict(options)) as container,
    ):
        container.metadata.update(tags)
        video: Any = container.add_stream(codec, rate=12) if codec else None
        audio: Any = container.add_stream(sound_codec, rate=48_000, layout="stereo")
        audio.options = {"strict": "experimental"}
        if video is not None:
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            for number in range(8):
                frame = av.VideoFrame.from_ndarray(
                    np.full((48, 64, 3), number * 20, np.uint8), format="rgb24"
                )
                frame.pts, frame.time_base = number, Fraction(1, 12)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
        wave = np.sin(np.arange(16_000) / 20).astype(np.float32)
        for start in range(0, 16_000, 960):
            block = np.ascontiguousarray(np.stack([wave[start : start + 960]] * 2))
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 48_000, start
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
        container.close()
        return Path(out.name).read_bytes()


_FAST = {"movflags": "faststart"}
_FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
FILES: dict[str, Callable[[], bytes]] = {
    "plain.png": lambda: picture("PNG"),
    "alpha.png": lambda: picture("PNG", alpha=True),
    "plain.webp": lambda: picture("WEBP"),
    "alpha-lossless.webp": lambda: picture("WEBP", alpha=True, lossless=True),
    "foreign.webp": lambda: picture("WEBP", xmp=FOREIGN_XMP, exif=Image.Exif()),
    "plain.jpg": lambda: picture("JPEG"),
    "progressive.jpg": lambda: picture("JPEG", progressive=True, comment=b"a comment"),
    "foreign.jpg": lambda: picture("JPEG", xmp=FOREIGN_XMP),
    "plain.avif": lambda: picture("AVIF"),
    "alpha.avif": lambda: picture("AVIF", alpha=True),
    "foreign.avif": lambda: picture("AVIF", xmp=FOREIGN_XMP),
    "plain.gif": lambda: picture("GIF"),
    "plain.mp4": lambda: film("mp4", "libx264", "aac"),
    "faststart.mp4": lambda: film("mp4", "libx264", "aac", options=_FAST, comment="theirs"),
    "fragments.mp4": lambda: film("mp4", "libx264", "aac", options=_FRAGMENTS),
    "quicktime.mov": lambda: film("mov", "libx264", "aac", options=_FAST),
    "plain.webm": lambda: film("webm", "libvpx", "libopus"),
    "tagged.webm": lambda: film("webm", "libvpx", "libopus", title="theirs"),
    "live.webm": lambda: film("webm", "libvpx", "libopus", options={"live": "1"}),
    "plain.m4a": lambda: sound("ipod", "aac"),
    "plain.mp3": lambda: sound("mp3", "libmp3lame"),
    "tagged-3.mp3": lambda: sound(
        "mp3", "libmp3lame", options={"id3v2_version": "3"}, title="theirs"
    ),
    "bare.mp3": lambda: sound(
        "mp3", "libmp3lame", options={"id3v2_version": "0", "write_xing": "0"}
    ),
    "plain.wav": lambda: sound("wav", "pcm_s16le"),
    "tagged.wav": lambda: sound("wav", "pcm_s16le", title="theirs"),
    "opus.ogg": lambda: sound("ogg", "libopus", title="theirs"),
    "vorbis.ogg": lambda: sound("ogg", "vorbis"),
    "plain.flac": lambda: sound("flac", "flac"),
}
"""One of each kind that a vendor may send, by a name that says what is special about it."""


@cache
def content(name: str) -> bytes:
    """The file of that name; made once."""
    return FILES[name]()


def decoded(path: Path) -> list[bytes]:
    """Every pixel or sample, by whoever knows nothing of records."""
    if path.suffix in (".png", ".webp", ".jpg", ".avif", ".gif"):
        with Image.open(path) as image:
            return [image.convert("RGBA").tobytes()]
    found: list[bytes] = []
    with av.open(str(path)) as container:
        for frame in container.decode():
            found.append(f"{frame.pts}".encode() + frame.to_ndarray().tobytes())
    assert found
    return found
