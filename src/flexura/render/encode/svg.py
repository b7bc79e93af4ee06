"""Writes SVG drawings."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from flexura.provenance.record import Record
from flexura.render.encode.atomic import whole_file, with_extension
from flexura.render.provenance import embed
from flexura.render.task import File, TaskError

_SVG = "http://www.w3.org/2000/svg"
_ACTIVE = {
    "script",
    "foreignObject",
    "iframe",
    "object",
    "embed",
    "handler",
    "listener",
    "set",
    "animate",
}
_OUTSIDE_URL = re.compile(r"""url\(\s*['"]?(?!#)(?!data:(?:image|font)/)|@import""", re.IGNORECASE)


def write_svg(svg: str, out: Path, *, width: int, height: int, provenance: Record | None) -> File:
    """Writes the drawing to `out` plus `.svg`, with the provenance in its `metadata` element.

    Raises TaskError when the text is not a well-formed SVG, holds script, or refers to anything outside
    itself: such a file is not safe on somebody's page.
    """
    start = svg.find("<svg")
    body = svg[start:] if start >= 0 else svg
    try:
        # Only the part from `<svg` on: no document type, so no entities.
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise _unusable("it is not well-formed XML") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise _unusable("its root is not an svg element of the SVG namespace")
    _check(root)
    opening = re.match(r"<svg(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(/?)>", body)
    if opening is None or opening.group(1):
        raise _unusable("it draws nothing")
    path = with_extension(out, "svg")
    with whole_file(path) as part:
        part.write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n' + body, encoding="utf-8", newline="\n"
        )
        embed(part, provenance)
    return File(path, "image/svg+xml", width, height)


def _check(root: ElementTree.Element) -> None:
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name in _ACTIVE:
            raise _unusable(f"it holds a <{name}> element")
        if name == "style" and _OUTSIDE_URL.search(element.text or ""):
            raise _unusable("its style refers to something outside")
        for attribute, value in element.attrib.items():
            _check_attribute(attribute.rpartition("}")[2].lower(), value)


def _check_attribute(name: str, value: str) -> None:
    if name.startswith("on"):
        raise _unusable(f"it has the event handler {name}")
    if name in ("href", "src") and not re.match(
        r"#|data:(image/(png|jpeg|webp)|font/)", value.strip()
    ):
        raise _unusable("it refers to something outside")
    if _OUTSIDE_URL.search(value):
        raise _unusable("it refers to something outside")


def _unusable(why: str) -> TaskError:
    return TaskError(
        "provider_error",
        f"The drawing cannot be written as SVG: {why}.",
        "Ask for PNG instead, and report the prompt.",
    )
