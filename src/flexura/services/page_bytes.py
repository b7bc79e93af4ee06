"""From the bytes of a page to its characters: what kind of text it is, and in which character set."""

from __future__ import annotations

import codecs
import re
from typing import Literal

Kind = Literal["html", "markdown", "plain"]

_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.I)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(
    rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype|html|head|body)\b", re.I | re.S
)
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# A name from a page goes to a codec only from this list: Python's codecs include zip and bz2.
_KNOWN = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|us-?ascii|iso-?8859-?\d+|latin-?1|(windows|cp)-?125\d|koi8-[ru]|gb2312|gbk|"
    r"gb18030|big5(-hkscs)?|euc-(jp|kr)|iso-2022-jp|shift[-_]jis|sjis|macintosh"
)
# What browsers read where the older name is given.
_WIDER = {
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "macintosh": "mac-roman",
}
_TEXT_TYPES = re.compile(r"text/|application/(?:[\w.-]+\+)?(?:json|xml|yaml|toml|markdown)$")


class UnreadablePage(Exception):
    """The page is not text; the message says what it is."""


def decoded(body: bytes, content_type: str) -> tuple[str, Kind]:
    """The text and what it is. Raises UnreadablePage."""
    mime = content_type.partition(";")[0].strip().lower()
    if body.startswith(b"%PDF-") or mime == "application/pdf":
        raise UnreadablePage("it is a PDF, and PDFs are not read")
    kind = _kind(body, mime)
    charset = _charset(body, content_type)
    if b"\0" in body[:2000] and not charset.startswith("utf-16"):
        raise UnreadablePage("it is not text")
    return body.decode(charset, errors="replace"), kind


def _kind(body: bytes, mime: str) -> Kind:
    if mime in ("text/html", "application/xhtml+xml"):
        return "html"
    if mime in ("", "application/octet-stream"):
        return "html" if _LOOKS_LIKE_HTML.match(body[:1000]) else "plain"
    if not _TEXT_TYPES.match(mime):
        raise UnreadablePage(f"it is of type {mime[:60]}, not text")
    return "markdown" if "markdown" in mime else "plain"


def _charset(body: bytes, content_type: str) -> str:
    for mark, charset in _MARKS.items():
        if body.startswith(mark):
            return charset
    header = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(body[:4096])
    for name in (header and header.group(1), meta and meta.group(1).decode("ascii")):
        if name and _KNOWN.fullmatch(name.lower()):
            return _WIDER.get(name.lower(), name)
    try:
        # A page that was cut may end inside a character.
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
