"""/mcp: the SDK's stateless streamable-HTTP transport around the six tools, for both protocol eras."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import Any, cast

import mcp_types as types
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

import flexura
from flexura.domain.job import Caller
from flexura.gateway.auth import authenticate
from flexura.gateway.mcp import app, resources
from flexura.gateway.mcp.calls import Call
from flexura.gateway.mcp.tools import INSTRUCTIONS, SCHEMAS, TOOLS
from flexura.gateway.observing import tool_call
from flexura.gateway.rest.requests import raw_body
from flexura.gateway.services import Services

_HOUR_MS = 3_600_000
_STATIC = ("tools/list", "resources/list", "resources/templates/list")
MAX_BODY = 4 * 2**20
"""What the SDK takes."""


async def _list_tools(
    ctx: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
) -> types.ListToolsResult:
    return types.ListToolsResult(tools=TOOLS)


async def _call_tool(
    ctx: ServerRequestContext[Any], params: types.CallToolRequestParams
) -> types.CallToolResult:
    if params.name not in SCHEMAS:
        raise MCPError(
            code=types.INVALID_PARAMS,
            message=f"Unknown tool: {params.name[:60]}. Tools: {', '.join(SCHEMAS)}.",
        )
    request = cast("Request", ctx.request)
    services = cast("Services", request.scope["flexura.services"])

    async def progress(done: float, total: float, note: str) -> None:
        await ctx.session.report_progress(done, total, note)

    call = Call(
        services=services,
        caller=cast("Caller", request.scope["flexura.caller"]),
        base=services.links.base(request.url.scheme, request.headers["host"]),
        progress=progress,
        final_jobs=request.scope["flexura.final_jobs"],
    )
    with tool_call(params.name, ctx.meta, request.scope) as told:
        told.append(await call.run(params.name, params.arguments))
    return told[0]


def make_server() -> Server[Any]:
    """The MCP server: six tools, static, so that clients may cache the list."""
    server: Server[Any] = Server(
        "flexura",
        version=flexura.__version__,
        title="flexura",
        instructions=INSTRUCTIONS,
        cache_hints=dict.fromkeys(_STATIC, CacheHint(ttl_ms=_HOUR_MS, scope="public")),
        get_tool_input_schema=SCHEMAS.get,
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
        on_list_resources=resources.listed,
        on_list_resource_templates=resources.templates,
        on_read_resource=resources.read,
    )
    server.extensions[app.EXTENSION] = {}
    # Tracing belongs to the gateway as a whole; the SDK's own costs 40-80 µs a call.
    server.middleware[:] = [resources.negotiated]
    return server


class McpEndpoint:
    """The ASGI callable behind /mcp."""

    def __init__(self, services: Services) -> None:
        self._services = services
        # Host and Origin have been checked for every route; progress needs streamed answers.
        self._sessions = StreamableHTTPSessionManager(
            app=make_server(), json_response=False, stateless=True
        )

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Serve until left."""
        async with self._sessions.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = await authenticate(scope, self._services.admission)
        # httptools leaves blanks at the end of a value; the SDK compares some values to the letter.
        scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        final_jobs: list[str] = []
        scope["flexura.caller"], scope["flexura.final_jobs"] = caller, final_jobs
        finished = False

        async def watched(message: Message) -> None:
            nonlocal finished
            await send(message)
            finished = message["type"] == "http.response.body" and not message.get("more_body")

        await self._sessions.handle_request(scope, await _counted(scope, receive), watched)
        if finished and final_jobs and not caller.bridged:
            # The answer went out whole. A bridge acknowledges by itself, once the user has it.
            for job_id in final_jobs:
                await self._services.jobs.delivered(
                    caller.workspace_id, job_id, caller.session, saved=False
                )


async def _counted(scope: Scope, receive: Receive) -> Receive:
    """The same messages, with the body read and counted. Raises as `raw_body`."""
    body: Message | None = {
        "type": "http.request",
        "body": await raw_body(Request(scope, receive), MAX_BODY),
        "more_body": False,
    }

    async def replayed() -> Message:
        nonlocal body
        message, body = body, None
        return await receive() if message is None else message

    return replayed
