"""The readable text of a fetched page: HTML without what a person would not see, and plain text as it is.

The parser is the standard library's: pages are written by strangers, and a parser in C that crashes would
take the gateway with it. It reads only as far as the text is wanted.
"""

from __future__ import annotations

import html
import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flexura.services.page_bytes import decoded
from flexura.services.untrusted import clean, without_code

_CHUNK = 8_192
_MAX_PENDING = 262_144
_FAR_ENOUGH = 500_000
_MAX_SECONDS = 2.0
_MAX_DEPTH = 400
_ENOUGH_FROM_MAIN = 200


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_VOID = _names("area base br col embed hr img input link meta param source track wbr frame keygen")
_BLOCKS = _names(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p pre "
    "section summary table tbody td tfoot th thead tr ul"
)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
# What is around the text of a page, not in it.
_LEFT_OUT = _names(
    "title nav footer aside form button select datalist textarea object embed audio video canvas map "
    "math iframe frameset noframes dialog menu"
)
_MAIN = frozenset({"main", "article"})
# An element that these begin ends an open one of its own kind, without an end tag.
_SIBLINGS = {
    "p": ("p",),
    "li": ("li",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "tr": ("tr",),
    "td": ("td", "th"),
    "th": ("td", "th"),
}
_HIDING_STYLE = re.compile(
    r"(?<![-\w])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden"
    r"|opacity\s*:\s*0*\.?0+\s*(?:;|!|$)|font-size\s*:\s*0*\.?0+\s*(?:[a-z%]|;|!|$)"
    r"|(?:text-indent|left|top|right)\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*0|color\s*:\s*transparent)",
    re.IGNORECASE,
)


def page_text(body: bytes, content_type: str, limit: int) -> str:
    """At most `limit` characters of text, cleaned as untrusted.

    Raises UnreadablePage for PDF, pictures and other things that are not text.
    """
    text, kind = decoded(body, content_type)
    if kind == "html":
        text = _html_text(text, limit)
    return clean(text, limit, lines=True, markup=kind == "markdown")


def _html_text(markup: str, limit: int) -> str:
    reader = _Reader(limit * 2)
    markup = without_code(markup, unended=True)
    deadline = time.monotonic() + _MAX_SECONDS
    for position in range(0, len(markup), _CHUNK):
        try:
            reader.feed(markup[position : position + _CHUNK])
        except AssertionError:
            # The standard library's answer to some broken declarations; what was read so far is good.
            break
        # A construct that never ends would be read again and again.
        far = position > _FAR_ENOUGH
        if (
            reader.has_enough(far)
            or len(reader.rawdata) > _MAX_PENDING
            or time.monotonic() > deadline
        ):
            break
    return reader.text()


@dataclass
class _Text:
    """Text in the making, without the white space that HTML does not show."""

    limit: int
    parts: list[str] = field(default_factory=list[str])
    length: int = 0

    def add(self, text: str) -> None:
        if self.length < self.limit:
            self.parts.append(text)
            self.length += len(text)

    def at_line_start(self) -> bool:
        last_words = next((part for part in reversed(self.parts[-3:]) if part != " "), "\n")
        return last_words.endswith("\n")


@dataclass
class _Open:
    """An element that is not closed yet, and what it inherits."""

    name: str
    hidden: bool
    main: bool
    pre: bool


class _Reader(HTMLParser):
    def __init__(self, limit: int) -> None:
        super().__init__(convert_charrefs=True)
        self._everything = _Text(limit)
        self._main = _Text(limit)
        self._open = [_Open("", hidden=False, main=False, pre=False)]

    def has_enough(self, far: bool) -> bool:
        """Whether the main part is full, or, `far` into the page, anything is."""
        text = self._everything if far else self._main
        return text.length >= text.limit

    def text(self) -> str:
        """What was read, from the main part of the page where it names one."""
        self.handle_data(html.unescape(self.rawdata.partition("<")[0]))
        text = self._main if self._main.length >= _ENOUGH_FROM_MAIN else self._everything
        return _BLANK_LINES.sub("\n", "".join(text.parts))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_siblings(tag)
        self._mark(tag, begins=True)
        if tag in _VOID or len(self._open) > _MAX_DEPTH:
            return
        around = self._open[-1]
        attributes = dict(attrs)
        self._open.append(
            _Open(
                tag,
                hidden=around.hidden or tag in _LEFT_OUT or _hides(attributes),
                main=around.main or tag in _MAIN or attributes.get("role") == "main",
                pre=around.pre or tag == "pre",
            )
        )

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # In HTML the slash of `<div/>` means nothing; only void elements have no end.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._mark(tag, begins=False)
        self._close(tag, within=None)

    def handle_data(self, data: str) -> None:
        if not self._open[-1].pre:
            data = re.sub(r"\s+", " ", data)
        self._add(data)

    def _end_siblings(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._close("p", within=("button", "td", "th", "table"))
        for sibling in _SIBLINGS.get(tag, ()):
            self._close(sibling, within=("ul", "ol", "dl", "table", "select"))

    def _close(self, tag: str, within: tuple[str, ...] | None) -> None:
        for index in range(len(self._open) - 1, 0, -1):
            name = self._open[index].name
            if name == tag:
                del self._open[index:]
                return
            # An inline end tag ends no block, least of all a hidden one.
            if name in (within if within else _BLOCKS if tag not in _BLOCKS else ()):
                return

    def _mark(self, tag: str, *, begins: bool) -> None:
        if tag in ("td", "th"):
            if begins and not self._everything.at_line_start():
                self._add(" | ")
        elif tag == "li" and begins:
            self._add("\n- ")
        elif tag == "br" or tag in _BLOCKS:
            self._add("\n")

    def _add(self, text: str) -> None:
        around = self._open[-1]
        if around.hidden:
            return
        self._everything.add(text)
        if around.main:
            self._main.add(text)


def _hides(attributes: dict[str, str | None]) -> bool:
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or bool(_HIDING_STYLE.search((attributes.get("style") or "")[:2000]))
    )
