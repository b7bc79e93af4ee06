"""A gateway that does what a test tells it: the SDK's real MCP server, and REST for a bridge."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

KEY = "fx_live_test"
JOB = "job_01JD0000000000000000000001"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"pixels" * 50
Context = ServerRequestContext[Any]
Result = types.CallToolResult
Tool = Callable[["FakeGateway", Context, dict[str, Any]], Awaitable[Result]]


def told(record: dict[str, Any], *links: types.ResourceLink, is_error: bool = False) -> Result:
    """A result as the gateway renders it: the same facts in text and structure."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    content = [types.TextContent(text=text), *links]
    return types.CallToolResult(content=content, structured_content=record, is_error=is_error)


@dataclass
class FakeGateway:
    """What it was asked, and what it answers."""

    url: str = ""
    tools: dict[str, Tool] = field(default_factory=dict)
    assets: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    uploads: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    delivered: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    # A whole HTTP answer instead of MCP's.
    refuses_with: Response | None = None
    # A download of its own instead of the asset.
    download: Callable[[], Response] | None = None
    # Set once a call that blocks was broken off by its client.
    broken_off: threading.Event = field(default_factory=threading.Event)
    # Set once a call has begun.
    entered: threading.Event = field(default_factory=threading.Event)

    def renew(self) -> None:
        """Forget everything but the address."""
        self.__init__(url=self.url)
        self.tools = dict.fromkeys(("generate_image", "generate_video", "generate_audio"), picture)

    def record(self, *names: str, job_id: str = JOB, status: str = "completed") -> dict[str, Any]:
        """A job with these files."""
        files = [
            {
                "url": f"{self.url}/api/assets/{n}",
                "mime": self.assets[n][0],
                "bytes": len(self.assets[n][1]),
            }
            for n in names
        ]
        record = {
            "job_id": job_id,
            "status": status,
            "model": "m",
            "cost": 0,
            "files": files,
            "next": "",
        }
        return record

    def links(self, *names: str) -> list[types.ResourceLink]:
        """The links beside that record."""
        return [
            types.ResourceLink(
                uri=f"{self.url}/api/assets/{n}", name=n, mime_type=self.assets[n][0]
            )
            for n in names
        ]


async def picture(gateway: FakeGateway, _: Context, __: dict[str, Any]) -> Result:
    """One finished picture."""
    gateway.assets["a1b2.png"] = ("image/png", PICTURE)
    return told(gateway.record("a1b2.png"), *gateway.links("a1b2.png"))


async def never(gateway: FakeGateway, _: Context, __: dict[str, Any]) -> Result:
    """A call that lasts until its client goes away."""
    gateway.entered.set()
    try:
        await asyncio.Event().wait()
    finally:
        gateway.broken_off.set()
    raise AssertionError


def _app(gateway: FakeGateway) -> Starlette:
    async def call_tool(ctx: Context, params: types.CallToolRequestParams) -> Result:
        gateway.calls.append({"name": params.name, "arguments": params.arguments})
        assert isinstance(ctx.request, Request)
        gateway.headers.append(dict(ctx.request.headers))
        return await gateway.tools[params.name](gateway, ctx, params.arguments or {})

    async def list_tools(ctx: Context, params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[])

    server = Server("fake", version="1", on_call_tool=call_tool, on_list_tools=list_tools)
    sessions = StreamableHTTPSessionManager(app=server, json_response=False, stateless=True)
    mcp = StreamableHTTPASGIApp(sessions)

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if gateway.refuses_with is not None:
            await gateway.refuses_with(scope, receive, send)
            return
        keys = [v for k, v in scope["headers"] if k == b"authorization"]
        if keys != [f"Bearer {KEY}".encode()]:
            body = {"code": "invalid_api_key", "message": "Unknown key.", "next_step": "Make one."}
            await JSONResponse({"error": body}, 401)(scope, receive, send)
            return
        await mcp(scope, receive, send)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with sessions.run():
            yield

    class Mcp:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await guarded(scope, receive, send)

    routes = [Route("/mcp", endpoint=Mcp()), *_rest(gateway)]
    return Starlette(routes=routes, lifespan=lifespan)


def _rest(gateway: FakeGateway) -> list[Route]:
    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        gateway.fetched.append(name)
        assert request.headers["authorization"] == f"Bearer {KEY}"
        if name not in gateway.assets:
            return JSONResponse({"error": {"code": "artifact_expired", "message": "Gone."}}, 410)
        if gateway.download is not None:
            return gateway.download()
        mime, content = gateway.assets[name]
        return Response(content, media_type=mime)

    async def upload(request: Request) -> Response:
        gateway.uploads.append((dict(request.headers), await request.body()))
        return JSONResponse({"artifact_id": f"art_{len(gateway.uploads)}"}, 201)

    async def delivered(request: Request) -> Response:
        gateway.delivered.append((request.path_params["id"], await request.json()))
        return Response(status_code=204)

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    return [
        Route("/healthz", health),
        Route("/api/assets/{name}", asset),
        Route("/api/v1/uploads", upload, methods=["POST"]),
        Route("/api/v1/jobs/{id}/delivered", delivered, methods=["POST"]),
    ]


@contextlib.contextmanager
def running() -> Iterator[FakeGateway]:
    """A fake gateway on a free port of 127.0.0.1."""
    gateway = FakeGateway()
    config = uvicorn.Config(_app(gateway), log_level="error", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    # The socket listens already: whoever connects before the server runs simply waits.
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    gateway.url = f"http://127.0.0.1:{port}"
    try:
        yield gateway
    finally:
        server.should_exit = True
        thread.join()
