"""The live catalog: as documented at /api/agent/models, paged and filtered at /api/v1/models."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import FlexuraError, InvalidRequest
from flexura.gateway.rest.model_entries import body, dumps
from flexura.gateway.rest.requests import base_url, caller, services
from flexura.services.model_query import FILTERS, Wanted, read
from flexura.services.model_search import Found

_NUMBERS = ("limit", "offset")


def _wanted(request: Request) -> Wanted:
    """What the query string asks for. Raises InvalidRequest."""
    if not request.scope["query_string"]:
        return Wanted()
    params = request.query_params
    for name in ("max_price", *_NUMBERS):
        if params.get(name) == "":
            raise InvalidRequest(
                f"{name} is empty.", field=name, next_step="Give a number, or leave it out."
            )
    return read(params.get("query", ""), {name: params.get(name) for name in (*FILTERS, *_NUMBERS)})


async def _known(request: Request) -> bool:
    """Whether the caller shows a good key, on a route that needs none."""
    if b"authorization" not in request.scope["flexura.headers"]:
        return False
    try:
        await caller(request, "read")
    except FlexuraError:
        return False
    return True


async def agent_models(request: Request) -> Response:
    """The documented catalog; it needs no key. With one it also tells aliases, figures and errors."""
    known, wanted, base = await _known(request), _wanted(request), base_url(request)
    found = await services(request).models.search(wanted, known=known)
    if fresh := _not_modified(request, found, base):
        return fresh
    search = {
        "endpoint_url": f"{base}/api/search",
        "method": "POST",
        "description": "Search the internet with AI-optimized results",
    }
    head = dumps({"platform": "Flexura", "capabilities": {"search": search}})[:-1] + ',"models":['
    rows = found.rows
    if "limit" in request.query_params or wanted.offset:
        rows = rows[wanted.offset : wanted.offset + wanted.limit]
    return _answer(await body(found, rows, base, head, _tail(found, known)), found, base)


def _tail(found: Found, known: bool) -> str:
    """What stands behind the models. Strangers hear of providers only where models are missing or old."""
    if known:
        told = {"aliases": found.alias_table(), "providers": found.states()}
        return "]," + dumps(told)[1:]
    if all(s.status == "ok" for s in found.listing.states):
        return "]}"
    states = [s.model_dump(exclude={"error"}) for s in found.listing.states]
    return '],"providers":' + dumps(states) + "}"


async def list_models(request: Request) -> Response:
    """Models by words and filters, paged, with aliases and the state of each provider."""
    await caller(request, "read")
    wanted, base = _wanted(request), base_url(request)
    found = await services(request).models.search(wanted, known=True)
    if fresh := _not_modified(request, found, base):
        return fresh
    rows = found.rows
    rest = {
        "total": len(rows),
        "limit": wanted.limit,
        "offset": wanted.offset,
        "providers": found.states(),
        "aliases": found.alias_table(),
    }
    page = rows[wanted.offset : wanted.offset + wanted.limit]
    content = await body(found, page, base, '{"models":[', "]," + dumps(rest)[1:])
    return _answer(content, found, base)


async def get_model(request: Request) -> Response:
    """One model with the full schema of its options; an alias shows the model that it stands for."""
    await caller(request, "read")
    model = await services(request).models.model(request.path_params["model_id"])
    content = model.model_dump_json().encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if _has(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(content, media_type="application/json", headers={"ETag": tag})


def _headers(found: Found, base: str) -> dict[str, str]:
    """The tag is a weak one: when each entry was fetched may differ where nothing else does."""
    address = hashlib.sha256(base.encode()).hexdigest()[:8]
    return {
        "ETag": f'W/"{found.tag}-{address}"',
        "Vary": "Authorization",
        "Cache-Control": "no-cache",
    }


def _answer(content: bytes, found: Found, base: str) -> Response:
    return Response(content, media_type="application/json", headers=_headers(found, base))


def _not_modified(request: Request, found: Found, base: str) -> Response | None:
    headers = _headers(found, base)
    return Response(status_code=304, headers=headers) if _has(request, headers["ETag"]) else None


def _has(request: Request, tag: str) -> bool:
    """Whether the caller has that answer already (RFC 9110, If-None-Match: weak comparison)."""
    given = request.headers.get("if-none-match", "")
    tags = [each.strip().removeprefix("W/") for each in given.split(",")]
    return "*" in tags or tag.removeprefix("W/") in tags
