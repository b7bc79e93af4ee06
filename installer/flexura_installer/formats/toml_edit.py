"""TOML as Codex reads it: entries are blocks of their own, appended at the end of the file.

A server's maps (`env`, `http_headers`) are written as inline tables, so that one block is the whole entry
and its keys stand in their order. tomllib is stricter than some readers (no TOML 1.1); a file that only
those accept is left alone.
"""

from __future__ import annotations

import math
import re
import tomllib
from typing import Any, cast

from flexura_installer.errors import Unproven, Unreadable
from flexura_installer.formats.document import Slot
from flexura_installer.formats.splice import Splice, apply
from flexura_installer.formats.toml_text import BOM, Statement, statements

_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


class Toml:
    """TOML 1.0, with a leading byte order mark accepted and kept, as Rust's reader (Codex) does."""

    name = "toml"

    def read(self, data: bytes) -> Any:
        """See `Dialect.read`."""
        try:
            return tomllib.loads(data.removeprefix(BOM).decode("utf-8")) or None
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise Unreadable("it is not UTF-8", line) from error
        except tomllib.TOMLDecodeError as error:
            found = _LINE.search(str(error))
            line = int(found[1]) if found else data.count(b"\n") + 1
            raise Unreadable(f"it is not TOML: {_LINE.sub('', str(error))}", line) from error

    def put(self, data: bytes, slot: Slot, value: Any) -> tuple[Splice, ...]:
        """See `Dialect.put`."""
        file = _File(data, slot)
        if file.headers:
            if not isinstance(value, dict):
                raise Unproven(f"`{slot.name}` is a table there and should be none.")
            return file.with_blocks_as(file.block(cast("dict[str, Any]", value)))
        if file.pairs:
            return file.with_pairs_as(_rendered(value))
        if isinstance(value, dict):
            return file.with_more_at_the_end(file.block(cast("dict[str, Any]", value)))
        return file.with_pair(f"{_rendered_key(slot.name)} = {_rendered(value)}")

    def take(self, data: bytes, slot: Slot) -> tuple[Splice, ...]:
        """See `Dialect.take`."""
        return _File(data, slot).without()

    def snippet(self, slot: Slot, value: Any) -> str:
        """See `Dialect.snippet`."""
        return apply(b"", self.put(b"", slot, value)).decode("utf-8")


class _File:
    """The statements of one file, sorted by what they have to do with one slot."""

    def __init__(self, data: bytes, slot: Slot) -> None:
        if slot.kind != "member":
            raise Unproven("Items of lists are not edited in TOML.")
        self.data = data
        self.under = slot.under
        self.path = (*slot.under, slot.name)
        self.lines = statements(data)
        crlf = data.count(b"\r\n")
        self.line_end = "\r\n" if crlf and crlf * 2 >= data.count(b"\n") else "\n"
        self.headers = [
            s for s in self.lines if s.kind in ("table", "array") and self._is_in(s.keys)
        ]
        pairs = [s for s in self.lines if s.kind == "pair" and self._is_in(s.keys)]
        self.in_blocks = [s for s in pairs if self._is_in(s.keys[: s.depth])]
        # Written from outside: `flexura = {…}` in `[mcp_servers]`, or in dotted keys.
        self.pairs = [s for s in pairs if not self._is_in(s.keys[: s.depth])]
        for line in self.lines:
            if line.kind in ("array", "pair") and self._is_above(line.keys):
                raise Unproven(f"`{'.'.join(line.keys)}` is written in one piece, not as tables.")

    def _is_in(self, keys: tuple[str, ...]) -> bool:
        return keys[: len(self.path)] == self.path

    def _is_above(self, keys: tuple[str, ...]) -> bool:
        return 0 < len(keys) < len(self.path) and keys == self.path[: len(keys)]

    def block(self, value: dict[str, Any]) -> str:
        """The entry as a table, its last line ended."""
        lines = [f"[{'.'.join(_rendered_key(key) for key in self.path)}]"]
        lines += [f"{_rendered_key(key)} = {_rendered(held)}" for key, held in value.items()]
        return "".join(line + self.line_end for line in lines)

    def with_blocks_as(self, text: str) -> tuple[Splice, ...]:
        """The first of the entry's tables gives way to `text`, all else of the entry goes."""
        first, *others = sorted(
            [*self.headers, *self.in_blocks, *self.pairs], key=lambda s: s.start
        )
        if first.kind == "pair":
            raise Unproven("One part of the entry is written in dotted keys, another as a table.")
        # A missing last line end stays missing, unless lines that stay come between.
        in_one_piece = [s.end for s in [first, *others]] == [
            *(s.start for s in others),
            len(self.data),
        ]
        if in_one_piece and not self.data.endswith(b"\n"):
            text = text.removesuffix(self.line_end)
        return (self._splice(first.start, first.end, text), *map(self._gone, others))

    def with_pairs_as(self, text: str) -> tuple[Splice, ...]:
        """`key = value` keeps its line; an entry in dotted keys becomes one inline table."""
        first, *others = self.pairs
        if first.keys == self.path:
            return (self._splice(*first.value, text),)
        keys = ".".join(_rendered_key(key) for key in self.path[first.depth :])
        end = len(self.data[first.start : first.end].rstrip(b"\r\n")) + first.start
        return (self._splice(first.start, end, f"{keys} = {text}"), *map(self._gone, others))

    def with_more_at_the_end(self, text: str) -> tuple[Splice, ...]:
        """`text` after everything else, behind one blank line."""
        if not self.lines:
            return (self._splice(len(self.data), len(self.data), text),)
        blank = "" if self.lines[-1].kind == "blank" else self.line_end
        if not self.data.endswith(b"\n"):
            # A line end that was missing stays missing.
            text = f"{self.line_end}{text.removesuffix(self.line_end)}"
        return (self._splice(len(self.data), len(self.data), blank + text),)

    def with_pair(self, text: str) -> tuple[Splice, ...]:
        """`text` after the last pair of the table that it belongs in; at the top, before the first table."""
        if not self.under:
            return self._with_top_pair(text)
        for index, line in enumerate(self.lines):
            if line.kind == "table" and line.keys == self.under:
                return self._after(self._last_of_table(index), text)
        header = f"[{'.'.join(_rendered_key(key) for key in self.under)}]"
        return self.with_more_at_the_end(f"{header}{self.line_end}{text}{self.line_end}")

    def _with_top_pair(self, text: str) -> tuple[Splice, ...]:
        tables = [i for i, line in enumerate(self.lines) if line.kind in ("table", "array")]
        first = tables[0] if tables else len(self.lines)
        pairs = [line for line in self.lines[:first] if line.kind == "pair"]
        if pairs:
            return self._after(pairs[-1], text)
        if not tables:
            return self._after(self.lines[-1] if self.lines else None, text)
        # The comment right above the table is about the table, unless it is how the file begins.
        above = first
        while above and self.lines[above - 1].kind == "comment":
            above -= 1
        at = self.lines[above or first].start
        return (self._splice(at, at, text + self.line_end * 2),)

    def _last_of_table(self, header: int) -> Statement:
        last = self.lines[header]
        for line in self.lines[header + 1 :]:
            if line.kind in ("table", "array"):
                break
            if line.kind == "pair":
                last = line
        return last

    def _after(self, line: Statement | None, text: str) -> tuple[Splice, ...]:
        at = line.end if line else len(self.data)
        ended = line is None or self.data.endswith(b"\n", line.start, line.end)
        return (self._splice(at, at, text + self.line_end if ended else self.line_end + text),)

    def without(self) -> tuple[Splice, ...]:
        """Every line of the entry goes, and one of two blank lines that would meet."""
        gone = {s.start for s in [*self.headers, *self.in_blocks, *self.pairs]}
        splices: list[Splice] = []
        for index, line in enumerate(self.lines):
            if line.start not in gone:
                continue
            start = line.start
            if line.kind != "pair" and index and self.lines[index - 1].kind == "blank":
                after = index
                while after < len(self.lines) and self.lines[after].start in gone:
                    after += 1
                if after == len(self.lines) or self.lines[after].kind == "blank":
                    start = self.lines[index - 1].start
            splices.append(self._splice(start, line.end, ""))
        return self._without_last_line_end(splices)

    def _without_last_line_end(self, splices: list[Splice]) -> tuple[Splice, ...]:
        """Where the file had no last line end, the line that is the last now has none either."""
        end = len(self.data)
        if self.data.endswith(b"\n"):
            return tuple(splices)
        at = len(splices)
        while at and splices[at - 1].offset + len(splices[at - 1].removed) == end:
            at -= 1
            end = splices[at].offset
        if at < len(splices):
            start = end - 1 if self.data.endswith(b"\n", 0, end) else end
            start -= self.data.endswith(b"\r\n", 0, end)
            splices[at:] = [self._splice(start, len(self.data), "")]
        return tuple(splices)

    def _gone(self, statement: Statement) -> Splice:
        return self._splice(statement.start, statement.end, "")

    def _splice(self, start: int, end: int, text: str) -> Splice:
        try:
            return Splice(start, self.data[start:end], text.encode("utf-8"))
        except UnicodeEncodeError as error:
            raise Unproven("There is text in the entry that UTF-8 cannot hold.") from error


def _rendered_key(key: str) -> str:
    return key if _BARE.match(key) else _rendered_text(key)


def _rendered_text(text: str) -> str:
    return '"' + "".join(_SHORT.get(char) or _printable(char) for char in text) + '"'


def _printable(char: str) -> str:
    return f"\\u{ord(char):04X}" if char < " " or char == "\x7f" else char


def _rendered(value: Any) -> str:
    """A value in one line. Raises Unproven for what TOML has no word for (null)."""
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        pairs = [f"{_rendered_key(key)} = {_rendered(one)}" for key, one in held.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_rendered(one) for one in cast('list[Any]', value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _rendered_text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    raise Unproven(f"TOML cannot say {value!r}.")
