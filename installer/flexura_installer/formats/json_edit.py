"""Edits of JSON files, strict or with comments, that touch nothing but our own member or item."""

from __future__ import annotations

from typing import Any

from flexura_installer.errors import Unproven
from flexura_installer.formats import json_layout as layouts
from flexura_installer.formats.document import Slot
from flexura_installer.formats.json_layout import Layout
from flexura_installer.formats.json_text import Container, JsonText, Part
from flexura_installer.formats.splice import Splice


class Json:
    """JSON as one kind of agent reads it: with or without comments, and a comma behind the last member."""

    def __init__(self, name: str, comments: bool, trailing_commas: bool) -> None:
        self.name = name
        self._comments = comments
        self._trailing_commas = trailing_commas

    def read(self, data: bytes) -> Any:
        """See `Dialect.read`."""
        return self._text(data).value()

    def put(self, data: bytes, slot: Slot, value: Any) -> tuple[Splice, ...]:
        """See `Dialect.put`."""
        text = self._text(data)
        if text.blank:
            return _first(text, slot, value)
        container, missing = _way(text, slot)
        if missing:
            key, value = missing[0], _nested(missing[1:], slot, value)
            return _added(text, container, key, value, nested=True)
        old = _part(container, slot)
        if old is None:
            return _added(text, container, slot.name, value, nested=False)
        written = layouts.of_old(text, container, old).value(value)
        return (_splice(text, old.value, old.end, written),)

    def take(self, data: bytes, slot: Slot) -> tuple[Splice, ...]:
        """See `Dialect.take`."""
        text = self._text(data)
        container, missing = (None, ()) if text.blank else _way(text, slot)
        part = _part(container, slot) if container and not missing else None
        if container is None or part is None:
            raise Unproven(f"`{slot.name}` is not there.")
        return _taken(text, container, part)

    def snippet(self, slot: Slot, value: Any) -> str:
        """See `Dialect.snippet`."""
        return layouts.whole("\n").value(_nested(slot.under, slot, value)) + "\n"

    def _text(self, data: bytes) -> JsonText:
        return JsonText(data, comments=self._comments, trailing_commas=self._trailing_commas)


def _way(text: JsonText, slot: Slot) -> tuple[Container, tuple[str, ...]]:
    """The deepest container on the way that exists, and the keys from there on that do not."""
    container = text.root()
    for depth, key in enumerate(slot.under):
        if container is None or not container.is_map:
            above = ".".join(slot.under[:depth])
            raise Unproven(f"`{above}` is no map." if above else "the document is no map.")
        found = [part for part in container.parts if part.key == key]
        if len(found) > 1:
            raise Unproven(f"`{key}` stands more than once in its map.")
        if not found:
            return container, slot.under[depth:]
        container = text.container(found[0].value)
    if container is None or container.is_map != (slot.kind == "member"):
        where = f"`{'.'.join(slot.under)}`" if slot.under else "the document"
        raise Unproven(f"{where} is no {'map' if slot.kind == 'member' else 'list'}.")
    return container, ()


def _part(container: Container, slot: Slot) -> Part | None:
    if slot.kind == "member":
        found = [part for part in container.parts if part.key == slot.name]
    else:
        found = [part for part in container.parts if slot.is_ours(part.held)]
    if len(found) > 1:
        raise Unproven(f"`{slot.name}` stands more than once in `{'.'.join(slot.under)}`.")
    return found[0] if found else None


def _nested(keys: tuple[str, ...], slot: Slot, value: Any) -> Any:
    inner: Any = {slot.name: value} if slot.kind == "member" else [value]
    for key in reversed(keys):
        inner = {key: inner}
    return inner


def _first(text: JsonText, slot: Slot, value: Any) -> tuple[Splice, ...]:
    """The whole document, behind the comments if there are any."""
    start = layouts.comments_end(text, 0, len(text.text))
    line_end = layouts.line_end(text, len(text.text))
    document = layouts.whole(line_end)
    written = document.value(_nested(slot.under, slot, value)) + line_end
    if start:
        # Behind the line end that is there, before blanks that would indent us.
        start += len(text.text[start:].rstrip(" \t"))
        written = written if text.text[start - 1] in "\r\n" else line_end + written
    return (_splice(text, start, len(text.text), written),)


def _added(
    text: JsonText, container: Container, key: str, value: Any, *, nested: bool
) -> tuple[Splice, ...]:
    if container.parts:
        return _after_last(text, container, key, value, nested=nested)
    layout = layouts.of_first(text, container)
    ours = _written(layout, container, key, value)
    start = layouts.comments_end(text, container.open + 1, container.close)
    blanks = text.text[start : container.close]
    if layout.lines:
        base = layouts.indentation(text, container.open)
        closing = blanks[max(blanks.rfind("\n"), blanks.rfind("\r")) + 1 :]
        closing = closing if len(closing) < len(blanks) else base
        written = f"{layout.line_end}{layout.indent}{ours}{layout.line_end}{closing}"
    else:
        before = " " if blanks or start > container.open + 1 else ""
        written = before + ours + blanks
    return (_splice(text, start, container.close, written),)


def _after_last(
    text: JsonText, container: Container, key: str, value: Any, *, nested: bool
) -> tuple[Splice, ...]:
    """A comma directly behind the last value, ours behind the comments that follow it."""
    last = container.parts[-1]
    layout = layouts.of_sibling(text, container, nested=nested)
    ours = _written(layout, container, key, value)
    bare = last.comma < 0
    at = layouts.comments_end(text, last.end if bare else last.comma + 1, container.close)
    own_line = layouts.starts_line(text, container, len(container.parts) - 1)
    if own_line or layouts.ends_line_comment(text, at):
        ours = layout.line_end + layout.indent + ours
    else:
        ours = _between(text, container, layout) + ours
    if not bare:
        return (_splice(text, at, at, ours + ","),)
    if at == last.end:
        return (_splice(text, at, at, "," + ours),)
    return _splice(text, last.end, last.end, ","), _splice(text, at, at, ours)


def _written(layout: Layout, container: Container, key: str, value: Any) -> str:
    return layout.member(key, value) if container.is_map else layout.value(value)


def _between(text: JsonText, container: Container, layout: Layout) -> str:
    """The blanks between a comma and the next part of a one-line container."""
    if len(container.parts) < 2:
        return layout.gap
    blanks = text.text[container.parts[-2].comma + 1 : container.parts[-1].start]
    return blanks if not blanks.strip(" \t") else " "


def _taken(text: JsonText, container: Container, part: Part) -> tuple[Splice, ...]:
    """The part, one comma and the line, if it has one to itself; comments outside the part stay."""
    start, end = part.start, part.end
    inside = text.text[container.open + 1 : start] + text.text[end : container.close]
    if len(container.parts) == 1 and not inside.strip(" \t\r\n,"):
        return (_splice(text, container.open + 1, container.close, ""),)
    index = container.parts.index(part)
    commas: list[int] = []
    if part.comma >= 0:
        if text.text[end : part.comma].strip(" \t\r\n"):
            commas.append(part.comma)
        else:
            end = part.comma + 1
    elif index:
        comma = container.parts[index - 1].comma
        if text.text[comma + 1 : start].strip(" \t"):
            commas.append(comma)
        else:
            start = comma
    start, end = _with_blanks(text, start, end)
    splices = [_splice(text, comma, comma + 1, "") for comma in commas]
    return (*splices, _splice(text, start, end, ""))


def _with_blanks(text: JsonText, start: int, end: int) -> tuple[int, int]:
    """The stretch with its line, when there is nothing else on it, else with the blanks on one side."""
    whole = text.text
    line = layouts.line_start(text, start)
    left = line + len(whole[line:start].rstrip(" \t"))
    right = end + len(whole[end:]) - len(whole[end:].lstrip(" \t"))
    if left > line:
        keeps_left = right < len(whole) and whole[right] not in "\r\n}]"
        return (start, right) if keeps_left else (left, end)
    if whole[right] in "\r\n":
        return line, right + (2 if whole[right : right + 2] == "\r\n" else 1)
    if whole[right] in "}]" and line:
        back = line - (2 if whole[max(line - 2, 0) : line] == "\r\n" else 1)
        if not layouts.ends_line_comment(text, back):
            return back, end
    return start, right


def _splice(text: JsonText, start: int, end: int, added: str) -> Splice:
    offset = text.offset(start)
    return Splice(offset, text.text[start:end].encode(), added.encode())
