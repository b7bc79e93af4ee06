"""Boxes of ISO base media files (ISO 14496-12, 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack
from uuid import UUID

from flexura.provenance.pieces import Source, Unmarkable

XMP_BOX = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes
"""XMP part 3, 1.2.7."""
C2PA_BOX = UUID("d8fec3d6-1b0e-483c-9297-5828877ec481").bytes
"""C2PA specification, A.5."""
_MOST_BOXES = 100_000


@dataclass(frozen=True, slots=True)
class Box:
    """One box; `body` is where its content begins. `extended` is the type of a `uuid` box."""

    kind: bytes
    start: int
    body: int
    stop: int
    extended: bytes = b""


def top_level(source: Source) -> list[Box]:
    """The boxes of a file, which add up to it. Raises Unmarkable."""
    found: list[Box] = []
    at = 0
    while at < source.size:
        head = source.read(at, min(32, source.size - at))
        box = _box(head, at, source.size)
        if box.kind == b"uuid" and box.stop - box.body >= 16:
            extended = head[box.body - at : box.body - at + 16]
            box = Box(box.kind, at, box.body + 16, box.stop, extended)
        found.append(box)
        at = box.stop
        if len(found) > _MOST_BOXES:
            raise Unmarkable("it has too many boxes")
    if not found or found[0].kind != b"ftyp":
        raise Unmarkable("it does not begin with its type")
    return found


def inside(data: bytes | bytearray, start: int = 0, stop: int | None = None) -> list[Box]:
    """The boxes in a part of some bytes. Raises Unmarkable."""
    found: list[Box] = []
    end = len(data) if stop is None else stop
    at = start
    while at < end:
        if end - at < 8 and not any(data[at:end]):
            break  # QuickTime ends user data with four zeros
        box = _box(bytes(data[at : at + 16]), at, end)
        found.append(box)
        at = box.stop
        if len(found) > _MOST_BOXES:
            raise Unmarkable("it has too many boxes")
    return found


def box(kind: bytes, body: bytes) -> bytes:
    """A box. Raises Unmarkable for one that is too long for its length."""
    if len(body) + 8 >= 1 << 32:
        raise Unmarkable("one of its boxes is too long")
    return pack(">I4s", len(body) + 8, kind) + body


def _box(head: bytes, at: int, end: int) -> Box:
    if len(head) < 8:
        raise Unmarkable("it ends too early")
    length, header = int.from_bytes(head[:4], "big"), 8
    if length == 1:
        if len(head) < 16:
            raise Unmarkable("it ends too early")
        length, header = int.from_bytes(head[8:16], "big"), 16
    if length == 0:
        raise Unmarkable("one of its boxes goes on to the end of the file")
    if length < header or at + length > end:
        raise Unmarkable("it ends too early")
    return Box(head[4:8], at, at + header, at + length)
