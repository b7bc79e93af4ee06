"""PNG: the XMP packet and readable keywords as iTXt chunks before the picture (PNG, 11.3.4.5; XMP part 3)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from struct import pack, unpack

from flexura.provenance import xmp
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import SOFTWARE, Record, clean, shortened

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP_KEY = "XML:com.adobe.xmp"
_MOST_CHUNKS = 200_000
_MOST_TEXT = 1 << 20
_MOST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    length: int

    @property
    def stop(self) -> int:
        return self.start + 12 + self.length


def read(source: Source) -> Carried:
    """What the chunks say. Raises Unmarkable for a broken file."""
    packet, manifest = b"", None
    for chunk in _chunks(source):
        if chunk.kind == b"caBX":
            manifest = source.read(chunk.start + 8, min(chunk.length, _MOST_MANIFEST))
        elif chunk.kind == b"iTXt" and not packet:
            key, text = _text(source, chunk)
            packet = text if key == _XMP_KEY else b""
    return Carried(packet, {}, manifest)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record; keywords of another program stay. Raises Unmarkable."""
    before = xmp.record_in(carried.xmp)
    ours = keywords(before) if before else {}
    pieces: list[Piece] = [Span(0, 8)]
    taken: set[str] = set()
    chunks = _chunks(source)
    kept: list[_Chunk] = []
    for chunk in chunks:
        if chunk.kind in (b"iTXt", b"tEXt", b"zTXt"):
            key, text = _text(source, chunk)
            if key == _XMP_KEY or (chunk.kind == b"iTXt" and ours.get(key) == _decoded(text)):
                continue
            taken.add(key)
        kept.append(chunk)
    new = [_itxt(_XMP_KEY, xmp.packet(record, carried.xmp))]
    new += [_itxt(k, t.encode()) for k, t in keywords(record).items() if k not in taken]
    for chunk in kept:
        if chunk.kind == b"IDAT" and new:
            pieces += new
            new = []
        pieces.append(Span(chunk.start, chunk.stop))
    if new:
        raise Unmarkable("it has no picture")
    pieces.append(source.rest(chunks[-1].stop))
    return pieces


def keywords(record: Record) -> dict[str, str]:
    """The record as keywords, so that every viewer shows it."""
    prompt = shortened(clean(record.prompt), 8000)
    return {
        "Software": SOFTWARE,
        "Source": f"{record.method} ({record.source_type})",
        "Description": prompt,
        "prompt": prompt,
        "model": clean(record.model),
        "seed": "" if record.seed is None else str(record.seed),
    }


def _chunks(source: Source) -> list[_Chunk]:
    found: list[_Chunk] = []
    at = 8
    while len(found) < _MOST_CHUNKS:
        length, kind = unpack(">I4s", source.read(at, 8))
        chunk = _Chunk(kind, at, length)
        if chunk.stop > source.size:
            raise Unmarkable("it ends too early")
        if not found and (kind, length) != (b"IHDR", 13):
            raise Unmarkable("it does not begin with its header")
        found.append(chunk)
        if kind == b"IEND":
            return found
        at = chunk.stop
    raise Unmarkable("it has too many chunks")


def _text(source: Source, chunk: _Chunk) -> tuple[str, bytes]:
    """Keyword and text of a text chunk; an empty text where it cannot be read."""
    if chunk.length > _MOST_TEXT:
        return "", b""
    body = source.read(chunk.start + 8, chunk.length)
    key, _, rest = body.partition(b"\0")
    name = key.decode("latin-1")
    if chunk.kind != b"iTXt":
        return name, rest if chunk.kind == b"tEXt" else b""
    parts = rest[2:].split(b"\0", 2)
    if len(rest) < 2 or len(parts) < 3:
        return name, b""
    if rest[0] == 1:
        # Of the others only the keyword counts; thousands of small chunks may come to gigabytes.
        return name, _inflated(parts[2]) if name == _XMP_KEY else b""
    return name, parts[2]


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MOST_TEXT)
    except zlib.error:
        return b""


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _itxt(key: str, text: bytes) -> bytes:
    body = key.encode("latin-1") + b"\0\0\0\0\0" + text
    return pack(">I4s", len(body), b"iTXt") + body + pack(">I", zlib.crc32(b"iTXt" + body))
