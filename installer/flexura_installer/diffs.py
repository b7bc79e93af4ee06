"""What would change, for people to read: a unified diff in which no secret stands, ours or the user's."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from flexura_installer import redact

_CONTEXT = 3  # lines
_ALIKE = 400  # lines up to which the middle is compared line by line
_LONG = 300  # characters of a line that are shown
_NO_END = "\n\\ No newline at end of file"
_AROUND = 80  # characters beside a change in a longer line


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with these secrets, and only these, replaced."""
    return redact.given(text, secrets)


def unified(
    path: Path, before: bytes | None, after: bytes | None, secrets: Iterable[str] = ()
) -> str:
    """A unified diff of a file, None being no file; empty where nothing changes."""
    if before == after:
        return ""
    heads = [
        f"--- {path if before is not None else '/dev/null'}",
        f"+++ {path if after is not None else '/dev/null'}",
    ]
    old, new = _lines(before), _lines(after)
    if old is None or new is None:
        what = f"{len(before or b'')} → {len(after or b'')} bytes that are no text"
        return "\n".join([*heads, f"@@ {what} @@", ""])
    hidden = frozenset(secrets)
    return _printable("\n".join([*heads, *_hunks(old, new, hidden), ""]))


def _lines(data: bytes | None) -> list[str] | None:
    if data is None:
        return []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    # Only these are ends of lines in the formats; `splitlines` knows ten more.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    elif lines:
        lines[-1] += _NO_END
    return lines


def _hunks(old: list[str], new: list[str], secrets: frozenset[str]) -> list[str]:
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    first = max(head - _CONTEXT, 0)
    # Further lines are looked at for the key or the option that a secret belongs to.
    look = max(first - 2 * _CONTEXT, 0)
    ends = [min(len(lines) - tail + _CONTEXT, len(lines)) for lines in (old, new)]
    shown = [
        redact.lines(lines[look:end], secrets)[first - look :]
        for lines, end in zip((old, new), ends, strict=True)
    ]
    raw = [lines[first:end] for lines, end in zip((old, new), ends, strict=True)]
    result: list[str] = []
    for group in _grouped(raw[0], raw[1], head - first, tail):
        result += _hunk(group, shown, first)
    return result


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


Codes = list[tuple[str, int, int, int, int]]


def _grouped(old: list[str], new: list[str], head: int, tail: int) -> Iterable[Codes]:
    if max(len(old), len(new)) <= _ALIKE:
        return difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT)
    # Comparing takes time that grows with the square: as one block.
    end = min(tail, _CONTEXT)
    return [
        [
            ("equal", 0, head, 0, head),
            ("replace", head, len(old) - end, head, len(new) - end),
            ("equal", len(old) - end, len(old), len(new) - end, len(new)),
        ]
    ]


def _hunk(group: Codes, shown: list[list[str]], offset: int) -> list[str]:
    first, last = group[0], group[-1]
    result = [
        f"@@ -{_range(offset + first[1], last[2] - first[1])}"
        f" +{_range(offset + first[3], last[4] - first[3])} @@"
    ]
    for tag, a, b, c, d in group:
        if tag == "equal":
            result += [" " + _short(line) for line in shown[0][a:b]]
            continue
        removed, added = shown[0][a:b], shown[1][c:d]
        if len(removed) == 1 and len(added) == 1:
            removed[0], added[0] = _around_change(removed[0], added[0])
        result += ["-" + _short(line, 2 * _LONG) for line in removed]
        result += ["+" + _short(line, 2 * _LONG) for line in added]
    return result


def _range(start: int, length: int) -> str:
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _around_change(old: str, new: str) -> tuple[str, str]:
    """A long line that changed in one place, shown around that place."""
    if max(len(old), len(new)) <= _LONG:
        return old, new
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    start = max(head - _AROUND, 0)
    return _part(old, start, tail), _part(new, start, tail)


def _part(line: str, start: int, tail: int) -> str:
    end = len(line) - max(tail - _AROUND, 0)
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")


def _short(line: str, limit: int = _LONG) -> str:
    return line if len(line) <= limit else f"{line[: limit // 2]} … {line[-limit // 2 :]}"


def _printable(text: str) -> str:
    """Control characters of a file are not let loose on a terminal; a CR before a line end is left out."""
    return "".join(
        char
        if char in "\n\t" or char.isprintable() or char == " "
        else ("" if char in "\r\ufeff" else f"\\x{ord(char):02x}")
        for char in text
    )
