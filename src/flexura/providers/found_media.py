"""Finds the files in a vendor's answer of whatever shape: addresses, data URIs, objects with a `url`."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.model import KINDS, Kind
from flexura.ports.provider import Done, Failed, Operation, Order, Output
from flexura.providers.staging import Staging, from_base64
from flexura.providers.vendor_json import fields, rows, words

_MOST = 64
_BARE = ("", "output", "outputs", "url", "urls", "file", "files", "result")
"""Where an address without a telling end is the file itself; elsewhere it may lead to any page."""
_DEPTH = 8
_ADDRESS = re.compile(r"https?://[^\s\"<>]{4,4000}\Z")
_DATA = re.compile(r"data:(image|video|audio)/[\w.+-]{1,60}[;,]")
_PLAIN: dict[Kind, str] = {"image": "image/png", "video": "video/mp4", "audio": "audio/mpeg"}
_OTHER = "application/octet-stream"
_FURTHER = {
    ".wav": "audio/wav",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
}


@dataclass(frozen=True)
class Found:
    """One file: its address or data URI, its media type (empty where nothing tells), its size in pixels."""

    url: str
    mime: str
    width: int | None = None
    height: int | None = None

    @property
    def kind(self) -> str:
        """image, video, audio, or whatever else its media type begins with."""
        return self.mime.partition("/")[0]


def found_media(answer: Any, kind: Kind) -> list[Found]:
    """The media in an answer, those of the wanted kind first; all media where none is of that kind.

    An address whose type nothing tells is taken for the wanted kind; a file of another sort (text, archive,
    3D) is left out.
    """
    files = list(dict.fromkeys(_walk(answer, "", 0)))[:_MOST]
    typed = [f if f.mime else Found(f.url, _PLAIN[kind], f.width, f.height) for f in files]
    media = [f for f in typed if f.kind in _PLAIN]
    return sorted(media, key=lambda f: f.kind != kind)


def told_kind(answer: Any) -> Kind | None:
    """The kind of the first medium in an answer whose type is told, also by the end of its address."""
    seen = [found.kind for found in _walk(answer, "", 0)]
    return min((k for k in KINDS if k in seen), key=seen.index, default=None)


def _walk(node: Any, name: str, depth: int) -> Iterator[Found]:
    if depth > _DEPTH:
        return
    if isinstance(node, str):
        mime = _mime(node, name) if _is_file(node) else ""
        if mime or (name in _BARE and _is_file(node)):
            yield Found(node, mime)
    for item in rows(node)[:_MOST]:
        yield from _walk(item, name, depth + 1)
    told = fields(node)
    if address := words(told.get("url")):
        if _is_file(address):
            yield _described(told, address, name)
        return
    for key, value in told.items():
        yield from _walk(value, key, depth + 1)


def _is_file(text: str) -> bool:
    return bool(_DATA.match(text[:100])) if text.startswith("data:") else bool(_ADDRESS.match(text))


def _described(told: dict[str, Any], address: str, name: str) -> Found:
    mime = words(told.get("content_type")).partition(";")[0].strip().lower()
    if "/" not in mime or mime.endswith("octet-stream"):
        mime = _mime(address, name, words(told.get("file_name")))
    width, height = told.get("width"), told.get("height")
    return Found(
        address,
        mime,
        width if type(width) is int else None,
        height if type(height) is int else None,
    )


def _mime(address: str, name: str, file_name: str = "") -> str:
    """The media type by the ends of the names, then by the name of the field; empty where nothing tells."""
    if address.startswith("data:"):
        return address[5:100].partition(";")[0].partition(",")[0].lower()
    # Cut by hand: urlsplit raises for some of what strangers write.
    path = address.partition("#")[0].partition("?")[0].partition("://")[2].partition("/")[2]
    ends = [_end(name_or_path) for name_or_path in (file_name, path)]
    for end in filter(None, ends):
        if guessed := _FURTHER.get(end) or mimetypes.types_map.get(end):
            return guessed
    named = next((_PLAIN[kind] for kind in KINDS if kind in name.lower()), "")
    return named or (_OTHER if any(ends) else "")


def _end(path: str) -> str:
    """`.png` of a path; empty where it has no end of that sort."""
    found = re.search(r"\.[a-z0-9]{1,8}\Z", path.lower())
    return found[0] if found else ""


async def finished(
    files: Sequence[Found], order: Order, staging: Staging, label: str, **told: Any
) -> Done | Failed:
    """What was found, as outputs; files that came inside of the answer are kept. `told` goes to Done."""
    if not files:
        return Failed("provider_error", f"{label} finished without any media file.", "Try again.")
    inside = [f for f in files if f.url.startswith("data:")]
    kept: dict[str, Output] = {}
    if inside:
        content = [(from_base64(f.url, label), f.mime) for f in inside]
        operation: Operation = await staging.keep(order.job_id, content)
        done = await staging.outputs(operation, label)
        if isinstance(done, Failed):
            return done
        kept = {f.url: output for f, output in zip(inside, done.outputs, strict=True)}
    wanted = order.kind if any(f.kind == order.kind for f in files) else ""
    outputs = tuple(
        Output(
            f.mime,
            kept[f.url].path if f.url in kept else None,
            "" if f.url in kept else f.url,
            "main" if f.kind == wanted or not wanted else "extra",
            f.width,
            f.height,
        )
        for f in files
    )
    return Done(outputs, **told)
