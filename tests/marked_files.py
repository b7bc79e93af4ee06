"""Files that the worker marks: their media as the maker gave them, whatever record stands beside them."""

from __future__ import annotations

from struct import unpack_from


def media_in(content: bytes) -> bytes:
    """The compressed picture of a PNG, or the samples of an MP4."""
    png = content.startswith(b"\x89PNG")
    found, at = b"", 8 if png else 0
    while at < len(content):
        if png:
            length, kind = unpack_from(">I4s", content, at)
            start, stop, end = at + 8, at + 8 + length, at + 12 + length
        else:
            length, kind = unpack_from(">I4s", content, at)
            start, stop, end = at + 8, at + length, at + length
        if kind in (b"IHDR", b"IDAT", b"mdat"):
            found += content[start:stop]
        at = end
    assert found, "there is no media in it"
    return found
