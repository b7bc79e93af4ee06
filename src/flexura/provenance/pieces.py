"""A file as its container modules see it: read in small parts, and written anew as pieces of itself."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO


class Unmarkable(Exception):
    """The file cannot be marked safely, for this reason; it is left as it is."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the old file, from `start` up to `stop`."""

    start: int
    stop: int


Piece = bytes | Span
"""The new file is a sequence of these: what stays is named, what is new is given."""


@dataclass(frozen=True)
class Carried:
    """What a file says of itself: its XMP packet, its tags, and the beginning of its C2PA manifest."""

    xmp: bytes = b""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    manifest: bytes | None = None


class Source:
    """An open file, read at places."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def read(self, at: int, length: int) -> bytes:
        """Exactly so many bytes. Raises Unmarkable where the file ends before."""
        if at < 0 or length < 0 or at + length > self.size:
            raise Unmarkable("it ends too early")
        self._file.seek(at)
        found = self._file.read(length)
        if len(found) != length:
            raise Unmarkable("it ends too early")
        return found

    def head(self, length: int) -> bytes:
        """The first bytes, as many as there are."""
        return self.read(0, min(length, self.size))

    def rest(self, at: int) -> Span:
        """Everything from there on."""
        return Span(at, self.size)


def length_of(pieces: Sequence[Piece]) -> int:
    """How many bytes the pieces come to."""
    return sum(len(p) if isinstance(p, bytes) else p.stop - p.start for p in pieces)
