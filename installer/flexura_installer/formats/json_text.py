"""The text of a JSON file, comments or not: what it says, and where in it every member and item stands.

Comments, and commas that a dialect allows too many, are overwritten with spaces, so that Python's own JSON
reader both decides whether the file is good and gives the offsets, at the speed of C.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from flexura_installer.errors import Unreadable

# Nobody nests so deep by hand; the proof of an edit is recursive.
_DEEPEST = 200
_BOM = "\ufeff"
# Longer ones Python does not make an int of (sys.set_int_max_str_digits).
_LONG_INT = 4000
_MAPS: frozenset[type] = frozenset({dict})
_CONTAINERS: frozenset[type] = frozenset({dict, list})

_SPACE = re.compile(r"[ \t\r\n]*")
# A string ends at the latest with the file, so that no text makes the search go back.
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*\\?(?:"|\Z)'
# As jsonc-parser has it: a line comment ends before a line feed or a carriage return, nothing else.
_COMMENTS = re.compile(rf"{_STRING}|(//[^\r\n]*|/\*.*?\*/|/\*)", re.DOTALL)
_LAST_COMMAS = re.compile(rf"{_STRING}|([{{\[])[ \t\r\n]*,|(,)[ \t\r\n]*[}}\]]", re.DOTALL)
_NO_NUMBERS = re.compile(rf"{_STRING}|(NaN|-?Infinity)", re.DOTALL)
_NOT_LINE_END = re.compile(r"[^\r\n]")


class _NoNumber(ValueError):
    """NaN or an infinity, which Python's reader takes and JSON does not know."""


def _refuse(word: str) -> Any:
    raise _NoNumber(word)


def _any_int(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < _LONG_INT else Decimal(digits)


_USUAL = json.JSONDecoder(parse_constant=_refuse)
_LONG = json.JSONDecoder(parse_constant=_refuse, parse_int=_any_int)


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _USUAL.raw_decode(text, at)
    except (json.JSONDecodeError, _NoNumber):
        raise
    except ValueError:
        return _LONG.raw_decode(text, at)


@dataclass(frozen=True)
class Part:
    """A member of a map (`key`, which starts at `start`) or an item of a list (`start` is `value`)."""

    start: int
    key: str
    value: int
    end: int
    # Where the comma behind it stands, -1 without one.
    comma: int
    held: Any


@dataclass(frozen=True)
class Container:
    """A map or a list: where its brackets stand, and what is between them."""

    open: int
    close: int
    is_map: bool
    parts: tuple[Part, ...]


class JsonText:
    """A decoded file. Positions count characters after the byte order mark; `offset` makes bytes of them."""

    def __init__(self, data: bytes, *, comments: bool, trailing_commas: bool) -> None:
        """Raises Unreadable for what is not UTF-8 and for a comment that does not end."""
        decoded = _decoded(data)
        self._mark = len(_BOM.encode()) if decoded.startswith(_BOM) else 0
        self.text = decoded.removeprefix(_BOM)
        self._ascii = len(data) == len(decoded)
        # (start, end) in the order of the file.
        self.comments: tuple[tuple[int, int], ...] = ()
        # The same length as `text`, without comments; `_plain` without the last commas either.
        self.spaced = self._without_comments() if comments else self.text
        self._plain = _without_last_commas(self.spaced) if trailing_commas else self.spaced

    @property
    def blank(self) -> bool:
        """Whether there is nothing but whitespace and comments."""
        return self.skip(0) == len(self.spaced)

    def value(self) -> Any:
        """The whole document; None when blank. Raises Unreadable."""
        if self.blank:
            return None
        try:
            found, end = _value(self._plain, self.skip(0))
            if self.skip(end) < len(self._plain):
                raise json.JSONDecodeError("Something follows the end", self._plain, self.skip(end))
        except json.JSONDecodeError as error:
            reason = f"{error.msg} (column {error.colno})"
            raise Unreadable(reason, error.lineno) from error
        except _NoNumber as error:
            places = (m.start(1) for m in _NO_NUMBERS.finditer(self._plain) if m[1])
            reason = f"{error} is no JSON number"
            raise Unreadable(reason, self._line(next(places, 0))) from error
        except RecursionError as error:
            raise Unreadable("it is nested too deeply") from error
        _refuse_depth(found)
        return found

    def root(self) -> Container | None:
        """The outermost map or list; None for any other value. The text is not blank."""
        return self.container(self.skip(0))

    def container(self, at: int) -> Container | None:
        """What opens at this position; None when that is neither a map nor a list."""
        text, opener = self._plain, self._plain[at]
        if opener not in "{[":
            return None
        parts: list[Part] = []
        i = self.skip(at + 1)
        while text[i] not in "}]":
            start, key = i, ""
            if opener == "{":
                key, i = _value(text, i)
                i = self.skip(self.skip(i) + 1)
            held, end = _value(text, i)
            comma = self.skip(end)
            if self.spaced[comma] != ",":
                comma = -1
            parts.append(Part(start, key, i, end, comma, held))
            i = self.skip(end if comma < 0 else comma + 1)
        return Container(at, i, opener == "{", tuple(parts))

    def skip(self, at: int) -> int:
        """The position after the whitespace and the comments that stand here."""
        return cast("re.Match[str]", _SPACE.match(self.spaced, at)).end()

    def offset(self, at: int) -> int:
        """The byte in the file at which this position lies."""
        return self._mark + (at if self._ascii else len(self.text[:at].encode()))

    def _without_comments(self) -> str:
        if "//" not in self.text and "/*" not in self.text:
            return self.text
        pieces: list[str] = []
        found: list[tuple[int, int]] = []
        at = 0
        for match in _COMMENTS.finditer(self.text):
            start, end = match.span(1)
            if start < 0:
                continue
            if match[1] == "/*":
                raise Unreadable("a comment does not end", self._line(start))
            pieces += [self.text[at:start], _NOT_LINE_END.sub(" ", match[1])]
            found.append((start, end))
            at = end
        self.comments = tuple(found)
        return "".join([*pieces, self.text[at:]])

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise Unreadable("it is UTF-16 or UTF-32, and this agent reads UTF-8: save it as UTF-8")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable("it is not UTF-8: save it as UTF-8", line) from error


def _without_last_commas(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for match in _LAST_COMMAS.finditer(text):
        comma = match.start(2)
        # `[,]` is not good in any dialect.
        if comma >= 0:
            pieces += [text[at:comma], " "]
            at = comma + 1
    return "".join([*pieces, text[at:]])


def _refuse_depth(value: Any) -> None:
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) in _MAPS else outer)
            if type(inner) in _CONTAINERS
        ]
        if not level:
            return
    raise Unreadable(f"it is nested deeper than {_DEEPEST} levels")
