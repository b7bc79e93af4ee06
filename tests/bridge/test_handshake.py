"""The handshake and the list of tools are answered at once, in every protocol version, without a gateway."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge import agent as agents
from bridge.agent import Agent
from flexura.bridge.handshake import read_snapshot

HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
STATELESS = "2026-07-28"
PREFIX = "io.modelcontextprotocol"
# What costs more than the handshake itself.
HEAVY = {"threading", "http.client", "socket", "ssl", "asyncio", "typing", "dataclasses", "pathlib"}


def envelope(version: object = STATELESS, **more: Any) -> dict[str, Any]:
    return {
        "_meta": {f"{PREFIX}/protocolVersion": version, f"{PREFIX}/clientCapabilities": {}, **more}
    }


@pytest.fixture
def alone(project: Path, flexura_home: Path) -> Iterator[Agent]:
    """An agent whose bridge finds no gateway: the address is nobody's."""
    with agents.agent(
        project, FLEXURA_URL="http://127.0.0.1:9", MEDIA_GATEWAY_API_KEY="k"
    ) as agent:
        yield agent


@pytest.mark.parametrize("version", HANDSHAKE)
def test_a_handshake_version_is_accepted_as_it_was_asked_for(alone: Agent, version: str) -> None:
    answer = alone.initialize(version)["result"]
    assert answer == read_snapshot()[version]["initialize"]
    assert answer["protocolVersion"] == version


@pytest.mark.parametrize("version", HANDSHAKE)
def test_the_tools_are_listed_without_a_gateway(alone: Agent, version: str) -> None:
    alone.initialize(version)
    assert alone.ask("tools/list")["result"] == read_snapshot()[version]["tools/list"]


def test_an_unknown_version_is_answered_with_the_newest_of_the_handshake(alone: Agent) -> None:
    assert alone.initialize("2099-01-01")["result"]["protocolVersion"] == HANDSHAKE[-1]


def test_ping_is_answered(alone: Agent) -> None:
    assert alone.ask("ping")["result"] == {}


def test_initialize_without_a_version_is_refused(alone: Agent) -> None:
    assert alone.ask("initialize", {})["error"]["code"] == -32602


@pytest.mark.parametrize("method", ["server/discover", "tools/list"])
def test_a_stateless_client_gets_its_answers_too(alone: Agent, method: str) -> None:
    assert alone.ask(method, envelope())["result"] == read_snapshot()[STATELESS][method]


def test_an_unknown_stateless_version_is_told_the_known_ones(alone: Agent) -> None:
    error = alone.ask("server/discover", envelope("2099-01-01"))["error"]
    assert error["code"] == -32022
    assert error["data"] == {"supported": [STATELESS], "requested": "2099-01-01"}


def test_an_envelope_without_capabilities_is_told_what_is_missing(alone: Agent) -> None:
    error = alone.ask("tools/list", {"_meta": {f"{PREFIX}/protocolVersion": STATELESS}})["error"]
    assert error["code"] == -32602
    assert "clientCapabilities" in error["message"]


def test_a_version_that_is_no_text_is_refused(alone: Agent) -> None:
    assert alone.ask("tools/list", envelope(5))["error"]["code"] == -32602


def test_discover_without_an_envelope_does_not_exist(alone: Agent) -> None:
    assert alone.ask("server/discover", {})["error"]["code"] == -32601


def test_nothing_heavy_is_imported_before_the_first_answer(project: Path) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-11-25"},
    }
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "flexura", "mcp"],
        cwd=project,
        # The tests' own coverage would load half the library.
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")},
        input=json.dumps(hello).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["result"]["serverInfo"]["name"] == "flexura"
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    ours_at = {name for name in imported if name.startswith("flexura")}
    assert "flexura.bridge.calls" not in ours_at
    assert "flexura.bridge.session" in ours_at
    assert not imported & HEAVY
