"""WebM and Matroska: the record in a Tags element behind the clusters (RFC 9559, 5.1.8).

The element is named in the SeekHead where that has room, as players look there; a segment of known length is
told its new one. Nothing else moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from flexura.provenance import record as records
from flexura.provenance.pieces import Carried, Piece, Source, Span, Unmarkable
from flexura.provenance.record import Record

_EBML, _SEGMENT, _TAGS, _SEEK_HEAD = 0x1A45DFA3, 0x18538067, 0x1254C367, 0x114D9B74
_CLUSTER, _VOID, _TAG, _SIMPLE = 0x1F43B675, 0xEC, 0x7373, 0x67C8
_NAME, _STRING, _TARGETS = 0x45A3, 0x4487, 0x63C0
_SEEK, _SEEK_ID, _SEEK_POSITION = 0x4DBB, 0x53AB, 0x53AC
_INFO, _TITLE = 0x1549A966, 0x7BA9
_TOP = {_INFO, 0x1654AE6B, 0x1C53BB6B, 0x1941A469, 0x1043A770}
_LEVEL_1 = _TOP | {_TAGS, _SEEK_HEAD, _CLUSTER, _VOID, 0xBF}
_MOST_ELEMENTS = 1_000_000
_MOST_TAGS = 4 << 20
_MOST_INSIDE, _MOST_TAGGED = 10_000, 64
_KEY = "FLEXURA"
_NAMES = {"title": "TITLE", "artist": "ARTIST", "description": "DESCRIPTION", "comment": _KEY}


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    start: int
    body: int
    stop: int | None
    """None = up to whatever may not stand inside of it."""


def read(source: Source) -> Carried:
    """What its tags say, ours before others. Raises Unmarkable for a broken file."""
    segment = _segment(source)
    tags: dict[str, str] = {}
    tagged = 0
    for element in _children(source, segment):
        if element.id == _TAGS and element.stop is not None:
            tagged += 1
            if tagged > _MOST_TAGGED:
                raise Unmarkable("it has too many tags")
            tags = _read_tags(source, element) | tags
    if _KEY.lower() in tags:
        tags["comment"] = tags[_KEY.lower()]
    return Carried(tags=tags)


def marked(source: Source, record: Record, carried: Carried) -> list[Piece]:
    """The file with the record. Raises Unmarkable."""
    segment = _segment(source)
    if segment.stop not in (None, source.size):
        raise Unmarkable("something stands behind its segment")
    children = list(_children(source, segment))
    if not children or not any(c.id == _CLUSTER for c in children):
        raise Unmarkable("it has no picture and no sound")
    end = source.size
    kept = children
    while kept and kept[-1].id == _TAGS and _is_ours(source, kept[-1]):
        end = kept[-1].start
        kept = kept[:-1]
    there = {n for c in kept if c.id == _TAGS for n in _read_tags(source, c)}
    there |= {"title" for c in kept if c.id == _INFO and _string(source, c, _TITLE)}
    new = _tags(record, there)
    head = _head_with_length(source, segment, end - segment.body + len(new))
    seek = _named(source, kept, end - segment.body, known=end != source.size)
    middle: list[Piece] = [Span(segment.body, end)]
    if seek is not None:
        at, content = seek
        middle = [Span(segment.body, at), content, Span(at + len(content), end)]
    return [Span(0, segment.start), head, *middle, new]


def _named(
    source: Source, children: list[_Element], position: int, *, known: bool
) -> tuple[int, bytes] | None:
    """Where and how the SeekHead names the new element, in the empty space behind it; None without room."""
    head, void = next(
        ((a, b) for a, b in pairwise(children) if a.id == _SEEK_HEAD),
        (None, None),
    )
    if known or head is None or void is None or head.stop is None or void.id != _VOID:
        return None
    entry = _element(
        _SEEK,
        _element(_SEEK_ID, _TAGS.to_bytes(4, "big"))
        + _element(_SEEK_POSITION, position.to_bytes(8, "big")),
    )
    assert void.stop is not None, "only clusters are of unknown length"
    left = void.stop - void.start - len(entry)
    width = head.body - head.start - 4
    length = head.stop - head.body + len(entry)
    if left < 9 or length >= (1 << 7 * width) - 1:
        return None
    empty = b"\xec" + _size(left - 9, 8) + bytes(left - 9)
    body = source.read(head.body, head.stop - head.body)
    content = source.read(head.start, 4) + _size(length, width) + body + entry + empty
    return head.start, content


def _head_with_length(source: Source, segment: _Element, length: int) -> bytes:
    width = segment.body - segment.start - 4
    if segment.stop is None:
        return source.read(segment.start, 4 + width)
    if length >= (1 << 7 * width) - 1:
        raise Unmarkable("its segment cannot tell a greater length")
    return source.read(segment.start, 4) + _size(length, width)


def _segment(source: Source) -> _Element:
    first = _read_element(source, 0, source.size)
    if first.id != _EBML or first.stop is None:
        raise Unmarkable("it does not begin with its header")
    at = first.stop
    for _ in range(100):
        element = _read_element(source, at, source.size)
        if element.id == _SEGMENT:
            return element
        if element.stop is None:
            break
        at = element.stop
    raise Unmarkable("it has no segment")


def _children(source: Source, parent: _Element) -> Iterator[_Element]:
    """The elements of the segment, of which clusters may be of unknown length."""
    at, stop = parent.body, parent.stop or source.size
    for _ in range(_MOST_ELEMENTS):
        if at >= stop:
            return
        element = _read_element(source, at, stop)
        if element.stop is None:
            if element.id != _CLUSTER:
                raise Unmarkable("one of its elements does not tell its length")
            element = _Element(
                element.id, element.start, element.body, _cluster_end(source, element, stop)
            )
        yield element
        assert element.stop is not None, "it was looked for"
        at = element.stop
    raise Unmarkable("it has too many elements")


def _cluster_end(source: Source, cluster: _Element, stop: int) -> int:
    at = cluster.body
    for _ in range(_MOST_ELEMENTS):
        if at >= stop:
            return stop
        element = _read_element(source, at, stop)
        if element.id in _LEVEL_1 and element.id not in (_VOID, 0xBF):
            return at
        if element.stop is None:
            break
        at = element.stop
    raise Unmarkable("one of its clusters does not end")


def _read_element(source: Source, at: int, stop: int) -> _Element:
    head = source.read(at, min(12, stop - at))
    id_length = _width(head[:1], 4)
    if len(head) < id_length + 1:
        raise Unmarkable("it ends too early")
    name = int.from_bytes(head[:id_length], "big")
    width = _width(head[id_length : id_length + 1], 8)
    field = head[id_length : id_length + width]
    if len(field) < width:
        raise Unmarkable("it ends too early")
    length = int.from_bytes(field, "big") & (1 << 7 * width) - 1
    body = at + id_length + width
    if length == (1 << 7 * width) - 1:
        return _Element(name, at, body, None)
    if body + length > stop:
        raise Unmarkable("it ends too early")
    return _Element(name, at, body, body + length)


def _width(first: bytes, most: int) -> int:
    """How many bytes a number has: one more than there are zero bits in front."""
    width = 9 - first[0].bit_length() if first and first[0] else 9
    if width > most:
        raise Unmarkable("one of its elements is broken")
    return width


def _is_ours(source: Source, element: _Element) -> bool:
    return _KEY.lower() in _read_tags(source, element)


def _read_tags(source: Source, element: _Element) -> dict[str, str]:
    """The simple tags of an element, by lower-case name."""
    found: dict[str, str] = {}
    if element.stop is None or element.stop - element.body > _MOST_TAGS:
        return found
    for tag in _inside(source, element, _TAG):
        for simple in _inside(source, tag, _SIMPLE):
            name = _string(source, simple, _NAME)
            if name:
                found.setdefault(name.lower(), _string(source, simple, _STRING))
    return found


def _inside(source: Source, parent: _Element, name: int) -> list[_Element]:
    found: list[_Element] = []
    at, seen = parent.body, 0
    while parent.stop is not None and at < parent.stop:
        seen += 1
        if seen > _MOST_INSIDE:
            raise Unmarkable("it has too many tags")
        element = _read_element(source, at, parent.stop)
        if element.stop is None:
            raise Unmarkable("one of its tags is broken")
        if element.id == name:
            found.append(element)
        at = element.stop
    return found


def _string(source: Source, parent: _Element, name: int) -> str:
    for element in _inside(source, parent, name):
        assert element.stop is not None, "what is inside of it tells its length"
        text = source.read(element.body, element.stop - element.body)
        return text.rstrip(b"\0").decode("utf-8", "replace")
    return ""


def _tags(record: Record, there: set[str]) -> bytes:
    told = records.tags(record)
    simple = b"".join(
        _element(_SIMPLE, _element(_NAME, tag.encode()) + _element(_STRING, told[name].encode()))
        for name, tag in _NAMES.items()
        if told[name] and (name == "comment" or name not in there)
    )
    return _element(_TAGS, _element(_TAG, _element(_TARGETS, b"") + simple))


def _element(name: int, body: bytes) -> bytes:
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    width = 1 if len(body) < 127 else 4
    return head + _size(len(body), width) + body


def _size(length: int, width: int) -> bytes:
    return (length | 1 << 7 * width).to_bytes(width, "big")
