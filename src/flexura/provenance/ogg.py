"""Ogg with Opus or Vorbis: the record among the comments of the header (RFC 3533, 7845; Vorbis I, 5)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from struct import pack, unpack

from flexura.provenance import comments, xmp
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record

_HEADS = {b"OpusHead": (b"OpusTags", 2), b"\x01vorbis": (b"\x03vorbis", 3)}
"""First bytes of a stream: those of its comments, and how many packets its header has."""
_MOST_HEADER = 16 << 20
_MOST_PAGES = 2_000_000
_FULL_PAGE = 255
_CONTINUED, _FIRST = 0x01, 0x02
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class _Page:
    start: int
    flags: int
    granule: bytes
    serial: int
    number: int
    lacing: bytes
    body: int
    stop: int


@dataclass(frozen=True)
class _Header:
    first: _Page
    packets: list[bytes]
    """Behind the first packet."""
    magic: bytes
    pages: int
    stop: int


def read(source: Source) -> Carried:
    """What the comments say. Raises Unmarkable for a broken file, or another codec."""
    header = _header(source)
    return Carried(tags=comments.tags_in(header.packets[0][len(header.magic) :]))


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record; where the header needs more pages, all later ones are numbered anew.

    Raises Unmarkable.
    """
    header = _header(source)
    old = header.packets[0][len(header.magic) :]
    new, used = comments.rewritten(old, record, xmp.tags_before(carried))
    packet = header.magic + new + old[used:]
    pages = _paged([packet, *header.packets[1:]], header)
    pieces: list[Piece] = [Span(0, header.first.stop)]
    for number, (flags, lacing, body) in enumerate(pages, 1):
        head = pack("<4sBB8sII", b"OggS", 0, flags, _granule(lacing), header.first.serial, number)
        pieces.append(_sealed(head + bytes(4) + bytes([len(lacing)]) + lacing + body))
    shift = len(pages) - header.pages
    if shift == 0:
        return [*pieces, source.rest(header.stop)]
    return [*pieces, *_renumbered(source, header, shift)]


def _granule(lacing: bytes) -> bytes:
    """No packet ends on a page without an end: then there is no position."""
    return bytes(8) if any(part < _FULL_PAGE for part in lacing) else b"\xff" * 8


def _renumbered(source: Source, header: _Header, shift: int) -> list[Piece]:
    pieces: list[Piece] = []
    at = header.stop
    for _ in range(_MOST_PAGES):
        if at == source.size:
            return pieces
        page = _page(source, at)
        if page.serial == header.first.serial:
            raw = source.read(page.start, page.stop - page.start)
            number = (page.number + shift) & 0xFFFFFFFF
            pieces.append(_sealed(raw[:18] + pack("<I", number) + bytes(4) + raw[26:]))
        else:
            pieces.append(Span(page.start, page.stop))
        at = page.stop
    raise Unmarkable("it has too many pages")


def _header(source: Source) -> _Header:
    first = _page(source, 0)
    start = source.read(first.body, first.stop - first.body)
    kind = next((k for k in _HEADS if start.startswith(k)), None)
    if kind is None or not first.flags & _FIRST:
        raise Unmarkable("its sound is of a kind whose comments are not rewritten")
    magic, count = _HEADS[kind]
    packets, part, pages, at, size = list[bytes](), bytearray(), 0, first.stop, 0
    while len(packets) < count - 1:
        page = _page(source, at)
        size += page.stop - page.start
        if page.serial != first.serial or page.number != pages + 1 or size > _MOST_HEADER:
            raise Unmarkable("its header is not in one piece")
        data, start_of_part = source.read(page.body, page.stop - page.body), 0
        for length in page.lacing:
            part += data[start_of_part : start_of_part + length]
            start_of_part += length
            if length < _FULL_PAGE:
                packets.append(bytes(part))
                part = bytearray()
        pages, at = pages + 1, page.stop
    if len(packets) != count - 1 or part or not packets[0].startswith(magic):
        raise Unmarkable("its header is not followed by a new page")
    return _Header(first, packets, magic, pages, at)


def _paged(packets: list[bytes], header: _Header) -> list[tuple[int, bytes, bytes]]:
    """Flags, lacing and content of the pages that hold the packets, in about as many pages as before."""
    data, at = b"".join(packets), 0
    lacing = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in packets)
    wanted = max(header.pages, -(-len(lacing) // _FULL_PAGE))
    if wanted > len(lacing):
        raise Unmarkable("its header has too many pages")
    pages: list[tuple[int, bytes, bytes]] = []
    continued = 0
    for index in range(wanted):
        start, stop = len(lacing) * index // wanted, len(lacing) * (index + 1) // wanted
        part = lacing[start:stop]
        length = sum(part)
        pages.append((continued, part, data[at : at + length]))
        at += length
        continued = _CONTINUED if part[-1] == _FULL_PAGE else 0
    return pages


def _page(source: Source, at: int) -> _Page:
    head = source.read(at, 27)
    mark, version, flags, granule, serial, number, _, count = unpack("<4sBB8sIIIB", head)
    if mark != b"OggS" or version:
        raise Unmarkable("its pages do not follow each other")
    lacing = source.read(at + 27, count)
    body = at + 27 + count
    stop = body + sum(lacing)
    if stop > source.size:
        raise Unmarkable("it ends too early")
    return _Page(at, flags, granule, serial, number, lacing, body, stop)


def _sealed(page: bytes) -> bytes:
    """The page with its checksum, whose field holds zeros."""
    return page[:22] + pack("<I", checksum(page)) + page[26:]


def checksum(page: bytes) -> int:
    """Ogg's CRC-32: the polynomial of zlib's with its bits in the other order, from 0 on."""
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
