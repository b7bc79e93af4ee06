"""A stored file as an answer: validators, ranges, and headers that keep a stranger's file harmless."""

from __future__ import annotations

import re
import time

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest
from flexura.gateway.rest.artifacts.elsewhere import redirected, streamed
from flexura.gateway.rest.requests import page_number, services
from flexura.ports.conversion import FORMATS, LEAST_WIDTH, MOST_WIDTH, Format

_ATTACHED = frozenset({"image/svg+xml", "text/html", "application/xhtml+xml"})
_YEAR = 31_536_000
_RANGES = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")


def form_of(request: Request) -> tuple[Format | None, int]:
    """`format` and `width` of the query string. Raises InvalidRequest naming what is allowed."""
    told = request.query_params.get("format", "")
    format: Format | None = next((known for known in FORMATS if known == told), None)
    if told and format is None:
        raise InvalidRequest(
            f"The format {told[:30]!r} is unknown.",
            field="format",
            next_step=f"Allowed: {', '.join(FORMATS)}.",
        )
    if "width" not in request.query_params:
        return format, 0
    return format, page_number(request, "width", 0, LEAST_WIDTH, MOST_WIDTH)


async def sent(request: Request, artifact: Artifact) -> Response:
    """The file in the form that the query asks for. With `here=1` it comes through us wherever it lies: our
    pages may load nothing from elsewhere.

    Raises ArtifactExpired, InvalidRequest, NotFound, Overloaded, DiskFull.
    """
    artifacts = services(request).artifacts
    found = await artifacts.served(artifact, *form_of(request))
    disposition = "attachment" if found.mime in _ATTACHED else "inline"
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": f'{disposition}; filename="{found.name}"',
        "Cache-Control": _cache_control(artifact),
        "ETag": f'"{found.tag}"',
    }
    if has_tag(request.headers.get("if-none-match", ""), found.tag):
        return Response(status_code=304, headers=headers)
    _drop_senseless_range(request)
    if found.path is None:
        here = found.mime in _ATTACHED or request.query_params.get("here") == "1"
        way = None if here else await redirected(request, artifacts, found)
        return way or await streamed(request, artifacts, found, headers)
    return FileResponse(found.path, media_type=found.mime, headers=headers)


def _cache_control(artifact: Artifact) -> str:
    """Kept for a year, or until the bytes go."""
    if artifact.expires_at is None:
        return f"private, max-age={_YEAR}, immutable"
    left = artifact.expires_at // 1000 - int(time.time())
    return f"private, max-age={max(0, min(left, _YEAR))}"


def has_tag(header: str, tag: str) -> bool:
    """RFC 9110, 13.1.2: weak comparison with each of the tags."""
    tags = (one.strip().removeprefix("W/").strip('"') for one in header.split(","))
    return bool(header) and any(one in (tag, "*") for one in tags)


def _drop_senseless_range(request: Request) -> None:
    """RFC 9110, 14.2: a Range that cannot be understood is ignored. We understand one range of bytes."""
    headers: list[tuple[bytes, bytes]] = request.scope["headers"]
    asked = request.headers.get("range")
    if asked is None:
        return
    found = _RANGES.fullmatch(asked.strip())
    first, last = (found["first"], found["last"]) if found else ("", "")
    if not (first or last) or (first and last and int(first) > int(last)):
        request.scope["headers"] = [pair for pair in headers if pair[0] != b"range"]
