"""The answers that the stdio bridge gives without a gateway, taken from the SDK server itself.

Run `python -m flexura.gateway.mcp.snapshot` after a change of the tools; a test compares.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION

from flexura.gateway.mcp import app
from flexura.gateway.mcp.endpoint import make_server

PATH = Path(__file__).parents[2] / "bridge" / "snapshot.json"
_ACCEPT = {"Accept": "application/json, text/event-stream"}
_CLIENT = {"name": "snapshot", "version": "1"}
PAGES = "pages"
"""Where the capabilities are that a client is told which shows pages (MCP Apps)."""
_LISTS = ("tools/list", "resources/list", "resources/templates/list")
_SHOWS_PAGES: dict[str, Any] = {"extensions": {app.EXTENSION: {"mimeTypes": [app.MIME]}}}


async def take() -> dict[str, Any]:
    """The SDK server's own answers in every protocol version."""
    sessions = StreamableHTTPSessionManager(app=make_server(), json_response=True, stateless=True)
    async with sessions.run():
        transport = httpx2.ASGITransport(sessions.handle_request)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:

            async def ask(
                method: str, params: dict[str, Any], headers: dict[str, str]
            ) -> dict[str, Any]:
                body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
                answer = await client.post("/mcp", json=body, headers=_ACCEPT | headers)
                return answer.json()["result"]

            versions: dict[str, Any] = {}
            for version in HANDSHAKE_PROTOCOL_VERSIONS:
                header = {"MCP-Protocol-Version": version}
                showing = await ask("initialize", _hello(version, _SHOWS_PAGES), {})
                versions[version] = {
                    "initialize": await ask("initialize", _hello(version, {}), {}),
                    **{method: await ask(method, {}, header) for method in _LISTS},
                    PAGES: showing["capabilities"],
                }
            modern = {
                method: await ask(method, _modern_params({}), _modern_headers(method))
                for method in ("server/discover", *_LISTS)
            }
            showing = await ask(
                "server/discover",
                _modern_params(_SHOWS_PAGES),
                _modern_headers("server/discover"),
            )
            versions[LATEST_MODERN_VERSION] = {**modern, PAGES: showing["capabilities"]}
            return {"versions": versions}


def _hello(version: str, capabilities: dict[str, Any]) -> dict[str, Any]:
    return {"protocolVersion": version, "capabilities": capabilities, "clientInfo": _CLIENT}


def _modern_params(capabilities: dict[str, Any]) -> dict[str, Any]:
    prefix = "io.modelcontextprotocol"
    meta = {
        f"{prefix}/protocolVersion": LATEST_MODERN_VERSION,
        f"{prefix}/clientCapabilities": capabilities,
        f"{prefix}/clientInfo": _CLIENT,
    }
    return {"_meta": meta}


def _modern_headers(method: str) -> dict[str, str]:
    return {"MCP-Protocol-Version": LATEST_MODERN_VERSION, "Mcp-Method": method}


def text(snapshot: dict[str, Any]) -> str:
    """The snapshot as it is stored: compact, since the bridge reads it at every start."""
    return json.dumps(snapshot, ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(asyncio.run(take())), encoding="utf-8")
