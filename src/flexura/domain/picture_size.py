"""Width and height of a picture by its header alone: nothing is decoded, so nothing can blow up.

After the formats' own documents: PNG (W3C) 11.2.2, GIF89a 18, JPEG (ITU-T T.81) B.2.2, WebP (RFC 9649) 2.5
to 2.7, HEIF (ISO/IEC 23008-12) 6.5.3 for AVIF.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_HEAD = 32
_MOST_SEGMENTS = 2000
_AVIF_HEAD = 256 * 1024
# Start of frame: every coding process but the markers of tables that lie in between.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})

Sides = tuple[int, int]


def picture_size(path: Path, mime: str) -> Sides | None:
    """Pixels across and down, as stored (before any EXIF turn); None for another type or a broken header."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if mime == "image/png" and head[12:16] == b"IHDR":
            sides = _big(head, 16, 4), _big(head, 20, 4)
        elif mime == "image/gif":
            sides = _little(head, 6, 2), _little(head, 8, 2)
        elif mime == "image/webp":
            sides = _webp(head)
        elif mime == "image/jpeg":
            sides = _jpeg(file)
        elif mime == "image/avif":
            sides = _avif(head + file.read(_AVIF_HEAD))
        else:
            sides = (0, 0)
    return sides if sides[0] > 0 and sides[1] > 0 else None


def _big(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "big")


def _little(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "little")


def _webp(head: bytes) -> Sides:
    kind = head[12:16]
    if kind == b"VP8X":
        return _little(head, 24, 3) + 1, _little(head, 27, 3) + 1
    if kind == b"VP8L" and head[20:21] == b"\x2f":
        bits = _little(head, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return _little(head, 26, 2) & 0x3FFF, _little(head, 28, 2) & 0x3FFF
    return 0, 0


def _jpeg(file: BinaryIO) -> Sides:
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        marker = file.read(2)
        while len(marker) == 2 and marker == b"\xff\xff":  # fill bytes
            marker = marker[1:] + file.read(1)
        if len(marker) < 2 or marker[0] != 0xFF:
            break
        if marker[1] in _ALONE:
            continue
        segment = file.read(7)
        length = _big(segment, 0, 2)
        if len(segment) < 7 or length < 2:
            break
        if marker[1] in _FRAMES:
            return _big(segment, 5, 2), _big(segment, 3, 2)
        file.seek(length - 7, 1)
    return 0, 0


def _avif(head: bytes) -> Sides:
    """The largest of the sizes that the items have: tiles and previews are smaller than the picture."""
    best, start = (0, 0), head.find(b"ispe")
    while start >= 0:
        sides = _big(head, start + 8, 4), _big(head, start + 12, 4)
        if start + 16 <= len(head) and sides[0] * sides[1] > best[0] * best[1]:
            best = sides
        start = head.find(b"ispe", start + 4)
    return best
