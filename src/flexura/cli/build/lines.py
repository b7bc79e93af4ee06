"""On which line of a TOML file a key stands: `tomllib` does not say, and whoever mends it wants to know."""

from __future__ import annotations

import re
from collections.abc import Mapping

Lines = Mapping[tuple[str, ...], int]

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY = rf"\s*{_PART}(?:\s*\.\s*{_PART})*\s*"
_TABLE = re.compile(rf"^\s*\[({_KEY})\]")
_ENTRY = re.compile(rf"^({_KEY})=(.*)$", re.S)
_PARTS = re.compile(_PART)
_INLINE = re.compile(rf"[{{,]\s*({_PART})\s*=")
_QUOTES = ('"""', "'''")


def lines_of(text: str) -> Lines:
    """The line, from 1 on, of every table and key that is written in a usual way."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if quote in line else quote
            continue
        if depth > 0:
            depth += _opened(line)
            continue
        if header := _TABLE.match(line):
            table = _named(header[1])
            found.setdefault(table, number)
        elif entry := _ENTRY.match(line):
            key, value = (*table, *_named(entry[1])), entry[2]
            for length in range(len(table) + 1, len(key) + 1):
                found.setdefault(key[:length], number)
            if value.lstrip().startswith("{"):
                for inner in _INLINE.findall(value):
                    found.setdefault((*key, inner.strip("\"'")), number)
            quote = next((q for q in _QUOTES if value.count(q) == 1), "")
            depth = 0 if quote else max(0, _opened(value))
    return found


def line_of(lines: Lines, place: tuple[str, ...]) -> int:
    """The line of a key, else of the table around it; 0 where even that is not known."""
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return 0


def _named(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PARTS.findall(key))


def _opened(text: str) -> int:
    """How many more brackets open in a line than close; those in strings and comments do not count."""
    bare = re.sub(r""""(?:\\.|[^"\\])*"|'[^']*'""", "", text).partition("#")[0]
    return sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}")
