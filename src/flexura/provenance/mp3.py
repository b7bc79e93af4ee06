"""MP3: an ID3v2 tag in front, with the record in TXXX and the XMP packet in PRIV (ID3v2.4; XMP part 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from struct import pack

from flexura.provenance import record as records
from flexura.provenance import xmp
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record

_KEY = "FLEXURA"
_SHOWN = {b"TIT2": "title", b"TPE1": "artist"}
_OWNER = b"XMP\0"
_MANIFESTS = (b"application/x-c2pa-manifest-store", b"application/c2pa")
_MOST_TAG = 32 << 20
_PADDING = 64
"""Some readers prove the last frame by what follows it."""
_UTF16, _UTF8 = 1, 3


@dataclass(frozen=True, slots=True)
class _Frame:
    kind: bytes
    raw: bytes
    """With its header, as it is written."""
    body: bytes


@dataclass(frozen=True, slots=True)
class _Tag:
    version: int
    frames: tuple[_Frame, ...]
    stop: int
    raw: bytes = b""


def read(source: Source) -> Carried:
    """What the tag says. Raises Unmarkable for one that cannot be read."""
    raw = _raw(source)
    found = next((m for m in _MANIFESTS if m in raw), None)
    if found is not None:
        return Carried(manifest=raw[raw.index(found) :])
    tag = _tag(source)
    tags: dict[str, str] = {}
    packet = b""
    for frame in tag.frames:
        if frame.kind == b"PRIV" and frame.body.startswith(_OWNER):
            packet = frame.body[len(_OWNER) :]
        elif frame.kind == b"TXXX":
            name, _, text = _decoded(frame.body).partition("\0")
            if name in (_KEY, "comment"):
                tags.setdefault("comment", text.rstrip("\0"))
    return Carried(packet, tags)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record in its tag, or with a tag. Raises Unmarkable."""
    tag = _tag(source)
    if source.size < tag.stop + 4 or not _sounds(source.read(tag.stop, 4)):
        raise Unmarkable("its sound does not begin where it should")
    before = xmp.tags_before(carried)
    kept = [frame for frame in tag.frames if not _ours(frame, before)]
    there = {frame.kind for frame in kept}
    told = records.tags(record)
    new: list[tuple[bytes, bytes]] = []
    for kind, name in _SHOWN.items():
        if kind not in there:
            new.append((kind, _text(told[name], tag.version)))
    new.append((b"TXXX", _text(f"{_KEY}\0{told['comment']}", tag.version)))
    new.append((b"PRIV", _OWNER + xmp.packet(record, carried.xmp)))
    frames = b"".join(frame.raw for frame in kept)
    frames += b"".join(_frame(kind, body, tag.version) for kind, body in new)
    frames += bytes(_PADDING)
    if len(frames) >= 1 << 28:
        raise Unmarkable("its tag is full")
    head = b"ID3" + bytes([tag.version, 0, 0]) + _spread(len(frames))
    return [head + frames, Span(tag.stop, source.size)]


def _raw(source: Source) -> bytes:
    head = source.head(10)
    if head[:3] != b"ID3" or len(head) < 10:
        return b""
    return source.read(10, min(_gathered(head[6:10]), source.size - 10, _MOST_TAG))


def _tag(source: Source) -> _Tag:
    head = source.head(10)
    if head[:3] != b"ID3":
        return _Tag(4, (), 0)
    if len(head) < 10 or head[3] not in (3, 4) or head[5]:
        raise Unmarkable("its ID3 tag is of a kind that is not rewritten")
    size = _gathered(head[6:10])
    if size > _MOST_TAG:
        raise Unmarkable("its ID3 tag is too long")
    raw = source.read(10, size)
    return _Tag(head[3], _frames(raw, head[3]), 10 + size, raw)


def _frames(raw: bytes, version: int) -> tuple[_Frame, ...]:
    found: list[_Frame] = []
    at = 0
    while at + 10 <= len(raw) and raw[at]:
        told = raw[at + 4 : at + 8]
        length = _gathered(told) if version == 4 else int.from_bytes(told, "big")
        stop = at + 10 + length
        if stop > len(raw) or not raw[at : at + 4].isalnum():
            raise Unmarkable("its ID3 tag is broken")
        found.append(_Frame(raw[at : at + 4], raw[at:stop], raw[at + 10 : stop]))
        at = stop
    return tuple(found)


def _ours(frame: _Frame, before: Mapping[str, str]) -> bool:
    """What is written anew: the packet, into which a stranger's is merged, and our own record."""
    if frame.kind == b"PRIV":
        return frame.body.startswith(_OWNER)
    if name := _SHOWN.get(frame.kind):
        return before.get(name) == _decoded(frame.body).rstrip("\0")
    if frame.kind != b"TXXX":
        return False
    name, _, text = _decoded(frame.body).partition("\0")
    return name == _KEY or (name == "comment" and records.of_text(text.rstrip("\0")) is not None)


def _frame(kind: bytes, body: bytes, version: int) -> bytes:
    size = _spread(len(body)) if version == 4 else pack(">I", len(body))
    return kind + size + b"\0\0" + body


def _text(text: str, version: int) -> bytes:
    if version == 4:
        return bytes([_UTF8]) + text.encode()
    # Each string of a frame in UTF-16 begins with a byte order mark.
    return bytes([_UTF16]) + "\0".join("\ufeff" + part for part in text.split("\0")).encode(
        "utf-16-le"
    )


def _decoded(body: bytes) -> str:
    encoding = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}.get(body[0] if body else 9)
    if encoding is None:
        return ""
    return body[1:].decode(encoding, "replace").replace("\ufeff", "")


def _sounds(head: bytes) -> bool:
    """An MPEG frame, or silence in front of it, as encoders pad."""
    return (head[0] == 0xFF and head[1] & 0xE0 == 0xE0) or head == b"\0\0\0\0"


def _spread(number: int) -> bytes:
    """ID3's numbers have seven bits in a byte."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def _gathered(data: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))
