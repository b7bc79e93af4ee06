"""One JSON message per line, whatever the lines are like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest

from bridge.agent import Agent
from bridge.fake_gateway import Context, FakeGateway, told


def ping(number: object) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": "ping"}


@pytest.mark.parametrize("line", [b"{", b"nonsense", b"\xff\xfe", b"[" * 100_000, b'{"a":1}}'])
def test_a_line_that_is_no_json_is_a_parse_error_and_the_session_goes_on(
    agent: Agent, line: bytes
) -> None:
    agent.write(line)
    assert agent.read() == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32700, "message": "Parse error"},
    }
    assert agent.ask("ping")["result"] == {}


@pytest.mark.parametrize(
    "message",
    [
        5,
        "ping",
        None,
        [],
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "ping"},
        {"id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": None, "method": "ping"},
        {"jsonrpc": "2.0", "id": True, "method": "ping"},
        {"jsonrpc": "2.0", "id": [1], "method": "ping"},
        {"jsonrpc": "2.0", "id": 1, "method": 5},
        {"jsonrpc": "2.0", "id": 1},
    ],
)
def test_json_that_is_no_request_is_an_invalid_request(agent: Agent, message: object) -> None:
    agent.write(json.dumps(message).encode())
    assert agent.read()["error"]["code"] == -32600
    assert agent.ask("ping")["result"] == {}


def test_params_by_position_are_refused(agent: Agent) -> None:
    agent.write(json.dumps({**ping(7), "params": [1]}).encode())
    assert agent.read() == {
        "jsonrpc": "2.0",
        "id": 7,
        "error": {"code": -32602, "message": '"params" must be an object'},
    }


@pytest.mark.parametrize(
    "line", [b"", b"   ", b"\r", b'{"jsonrpc":"2.0","method":"notifications/strange"}']
)
def test_what_needs_no_answer_gets_none(agent: Agent, line: bytes) -> None:
    agent.write(line)
    agent.write(json.dumps(ping("next")).encode() + b"\r")
    assert agent.read() == {"jsonrpc": "2.0", "id": "next", "result": {}}


def test_ids_come_back_with_their_type(agent: Agent) -> None:
    for number in (0, -1, "1", "", "ü"):
        agent.write(json.dumps(ping(number)).encode())
        assert agent.read()["id"] == number


def test_a_batch_is_answered_in_one_line(agent: Agent) -> None:
    batch = [
        ping(1),
        {"jsonrpc": "2.0", "method": "notifications/x"},
        5,
        {**ping(2), "method": "tools/list"},
    ]
    agent.write(json.dumps(batch).encode())
    answers = agent.read()
    assert [a["id"] for a in answers] == [1, None, 2]
    assert answers[1]["error"]["code"] == -32600


def test_a_batch_waits_for_the_gateway(agent: Agent) -> None:
    call = {"name": "generate_image", "arguments": {"prompt": "fox"}}
    batch = [{**ping("tool"), "method": "tools/call", "params": call}, ping("ping")]
    agent.write(json.dumps(batch).encode())
    assert {a["id"] for a in agent.read()} == {"tool", "ping"}


def test_a_batch_of_notifications_is_not_answered(agent: Agent) -> None:
    agent.write(b'[{"jsonrpc":"2.0","method":"notifications/x"}]')
    assert agent.ask("ping")["result"] == {}
    assert agent.heard == []


def test_a_line_of_three_megabytes_arrives_whole(agent: Agent, gateway: FakeGateway) -> None:
    prompt = "ä" * 500_000
    agent.call("generate_image", prompt=prompt)
    assert gateway.calls[0]["arguments"]["prompt"] == prompt


def test_a_result_of_a_megabyte_arrives_whole(agent: Agent, gateway: FakeGateway) -> None:
    async def large(_: FakeGateway, __: Context, ___: dict[str, Any]) -> types.CallToolResult:
        return told({"results": "é" * 400_000})

    gateway.tools["search"] = large
    assert agent.call("search", query="x")["structuredContent"]["results"] == "é" * 400_000


def test_half_a_surrogate_pair_does_no_harm(agent: Agent, gateway: FakeGateway) -> None:
    agent.write(
        b'{"jsonrpc":"2.0","id":9,"method":"tools/call","params":'
        b'{"name":"generate_image","arguments":{"prompt":"\\ud83d"}}}'
    )
    assert "id" in agent.response(9)
    assert agent.ask("ping")["result"] == {}


def test_text_stays_readable_in_the_result(
    agent: Agent, gateway: FakeGateway, project: Path
) -> None:
    text = agent.call("generate_image", prompt="Füchse")["content"][0]["text"]
    assert "füchse" in text
    assert (project / "flexura-out" / "füchse.png").is_file()
