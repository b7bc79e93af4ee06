"""Clients that show pages (MCP Apps) through the bridge: what they are told, and what they read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from bridge import agent as agents
from bridge.agent import Agent
from bridge.fake_gateway import FakeGateway
from flexura.bridge.handshake import read_snapshot
from flexura.bridge.pages import EXTENSION, MIME
from flexura.gateway.mcp import app

HANDSHAKE, STATELESS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"), "2026-07-28"
PREFIX = "io.modelcontextprotocol"
SHOWS_PAGES = {"extensions": {EXTENSION: {"mimeTypes": [MIME]}}}
URI = {"uri": app.URI}


@pytest.fixture
def alone(project: Path, flexura_home: Path) -> Iterator[Agent]:
    """An agent whose bridge finds no gateway: the address is nobody's."""
    address = {"FLEXURA_URL": "http://127.0.0.1:9", "MEDIA_GATEWAY_API_KEY": "k"}
    with agents.agent(project, **address) as agent:
        yield agent


def told(agent: Agent, version: str, capabilities: dict[str, Any]) -> dict[str, Any]:
    """The capabilities in the greeting of that version."""
    client = {"name": "host", "version": "1"}
    if version == STATELESS:
        meta = {
            "protocolVersion": version,
            "clientCapabilities": capabilities,
            "clientInfo": client,
        }
        envelope = {"_meta": {f"{PREFIX}/{name}": value for name, value in meta.items()}}
        return agent.ask("server/discover", envelope)["result"]["capabilities"]
    hello = {"protocolVersion": version, "capabilities": capabilities, "clientInfo": client}
    return agent.ask("initialize", hello)["result"]["capabilities"]


def test_bridge_and_gateway_mean_the_same_extension() -> None:
    assert (EXTENSION, MIME) == (app.EXTENSION, app.MIME)


@pytest.mark.parametrize("version", [*HANDSHAKE, STATELESS])
def test_a_client_is_told_of_pages_if_it_shows_them(alone: Agent, version: str) -> None:
    assert list(told(alone, version, {})) == ["tools"]
    assert list(told(alone, version, {"extensions": {EXTENSION: {}}})) == ["tools"]
    pages = told(alone, version, SHOWS_PAGES)
    assert pages["extensions"] == {EXTENSION: {}} and "resources" in pages


@pytest.mark.parametrize("method", ["resources/list", "resources/templates/list"])
def test_the_lists_wake_no_gateway(alone: Agent, method: str) -> None:
    alone.initialize()
    assert alone.ask(method)["result"] == read_snapshot()[agents.VERSION][method]


def test_the_page_itself_is_not_in_the_snapshot() -> None:
    assert "<html" not in str(read_snapshot())


def test_a_read_without_a_gateway_says_what_to_do(alone: Agent) -> None:
    alone.initialize()
    error = alone.ask("resources/read", URI)["error"]
    assert error["data"]["code"] == "gateway_unavailable" and error["data"]["next_step"]


def test_a_read_goes_to_the_gateway_and_its_answer_comes_back(
    agent: Agent, gateway: FakeGateway
) -> None:
    # This gateway is older: it has no resources.
    assert agent.ask("resources/read", URI)["error"]["code"] == -32601
    body = {"error": {"code": "forbidden", "message": "No.", "next_step": "Ask for a key."}}
    gateway.refuses_with = JSONResponse(body, 403)
    error = agent.ask("resources/read", URI)["error"]
    assert error["data"]["code"] == "forbidden" and "Ask for a key." in error["message"]
