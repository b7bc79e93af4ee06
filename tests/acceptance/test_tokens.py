"""What an agent pays in every session, and what strangers rely on, stays as it is."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION

from acceptance.snapshots import COMMAND, kept
from acceptance.town import Town
from bridge.agent import Agent
from bridge.agent import agent as bridge_agent
from bridge_house import finished, record
from flexura.bridge.handshake import CAPABILITIES_KEY, CLIENT_KEY, SNAPSHOT, VERSION_KEY
from flexura.gateway.mcp import snapshot
from house.repository import ROOT
from node_tools import bin, node22, script

LIST_TOKENS = 800
RESULT_TOKENS = 150
SKILL_TOKENS = 500
CLIENT = {"name": "tester", "version": "1"}
PROMPTS = [
    "fox",
    "a neon city at night in heavy rain, with reflections on the street and a cinematic look",
]
# The project of a test lies deeper than anybody's.
USUAL_PROJECT = "/home/ada/projects/landing-page"


def tokens(*texts: str) -> list[int]:
    """How many o200k tokens each text has."""
    bin("node")
    counted = subprocess.run(
        [str(node22()), str(script("count_tokens.mjs"))],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(counted.stdout)


@pytest.fixture
def agent(town: Town, project: Path) -> Iterator[Agent]:
    with bridge_agent(project, **town.environment) as started:
        yield started


def test_the_skill_costs_at_most_500_tokens() -> None:
    (count,) = tokens((ROOT / "skills/flexura/SKILL.md").read_text())
    assert count <= SKILL_TOKENS


def test_all_six_tools_together_cost_at_most_800_tokens() -> None:
    parts = [
        json.dumps([t["name"], t["description"], t["inputSchema"]], separators=(",", ":"))
        for t in kept("tools.json")
    ]
    assert len(parts) == 6
    assert sum(tokens(*parts)) <= LIST_TOKENS


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_finished_picture_costs_at_most_150_tokens(
    agent: Agent, project: Path, prompt: str
) -> None:
    agent.initialize()
    result = agent.call("generate_image", prompt=prompt, size="1024x768", wait=45)
    made = finished(agent, record(result))
    assert "warnings" not in made
    text = result["content"][0]["text"]
    assert json.loads(text) == made
    assert tokens(text.replace(str(project), USUAL_PROJECT))[0] <= RESULT_TOKENS


def test_the_tools_are_those_of_the_snapshot(town: Town) -> None:
    listed = over_http(town, "tools/list", HANDSHAKE_PROTOCOL_VERSIONS[-1])
    assert json.loads(listed)["result"]["tools"] == kept("tools.json"), f"look, then: {COMMAND}"


def test_the_openapi_document_is_that_of_the_snapshot(town: Town) -> None:
    document = httpx2.get(f"{town.url}/openapi.json").json()
    assert document == kept("openapi.json"), f"look, then: {COMMAND}"


@pytest.mark.anyio
async def test_the_bridge_knows_the_answers_of_the_server_in_all_five_versions() -> None:
    taken = await snapshot.take()
    assert list(taken["versions"]) == [*HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION]
    assert len(taken["versions"]) == 5
    stored = Path(SNAPSHOT).read_text(encoding="utf-8")
    assert stored == snapshot.text(taken), "python -m flexura.gateway.mcp.snapshot"


@pytest.mark.parametrize("version", HANDSHAKE_PROTOCOL_VERSIONS)
def test_a_bridge_answers_a_handshake_byte_by_byte_as_the_gateway(
    town: Town, agent: Agent, version: str
) -> None:
    for method in ("initialize", "tools/list"):
        agent.write(message(method, version))
        assert line_of(agent) == over_http(town, method, version)


@pytest.mark.parametrize("method", ["server/discover", "tools/list"])
def test_a_bridge_answers_without_a_handshake_byte_by_byte_as_the_gateway(
    town: Town, agent: Agent, method: str
) -> None:
    agent.write(message(method, LATEST_MODERN_VERSION))
    assert line_of(agent) == over_http(town, method, LATEST_MODERN_VERSION)


def message(method: str, version: str) -> bytes:
    """A request as a client of that version sends it."""
    params: dict[str, Any] = {}
    if version == LATEST_MODERN_VERSION:
        params = {"_meta": {VERSION_KEY: version, CAPABILITIES_KEY: {}, CLIENT_KEY: CLIENT}}
    elif method == "initialize":
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
    return json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode()


def line_of(agent: Agent) -> bytes:
    """The next line, as it is on the pipe."""
    assert agent.process.stdout is not None
    return agent.process.stdout.readline().rstrip(b"\n")


def over_http(town: Town, method: str, version: str) -> bytes:
    """The gateway's own answer to the same bytes, without its wrapping as an event."""
    headers = {
        "Authorization": f"Bearer {town.key}",
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "Mcp-Protocol-Version": version,
        "Mcp-Method": method,
    }
    if version != LATEST_MODERN_VERSION:
        del headers["Mcp-Method"]
    answer = httpx2.post(f"{town.url}/mcp", content=message(method, version), headers=headers)
    assert answer.status_code == 200, answer.text
    if not answer.headers["content-type"].startswith("text/event-stream"):
        return answer.content
    (data,) = [row for row in answer.content.splitlines() if row.startswith(b"data: {")]
    return data.removeprefix(b"data: ")
