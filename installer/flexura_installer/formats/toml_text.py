"""The statements of a TOML file with their places in its bytes.

Only of files that tomllib has read: whatever is scanned wrongly here, the proof finds out. All places count
bytes. Source of the grammar: https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Literal

from flexura_installer.errors import Unproven

BOM = b"\xef\xbb\xbf"

Kind = Literal["blank", "comment", "table", "array", "pair"]

_HEADERS: tuple[tuple[Kind, bytes, bytes], ...] = (
    ("array", b"[[", b"]]"),
    ("table", b"[", b"]"),
)
_BASIC = rb'"(?:[^"\\\r\n]|\\.)*+"'
_LITERAL = rb"'[^'\r\n]*+'"
_SPACE = re.compile(rb"[ \t]*+")
_LINE_END = re.compile(rb"\r?\n")
_REST = re.compile(rb"[^\n]*+(?:\n|\Z)")
_KEY = re.compile(rb"[ \t]*+([A-Za-z0-9_-]++|" + _BASIC + rb"|" + _LITERAL + rb")[ \t]*+")
# Up to two quotes may stand directly before the three that close a string of many lines.
_PART = re.compile(
    rb'(?P<text>"""(?:[^"\\]++|\\.|"(?!""))*+"""(?:"{0,2})'
    rb"|'''(?:[^']++|'(?!''))*+'''(?:'{0,2})"
    rb"|" + _BASIC + rb"|" + _LITERAL + rb"|[^\"'#\[\]{}\s]++)"
    rb"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comment>#[^\n]*+)|(?P<space>[ \t]++)|(?P<line>\r?\n)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its line or lines, from `start` to `end`, the last line's end included."""

    kind: Kind
    start: int
    end: int
    # From the top of the document: of a pair, the keys of its table and then its own.
    keys: tuple[str, ...] = ()
    # How many of them are the table's.
    depth: int = 0
    # Of a pair: the value's own bytes.
    value: tuple[int, int] = (0, 0)


def statements(data: bytes) -> list[Statement]:
    """Every line of the file, statements of many lines as one. Raises Unproven for what it cannot follow."""
    found: list[Statement] = []
    table: tuple[str, ...] = ()
    at = len(BOM) if data.startswith(BOM) else 0
    while at < len(data):
        statement = _statement(data, at, table)
        if statement.kind in ("table", "array"):
            table = statement.keys
        found.append(statement)
        at = statement.end
    return found


def _statement(data: bytes, start: int, table: tuple[str, ...]) -> Statement:
    at = _skip(_SPACE, data, start)
    if at == len(data):
        return Statement("blank", start, at)
    line_end = _LINE_END.match(data, at)
    if line_end:
        return Statement("blank", start, line_end.end())
    if data.startswith(b"#", at):
        return Statement("comment", start, _skip(_REST, data, at))
    for kind, opened, closed in _HEADERS:
        if data.startswith(opened, at):
            keys, at = _keys(data, at + len(opened), closed)
            return Statement(kind, start, _skip(_REST, data, at), keys, len(keys))
    keys, at = _keys(data, at, b"=")
    at = _skip(_SPACE, data, at)
    value_end, end = _value(data, at)
    return Statement("pair", start, end, (*table, *keys), len(table), (at, value_end))


def _skip(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    return match.end() if match else at


def _keys(data: bytes, at: int, closed: bytes) -> tuple[tuple[str, ...], int]:
    keys: list[str] = []
    while True:
        match = _KEY.match(data, at)
        if match is None:
            raise _lost(data, at)
        keys.append(_key(match[1]))
        at = match.end()
        if data.startswith(closed, at):
            return tuple(keys), at + len(closed)
        if not data.startswith(b".", at):
            raise _lost(data, at)
        at += 1


def _key(written: bytes) -> str:
    text = written.decode("utf-8")
    return tomllib.loads(f"key = {text}")["key"] if text[0] in "\"'" else text


def _value(data: bytes, at: int) -> tuple[int, int]:
    """Where the value ends, and where its last line does."""
    depth = 0
    value_end = at
    while at < len(data):
        match = _PART.match(data, at)
        if match is None:
            raise _lost(data, at)
        at = match.end()
        if match.lastgroup == "open":
            depth += 1
        elif match.lastgroup == "close":
            depth -= 1
        if depth == 0 and match.lastgroup in ("text", "close"):
            value_end = at
        if depth == 0 and match.lastgroup == "line":
            return value_end, at
    return value_end, at


def _lost(data: bytes, at: int) -> Unproven:
    line = data.count(b"\n", 0, at) + 1
    return Unproven(f"line {line} is written in a way that the installer does not follow")
