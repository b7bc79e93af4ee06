"""WebP and WAV, which are RIFF files: chunks with a length, padded to even places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from struct import pack, unpack

from flexura.provenance import record as records
from flexura.provenance import xmp
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable, length_of
from flexura.provenance.record import Record

_MOST_CHUNKS = 100_000
_MOST_SIZE = 2**32 - 2
_MOST_TEXT = 1 << 20
_PACKETS = {b"WEBP": b"XMP ", b"WAVE": b"_PMX"}
_XMP_FLAG = 0x04
_ALPHA_FLAG = 0x10
_INFO = {b"INAM": "title", b"IART": "artist", b"ICMT": "comment"}


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    length: int


def read(source: Source) -> Carried:
    """What the chunks say. Raises Unmarkable for a broken or endless file."""
    name = _PACKETS[source.read(8, 4)]
    packet, manifest, tags = b"", None, dict[str, str]()
    for chunk in _chunks(source):
        most = min(chunk.length, _MOST_TEXT)
        if chunk.kind == name and not packet:
            packet = source.read(chunk.start + 8, most)
        elif chunk.kind == b"C2PA":
            manifest = source.read(chunk.start + 8, most)
        elif chunk.kind == b"LIST" and chunk.length >= 4 and not tags:
            tags = _info(source.read(chunk.start + 8, most))
    return Carried(packet, tags, manifest)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record behind what it holds. Raises Unmarkable."""
    form = source.read(8, 4)
    chunks = [chunk for chunk in _chunks(source) if chunk.kind != _PACKETS[form]]
    body = _picture(source, chunks) if form == b"WEBP" else _sound(source, chunks, record, carried)
    body.append(_chunk(_PACKETS[form], xmp.packet(record, carried.xmp)))
    size = length_of(body) + 4
    if size > _MOST_SIZE:
        raise Unmarkable("it is too long for one more chunk")
    return [pack("<4sI", b"RIFF", size), Span(8, 12), *body]


def _picture(source: Source, chunks: list[_Chunk]) -> list[Piece]:
    pieces = _extended(source, chunks)
    for chunk in chunks:
        if chunk.kind != b"VP8X":
            pieces += _whole(source, chunk)
    return pieces


def _sound(source: Source, chunks: list[_Chunk], record: Record, carried: Carried) -> list[Piece]:
    """The chunks, with our words in the list of information, which gets a place behind them."""
    pieces: list[Piece] = []
    kept: list[tuple[bytes, bytes]] = []
    for chunk in chunks:
        if _is_info(source, chunk) and chunk.length <= _MOST_TEXT:
            kept += _items(source.read(chunk.start + 8, chunk.length))
        else:
            pieces += _whole(source, chunk)
    before = xmp.tags_before(carried)
    kept = [item for item in kept if before.get(_INFO.get(item[0], "")) != _read_text(item[1])]
    there = {kind for kind, _ in kept}
    told = records.tags(record)
    for kind, name in _INFO.items():
        if kind not in there:
            kept.append((kind, told[name].encode() + b"\0"))
    listed = b"INFO" + b"".join(_chunk(kind, body) for kind, body in kept)
    return [*pieces, _chunk(b"LIST", listed)]


def _chunks(source: Source) -> list[_Chunk]:
    head, told = unpack("<4sI", source.read(0, 8))
    if head != b"RIFF" or told in (0, 0xFFFFFFFF) or told + 8 not in (source.size, source.size + 1):
        raise Unmarkable("its length is not the one that it tells")
    found: list[_Chunk] = []
    at = 12
    while at < source.size and len(found) < _MOST_CHUNKS:
        kind, length = unpack("<4sI", source.read(at, 8))
        if at + 8 + length > source.size:
            raise Unmarkable("it ends too early")
        found.append(_Chunk(kind, at, length))
        at += 8 + length + length % 2
    if not found:
        raise Unmarkable("it is empty")
    return found


def _whole(source: Source, chunk: _Chunk) -> Iterable[Piece]:
    stop = chunk.start + 8 + chunk.length
    yield Span(chunk.start, min(stop + chunk.length % 2, source.size))
    if chunk.length % 2 and stop == source.size:
        yield b"\0"


def _extended(source: Source, chunks: list[_Chunk]) -> list[Piece]:
    """The header of the extended format, with the mark that there is XMP (RFC 9649, 2.7)."""
    first = chunks[0]
    if first.kind == b"VP8X" and first.length >= 10:
        body = bytearray(source.read(first.start + 8, first.length))
        body[0] |= _XMP_FLAG
        return [_chunk(b"VP8X", bytes(body))]
    data = source.read(first.start + 8, min(10, first.length))
    if first.kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in unpack("<HH", data[6:10]))
        flags = _XMP_FLAG
    elif first.kind == b"VP8L" and data[:1] == b"\x2f" and len(data) >= 5:
        bits = int.from_bytes(data[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _XMP_FLAG | (_ALPHA_FLAG if bits >> 28 & 1 else 0)
    else:
        raise Unmarkable("its picture is of no known kind")
    if not width or not height:
        raise Unmarkable("its picture has no size")
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return [_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)]


def _is_info(source: Source, chunk: _Chunk) -> bool:
    return (
        chunk.kind == b"LIST" and chunk.length >= 4 and source.read(chunk.start + 8, 4) == b"INFO"
    )


def _info(body: bytes) -> dict[str, str]:
    return {_INFO[kind]: _read_text(text) for kind, text in _items(body) if kind in _INFO}


def _items(body: bytes) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    at = 4 if body[:4] == b"INFO" else len(body)
    while at + 8 <= len(body):
        kind, length = unpack("<4sI", body[at : at + 8])
        found.append((kind, body[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def _read_text(body: bytes) -> str:
    return body.rstrip(b"\0").decode("utf-8", "replace")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
