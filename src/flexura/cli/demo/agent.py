"""A small agent: starts `flexura mcp` as a child and calls its tools with the SDK's own client."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, Implementation

from flexura import __version__
from flexura.bridge import project
from flexura.client.failures import failure_of
from flexura.domain.errors import FlexuraError, ProviderError
from flexura.domain.model import KINDS
from flexura.local import start
from flexura.local.errors import GatewayUnavailable, LocalError

_CALL_SECONDS = 60.0
_LONGEST_JOB = 300.0
_WAIT_AGAIN = 40


class Agent:
    """Knows six tools and nothing else of flexura."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def server(self) -> str:
        """Who answered, and in which protocol version."""
        info = self._client.server_info
        name = f"{info.name} {info.version}" if info else "an unnamed server"
        return f"{name}, protocol {self._client.protocol_version}"

    async def tools(self) -> list[str]:
        """The names of the tools."""
        return [tool.name for tool in (await self._client.list_tools()).tools]

    async def models(self) -> dict[str, int]:
        """How many live models there are for each kind of media."""
        found = {kind: await self.call("model_catalog", {"kind": kind}) for kind in KINDS}
        return {kind: int(catalog["total"]) for kind, catalog in found.items()}

    async def make(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The record of a finished job. Raises its error, or GatewayUnavailable when it takes too long."""
        began = time.monotonic()
        record = await self.call(tool, arguments)
        while record["status"] not in ("completed", "failed"):
            if time.monotonic() - began > _LONGEST_JOB:
                raise GatewayUnavailable(
                    f"The job {record['job_id']} is still running.",
                    next_step=f"flexura status {record['job_id']} --wait",
                )
            again = {"job_ids": [record["job_id"]], "wait": _WAIT_AGAIN}
            record = await self.call("job_status", again)
        return record

    async def call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What a tool answers. Raises the error that it tells of."""
        try:
            result = await self._client.call_tool(tool, arguments)
        except MCPError as error:
            raise ProviderError(f"{tool}: {error.message}", next_step="flexura doctor") from error
        structured = cast("dict[str, Any]", result.structured_content or {})
        if result.is_error:
            raise _told(tool, result, structured)
        return structured


def _told(
    tool: str, result: CallToolResult, structured: dict[str, Any]
) -> FlexuraError | LocalError:
    error = structured.get("error")
    if isinstance(error, dict):
        step = str(structured.get("next") or "")
        body = {"next_step": step, **cast("dict[str, Any]", error)}
        return failure_of(502, {}, json.dumps({"error": body}).encode())
    text = " ".join(str(getattr(block, "text", "")) for block in result.content).strip()
    return ProviderError(f"{tool}: {text or 'no reason given'}", next_step="flexura doctor")


@asynccontextmanager
async def agent(folder: Path) -> AsyncGenerator[Agent]:
    """An agent that works in this folder. Raises OSError when the bridge cannot be started."""
    command, *arguments = start.command(start.launcher(), "mcp")
    # The folder is the project, whatever agent we ourselves run in.
    environment = {k: v for k, v in os.environ.items() if k not in project.VARIABLES}
    server = StdioServerParameters(
        command=command, args=arguments, env=environment, cwd=str(folder)
    )
    me = Implementation(name="flexura-demo", version=__version__)
    async with Client(server, client_info=me, read_timeout_seconds=_CALL_SECONDS) as client:
        yield Agent(client)
