"""How a JSON file is laid out at one place, so that what we write looks like its neighbours."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from flexura_installer.formats.json_text import Container, JsonText, Part

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLANKS = re.compile(r"[ \t]*")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Layout:
    """How a value is written: over several lines behind `indent`, or on one."""

    lines: bool
    indent: str
    unit: str
    line_end: str
    colon: str

    @property
    def gap(self) -> str:
        """What stands behind a comma on one line."""
        return self.colon[1:]

    def value(self, value: Any) -> str:
        """The value; its first line has no indentation."""
        if not self.lines:
            return _escaped(
                json.dumps(
                    value,
                    ensure_ascii=False,
                    allow_nan=False,
                    separators=("," + self.gap, self.colon),
                )
            )
        written = json.dumps(
            value,
            ensure_ascii=False,
            allow_nan=False,
            indent=self.unit,
            separators=(",", self.colon),
        )
        return _escaped(written).replace("\n", self.line_end + self.indent)

    def member(self, key: str, value: Any) -> str:
        """The key with its value."""
        return _escaped(json.dumps(key, ensure_ascii=False)) + self.colon + self.value(value)


def whole(line_end: str) -> Layout:
    """How a document is written that is ours alone."""
    return Layout(True, "", "  ", line_end, ": ")


def of_sibling(text: JsonText, container: Container, *, nested: bool) -> Layout:
    """The layout of a new last part of a container that has some; `nested` brings containers of its own."""
    last = container.parts[-1]
    lines = starts_line(text, container, len(container.parts) - 1)
    indent = indentation(text, last.start)
    unit = _unit(text, container, indent)
    flat = last.held and isinstance(last.held, (dict, list)) and not _broken(text, last)
    return Layout(
        lines and (nested or not flat),
        indent,
        unit,
        line_end(text, last.start),
        _colon(text, container),
    )


def of_first(text: JsonText, container: Container) -> Layout:
    """The layout of the first part of an empty container."""
    base = indentation(text, container.open)
    unit = _unit(text, container, base)
    lines = _over_lines(text) or bool(_LINE_END.search(text.text, container.open, container.close))
    end = line_end(text, container.open)
    return Layout(lines, base + unit, unit, end, _colon(text, container))


def of_old(text: JsonText, container: Container, part: Part) -> Layout:
    """The layout of a value in the place of an old one."""
    full = part.held and isinstance(part.held, (dict, list))
    lines = _broken(text, part) if full else _over_lines(text)
    indent = indentation(text, part.start)
    unit = _unit(text, container, indent)
    return Layout(lines, indent, unit, line_end(text, part.start), _colon(text, container))


def starts_line(text: JsonText, container: Container, index: int) -> bool:
    """Whether there is a line end between this part and the one before it, or the bracket."""
    before = container.parts[index - 1].comma if index else container.open
    return bool(_LINE_END.search(text.spaced, before, container.parts[index].start))


def line_start(text: JsonText, at: int) -> int:
    """The position at which the line begins that this position lies on."""
    return max(text.text.rfind("\n", 0, at), text.text.rfind("\r", 0, at)) + 1


def indentation(text: JsonText, at: int) -> str:
    """The blanks and tabs that the line begins with on which this position lies."""
    found = _BLANKS.match(text.text, line_start(text, at))
    return found[0] if found else ""


def line_end(text: JsonText, at: int) -> str:
    """The line end before this position, else the first one behind it, else a line feed."""
    start = line_start(text, at)
    if start:
        return "\r\n" if text.text[max(start - 2, 0) : start] == "\r\n" else text.text[start - 1]
    found = _LINE_END.search(text.text, at)
    return found[0] if found else "\n"


def comments_end(text: JsonText, start: int, end: int) -> int:
    """The end of the last comment between the two positions, `start` without one."""
    return max((stop for at, stop in text.comments if start <= at and stop <= end), default=start)


def ends_line_comment(text: JsonText, at: int) -> bool:
    """Whether the comment that ends here goes on to the end of its line: nothing may follow it there."""
    return any(stop == at and text.text.startswith("//", start) for start, stop in text.comments)


def _broken(text: JsonText, part: Part) -> bool:
    return bool(_LINE_END.search(text.text, part.value, part.end))


def _over_lines(text: JsonText) -> bool:
    root = text.root()
    if root is None or not root.parts:
        return True
    return bool(_LINE_END.search(text.text, root.open, root.close))


def _unit(text: JsonText, container: Container, indent: str) -> str:
    """One step of indentation: here, else at the top of the document, else two blanks."""
    base = indentation(text, container.close)
    if container.parts and indent.startswith(base) and len(indent) > len(base):
        return indent[len(base) :]
    root = text.root()
    if root is not None and root.parts and starts_line(text, root, 0):
        outer, inner = indentation(text, root.open), indentation(text, root.parts[0].start)
        if inner.startswith(outer) and len(inner) > len(outer):
            return inner[len(outer) :]
    return "  "


def _colon(text: JsonText, container: Container) -> str:
    """`:` where the neighbour, or the first member of the document, has no blank behind it."""
    root = text.root()
    for there in (container, root):
        if there is not None and there.is_map and there.parts:
            part = there.parts[-1] if there is container else there.parts[0]
            return ":" if text.text[part.value - 1] == ":" else ": "
    return ": "


def _escaped(written: str) -> str:
    """Half a pair of surrogates cannot be written in UTF-8, only as an escape."""
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
