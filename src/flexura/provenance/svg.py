"""SVG: the XMP packet in a `metadata` element (SVG 2, 5.8; XMP part 3)."""

from __future__ import annotations

import re

from flexura.provenance import xmp
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record

_MOST_BYTES = 32 << 20
# Possessive: whoever wrote the drawing cannot make it remember each step, or try them all again.
_ROOT = re.compile(rb"<svg(?=[\s>])(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_BEFORE_ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?[^>]{0,1000}\?>\s*|<!--(?:(?!-->).){0,10000}-->\s*)*(?=<svg[\s>])",
    re.S,
)
_BEGIN, _END = b"<metadata><x:xmpmeta", b"</x:xmpmeta></metadata>"
_MOST_ELEMENTS = 16


def read(source: Source) -> Carried:
    """What the element that we write says."""
    text = _text(source)
    ours = _ours(text)
    found = text[ours.start + len(b"<metadata>") : ours.stop - len(b"</metadata>")] if ours else b""
    return Carried(found, {}, text if b"<c2pa:manifest" in text else None)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The drawing with the record as its first element. Raises Unmarkable."""
    text = _text(source)
    before = _BEFORE_ROOT.match(text)
    if before is None:
        raise Unmarkable("it does not begin with the drawing")
    ours = _ours(text)
    if ours is not None:
        text = text[: ours.start] + text[ours.stop :]
    root = _ROOT.match(text, before.end())
    if root is None or root[0].endswith(b"/>"):
        raise Unmarkable("it draws nothing")
    packet = xmp.packet(record)
    element = packet[packet.index(b"<x:xmpmeta") : packet.rindex(b"<?xpacket")]
    return [text[: root.end()], b"<metadata>" + element + b"</metadata>", text[root.end() :]]


def _ours(text: bytes) -> Span | None:
    """Where the element that we write lies. Each byte is looked at a few times, whatever the drawing says."""
    start = text.find(_BEGIN)
    for _ in range(_MOST_ELEMENTS):
        end = text.find(_END, start, start + xmp.MOST_FOREIGN) if start >= 0 else -1
        if end < 0:
            return None
        if xmp.record_in(text[start + len(b"<metadata>") : end + len(b"</x:xmpmeta>")]):
            return Span(start, end + len(_END))
        start = text.find(_BEGIN, start + 1)
    return None


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
