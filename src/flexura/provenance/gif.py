"""GIF: the prompt as a comment and the XMP packet as an application block (GIF89a; XMP part 3, 1.1.2)."""

from __future__ import annotations

from dataclasses import dataclass

from flexura.provenance import xmp
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record, clean

_XMP = b"\x21\xff\x0bXMP DataXMP"
_C2PA = b"\x21\xff\x0bC2PA_GIF"
_MOST_BLOCK, _MOST_BLOCKS, _MOST_COMMENT = 255, 1000, 2000
# The packet is stored bare; the falling trailer leads any reader to the terminator.
_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    stop: int
    head: bytes


def read(source: Source) -> Carried:
    """What the blocks before the first frame say. Raises Unmarkable for a broken file."""
    packet, manifest = b"", None
    for block in _blocks(source)[1]:
        if block.head.startswith(_XMP) and not packet:
            body = source.read(block.start, min(block.stop - block.start, xmp.MOST_FOREIGN))
            packet = body[len(_XMP) :].partition(_TRAILER)[0]
        elif block.head.startswith(_C2PA):
            manifest = source.read(block.start, min(block.stop - block.start, xmp.MOST_FOREIGN))
    return Carried(packet, {}, manifest)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record behind its palette. Raises Unmarkable."""
    start, blocks = _blocks(source)
    before = xmp.record_of(carried)
    old = _comment(before) if before else b""
    new = _comment(record) + _XMP + xmp.packet(record, carried.xmp) + _TRAILER
    # Everything of version 87a means the same in 89a, which has such blocks.
    pieces: list[Piece] = [b"GIF89a", Span(6, start), new]
    for block in blocks:
        mine = old and source.read(block.start, block.stop - block.start) == old
        if not block.head.startswith(_XMP) and not mine:
            pieces.append(Span(block.start, block.stop))
    return [*pieces, source.rest(blocks[-1].stop if blocks else start)]


def _comment(record: Record) -> bytes:
    """The prompt as a comment block; nothing for an empty one."""
    text = clean(record.prompt).encode()[:_MOST_COMMENT]
    parts = (text[at : at + _MOST_BLOCK] for at in range(0, len(text), _MOST_BLOCK))
    body = b"".join(bytes([len(part)]) + part for part in parts)
    return b"\x21\xfe" + body + b"\x00" if body else b""


def _blocks(source: Source) -> tuple[int, list[_Block]]:
    """Where the palette ends, and the extension blocks that follow it."""
    flags = source.read(10, 1)[0]
    start = at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    found: list[_Block] = []
    for _ in range(_MOST_BLOCKS):
        if source.read(at, 1) != b"\x21":
            return start, found
        stop = _end(source, at)
        found.append(_Block(at, stop, source.read(at, min(16, stop - at))))
        at = stop
    raise Unmarkable("it has too many blocks")


def _end(source: Source, at: int) -> int:
    """Where a block ends: its parts tell their lengths, up to an empty one."""
    if source.read(at, min(len(_XMP), source.size - at)) == _XMP:
        at += len(_XMP)
    else:
        at += 2
    for _ in range(2 * xmp.MOST_FOREIGN):
        length = source.read(at, 1)[0]
        at += 1 + length
        if length == 0:
            return at
    raise Unmarkable("one of its blocks does not end")
