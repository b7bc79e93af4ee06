"""Which gateway a command talks to: the one that the user named, or their own, started if need be."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx2

from flexura import __version__
from flexura.bridge import project as projects
from flexura.bridge.project import Project
from flexura.client import GatewayClient
from flexura.domain.errors import Unauthorized
from flexura.local import address, gateway, keys
from flexura.local.errors import ForbiddenHere
from flexura.local.project_id import project_id

_SEEN_BY_NOBODY = (httpx2.ConnectError, httpx2.ConnectTimeout)


@dataclass(frozen=True)
class Connection:
    """A client, and whose jobs and files this command is about."""

    client: GatewayClient
    project: Project
    project_id: str
    session: str
    outlives_us: bool = True
    """Whether jobs go on when this command ends."""


@asynccontextmanager
async def connected() -> AsyncGenerator[Connection]:
    """A connection to the gateway.

    Raises LocalError when there is no gateway, Unauthorized when there is no key for it.
    """
    here = projects.find((), os.environ, os.getcwd())
    me, session = project_id(here.root), secrets.token_hex(16)
    headers = {
        "Flexura-Session": session,
        "Flexura-Project": me,
        "Flexura-Client": f"cli/{__version__}",
    }
    async with AsyncExitStack() as stack:
        client = await _client(headers)
        if client is None:
            from flexura.cli import in_process

            transport, key = await stack.enter_async_context(in_process.gateway())
            inside = GatewayClient(in_process.URL, key, headers=headers, transport=transport)
            await stack.enter_async_context(inside)
            yield Connection(inside, here, me, session, outlives_us=False)
        else:
            await stack.enter_async_context(client)
            yield Connection(client, here, me, session)


async def _client(headers: dict[str, str]) -> GatewayClient | None:
    """The client of a gateway in another process; None where a sandbox forbids that."""
    remote = address.remote_url()
    if remote is None:
        if os.environ.get("FLEXURA_TRANSPORT") == "pipe":
            return None
        try:
            running = await asyncio.to_thread(gateway.ensure)
        except ForbiddenHere:
            return None
        key = keys.from_environment() or running.token
        return GatewayClient(running.url, key, headers=headers, transport=OwnGateway())
    key = await asyncio.to_thread(keys.key_for, address.origin(remote))
    if not key:
        raise Unauthorized(
            f"There is no key for the gateway {remote}.",
            next_step="Run `flexura login`, or set MEDIA_GATEWAY_API_KEY to a key of that gateway.",
        )
    return GatewayClient(remote, key, headers=headers)


class OwnGateway(httpx2.AsyncBaseTransport):
    """The way to the user's own gateway. One that went away meanwhile is started once more.

    No proxy from the environment stands between: what runs on this machine is asked directly.
    """

    def __init__(self) -> None:
        self._network = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return await self._network.handle_async_request(request)
        except _SEEN_BY_NOBODY:
            pass
        except httpx2.TransportError:
            if not _may_be_repeated(request):
                raise
        running = await asyncio.to_thread(gateway.ensure)
        request.url = request.url.copy_with(host="127.0.0.1", port=running.port)
        request.headers["Host"] = f"127.0.0.1:{running.port}"
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


def _may_be_repeated(request: httpx2.Request) -> bool:
    """Whether asking twice does no harm: it only reads, or carries the key of an order."""
    return request.method == "GET" or "Idempotency-Key" in request.headers
