"""Reads a conservative subset of YAML, with positions, without PyYAML.

Whatever this accepts PyYAML's `safe_load` accepts with the same value; what it does not know well it refuses:
tags, complex keys, directives, several documents, empty lines in plain or quoted texts.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from flexura_installer.errors import Unreadable
from flexura_installer.formats.yaml_cursor import Cursor, Entry, Node
from flexura_installer.formats.yaml_texts import scalar, text_scalar

_DEEPEST = 50
# Aliases of aliases can stand for billions of values.
_MOST_COPIES = 20_000


@dataclass(frozen=True)
class Tree:
    """A parsed text. No root: it holds nothing but comments."""

    text: str
    root: Node | None
    comments: list[tuple[int, int]]


def parse(data: bytes) -> Tree:
    """The document with its positions, in characters. Raises Unreadable."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("it is not UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    cursor = Cursor(text)
    root = _Reader(cursor).document()
    return Tree(text, root, sorted(set(cursor.comments)))


class _Reader:
    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.anchors: dict[str, Node] = {}
        self.depth = 0
        self.copies = 0

    def document(self) -> Node | None:
        cursor = self.cursor
        cursor.go_on(at_the_top=True)
        if cursor.column == 0 and cursor.starts("---"):
            cursor.at += 3
            cursor.finish_line()
        elif cursor.column == 0 and cursor.marker():
            raise cursor.failed("an end of a document is not read")
        if cursor.column < 0:
            return None
        root = self.block(-1)
        if cursor.column >= 0:
            raise cursor.failed("the indentation is not that of anything above")
        return root

    # Every method of block style starts on a thing and ends on the next one, on another line.

    def block(self, indent: int) -> Node:
        """What starts on its own line, right of `indent`."""
        cursor = self.cursor
        if cursor.starts("-"):
            return self.block_list(cursor.column)
        if cursor.key_ahead():
            return self.block_map(cursor.column)
        if cursor.char() in "|>*&":
            raise cursor.failed(f"`{cursor.char()}` on a line of its own is not read")
        return self.on_the_line(indent)

    def on_the_line(self, indent: int) -> Node:
        """What starts behind a colon or a dash, and is no map or list in block style."""
        cursor = self.cursor
        if cursor.char() in "|>":
            node = text_scalar(cursor, indent)
        else:
            brackets = cursor.char() in "[{*"
            node = self.flow_value(flow=False) if brackets else scalar(cursor, indent)
            cursor.finish_line()
        if cursor.column > indent:
            raise cursor.failed("something stands too far right to belong to anything above")
        return node

    def block_map(self, column: int) -> Node:
        cursor = self.cursor
        self._deeper()
        entries: list[Entry] = []
        while cursor.column == column:
            entry = cursor.key(flow=False)
            entry.node = self.below(column, entry.head, dashes=True)
            entries.append(entry)
        return self._block(self._mapping(entries), entries, column)

    def block_list(self, column: int) -> Node:
        cursor = self.cursor
        self._deeper()
        entries: list[Entry] = []
        while cursor.column == column and cursor.starts("-"):
            start = cursor.at
            cursor.at += 1
            cursor.spaces()
            cursor.column = cursor.here()
            if cursor.starts("-"):
                node = self.block_list(cursor.column)
            elif cursor.key_ahead():
                node = self.block_map(cursor.column)
            else:
                node = self.below(column, start + 1, dashes=False)
            entries.append(Entry(start, start + 1, node))
        return self._block([entry.node.value for entry in entries], entries, column)

    def below(self, column: int, head: int, *, dashes: bool) -> Node:
        """The value of the colon or dash that ends at `head`, in the map or list at `column`."""
        cursor = self.cursor
        cursor.at = head
        cursor.spaces()
        at = cursor.at
        name = cursor.anchor()
        if name in self.anchors:
            raise cursor.failed(f"the anchor `{name}` is there twice", at)
        end = at + 1 + len(name) if name else head
        if not cursor.line_is_over():
            if name and cursor.char() == "*":
                raise cursor.failed("an alias has no anchor")
            node = self.on_the_line(column)
        else:
            cursor.finish_line()
            if cursor.column > column:
                node = self.block(column)
            elif dashes and cursor.column == column and cursor.starts("-"):
                node = self.block_list(column)
            else:
                node = Node(None, "absent", end, end)
        if name:
            node.anchored = True
            self.anchors[name] = node
        return node

    def _block(self, value: Any, entries: list[Entry], column: int) -> Node:
        self.depth -= 1
        if self.cursor.column > column:
            raise self.cursor.failed("the indentation is not that of anything above")
        end = entries[-1].node.end if entries else self.cursor.at
        start = entries[0].start if entries else end
        return Node(value, "block", start, end, column, entries)

    # Every method of flow style ends right behind what it read.

    def flow_value(self, *, flow: bool) -> Node:
        """A scalar, an alias, or something in brackets."""
        cursor = self.cursor
        start = cursor.at
        if cursor.char() == "[":
            return self.flow_list()
        if cursor.char() == "{":
            return self.flow_map()
        if cursor.char() == "*":
            name = cursor.alias()
            if name not in self.anchors:
                raise cursor.failed(f"the anchor `{name}` is not there", start)
            return Node(self._copied(self.anchors[name].value), "alias", start, cursor.at)
        return cursor.scalar(flow=flow)

    def flow_list(self) -> Node:
        start = self.cursor.at
        entries: list[Entry] = []
        while self._more("]", first=self.cursor.at == start):
            at = self.cursor.at
            entries.append(Entry(at, at, self.flow_value(flow=True)))
        value = [entry.node.value for entry in entries]
        return Node(value, "flow", start, self.cursor.at, entries=entries)

    def flow_map(self) -> Node:
        cursor = self.cursor
        start = cursor.at
        entries: list[Entry] = []
        while self._more("}", first=cursor.at == start):
            entry = cursor.key(flow=True)
            self._space()
            if cursor.char() not in (",", "}"):
                entry.node = self.flow_value(flow=True)
            else:
                cursor.at = entry.head
            entries.append(entry)
        return Node(self._mapping(entries), "flow", start, cursor.at, entries=entries)

    def _more(self, closing: str, *, first: bool) -> bool:
        """Go over the opening bracket or a comma; whether an entry follows, else over the closing bracket."""
        cursor = self.cursor
        if first:
            self._deeper()
            cursor.at += 1
        else:
            self._space()
            if cursor.char() not in (",", closing):
                raise cursor.failed(f"`,` or `{closing}` is missing")
            cursor.at += cursor.char() == ","
        self._space()
        if cursor.char() != closing:
            return True
        cursor.at += 1
        self.depth -= 1
        return False

    def _space(self) -> None:
        cursor = self.cursor
        while cursor.line_is_over():
            if not cursor.char():
                raise cursor.failed("a bracket is not closed")
            cursor.over_line_end()
            if cursor.marker():
                raise cursor.failed("a bracket is not closed before the next document")

    # Values.

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.cursor.failed("it is nested too deep")

    def _mapping(self, entries: list[Entry]) -> dict[Any, Any]:
        """Merged members come first, own ones replace them: as in PyYAML's `flatten_mapping`."""
        whole: dict[Any, Any] = {}
        for entry in entries:
            if entry.merges:
                value = entry.node.value
                for one in (
                    reversed(cast("list[Any]", value)) if isinstance(value, list) else [value]
                ):
                    if not isinstance(one, dict):
                        raise self.cursor.failed("`<<` merges nothing but maps", entry.start)
                    whole.update(self._copied(one))
        for entry in entries:
            if not entry.merges:
                whole[entry.key] = entry.node.value
        return whole

    def _copied(self, value: Any) -> Any:
        """A copy, so that a change in one place does not show in the other."""
        self.copies += _size(value)
        if self.copies > _MOST_COPIES:
            raise self.cursor.failed("its aliases stand for too much")
        return deepcopy(value)


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(_size(one) for one in cast("dict[Any, Any]", value).values())
    if isinstance(value, list):
        return 1 + sum(_size(one) for one in cast("list[Any]", value))
    return 1
