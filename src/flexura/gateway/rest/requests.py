"""Reading requests: caller, JSON bodies, waiting times."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Iterable
from typing import Any, cast

from starlette.requests import Request

from flexura.domain.errors import (
    InvalidJson,
    InvalidRequest,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from flexura.domain.job import Caller
from flexura.gateway.auth import authenticate, held_by, require
from flexura.gateway.services import Services

MAX_JSON = 8 * 2**20
MAX_DEPTH = 64
"""Objects and lists in one another; nothing that is asked for here nests a tenth as deep."""
MAX_WAIT = 60.0
BODY_SECONDS = 60.0
"""After so long a JSON body must be there."""
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,4})(?:$|[,;\s])")


def services(request: Request) -> Services:
    """What this request can be answered with."""
    return cast("Services", request.scope["flexura.services"])


async def caller(request: Request, scope: str) -> Caller:
    """Who asks. Raises Unauthorized, InvalidApiKey, Forbidden, AccessDenied or RateLimited."""
    found = await authenticate(request.scope, services(request).admission)
    require(found, scope)
    return found


def base_url(request: Request) -> str:
    """The absolute start of links in the answer."""
    scope = request.scope
    host = scope["flexura.headers"].get(b"host", b"").decode("latin-1")
    return services(request).links.base(scope["scheme"], host)


async def raw_body(request: Request, limit: int = MAX_JSON) -> bytes:
    """The body. Raises PayloadTooLarge before more than `limit` bytes are read.

    Raises RateLimited or Overloaded where too much of other bodies is in memory.
    """
    too_large = PayloadTooLarge(
        f"The body is over {limit} bytes.",
        next_step="Send files to POST /api/v1/uploads and name their artifact_id instead.",
    )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    chunks: list[bytes] = []
    size, held = 0, held_by(request.scope)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise too_large
                if held is not None:
                    held.body(len(chunk))
                chunks.append(chunk)
    except TimeoutError:
        raise InvalidRequest(
            f"The body was not whole after {BODY_SECONDS:g} s.", next_step="Send it again, faster."
        ) from None
    return b"".join(chunks)


def parse_object(body: bytes, content_type: str) -> dict[str, Any]:
    """The JSON object in a body. Raises UnsupportedMediaType, InvalidJson or InvalidRequest."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedMediaType(
            f"The content type is {kind[:60] or 'missing'!r}.",
            next_step="Send JSON with the header `Content-Type: application/json`.",
        )
    try:
        # Strictly UTF-8: `loads` itself would let halves of surrogate pairs pass.
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidJson(
            f"The body is not valid JSON: {str(error)[:120]}.",
            next_step="Correct it and send it again.",
        ) from None
    _check_storable(value, body)
    if not isinstance(value, dict):
        raise InvalidRequest("The body is not a JSON object.", next_step="Send {…}.")
    return cast("dict[str, Any]", value)


def _check_storable(value: Any, body: bytes) -> None:
    """Raises InvalidRequest for JSON that nobody can work with: nested too deep, or no text in it."""
    if b"\\u" in body:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError):
            raise InvalidRequest(
                "The body holds half of a surrogate pair, which is no character.",
                next_step="Send text as UTF-8, without \\u escapes.",
            ) from None
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [each for one in level for each in _inside(one)]
        if not level:
            return
    raise InvalidRequest(
        f"The body nests deeper than {MAX_DEPTH}.", next_step="Send what the reference names."
    )


def _inside(value: Any) -> Iterable[Any]:
    """What a JSON value holds."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("list[Any]", value) if isinstance(value, list) else ()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object that was sent."""
    return parse_object(await raw_body(request), request.headers.get("content-type", ""))


def wait_seconds(request: Request) -> float:
    """How long to hold the answer: `?wait=` or `Prefer: wait=`, at most 60 s. Raises InvalidRequest."""
    headers = request.scope["flexura.headers"]
    if not request.scope["query_string"] and b"prefer" not in headers:
        return 0.0
    asked = request.query_params.get("wait")
    if asked is None:
        found = _PREFER_WAIT.search(headers.get(b"prefer", b"").decode("latin-1"))
        asked = found[1] if found else "0"
    return checked_wait(float(asked) if _NUMBER.fullmatch(asked) else None)


def checked_wait(asked: Any) -> float:
    """A waiting time in seconds, cut at 60. Raises InvalidRequest."""
    is_number = isinstance(asked, int | float) and not isinstance(asked, bool)
    if not is_number or not 0 <= asked < math.inf:
        raise InvalidRequest(
            "wait is not a number of seconds.", field="wait", next_step="Allowed: 0 to 60 seconds."
        )
    return float(min(asked, MAX_WAIT))


def page_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """An integer of the query string. Raises InvalidRequest naming what is allowed."""
    text = request.query_params.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise InvalidRequest(
            f"{name} is not an integer from {low} to {high}.",
            field=name,
            next_step=f"Allowed: {low} to {high}.",
        )
    return int(text)
