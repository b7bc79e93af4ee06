"""A file that lies elsewhere as an answer: its bytes pass through in pieces, or the caller is sent there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from flexura.services.artifacts import Artifacts, Served

LARGE = 1 << 20
"""Files from so many bytes on are fetched from where they lie, if they can be."""
LINK_SECONDS = 900
_RANGE = re.compile(r"bytes=(?=[^-]|-[0-9])([0-9]{0,18})-([0-9]{0,18})")


async def redirected(request: Request, artifacts: Artifacts, found: Served) -> Response | None:
    """The way to a large file, without us; None where it is small or there is no way.

    The link opens this file alone, for a quarter of an hour, and tells nothing of ours. A file type that a
    browser would run never goes this way: only our headers make it harmless.
    """
    if request.method != "GET" or found.artifact.bytes < LARGE:
        return None
    url = await artifacts.link(found, LINK_SECONDS)
    if url is None:
        return None
    # The tag is the SHA-256, so that whoever follows can tell whether it got this file.
    headers = {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "ETag": f'"{found.tag}"',
    }
    return RedirectResponse(url, 307, headers)


async def streamed(
    request: Request, artifacts: Artifacts, found: Served, headers: Mapping[str, str]
) -> Response:
    """The bytes, or the one range of them that is asked for (RFC 9110, 14). Raises NotFound."""
    size = found.artifact.bytes
    asked = _asked(request, found.tag, size)
    if asked is not None and asked[0] >= asked[1]:
        return Response(
            status_code=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"}
        )
    start, stop = asked or (0, size)
    told = {**headers, "Accept-Ranges": "bytes", "Content-Length": str(stop - start)}
    if asked is not None:
        told["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    body = await artifacts.read(found, start, stop)
    status = 200 if asked is None else 206
    content = _nothing() if request.method == "HEAD" else body
    return StreamingResponse(content, status, told, media_type=found.mime)


async def _nothing() -> AsyncIterator[bytes]:
    for piece in ():
        yield piece


def _asked(request: Request, tag: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None = all of them."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    unless = request.headers.get("if-range")
    if found is None or (unless is not None and unless.strip('"') != tag):
        return None
    first, last = found[1], found[2]
    if first and last and int(first) > int(last):
        return None
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size
