"""Which module reads and marks a file, by its first bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flexura.provenance import avif, flac, gif, jpeg, matroska, mp3, mp4, ogg, png, riff, svg
from flexura.provenance.pieces import Carried, Piece, Source
from flexura.provenance.record import Record

_PICTURES = (b"avif", b"avis", b"mif1", b"msf1", b"heic", b"heix")


@dataclass(frozen=True)
class Container:
    """How one kind of file is read and marked; both raise Unmarkable."""

    name: str
    read: Callable[[Source], Carried]
    marked: Callable[[Source, Record, Carried], list[Piece]]


_PNG = Container("PNG", png.read, png.marked)
_JPEG = Container("JPEG", jpeg.read, jpeg.marked)
_WEBP = Container("WebP", riff.read, riff.marked)
_WAV = Container("WAV", riff.read, riff.marked)
_GIF = Container("GIF", gif.read, gif.marked)
_AVIF = Container("AVIF", avif.read, avif.marked)
_MP4 = Container("MP4", mp4.read, mp4.marked)
_WEBM = Container("WebM", matroska.read, matroska.marked)
_MP3 = Container("MP3", mp3.read, mp3.marked)
_OGG = Container("Ogg", ogg.read, ogg.marked)
_FLAC = Container("FLAC", flac.read, flac.marked)
_SVG = Container("SVG", svg.read, svg.marked)


def container_of(head: bytes) -> Container | None:
    """The container of a file that starts with these bytes (512 are enough); None for no known kind."""
    if head.startswith(png.SIGNATURE):
        return _PNG
    if head[:3] == b"\xff\xd8\xff":
        return _JPEG
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return _GIF
    if head[:4] == b"RIFF":
        return {b"WEBP": _WEBP, b"WAVE": _WAV}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _AVIF if head[8:12] in _PICTURES else _MP4
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return _WEBM
    if head[:4] in (b"OggS", b"fLaC"):
        return _OGG if head[:1] == b"O" else _FLAC
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return _MP3
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    svg_text = text[:4] == b"<svg" or (text[:5] == b"<?xml" and b"<svg" in text)
    return _SVG if svg_text else None
