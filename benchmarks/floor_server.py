"""The smallest MCP server that the SDK can be: one tool, stdio. What `flexura mcp` is compared with."""

from __future__ import annotations

from typing import Any

import anyio
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

ECHO = types.Tool(name="echo", description="Say it again.", input_schema={"type": "object"})


async def list_tools(_: ServerRequestContext[Any], __: object) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[ECHO])


async def call_tool(
    _: ServerRequestContext[Any], params: types.CallToolRequestParams
) -> types.CallToolResult:
    said = params.arguments or {}
    return types.CallToolResult(
        content=[types.TextContent(text=str(said))], structured_content=said
    )


async def serve() -> None:
    server: Server[Any] = Server(
        "floor", version="1", on_list_tools=list_tools, on_call_tool=call_tool
    )
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(serve)
