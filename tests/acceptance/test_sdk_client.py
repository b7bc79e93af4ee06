"""The SDK's own client calls every tool, over stdio and over HTTP with a key, in both protocol eras."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import av
import httpx2
import mcp_types as types
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from acceptance.orders import EVERY_TOOL, MORE_SOUND, Order
from acceptance.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(200)]
Era = Literal["legacy", "auto"]
VERSIONS = {"legacy": "2025-11-25", "auto": "2026-07-28"}
ERAS = pytest.mark.parametrize("era", VERSIONS)
# Everything that the bridge writes passes through `tee`, so that it can be read afterwards.
OVERHEARD = '"$0" -m flexura mcp | tee wire.log'


@asynccontextmanager
async def by_stdio(town: Town, project: Path, era: Era) -> AsyncIterator[Client]:
    """A client that starts `flexura mcp`; what it heard lies in wire.log beside the project."""
    script = OVERHEARD.replace("wire.log", f"{project.parent}/wire.log")
    server = StdioServerParameters(
        command="sh", args=["-c", script, sys.executable], env=town.environment, cwd=project
    )
    async with Client(server, mode=era) as client:
        yield client


@asynccontextmanager
async def by_http(town: Town, era: Era) -> AsyncIterator[Client]:
    """A client that talks to the gateway itself."""
    bearer = {"Authorization": f"Bearer {town.key}"}
    async with httpx2.AsyncClient(headers=bearer, timeout=70) as http:
        transport = streamable_http_client(f"{town.url}/mcp", http_client=http)
        async with Client(transport, mode=era) as client:
            yield client


class Steps:
    """What the client was told while it waited."""

    def __init__(self) -> None:
        self.done: list[float] = []

    async def __call__(self, done: float, total: float | None, message: str | None) -> None:
        assert total == 1
        self.done.append(done)


async def ordered(client: Client, order: Order, steps: Steps) -> dict[str, Any]:
    """The record that a call gives, the same in text as in structure."""
    result = await client.call_tool(order.tool, dict(order.arguments), progress_callback=steps)
    text = result.content[0]
    assert isinstance(text, types.TextContent)
    assert not result.is_error, text.text
    assert isinstance(result.structured_content, dict)
    assert json.loads(text.text) == result.structured_content
    return result.structured_content


async def every_tool_answers(client: Client, era: Era) -> list[tuple[Order, dict[str, Any]]]:
    """Call every tool; every order with its record."""
    assert client.protocol_version == VERSIONS[era]
    tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == {order.tool for order in EVERY_TOOL}
    steps, made = Steps(), list[tuple[Order, dict[str, Any]]]()
    for order in (*EVERY_TOOL, *MORE_SOUND):
        told = len(steps.done)
        made.append((order, await ordered(client, order, steps)))
        assert steps.done[told:] == sorted(set(steps.done[told:]))
    assert steps.done, "nothing was told while a file was made"
    assert made[0][1]["results"][0]["title"] == "Retries"
    assert made[1][1]["models"]
    return [(order, record) for order, record in made if order.mime]


def is_whole(order: Order, path: Path) -> None:
    """Somebody else's reader opens the file."""
    if order.mime.startswith("image/"):
        with Image.open(path) as picture:
            picture.load()
            assert picture.size == (96, 64)
        return
    with av.open(str(path)) as container:
        kinds = {stream.type for stream in container.streams}
        assert kinds == ({"video", "audio"} if order.mime == "video/mp4" else {"audio"})
        assert sum(frame.samples for frame in container.decode(audio=0)) > 4000


@ERAS
async def test_over_stdio_every_tool_answers_and_the_files_are_in_the_project(
    town: Town, project: Path, era: Era
) -> None:
    async with by_stdio(town, project, era) as client:
        for order, record in await every_tool_answers(client, era):
            (file,) = record["files"]
            path = Path(file["path"])
            assert path.parent == project / "flexura-out"
            assert file["mime"] == order.mime
            assert path.stat().st_size == file["bytes"]
            is_whole(order, path)
        recent = await client.call_tool("job_status", {"wait": 0})
    assert isinstance(recent.structured_content, dict)
    jobs = recent.structured_content["jobs"]
    assert {job["status"] for job in jobs} == {"completed"}
    assert len(jobs) == len([o for o in (*EVERY_TOOL, *MORE_SOUND) if o.mime])


@ERAS
async def test_over_http_every_tool_answers_with_links_that_open(
    town: Town, project: Path, era: Era
) -> None:
    async with by_http(town, era) as client, httpx2.AsyncClient() as anybody:
        for order, record in await every_tool_answers(client, era):
            (file,) = record["files"]
            assert "path" not in file
            answer = await anybody.get(file["url"])
            assert answer.headers["content-type"] == order.mime
            path = project / order.name
            path.write_bytes(answer.content)
            is_whole(order, path)


@ERAS
async def test_the_bridge_writes_nothing_but_json_rpc(town: Town, project: Path, era: Era) -> None:
    async with by_stdio(town, project, era) as client:
        await client.list_tools()
        refused = await client.call_tool("generate_image", {"prompt": "fox", "model": "no such"})
        made = await client.call_tool("generate_image", {"prompt": "fox", "size": "16x16"})
    assert refused.is_error
    assert not made.is_error
    lines = (project.parent / "wire.log").read_bytes().splitlines()
    assert len(lines) >= 4
    for line in lines:
        assert json.loads(line)["jsonrpc"] == "2.0"
