"""The SDK's own client, in both protocol eras, through `flexura mcp` to the gateway that it starts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import mcp_types as types
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from PIL import Image

from bridge_house import files_below, own_gateway
from flexura.bridge.handshake import read_snapshot

pytestmark = pytest.mark.anyio
Era = Literal["legacy", "auto"]
ERAS = pytest.mark.parametrize("era", ["legacy", "auto"])


@pytest.fixture(scope="module", autouse=True)
def one_gateway() -> Iterator[None]:
    """Shared by the tests of this file; each has a project of its own."""
    with own_gateway():
        yield


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path


def client(project: Path, era: Era, **more: Any) -> Client:
    kept = {name: os.environ[name] for name in ("FLEXURA_HOME", "HOME", "PYTHON_KEYRING_BACKEND")}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "flexura", "mcp"], env=kept, cwd=project
    )
    return Client(server, mode=era, **more)


@ERAS
async def test_the_client_sees_six_tools(project: Path, era: Era) -> None:
    async with client(project, era) as agent:
        assert agent.server_info is not None
        assert agent.server_info.name == "flexura"
        version = agent.protocol_version
        tools = (await agent.list_tools()).tools
    assert version == ("2025-11-25" if era == "legacy" else "2026-07-28")
    listed = read_snapshot()[version]["tools/list"]["tools"]
    assert [t.name for t in tools] == [t["name"] for t in listed]


@ERAS
async def test_a_picture_is_made_and_saved_with_progress_on_the_way(
    project: Path, era: Era
) -> None:
    steps: list[float] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        steps.append(done)

    async with client(project, era) as agent:
        arguments = {
            "prompt": "a lighthouse at dusk",
            "save_to": "art/light.png",
            "size": "256x256",
        }
        result = await agent.call_tool("generate_image", arguments, progress_callback=progress)
    assert not result.is_error
    made = result.structured_content
    assert isinstance(made, dict)
    assert made["files"][0]["path"] == str(project / "art" / "light.png")
    with Image.open(project / "art" / "light.png") as picture:
        assert picture.size == (256, 256)
    text = result.content[0]
    assert isinstance(text, types.TextContent)
    assert json.loads(text.text) == made
    assert steps == sorted(steps)
    assert files_below(project) == ["light.png"]


@ERAS
async def test_errors_are_results_that_the_model_can_read(project: Path, era: Era) -> None:
    async with client(project, era) as agent:
        result = await agent.call_tool("generate_image", {"prompt": "x", "model": "no-such-model"})
        outside = await agent.call_tool("generate_image", {"prompt": "x", "save_to": "../x.png"})
    for refused, code in ((result, "model_not_found"), (outside, "invalid_request")):
        assert refused.is_error
        assert isinstance(refused.content[0], types.TextContent)
        error = json.loads(refused.content[0].text)["error"]
        assert error["code"] == code
        assert error["next_step"]
    assert files_below(project) == []


@ERAS
async def test_every_reading_tool_answers(project: Path, era: Era) -> None:
    async with client(project, era) as agent:
        catalog = await agent.call_tool("model_catalog", {"kind": "image"})
        jobs = await agent.call_tool("job_status", {})
        search = await agent.call_tool("search", {})
    assert isinstance(catalog.structured_content, dict)
    assert catalog.structured_content["models"]
    assert isinstance(jobs.structured_content, dict)
    assert jobs.structured_content["jobs"] == []
    assert search.is_error


async def test_the_clients_roots_decide_where_files_go(project: Path, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()

    async def roots(_: object) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri=(tmp_path / "root").as_uri())])

    async with client(project, "legacy", list_roots_callback=roots) as agent:
        await agent.call_tool("generate_image", {"prompt": "fox", "size": "64x64"})
    assert files_below(tmp_path / "root") == ["fox.png"]
    assert files_below(project) == []
