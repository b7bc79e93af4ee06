"""/mcp, whose SDK is loaded when it is first asked.

The SDK with its wire types takes 25 MB and a third of the time until a gateway answers (measured); neither
workers nor replicas that only answer REST need it. The first MCP call waits for it, once.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from flexura.gateway.services import Services

if TYPE_CHECKING:
    from flexura.gateway.mcp.endpoint import McpEndpoint

_ENDPOINT = "flexura.gateway.mcp.endpoint"


class McpOnDemand:
    """The ASGI callable behind /mcp."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._wanted, self._over = asyncio.Event(), asyncio.Event()
        self._opened: asyncio.Future[McpEndpoint] = asyncio.get_running_loop().create_future()

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Serve until left."""
        # One task opens and closes the endpoint, as the SDK's task group asks for; a request's cannot.
        serving = asyncio.create_task(self._serve())
        try:
            yield
        finally:
            self._over.set()
            self._wanted.set()
            await serving
            self._opened.cancel()

    async def _serve(self) -> None:
        await self._wanted.wait()
        if self._over.is_set():
            return
        try:
            module = await asyncio.to_thread(importlib.import_module, _ENDPOINT)
            endpoint: McpEndpoint = module.McpEndpoint(self._services)
            async with endpoint.run():
                # As at the start: what was loaded stays for good, and no collection has to walk it again.
                gc.freeze()
                self._opened.set_result(endpoint)
                await self._over.wait()
        except Exception as problem:
            if self._opened.done():
                raise
            self._opened.set_exception(problem)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._wanted.set()
        # A caller that gives up does not take it away from the others.
        endpoint = await asyncio.shield(self._opened)
        await endpoint(scope, receive, send)
