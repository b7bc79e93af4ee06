"""AVIF and HEIF: the XMP packet as an item of its own, described in `meta` (ISO 23008-12; XMP part 3).

`meta` grows by what describes the item; the places of the other items (`iloc`) are moved by as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from struct import pack

from flexura.provenance import xmp
from flexura.provenance.boxes import C2PA_BOX, Box, box, inside, top_level
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record

_TYPE = b"application/rdf+xml"
_MOST_META = 16 << 20
_MOST_PACKET = 1 << 20
_IN_FILE = 0


@dataclass(frozen=True)
class _Place:
    """Where the parts of one item lie; `method` 0 counts from the start of the file."""

    item: int
    method: int
    reference: int
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Meta:
    head: bytes
    boxes: dict[bytes, bytes]
    """The content of its boxes, in their order."""
    places: tuple[_Place, ...]
    version: int
    xmp_item: int | None
    primary: int


def read(source: Source) -> Carried:
    """What its boxes and items say. Raises Unmarkable for a broken file."""
    there = top_level(source)
    manifest = next((b for b in there if b.extended == C2PA_BOX), None)
    if manifest is not None:
        length = min(manifest.stop - manifest.body, _MOST_PACKET)
        return Carried(manifest=source.read(manifest.body, length))
    meta = _meta(source, there)
    place = next((p for p in meta.places if p.item == meta.xmp_item), None)
    if place is None or place.method != _IN_FILE or sum(n for _, n in place.parts) > _MOST_PACKET:
        return Carried()
    return Carried(b"".join(source.read(at, length) for at, length in place.parts))


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record. Raises Unmarkable."""
    there = top_level(source)
    old = _only(there)
    meta = _meta(source, there)
    packet = xmp.packet(record, carried.xmp)
    mine = next((p for p in meta.places if p.item == meta.xmp_item), None)
    if mine is not None and _is_alone(there[-1], mine):
        there = there[:-1]
    body = [b for b in there if b is not old]
    grown = _described(meta, 0, 0, len(packet))
    by = len(grown) - (old.stop - old.start)
    end = sum(b.stop - b.start for b in body) + len(grown)
    grown = _described(_moved(meta, old.stop, by), end + 8, by, len(packet))
    pieces: list[Piece] = [grown if b is old else Span(b.start, b.stop) for b in there]
    return [*pieces, box(b"mdat", packet)]


def _only(there: Sequence[Box]) -> Box:
    found = [b for b in there if b.kind == b"meta"]
    if len(found) != 1 or any(b.kind in (b"moov", b"moof") for b in there):
        raise Unmarkable("it is a sequence of pictures")
    return found[0]


def _is_alone(last: Box, mine: _Place) -> bool:
    """Whether the last box holds nothing but the packet that goes."""
    return last.kind == b"mdat" and mine.parts == ((last.body, last.stop - last.body),)


def _meta(source: Source, there: Sequence[Box]) -> _Meta:
    found = _only(there)
    if found.stop - found.body > _MOST_META:
        raise Unmarkable("its description is too long")
    data = source.read(found.body, found.stop - found.body)
    parts = inside(data, 4)
    boxes = {b.kind: data[b.body : b.stop] for b in parts}
    if len(boxes) != len(parts) or not {b"iloc", b"iinf", b"pitm"} <= boxes.keys():
        raise Unmarkable("its description is of another kind")
    places, version = _places(boxes[b"iloc"])
    pitm = boxes[b"pitm"]
    primary = int.from_bytes(pitm[4 : 6 if pitm[:1] == b"\0" else 8], "big")
    return _Meta(data[:4], boxes, places, version, _xmp_item(boxes[b"iinf"]), primary)


def _entries(iinf: bytes) -> list[bytes]:
    start = 6 if iinf[:1] == b"\0" else 8
    return [iinf[b.start : b.stop] for b in inside(iinf, start)]


def _xmp_item(iinf: bytes) -> int | None:
    for entry in _entries(iinf):
        body = entry[8:]
        width = {2: 2, 3: 4}.get(body[0] if body else 0)
        if width is None:
            continue
        kind = body[4 + width + 2 : 4 + width + 6]
        if kind == b"mime" and _TYPE in body[4 + width + 6 :].split(b"\0"):
            return int.from_bytes(body[4 : 4 + width], "big")
    return None


def _places(iloc: bytes) -> tuple[tuple[_Place, ...], int]:
    """The table of places (ISO 14496-12, 8.11.3)."""
    at = 8

    def number(width: int) -> int:
        nonlocal at
        if at + width > len(iloc):
            raise Unmarkable("its table of places is broken")
        at += width
        return int.from_bytes(iloc[at - width : at], "big")

    if len(iloc) < 8 or iloc[0] > 2:
        raise Unmarkable("its table of places is of another kind")
    version = iloc[0]
    offset, length, base, index = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15
    at = 6
    wide = 4 if version == 2 else 2
    found: list[_Place] = []
    for _ in range(number(wide)):
        item = number(wide)
        method = number(2) & 15 if version else _IN_FILE
        reference, start = number(2), number(base)
        parts: list[tuple[int, int]] = []
        for _ in range(number(2)):
            if version and index and number(index):
                raise Unmarkable("its items are made of other items")
            place = start + number(offset)
            parts.append((place, number(length)))
        if reference or method > 1 or any(not n for _, n in parts):
            raise Unmarkable("its items lie in another file")
        found.append(_Place(item, method, reference, tuple(parts)))
    return tuple(found), version


def _moved(meta: _Meta, behind: int, by: int) -> _Meta:
    def place(found: _Place) -> _Place:
        if found.method != _IN_FILE:
            return found
        parts = tuple((at + by if at >= behind else at, length) for at, length in found.parts)
        return replace(found, parts=parts)

    return replace(meta, places=tuple(place(p) for p in meta.places))


def _described(meta: _Meta, at: int, by: int, length: int) -> bytes:
    """`meta` with the item of the packet at that place of the file."""
    boxes = dict(meta.boxes)
    item = meta.xmp_item
    places = [p for p in meta.places if p.item != item]
    if item is None:
        item = 1 + max([p.item for p in meta.places] + [meta.primary])
        if item >= 1 << 16:
            raise Unmarkable("it has too many items")
        boxes[b"iinf"] = _with_entry(boxes[b"iinf"], item)
        boxes[b"iref"] = _with_reference(boxes.get(b"iref", bytes(4)), item, meta.primary)
    places.append(_Place(item, _IN_FILE, 0, ((at, length),)))
    boxes[b"iloc"] = _table(places, meta.version)
    return box(b"meta", meta.head + b"".join(box(kind, body) for kind, body in boxes.items()))


def _with_entry(iinf: bytes, item: int) -> bytes:
    entry = box(b"infe", pack(">IHH4s", 0x02000000, item, 0, b"mime") + b"XMP\0" + _TYPE + b"\0")
    entries = [*_entries(iinf), entry]
    count = pack(">H" if iinf[:1] == b"\0" else ">I", len(entries))
    return iinf[:4] + count + b"".join(entries)


def _with_reference(iref: bytes, item: int, primary: int) -> bytes:
    """That the packet describes the picture (`cdsc`)."""
    form = ">HHH" if iref[:1] == b"\0" else ">IHI"
    return iref + box(b"cdsc", pack(form, item, 1, primary))


def _table(places: Sequence[_Place], version: int) -> bytes:
    version = version or (1 if any(p.method for p in places) else 0)
    wide = ">I" if version == 2 else ">H"
    most = max(at for p in places for at, _ in p.parts)
    long = most >= 1 << 32
    body = pack(">BBH", version, 0, 0) + bytes([0x84 if long else 0x44, 0])
    body += pack(wide, len(places))
    for place in places:
        body += pack(wide, place.item)
        if version:
            body += pack(">H", place.method)
        body += pack(">HH", place.reference, len(place.parts))
        for at, length in place.parts:
            body += pack(">QI" if long else ">II", at, length)
    return body
