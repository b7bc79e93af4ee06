"""JPEG: the XMP packet in an APP1 segment (XMP part 3, 1.1.3); C2PA in APP11 (ISO 19566-5)."""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack

from flexura.provenance import xmp
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record

_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_MOST_SEGMENT = 65_533
_MOST_SEGMENTS = 20_000
_MOST_MANIFEST = 1 << 20
_START_OF_SCAN, _END = 0xDA, 0xD9


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    start: int
    body: int
    stop: int


def read(source: Source) -> Carried:
    """What the segments before the picture say. Raises Unmarkable for a broken file."""
    packet, manifest = b"", b""
    for segment in _segments(source):
        body = _head_of(source, segment)
        if segment.marker == 0xE1 and body.startswith(_HEAD) and not packet:
            packet = source.read(segment.body, segment.stop - segment.body)[len(_HEAD) :]
        elif segment.marker == 0xEB and body[:2] == b"JP" and len(manifest) < _MOST_MANIFEST:
            manifest += source.read(segment.body, segment.stop - segment.body)
    return Carried(packet, {}, manifest if b"c2pa" in manifest else None)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record, behind the headers that have to come first. Raises Unmarkable."""
    packet = _HEAD + xmp.packet(record, carried.xmp)
    if len(packet) > _MOST_SEGMENT:
        raise Unmarkable("its XMP packet leaves no room for a record")
    segments = _segments(source)
    if any(s.marker == 0xE2 and _head_of(source, s).startswith(b"MPF\0") for s in segments):
        raise Unmarkable("it holds several pictures, whose places it tells in bytes")
    pieces: list[Piece] = [Span(0, 2)]
    new: list[Piece] = [b"\xff\xe1" + pack(">H", len(packet) + 2) + packet]
    for segment in segments:
        body = _head_of(source, segment)
        if segment.marker == 0xE1 and body.startswith(_HEAD):
            continue
        first = segment.marker == 0xE0 or (segment.marker == 0xE1 and body.startswith(b"Exif\0"))
        if not first:
            pieces += new
            new = []
        pieces.append(Span(segment.start, segment.stop))
    pieces += new
    pieces.append(source.rest(segments[-1].stop if segments else 2))
    return pieces


def _segments(source: Source) -> list[_Segment]:
    """The segments up to the first scan, which is not one of them."""
    found: list[_Segment] = []
    at = 2
    while len(found) < _MOST_SEGMENTS:
        start, marker = at, source.read(at, 2)
        if marker[0] != 0xFF:
            raise Unmarkable("its segments do not follow each other")
        while marker[1] == 0xFF:
            at += 1
            marker = source.read(at, 2)
        if marker[1] == _START_OF_SCAN:
            return found
        if marker[1] == _END or marker[1] == 0 or 0xD0 <= marker[1] <= 0xD8:
            raise Unmarkable("it has no picture")
        length = int.from_bytes(source.read(at + 2, 2), "big")
        at += 2 + length
        if length < 2 or at > source.size:
            raise Unmarkable("it ends too early")
        found.append(_Segment(marker[1], start, at - length + 2, at))
    raise Unmarkable("it has too many segments")


def _head_of(source: Source, segment: _Segment) -> bytes:
    return source.read(segment.body, min(len(_HEAD), segment.stop - segment.body))
