"""The media type of a file by its first bytes; names and declared types are not believed."""

from __future__ import annotations

from pathlib import Path

_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
}
MEDIA_TYPES = frozenset(_EXTENSIONS)
"""Every media type that `sniff` can tell."""
_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"qt  ": "video/quicktime"}


def extension_of(mime: str) -> str:
    """The usual extension of a media type, without the dot."""
    return _EXTENSIONS.get(mime, "bin")


def sniff_file(path: Path) -> str:
    """The media type of a local file; empty if none of ours."""
    with path.open("rb") as file:
        return sniff(file.read(512))


def sniff(head: bytes) -> str:
    """The media type of a file that starts with these bytes (512 are enough); empty if none of ours."""
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if head[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return _BRANDS.get(brand, "audio/mp4" if brand == b"M4A " else "video/mp4")
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if head[:4] in (b"OggS", b"fLaC"):
        return "audio/ogg" if head[:1] == b"O" else "audio/flac"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return (
        "image/svg+xml" if text[:4] == b"<svg" or (text[:5] == b"<?xml" and b"<svg" in text) else ""
    )
