"""FLAC: the record among the Vorbis comments (RFC 9639, 8.6)."""

from __future__ import annotations

from dataclasses import dataclass

from flexura.provenance import comments, xmp
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record

_COMMENT, _MOST_BLOCKS, _MOST_LENGTH = 4, 10_000, (1 << 24) - 1
_EMPTY = b"\0" * 8


@dataclass(frozen=True, slots=True)
class _Block:
    kind: int
    body: Span


def read(source: Source) -> Carried:
    """What the comments say. Raises Unmarkable for a broken file."""
    for block in _blocks(source):
        if block.kind == _COMMENT:
            return Carried(tags=comments.tags_in(_bytes(source, block)))
    return Carried()


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record; its blocks keep their order. Raises Unmarkable."""
    blocks = _blocks(source)
    bodies: list[tuple[int, Piece]] = []
    old = next((_bytes(source, b) for b in blocks if b.kind == _COMMENT), _EMPTY)
    new, used = comments.rewritten(old, record, xmp.tags_before(carried))
    if used != len(old) or len(new) > _MOST_LENGTH:
        raise Unmarkable("its comments are broken")
    for block in blocks:
        if block.kind != _COMMENT:
            bodies.append((block.kind, block.body))
        if len(bodies) == 1 and block is blocks[0]:
            bodies.append((_COMMENT, new))
    pieces: list[Piece] = [b"fLaC"]
    for index, (kind, body) in enumerate(bodies):
        length = len(body) if isinstance(body, bytes) else body.stop - body.start
        last = 0x80 if index == len(bodies) - 1 else 0
        pieces += [bytes([kind | last]) + length.to_bytes(3, "big"), body]
    return [*pieces, source.rest(blocks[-1].body.stop)]


def _bytes(source: Source, block: _Block) -> bytes:
    return source.read(block.body.start, block.body.stop - block.body.start)


def _blocks(source: Source) -> list[_Block]:
    found: list[_Block] = []
    at = 4
    while len(found) < _MOST_BLOCKS:
        head = source.read(at, 4)
        stop = at + 4 + int.from_bytes(head[1:], "big")
        if stop > source.size:
            raise Unmarkable("it ends too early")
        found.append(_Block(head[0] & 0x7F, Span(at + 4, stop)))
        if head[0] & 0x80:
            if found[0].kind != 0:
                raise Unmarkable("it does not begin with its header")
            return found
        at = stop
    raise Unmarkable("it has too many blocks")
