"""MP4, M4A and MOV: the XMP packet in a `uuid` box at the end, tags for players in `moov/udta/meta/ilst`.

The tags make `moov` longer; the places of the samples (`stco`, `co64`) are moved by as much. Where that
cannot be done safely (fragments, QuickTime), the packet stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import pack, pack_into, unpack_from

from flexura.provenance import record as records
from flexura.provenance import xmp
from flexura.provenance.boxes import C2PA_BOX, XMP_BOX, Box, box, inside, top_level
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record

_MOST_MOOV = 64 << 20
_MOST_PACKET = 1 << 20
_ITEMS = {b"\xa9nam": "title", b"\xa9ART": "artist", b"desc": "description", b"\xa9cmt": "comment"}
_META_HEAD = bytes(4) + box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
_HARMLESS = frozenset((b"ftyp", b"free", b"skip", b"wide", b"moov", b"mdat", b"uuid", b"udta"))
_WAY = (b"trak", b"mdia", b"minf", b"stbl")
"""To the tables of places."""
_PLAIN = frozenset(
    (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"M4A ", b"M4V ", b"avc1")
)


def read(source: Source) -> Carried:
    """What the boxes say. Raises Unmarkable for a broken file."""
    packet, manifest, tags = b"", None, dict[str, str]()
    for found in top_level(source):
        length = min(found.stop - found.body, _MOST_PACKET)
        if found.extended == C2PA_BOX:
            manifest = source.read(found.body, length)
        elif found.extended == XMP_BOX:
            packet = source.read(found.body, length)
        elif found.kind == b"moov" and found.stop - found.start <= _MOST_MOOV:
            tags = _read_tags(source.read(found.start, found.stop - found.start))
    return Carried(packet, tags, manifest)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record. Raises Unmarkable."""
    there = top_level(source)
    media = [b.stop for b in there if b.kind in (b"mdat", b"moof")]
    if not media:
        raise Unmarkable("it has no picture and no sound")
    moov = _tagged(source, there, record, xmp.tags_before(carried))
    pieces: list[Piece] = []
    new = box(b"uuid", XMP_BOX + xmp.packet(record, carried.xmp))
    for found in there:
        if found.extended == XMP_BOX:
            # In front of the samples, whose places are told in bytes, it leaves an empty space.
            if found.start < max(media):
                length = found.stop - found.start
                pieces.append(pack(">I4s", length, b"free") + bytes(length - 8))
            continue
        if found is there[-1] and found.kind == b"mfra":
            pieces.append(new)  # players look for this index at the very end
            new = b""
        if found.kind == b"moov" and moov is not None:
            pieces.append(moov)
        else:
            pieces.append(Span(found.start, found.stop))
    return [*pieces, new] if new else pieces


def _tagged(
    source: Source, there: Sequence[Box], record: Record, before: Mapping[str, str]
) -> bytes | None:
    """`moov` with our tags; None where it is better left alone."""
    moov = [b for b in there if b.kind == b"moov"]
    plain = all(b.kind in _HARMLESS for b in there) and source.read(8, 4) in _PLAIN
    if len(moov) != 1 or not plain or moov[0].stop - moov[0].start > _MOST_MOOV:
        return None
    old = moov[0]
    data = source.read(old.start, old.stop - old.start)
    try:
        body = _with_tags(data, old.body - old.start, record, before)
        new = bytearray(box(b"moov", body))
        _move(new, (8, len(new)), 0, old.stop, len(new) - len(data))
    except Unmarkable:
        return None
    return bytes(new)


def _with_tags(data: bytes, start: int, record: Record, before: Mapping[str, str]) -> bytes:
    children = inside(data, start)
    if any(b.kind in (b"mvex", b"cmov", b"meta") for b in children):
        raise Unmarkable("its index is of another kind")
    udta = [b for b in children if b.kind == b"udta"]
    if len(udta) > 1:
        raise Unmarkable("its index is of another kind")
    parts = [data[b.start : b.stop] for b in children if b.kind != b"udta"]
    user = [] if not udta else inside(data, udta[0].body, udta[0].stop)
    meta = next((data[b.body : b.stop] for b in user if b.kind == b"meta"), _META_HEAD)
    kept = b"".join(data[b.start : b.stop] for b in user if b.kind != b"meta")
    parts.append(box(b"udta", kept + box(b"meta", _meta(meta, record, before))))
    return b"".join(parts)


def _meta(meta: bytes, record: Record, before: Mapping[str, str]) -> bytes:
    children = inside(meta, 4)
    handler = next((meta[b.body + 8 : b.body + 12] for b in children if b.kind == b"hdlr"), b"")
    if meta[:4] != bytes(4) or handler != b"mdir":
        raise Unmarkable("its tags are of another kind")
    ilst = next((b for b in children if b.kind == b"ilst"), None)
    items = [] if ilst is None else inside(meta, ilst.body, ilst.stop)
    kept: list[bytes] = []
    taken: set[bytes] = set()
    for item in items:
        raw = meta[item.start : item.stop]
        if before and before.get(_ITEMS.get(item.kind, "")) == _item_text(raw):
            continue
        taken.add(item.kind)
        kept.append(raw)
    told = records.tags(record)
    for kind, name in _ITEMS.items():
        if kind not in taken and told[name]:
            kept.append(box(kind, box(b"data", pack(">II", 1, 0) + told[name].encode())))
    others = b"".join(meta[b.start : b.stop] for b in children if b.kind != b"ilst")
    return meta[:4] + others + box(b"ilst", b"".join(kept))


def _move(data: bytearray, part: tuple[int, int], depth: int, behind: int, by: int) -> None:
    """Add to every place of a sample that lies behind the index."""
    for child in inside(data, *part):
        if depth == len(_WAY):
            if child.kind in (b"saio", b"meta"):
                raise Unmarkable("its index tells other places too")
            if child.kind in (b"stco", b"co64"):
                _move_places(data, child, behind, by)
        elif child.kind == _WAY[depth]:
            _move(data, (child.body, child.stop), depth + 1, behind, by)


def _move_places(data: bytearray, table: Box, behind: int, by: int) -> None:
    width, form = (4, ">I") if table.kind == b"stco" else (8, ">Q")
    if table.stop - table.body < 8:
        raise Unmarkable("its index is broken")
    (count,) = unpack_from(">I", data, table.body + 4)
    if count * width > table.stop - table.body - 8:
        raise Unmarkable("its index is broken")
    for at in range(table.body + 8, table.body + 8 + count * width, width):
        (place,) = unpack_from(form, data, at)
        if place >= behind:
            if place + by >= 1 << 8 * width:
                raise Unmarkable("its index has no room for such places")
            pack_into(form, data, at, place + by)


def _read_tags(moov: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        for udta in (b for b in inside(moov, 8) if b.kind == b"udta"):
            for meta in (b for b in inside(moov, udta.body, udta.stop) if b.kind == b"meta"):
                for ilst in (
                    b for b in inside(moov, meta.body + 4, meta.stop) if b.kind == b"ilst"
                ):
                    for item in inside(moov, ilst.body, ilst.stop):
                        if name := _ITEMS.get(item.kind):
                            found[name] = _item_text(moov[item.start : item.stop])
    except Unmarkable:
        return found
    return found


def _item_text(item: bytes) -> str:
    """The text of an item: an inner box `data` with type and language in front."""
    return item[24:].decode("utf-8", "replace") if item[12:16] == b"data" else ""
