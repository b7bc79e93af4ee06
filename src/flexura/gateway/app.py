"""The ASGI application: access check, routing and errors around REST and MCP."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager

import starlette.convertors
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from flexura.domain.errors import FlexuraError, InternalError, MethodNotAllowed, NotFound
from flexura.domain.model import KINDS
from flexura.gateway import observing
from flexura.gateway.access import opens_by_itself
from flexura.gateway.auth import QUOTA, text
from flexura.gateway.dashboard.opening import DASHBOARD, Pages, error_answer
from flexura.gateway.errors import error_response
from flexura.gateway.load import admitted
from flexura.gateway.mcp.opening import McpOnDemand
from flexura.gateway.probes import PROBES
from flexura.gateway.rest.operation import Endpoint
from flexura.gateway.rest.operations import OPERATIONS
from flexura.gateway.services import Services
from flexura.services.limits import Quota

log = logging.getLogger(__name__)
Opener = Callable[[], AbstractAsyncContextManager[Services]]


class _KindConvertor(starlette.convertors.StringConvertor):
    regex = "|".join(KINDS)


starlette.convertors.register_url_convertor("kind", _KindConvertor())


def _routes() -> list[Route]:
    """One route per path, hot ones first as in the table."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for op in OPERATIONS:
        by_path.setdefault(op.starlette_path or op.path, {})[op.method] = op.endpoint
    rest = [Route(path, _ByMethod(path, endpoints)) for path, endpoints in by_path.items()]
    pages = [Route(path, Pages()) for path in ("/", DASHBOARD, DASHBOARD + "/{rest:path}")]
    return [*rest, *pages]


class _ByMethod:
    """The endpoint of a path for the method that was used.

    Errors are answered by `Gateway`, so Starlette's own wrapping of endpoints, a tenth of a request's
    time, is not needed.
    """

    def __init__(self, path: str, endpoints: dict[str, Endpoint]) -> None:
        self._endpoints = endpoints
        self._template = observing.template(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[observing.ROUTE] = self._template
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        endpoint = self._endpoints.get(method)
        if endpoint is None:
            raise MethodNotAllowed(
                f"{scope['path'][:100]} does not take {scope['method'][:20]}.",
                next_step=f"Allowed: {', '.join(sorted(self._endpoints))}.",
                allow=", ".join(sorted(self._endpoints)),
            )
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotFound(
        f"There is no {scope['path'][:100]!r} here.", next_step="See /openapi.json for every path."
    )


class Gateway:
    """The outermost ASGI callable; opens its services with the lifespan."""

    def __init__(self, open_services: Opener) -> None:
        self._open = open_services
        self.services: Services | None = None
        self._mcp: McpOnDemand | None = None
        self._router = Router(_routes(), lifespan=lambda app: self.running(), default=_not_found)
        self._router.redirect_slashes = False
        self.requests = 0
        """Counts requests, for telling a quiet gateway."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Serve inside this context; the ASGI lifespan does the same."""
        async with self._open() as self.services:
            self._mcp = McpOnDemand(self.services)
            async with self._mcp.run():
                yield
        self.services = self._mcp = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._router(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += 1
        with observing.request(scope) as seen:
            await self._observed(scope, receive, send, seen)

    async def _observed(
        self, scope: Scope, receive: Receive, send: Send, seen: observing.Seen
    ) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            seen.note(message)
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_quota_fields(scope.get(QUOTA))]
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except ClientDisconnect:
            return  # nobody reads the answer
        except Exception as problem:
            request_id = seen.request_id
            error = _as_ours(problem, request_id)
            if started:
                raise
            response = error_answer(scope, error, request_id) or error_response(error, request_id)
            if "allow" in error.details:
                response.headers["Allow"] = error.details["allow"]
            await response(scope, receive, watched)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.services is not None and self._mcp is not None, (
            "served only inside the lifespan"
        )
        headers = dict(scope["headers"])
        scope["flexura.services"] = self.services
        scope["flexura.headers"] = headers
        host, origin = text(headers, b"host"), text(headers, b"origin")
        if opens_by_itself(scope):
            origin = ""
        self.services.access.check(host, origin, by_address=scope["path"] in PROBES)
        async with admitted(scope, self.services.load):
            if scope["path"] == "/mcp":
                scope[observing.ROUTE] = "/mcp"
                await self._mcp(scope, receive, send)
            else:
                await self._router(scope, receive, send)


def _quota_fields(quota: Quota | None) -> list[tuple[bytes, bytes]]:
    """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11)."""
    if quota is None:
        return []
    policy = f'"default";q={quota.limit};w={quota.window}'
    now = f'"default";r={quota.remaining};t={quota.resets_in}'
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", now.encode())]


def _as_ours(problem: Exception, request_id: str) -> FlexuraError:
    if isinstance(problem, FlexuraError):
        return problem
    if isinstance(problem, HTTPException):
        return NotFound() if problem.status_code == 404 else MethodNotAllowed()
    log.error("request %s failed", request_id, exc_info=problem)
    return InternalError(
        next_step=f"Try again; if it happens again, look for {request_id} in the gateway's log."
    )
