"""Edits of YAML files by lines: only what is ours is written or goes, comments of others stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flexura_installer.errors import Unproven
from flexura_installer.formats import yaml_written
from flexura_installer.formats.document import Slot
from flexura_installer.formats.splice import Splice
from flexura_installer.formats.yaml_cursor import Entry, Node
from flexura_installer.formats.yaml_reader import Tree, parse


class Yaml:
    """YAML as Aider, Goose and Continue read it."""

    name = "yaml"

    def read(self, data: bytes) -> Any:
        """The document as plain values; see `yaml_reader`. Raises Unreadable."""
        root = parse(data).root
        return root.value if root else None

    def put(self, data: bytes, slot: Slot, value: Any) -> tuple[Splice, ...]:
        """Splices after which the slot holds `value`."""
        return _Edit(parse(data), slot).put(value)

    def take(self, data: bytes, slot: Slot) -> tuple[Splice, ...]:
        """Splices after which the slot is empty; the map or list around it stays as `{}` or `[]`."""
        return _Edit(parse(data), slot).take()

    def snippet(self, slot: Slot, value: Any) -> str:
        """A small document with nothing but our entry."""
        key, whole = _nested(slot, value, slot.way)
        return "\n".join(yaml_written.member(key, whole, 0)) + "\n"


@dataclass
class _Place:
    """The last thing on the way to the slot that is there, and the keys that are missing below it."""

    node: Node | None
    # The entry that holds the node, if it is not the whole document, and the map that holds that.
    held_by: Entry | None
    above: Node | None
    missing: tuple[str, ...]


class _Edit:
    def __init__(self, tree: Tree, slot: Slot) -> None:
        self.tree, self.text, self.slot = tree, tree.text, slot
        end = self.text.find("\n")
        self.eol = "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"
        self.place = self._place()

    # Where things are.

    def _place(self) -> _Place:
        place = _Place(self.tree.root, None, None, self.slot.under)
        while place.node and place.missing:
            entry = _only(place.node, place.missing[0])
            if not entry:
                break
            place = _Place(entry.node, entry, place.node, place.missing[1:])
        node = place.node
        if node and (node.style == "alias" or (node.anchored and node.style != "block")):
            raise Unproven("The place for our entry is shared by an anchor or alias.")
        return place

    def _ours(self, node: Node) -> Entry | None:
        if self.slot.kind == "member":
            return _only(node, self.slot.name)
        return next((one for one in node.entries if self.slot.is_ours(one.node.value)), None)

    def _line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at) + 1, 1 if self.text.startswith("\ufeff") else 0)

    def _line_end(self, at: int) -> int:
        """Where the line ends, before its line end."""
        end = self.text.find("\n", at)
        if end < 0:
            return len(self.text)
        return end - 1 if end > at and self.text[end - 1] == "\r" else end

    def _next_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def _comments(self, start: int, end: int) -> list[tuple[int, int]]:
        return [one for one in self.tree.comments if start <= one[0] < end]

    def _step(self, node: Node) -> int:
        """How far maps are indented in this one, else in the document."""
        for above in (node, self.tree.root):
            for entry in above.entries if above and isinstance(above.value, dict) else []:
                if entry.node.style == "block" and isinstance(entry.node.value, dict):
                    return entry.node.column - max(above.column if above else 0, 0)
        return 2

    # Putting.

    def put(self, value: Any) -> tuple[Splice, ...]:
        place = self.place
        node = place.node
        if not node:
            key, whole = _nested(self.slot, value, self.slot.way)
            return (self._at_the_end(yaml_written.member(key, whole, 0)),)
        if place.missing:
            keys = self.slot.way[len(self.slot.under) - len(place.missing) :]
            key, whole = _nested(self.slot, value, keys)
            return self._added(node, whole, key)
        if self.slot.kind == "item" and not self.slot.identity and not isinstance(node.value, list):
            return self._listed(node, value)
        ours = self._ours(node)
        if ours:
            return self._replaced(node, ours, value)
        return self._added(node, value, self.slot.name if self.slot.kind == "member" else None)

    def _lines(self, key: str | None, value: Any, column: int, step: int) -> list[str]:
        if key is None:
            return yaml_written.item(value, column, step)
        return yaml_written.member(key, value, column, step)

    def _added(self, node: Node, value: Any, key: str | None) -> tuple[Splice, ...]:
        """A member (with a key) or an item behind the last one."""
        place = self.place
        if not isinstance(node.value, list if key is None else dict):
            raise Unproven("Something else stands where our entry belongs.")
        if node.style == "block":
            lines = self._lines(key, value, node.column, self._step(node))
            if node is self.tree.root:
                return (self._at_the_end(lines),)
            return (self._below(node.end, lines),)
        behind_a_key = place.above and place.above.style == "block"
        if not node.entries and behind_a_key and not isinstance(value, str):
            return self._opened(key, value)
        written = yaml_written.flow(value)
        written = written if key is None else f"{yaml_written.string(key)}: {written}"
        if not node.entries:
            return (self._splice(node.start + 1, node.start + 1, written),)
        last = node.entries[-1]
        start = self._line_start(last.start)
        alone = not self.text[start : last.start].strip(" ") and start > node.start
        end = self._line_end(last.node.end)
        if alone and not self._comments(last.node.end, end) and node.end > end:
            written = self.eol + " " * (last.start - start) + written
            return (self._splice(last.node.end, last.node.end, "," + written),)
        return (self._splice(last.node.end, last.node.end, ", " + written),)

    def _opened(self, key: str | None, value: Any) -> tuple[Splice, ...]:
        """In block style below the key that held nothing: `{}`, `[]`."""
        above, holder = self.place.above, self.place.held_by
        if not above or not holder:
            raise Unproven("The place for our entry is not below a key.")
        node = holder.node
        lines = self._lines(key, value, above.column + self._step(above), self._step(above))
        below = self._below(node.end, lines)
        if self.text[holder.head : node.start].strip(" ") or self._comments(node.start, node.end):
            raise Unproven("The place for our entry does not stand behind its key.")
        return (self._splice(holder.head, node.end, ""), below)

    def _listed(self, node: Node, value: str) -> tuple[Splice, ...]:
        """One string, or nothing, becomes a list."""
        place = self.place
        if (
            node.style == "absent"
            and place.above
            and place.above.style == "block"
            and place.held_by
        ):
            lines = yaml_written.item(value, place.above.column + 2)
            return (self._below(place.held_by.head, lines),)
        written = yaml_written.string(value)
        if node.value is None:
            before = " " if node.style == "absent" else ""
            return (self._splice(node.start, node.end, f"{before}[{written}]"),)
        if node.style not in ("plain", "quoted"):
            raise Unproven("A text of several lines stands where a list belongs.")
        old = self.text[node.start : node.end]
        if node.style == "plain" and any(char in ",?[]{}:#" for char in old):
            old = yaml_written.string(node.value)
        # A text that is ours already would not come here.
        return (self._splice(node.start, node.end, f"[{old}, {written}]"),)

    def _replaced(self, node: Node, ours: Entry, value: Any) -> tuple[Splice, ...]:
        key = self.slot.name if self.slot.kind == "member" else None
        if node.style != "block":
            if self._comments(ours.start, ours.node.end):
                raise Unproven("A comment stands inside of our entry.")
            written = yaml_written.flow(value)
            written = written if key is None else f"{yaml_written.string(key)}: {written}"
            return (self._splice(ours.start, ours.node.end, written),)
        lines = self._lines(key, value, node.column, self._step(node))
        end = self._line_end(ours.node.end)
        lines[0] = lines[0][node.column :]
        lines += self._comment_lines(ours.start, end)
        return (self._splice(ours.start, end, self.eol.join(lines)),)

    # Taking.

    def take(self) -> tuple[Splice, ...]:
        node, place = self.place.node, self.place
        if not node or place.missing:
            raise Unproven("There is nothing of ours.")
        empty = "{}" if self.slot.kind == "member" else "[]"
        if not isinstance(node.value, dict | list):
            return (self._splice(node.start, node.end, empty),)
        ours = self._ours(node)
        if not ours:
            raise Unproven("Our entry stands there only by a merge.")
        if node.style != "block":
            return (self._cut(node, ours, empty),)
        start, end = self._line_start(ours.start), self._line_end(ours.node.end)
        kept = self._comment_lines(ours.start, end)
        after = self._next_line(ours.node.end)
        if self.text[start : ours.start].strip(" "):
            raise Unproven("Our entry does not start on a line of its own.")
        lines = "".join(line + self.eol for line in kept)
        if after == len(self.text) and not self.text.endswith("\n"):
            # The file has no last line end, and keeps having none.
            before = self.text[:start].removesuffix("\n").removesuffix("\r")
            lines = self.eol.join(kept if len(before) == start else ["", *kept])
            start = len(before)
        gone = self._splice(start, after, lines)
        if len(node.entries) > 1 or not place.held_by:
            return (gone,)
        if node.anchored:
            raise Unproven("The place of our entry is shared by an anchor.")
        return (self._splice(place.held_by.head, place.held_by.head, " " + empty), gone)

    def _cut(self, node: Node, ours: Entry, empty: str) -> Splice:
        """Without the entry and one comma, in brackets."""
        at = node.entries.index(ours)
        if len(node.entries) == 1:
            start, end, left = node.start, node.end, empty
        elif at + 1 < len(node.entries):
            start, end, left = ours.start, node.entries[at + 1].start, ""
        else:
            start, end, left = node.entries[at - 1].node.end, ours.node.end, ""
        if self._comments(start, end):
            raise Unproven("A comment stands inside of our entry.")
        return self._splice(start, end, left)

    # Writing.

    def _comment_lines(self, start: int, end: int) -> list[str]:
        """The comments in there, each on a line of its own."""
        lines: list[str] = []
        for at, stop in self._comments(start, end):
            before = self.text[self._line_start(at) : at]
            indent = (
                before if not before.strip(" ") else before[: len(before) - len(before.lstrip(" "))]
            )
            lines.append(indent + self.text[at:stop])
        return lines

    def _below(self, at: int, lines: list[str]) -> Splice:
        """These lines after the line of `at`."""
        after = self._next_line(at)
        if after == len(self.text):
            return self._at_the_end(lines)
        return self._splice(after, after, "".join(line + self.eol for line in lines))

    def _at_the_end(self, lines: list[str]) -> Splice:
        end = len(self.text)
        if self.text in ("", "\ufeff") or self.text.endswith("\n"):
            return self._splice(end, end, "".join(line + self.eol for line in lines))
        last = self.tree.root
        while last and last.entries:
            last = last.entries[-1].node
        if last and last.style == "text" and not self.text[last.end :].strip(" "):
            raise Unproven(
                "The file ends in a text after `|` or `>` without a line end, which belongs to that text."
            )
        return self._splice(end, end, "".join(self.eol + line for line in lines))

    def _splice(self, start: int, end: int, added: str) -> Splice:
        """From positions in the text to bytes of the file."""
        offset = len(self.text[:start].encode())
        return Splice(offset, self.text[start:end].encode(), added.encode())


def _only(node: Node, key: str) -> Entry | None:
    """The member of that key. Raises Unproven if there are several, or if this is no map of its own."""
    if not isinstance(node.value, dict) or node.style == "alias":
        raise Unproven(f"`{key}` is not in a map of its own.")
    found = [entry for entry in node.entries if entry.key == key and not entry.merges]
    if len(found) > 1:
        raise Unproven(f"The key `{key}` stands twice in its map.")
    return found[0] if found else None


def _nested(slot: Slot, value: Any, keys: tuple[str, ...]) -> tuple[str, Any]:
    """The first of the keys, and what belongs there: maps of maps down to the value or the list with it."""
    whole = value if slot.kind == "member" else [value]
    for key in reversed(keys[1:]):
        whole = {key: whole}
    return keys[0], whole
