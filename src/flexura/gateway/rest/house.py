"""Routes about the gateway itself: health, the OpenAPI document, the reference page."""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from flexura.gateway import probes
from flexura.gateway.rest.requests import services


async def health(request: Request) -> Response:
    """Whether the gateway lives; answered without a key and without the database."""
    return probes.live(services(request).vitals)


async def ready(request: Request) -> Response:
    """Whether work can be sent here, and if not, everything that is wrong."""
    return await probes.ready(services(request).vitals)


async def metrics(request: Request) -> Response:
    """Every figure in Prometheus' text format, for whoever runs the gateway."""
    return await probes.metrics(services(request).vitals, request)


async def openapi(request: Request) -> Response:
    """The OpenAPI 3.1 document of every route."""
    return Response(_document(), media_type="application/json")


async def docs(request: Request) -> Response:
    """The reference as a page for people."""
    content, policy = _page()
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


@lru_cache(maxsize=1)
def _document() -> bytes:
    import json

    from flexura.gateway.openapi import document

    return json.dumps(document()).encode()


@lru_cache(maxsize=1)
def _page() -> tuple[bytes, str]:
    from flexura.gateway.openapi import document
    from flexura.gateway.reference import chapters
    from flexura.gateway.reference_page import CSP, page

    return page(chapters(document())).encode(), CSP
