"""Whether a media file is all there: a download may end early while every header says that it is well.

Only what the container itself says is believed: a length, a trailer, boxes that add up. A format that says
nothing (MP3, raw Ogg pages) counts as whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_MOST_BOXES = 10_000


def is_whole(path: Path, mime: str) -> bool:
    """False where the file provably ends too early. Reads a few bytes, whatever the size of the file."""
    check = _CHECKS.get(mime)
    if check is None:
        return True
    with path.open("rb") as file:
        return check(file, os.fstat(file.fileno()).st_size)


def _tail(file: BinaryIO, size: int, length: int) -> bytes:
    file.seek(max(0, size - length))
    return file.read(length)


def _png(file: BinaryIO, size: int) -> bool:
    """PNG specification, 11.2.5: IEND ends the file; some writers put bytes of their own behind it."""
    return b"IEND\xaeB`\x82" in _tail(file, size, 4096)


def _jpeg(file: BinaryIO, size: int) -> bool:
    """ITU T.81, B.1.1.3: EOI; cameras and editors pad behind it."""
    return b"\xff\xd9" in _tail(file, size, 65_536)


def _gif(file: BinaryIO, size: int) -> bool:
    """GIF89a, 27: the trailer."""
    return b"\x3b" in _tail(file, size, 64)


def _riff(file: BinaryIO, size: int) -> bool:
    """RIFF: the length of all that follows the first eight bytes; writers to a pipe leave 0 or all ones."""
    file.seek(4)
    told = int.from_bytes(file.read(4), "little")
    return told in (0, 0xFFFFFFFF) or size >= told + 8 or (size >= 44 and told >= 0x7FFFFFFF)


def _boxes(file: BinaryIO, size: int) -> bool:
    """ISO 14496-12, 4.2: top-level boxes add up to the file, or the last one says "to the end"."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at == size:
            return True
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return False
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length == 0:
            return True
        if length < 8 or at + length > size:
            return False
        at += length
    return True


_CHECKS: dict[str, Callable[[BinaryIO, int], bool]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _riff,
    "audio/wav": _riff,
    "image/avif": _boxes,
    "video/mp4": _boxes,
    "video/quicktime": _boxes,
    "audio/mp4": _boxes,
}
