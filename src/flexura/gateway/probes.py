"""What machines ask a process: does it live, can it take work, how does it do.

The gateway answers these among its other routes (`gateway/rest/house.py`); a worker, which has no other
routes, mounts `probes(vitals)`.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import flexura
from flexura.domain.errors import FlexuraError
from flexura.gateway.auth import authenticate, require_operator, text
from flexura.gateway.errors import error_response
from flexura.services.admission import Admission
from flexura.services.readiness import Readiness

LIVE, READY, METRICS = "/healthz", "/healthz/ready", "/metrics"
PROBES = frozenset({LIVE, READY, METRICS})
TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of Prometheus' text format."""
Scrape = Callable[[], Awaitable[bytes]]
_RETRY_AFTER = "2"


@dataclass(frozen=True)
class Vitals:
    """What the probes of one process are answered with; `runtime/` fills it."""

    instance: str
    readiness: Readiness
    admission: Admission
    scrape: Scrape
    """Every figure of this process and of the store, in Prometheus' text format."""
    scrape_token: str = field(default="", repr=False)
    """Opens the metrics without an API key; empty = none does."""


def live(vitals: Vitals) -> Response:
    """That the process answers; nothing is asked of the store."""
    body = {"status": "ok", "version": flexura.__version__, "instance": vitals.instance}
    return JSONResponse(body)


async def ready(vitals: Vitals) -> Response:
    """200 when work can be sent here; 503 with everything that is wrong."""
    troubles = await vitals.readiness.troubles()
    body = {
        "status": "not_ready" if troubles else "ready",
        "version": flexura.__version__,
        "instance": vitals.instance,
        "problems": [trouble.as_json() for trouble in troubles],
    }
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": _RETRY_AFTER} if troubles else {})
    return JSONResponse(body, status_code=503 if troubles else 200, headers=headers)


async def metrics(vitals: Vitals, request: Request) -> Response:
    """The figures, for the operator's token or an admin key of theirs: they tell of every workspace.

    Raises Unauthorized, InvalidApiKey, Forbidden, AccessDenied or RateLimited.
    """
    if not _has_token(vitals, request):
        require_operator(await authenticate(request.scope, vitals.admission))
    body = await vitals.scrape()
    return Response(body, headers={"Content-Type": TEXT, "Cache-Control": "no-store"})


def _has_token(vitals: Vitals, request: Request) -> bool:
    if not vitals.scrape_token:
        return False
    scheme, _, told = text(request.scope["flexura.headers"], b"authorization", 500).partition(" ")
    same = hmac.compare_digest(told.strip().encode(), vitals.scrape_token.encode())
    return scheme.lower() == "bearer" and same


def probes(vitals: Vitals) -> list[Route]:
    """The three routes, for a process that has no others."""

    async def is_live(request: Request) -> Response:
        return live(vitals)

    async def is_ready(request: Request) -> Response:
        return await ready(vitals)

    async def figures(request: Request) -> Response:
        request.scope["flexura.headers"] = dict(request.scope["headers"])
        try:
            return await metrics(vitals, request)
        except FlexuraError as refused:
            return error_response(refused, "")

    return [Route(LIVE, is_live), Route(READY, is_ready), Route(METRICS, figures)]
