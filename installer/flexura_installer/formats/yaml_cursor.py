"""The place in a YAML text where its reader stands, and the pieces that stand on one line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from flexura_installer.errors import Unreadable
from flexura_installer.formats import yaml_scalars

# PyYAML forgets a key after 1024 characters; no key that a person writes is near it.
_LONGEST_KEY = 1000

_REFUSED = re.compile(
    "[^\x09\x0a\x0d\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    "|\r(?!\n)"
)
_BLOCK_START = r"(?:[^ \t\r\n:#]|:(?![ \t\r\n]|\Z))"
_FLOW_START = r"(?:[^ \t\r\n:#,?\[\]{}]|:(?![ \t\r\n,\[\]{}]|\Z))"
_BLOCK_PLAIN, _FLOW_PLAIN = (
    re.compile(rf"{start}(?:{start}|#)*(?: +{start}(?:{start}|#)*)*")
    for start in (_BLOCK_START, _FLOW_START)
)
_QUOTED = {
    "'": re.compile(r"'(?:[^'\r\n]|'')*'"),
    '"': re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*"'),
}
_ANCHOR = re.compile(r"&([A-Za-z0-9_-]+)(?=[ \r\n]|\Z) *")
_ALIAS = re.compile(r"\*([A-Za-z0-9_-]+)(?=[ \r\n,\]}]|\Z)")
_MERGE = re.compile(r"<<(?= *:[ \r\n])")
_COLON = re.compile(r" *:(?=[ \r\n]|\Z)")
_SPACES = re.compile(r" *")
_MARKER = re.compile(r"(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")

Style = Literal["absent", "plain", "quoted", "text", "alias", "flow", "block"]


@dataclass
class Node:
    """A value and where it stands: `text[start:end]`, without an anchor before it or a comment behind it.

    `absent` is the null of a key or dash with nothing behind it; `text` are the scalars after `|` and `>`.
    """

    value: Any
    style: Style
    start: int
    end: int
    # Of maps and lists in block style: the column of the keys or dashes.
    column: int = -1
    entries: list[Entry] = field(default_factory=list["Entry"])
    anchored: bool = False


@dataclass
class Entry:
    """A member of a map or an item of a list. `head` is where its colon or dash ends (flow: its start)."""

    start: int
    head: int
    node: Node
    key: Any = None
    merges: bool = False


class Cursor:
    """Steps through a text. Between the lines it stands on the next thing that is no comment."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.first = 1 if text.startswith("\ufeff") else 0
        self.at = self.first
        # Column of what it stands on; -1 at the end of the text.
        self.column = 0
        self.comments: list[tuple[int, int]] = []
        if strange := _REFUSED.search(text, self.first):
            raise self.failed(f"the character U+{ord(strange[0]):04X} is not read", strange.start())

    def failed(self, reason: str, at: int | None = None) -> Unreadable:
        """The error that names the line of `at`, or of where the cursor stands."""
        place = self.at if at is None else at
        return Unreadable(reason, self.text.count("\n", 0, place) + 1)

    def char(self) -> str:
        """The character under the cursor; empty at the end."""
        return self.text[self.at : self.at + 1]

    def starts(self, indicator: str) -> bool:
        """Whether the indicator (`-`, `:`) stands here and is followed by a space or the end of the line."""
        end = self.at + len(indicator)
        return self.text.startswith(indicator, self.at) and self.text[end : end + 1] in " \r\n"

    def spaces(self) -> None:
        """Go over the spaces, nothing else."""
        match = _SPACES.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def here(self) -> int:
        """The column of the cursor in its line."""
        return self.at - max(self.text.rfind("\n", 0, self.at) + 1, self.first)

    def line_is_over(self) -> bool:
        """Go over spaces and a comment; whether nothing else is left of the line."""
        self.spaces()
        if self.char() == "#" and (self.at == self.first or self.text[self.at - 1] in " \n"):
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            end -= self.text[self.at : end].endswith("\r")
            self.comments.append((self.at, end))
            self.at = end
        return self.char() in ("", "\r", "\n")

    def over_line_end(self) -> None:
        """From the end of a line to the start of the next."""
        self.at += 2 if self.char() == "\r" else 1 if self.char() else 0

    def finish_line(self) -> None:
        """Nothing else may stand on this line; go on to the next thing."""
        if not self.line_is_over():
            raise self.failed(f"`{self._glimpse()}` is not understood here")
        self.over_line_end()
        self.go_on()

    def go_on(self, *, at_the_top: bool = False) -> None:
        """From the start of a line to the next thing that is no comment."""
        while self.line_is_over():
            if not self.char():
                self.column = -1
                return
            self.over_line_end()
        self.column = self.here()
        if self.column == 0 and not at_the_top and self.marker():
            raise self.failed("a second document is not read")

    def marker(self) -> bool:
        """Whether the start or end of a document is marked here."""
        return _MARKER.match(self.text, self.at) is not None

    def anchor(self) -> str:
        """Go over an anchor; its name, or empty if there is none."""
        match = _ANCHOR.match(self.text, self.at)
        if not match:
            return ""
        self.at = match.end()
        return match[1]

    def alias(self) -> str:
        """Go over an alias, which has to be here; its name."""
        match = _ALIAS.match(self.text, self.at)
        if not match:
            raise self.failed(f"`{self._glimpse()}` is no alias")
        self.at = match.end()
        return match[1]

    def scalar(self, *, flow: bool) -> Node:
        """Go over a scalar that ends on its own line, with its value."""
        start = self.at
        quote = _QUOTED.get(self.char())
        if not quote and not self.starts_plain(flow=flow):
            raise self.failed(f"`{self._glimpse()}` is not understood here")
        match = (quote or (_FLOW_PLAIN if flow else _BLOCK_PLAIN)).match(self.text, start)
        if not match:
            raise self.failed("a quoted text does not end on its line")
        self.at = match.end()
        return Node(self.value(match[0], start), "quoted" if quote else "plain", start, self.at)

    def value(self, text: str, start: int) -> yaml_scalars.Scalar:
        """What the scalar that starts there means; raises Unreadable where it means nothing."""
        try:
            return _value(text)
        except (ValueError, OverflowError) as error:
            raise self.failed(f"the value is not understood: {error}", start) from error

    def key(self, *, flow: bool) -> Entry:
        """Go over a key and its colon; an entry whose value is absent so far."""
        start = self.at
        merges = _MERGE.match(self.text, start) is not None
        if merges:
            self.at += 2
            node = Node("<<", "plain", start, self.at)
        else:
            node = self.scalar(flow=flow)
        self.spaces()
        # `{"a":1}` is JSON; after a plain key it would be the plain text `a:1`.
        tight = flow and node.style == "quoted" and self.char() == ":"
        if not (self.starts(":") or tight) or self.at - start > _LONGEST_KEY:
            raise self.failed("a key with a colon is missing")
        if not isinstance(node.value, str | int | None):
            raise self.failed("a key that is no text is not read", start)
        self.at += 1
        return Entry(start, self.at, Node(None, "absent", self.at, self.at), node.value, merges)

    def key_ahead(self) -> bool:
        """Whether a key of a map in block style starts here. Does not move."""
        quote = _QUOTED.get(self.char())
        if not quote and not self.starts_plain(flow=False):
            return False
        match = (quote or _BLOCK_PLAIN).match(self.text, self.at)
        return match is not None and _COLON.match(self.text, match.end()) is not None

    def plain(self) -> str:
        """Go over one line of a plain text outside of brackets; raises Unreadable if there is none."""
        match = _BLOCK_PLAIN.match(self.text, self.at) if self.starts_plain(flow=False) else None
        if not match:
            raise self.failed(f"`{self._glimpse()}` is not understood here")
        self.at = match.end()
        return match[0]

    def starts_plain(self, *, flow: bool) -> bool:
        """Whether a plain text may start with what stands here."""
        char, after = self.char(), self.text[self.at + 1 : self.at + 2]
        if char and char not in " \t\r\n-?:,[]{}#&*!|>'\"%@`":
            return True
        if not char or not after or after in " \t\r\n":
            return False
        return (char == "-" and not (flow and after in ",[]{}?:")) or (not flow and char in "?:")

    def _glimpse(self) -> str:
        return self.text[self.at : self.at + 20].split("\n")[0].rstrip("\r")


def _value(text: str) -> yaml_scalars.Scalar:
    if text[0] == "'":
        return yaml_scalars.single_quoted(text)
    if text[0] == '"':
        return yaml_scalars.double_quoted(text)
    return yaml_scalars.plain(text)
