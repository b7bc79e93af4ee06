"""The scalars of YAML that go over several lines: literal `|`, folded `>`, plain and quoted ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from flexura_installer.formats.yaml_cursor import Cursor, Node

_HEADER = re.compile(r"([|>])(?:([+-])([1-9])?|([1-9])([+-])?)?(?=[ \r\n]|\Z)")
_NEXT_LINE = re.compile(r" *\r?\n( +)(?=[^ \r\n#])")
_QUOTED = {
    "'": re.compile(r"'(?:[^']|'')*'"),
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.S),
}
_LINE_END = re.compile(r"\r?\n")


def scalar(cursor: Cursor, indent: int) -> Node:
    """Go over a plain or quoted scalar, on one line or more, behind a colon or dash.

    `indent` is the column of the map or list that the scalar belongs to. Lines without text, and comments,
    end a plain one and are not read in a quoted one.
    """
    start, sign = cursor.at, cursor.char()
    quoted = _QUOTED[sign].match(cursor.text, start) if sign in _QUOTED else None
    if quoted and "\n" in quoted[0]:
        text = _unfolded(cursor, quoted[0], indent)
        cursor.at = quoted.end()
        return Node(cursor.value(text, start), "quoted", start, cursor.at)
    node = cursor.scalar(flow=False)
    pieces = [cursor.text[start : cursor.at]]
    while node.style == "plain" and (following := _NEXT_LINE.match(cursor.text, cursor.at)):
        if len(following[1]) <= indent:
            break
        cursor.at = following.end()
        pieces.append(cursor.plain())
    if len(pieces) > 1:
        node = Node(cursor.value(" ".join(pieces), start), "plain", start, cursor.at)
    return node


def _unfolded(cursor: Cursor, quoted: str, indent: int) -> str:
    """A quoted text of several lines as one line with the same meaning."""
    lines = _LINE_END.split(quoted)
    whole = lines[0]
    for line in lines[1:]:
        bare = line.lstrip(" ")
        if not bare.strip(" \t") or bare[0] == "\t" or len(line) - len(bare) <= max(indent, 0):
            raise cursor.failed("a quoted text with empty or less indented lines is not read")
        kept = whole.rstrip(" \t")
        escapes = (len(kept) - len(kept.rstrip("\\"))) % 2 if quoted[0] == '"' else 0
        if escapes and kept != whole:
            raise cursor.failed(
                "a quoted text with an escaped space at the end of a line is not read"
            )
        whole = kept[:-1] + bare if escapes else f"{kept} {bare}"
    return whole


def text_scalar(cursor: Cursor, indent: int) -> Node:
    """Go over the text behind `|` or `>`, and on to the next thing.

    `indent` is the column of the map or list that the text belongs to. Follows PyYAML's
    `scan_block_scalar`.
    """
    start = cursor.at
    header = _HEADER.match(cursor.text, start)
    if not header:
        raise cursor.failed("the signs after `|` or `>` are not understood")
    cursor.at = header.end()
    if not cursor.line_is_over():
        raise cursor.failed("a text after `|` or `>` starts on the next line")
    end = cursor.at
    cursor.over_line_end()
    chomping, width = header[2] or header[5] or "", int(header[3] or header[4] or 0)
    least = max(indent + 1, 1)
    depth = least + width - 1 if width else max(least, _detected(_lines(cursor.text, cursor.at)))
    taken = _taken(_lines(cursor.text, cursor.at), depth)
    content = [at for at, line in enumerate(taken) if not _is_break(line, depth)]
    kept = taken if chomping == "+" else taken[: content[-1] + 1 if content else 0]
    for line in taken:
        cursor.at += len(line)
    # A text that ends with the file is not followed by the line end that a new line would need.
    end = cursor.at - sum(map(len, taken[len(kept) :])) - _ending(kept) if kept else end
    value = _joined(taken, content, depth, chomping, folded=header[1] == ">")
    cursor.go_on()
    return Node(value, "text", start, end)


def _ending(lines: list[str]) -> int:
    return len(lines[-1]) - len(lines[-1].rstrip("\r\n"))


def _lines(text: str, at: int) -> Iterator[str]:
    """The lines from here on with their ends; the last may have none."""
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        yield text[at:end]
        at = end


def _detected(lines: Iterator[str]) -> int:
    """The indentation as PyYAML finds it: the widest of the empty lines before, and of, the first text."""
    widest = 0
    for line in lines:
        bare = line.rstrip("\r\n")
        widest = max(widest, len(bare) - len(bare.lstrip(" ")))
        if bare.strip(" "):
            break
    return widest


def _is_break(line: str, depth: int) -> bool:
    """Whether the line is empty for the text: no more than its indentation."""
    bare = line.rstrip("\r\n")
    return len(bare) <= depth and not bare.strip(" ")


def _taken(lines: Iterator[str], depth: int) -> list[str]:
    """The lines that belong to the text."""
    taken: list[str] = []
    for line in lines:
        indented = line.startswith(" " * depth)
        empty = _is_break(line, depth)
        if not (indented or empty) or (empty and not line.endswith("\n")):
            break
        taken.append(line)
    return taken


def _joined(
    taken: list[str], content: list[int], depth: int, chomping: str, *, folded: bool
) -> str:
    if not content:
        return "\n" * len(taken) if chomping == "+" else ""
    texts = {at: taken[at].rstrip("\r\n")[depth:] for at in content}
    parts = ["\n" * content[0]]
    for at, following in pairwise(content):
        breaks = following - at - 1
        parts.append(texts[at])
        if folded and texts[at][0] not in " \t" and texts[following][0] not in " \t":
            parts.append("\n" * breaks or " ")
        else:
            parts.append("\n" * (breaks + 1))
    last = content[-1]
    parts.append(texts[last])
    if chomping != "-" and taken[last].endswith("\n"):
        parts.append("\n")
    if chomping == "+":
        parts.append("\n" * (len(taken) - last - 1))
    return "".join(parts)
