"""Vorbis comments, in which Ogg and FLAC keep their tags: a vendor and lines `NAME=text` in UTF-8."""

from __future__ import annotations

from collections.abc import Mapping
from struct import pack, unpack_from

from flexura.provenance import record as records
from flexura.provenance.pieces import Unmarkable
from flexura.provenance.record import Record

_KEY = "FLEXURA"


def rewritten(data: bytes, record: Record, before: Mapping[str, str]) -> tuple[bytes, int]:
    """The comments with the record, and how many bytes of the old ones were read. Raises Unmarkable.

    `before` are the tags of an earlier record, which go.
    """
    vendor, lines, used = _parsed(data)
    kept = [line for line in lines if not _ours(line, before)]
    there = {line.partition(b"=")[0].upper() for line in kept}
    told = records.tags(record)
    for name in ("title", "artist", "description"):
        if name.upper().encode() not in there and told[name]:
            kept.append(f"{name.upper()}={told[name]}".encode())
    kept.append(f"{_KEY}={told['comment']}".encode())
    body = b"".join(pack("<I", len(line)) + line for line in kept)
    return pack("<I", len(vendor)) + vendor + pack("<I", len(kept)) + body, used


def tags_in(data: bytes) -> dict[str, str]:
    """The tags, by lower-case name; ours is called comment. Raises Unmarkable."""
    found: dict[str, str] = {}
    for line in _parsed(data)[1]:
        name, _, text = line.partition(b"=")
        found.setdefault(name.decode("utf-8", "replace").lower(), text.decode("utf-8", "replace"))
    if _KEY.lower() in found:
        found["comment"] = found[_KEY.lower()]
    return found


def _ours(line: bytes, before: Mapping[str, str]) -> bool:
    name, _, text = line.partition(b"=")
    if name.upper() == _KEY.encode():
        return True
    if before.get(name.decode("utf-8", "replace").lower()) == text.decode("utf-8", "replace"):
        return True
    if name.upper() != b"COMMENT":
        return False
    return records.of_text(text.decode("utf-8", "replace")) is not None


def _parsed(data: bytes) -> tuple[bytes, list[bytes], int]:
    at = 0

    def block() -> bytes:
        nonlocal at
        if at + 4 > len(data):
            raise Unmarkable("its comments are broken")
        (length,) = unpack_from("<I", data, at)
        if at + 4 + length > len(data):
            raise Unmarkable("its comments are broken")
        at += 4 + length
        return data[at - length : at]

    vendor = block()
    if at + 4 > len(data):
        raise Unmarkable("its comments are broken")
    (count,) = unpack_from("<I", data, at)
    at += 4
    if count > len(data) // 4:
        raise Unmarkable("its comments are broken")
    lines = [block() for _ in range(count)]
    return vendor, lines, at
