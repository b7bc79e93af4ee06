"""SVG: the XMP packet in a `metadata` element (SVG 2, 5.8; XMP part 3)."""

from __future__ import annotations

import re

from flexura.provenance import xmp
from flexura.provenance.pieces import Carried, Piece, Source, Unmarkable
from flexura.provenance.record import Record

_MOST_BYTES = 32 << 20
_ROOT = re.compile(rb"<svg(?=[\s>])(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(/?)>")
_BEFORE_ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?[^>]{0,1000}\?>\s*|<!--(?:(?!-->).){0,10000}-->\s*)*(?=<svg[\s>])",
    re.S,
)
_OURS = re.compile(rb"<metadata>(<x:xmpmeta\b(?:(?!</x:xmpmeta>).)*</x:xmpmeta>)</metadata>", re.S)


def read(source: Source) -> Carried:
    """What the element that we write says."""
    text = _text(source)
    found = next((m[1] for m in _OURS.finditer(text) if xmp.record_in(m[1])), b"")
    return Carried(found, {}, text if b"<c2pa:manifest" in text else None)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The drawing with the record as its first element. Raises Unmarkable."""
    text = _text(source)
    before = _BEFORE_ROOT.match(text)
    if before is None:
        raise Unmarkable("it does not begin with the drawing")
    ours = next((m for m in _OURS.finditer(text) if xmp.record_in(m[1])), None)
    if ours is not None:
        text = text[: ours.start()] + text[ours.end() :]
    root = _ROOT.match(text, before.end())
    if root is None or root[1]:
        raise Unmarkable("it draws nothing")
    packet = xmp.packet(record)
    element = packet[packet.index(b"<x:xmpmeta") : packet.rindex(b"<?xpacket")]
    return [text[: root.end()], b"<metadata>" + element + b"</metadata>", text[root.end() :]]


def _text(source: Source) -> bytes:
    if source.size > _MOST_BYTES:
        raise Unmarkable("it is too long for a drawing")
    text = source.read(0, source.size)
    head = text[:256]
    declared = re.search(rb"encoding\s*=\s*[\"']([\w.-]+)", head)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise Unmarkable("it is not in UTF-8")
    try:
        text.decode()
    except UnicodeDecodeError:
        raise Unmarkable("it is not in UTF-8") from None
    return text
