"""What only a gateway can answer goes there as one stateless request, and what streams back is relayed."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from bridge import agent as agents
from bridge.agent import Agent
from bridge.fake_gateway import KEY, Context, FakeGateway, never, told
from flexura.bridge.forward import header_value
from flexura.bridge.handshake import read_snapshot

PREFIX = "io.modelcontextprotocol"
MODERN = {
    f"{PREFIX}/protocolVersion": "2026-07-28",
    f"{PREFIX}/clientCapabilities": {},
    f"{PREFIX}/clientInfo": {"name": "modern agent", "version": "1"},
}


async def found(_: FakeGateway, __: Context, ___: dict[str, Any]) -> types.CallToolResult:
    return told({"results": []})


@pytest.fixture(autouse=True)
def search(gateway: FakeGateway) -> None:
    gateway.tools["search"] = found


def test_a_call_carries_the_key_and_says_who_asks_but_not_where(
    agent: Agent, gateway: FakeGateway, project: Path
) -> None:
    agent.call("search", query="x")
    headers = gateway.headers[0]
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["flexura-client"].startswith("bridge/")
    assert headers["flexura-client"].endswith(" tester")
    assert len(headers["flexura-project"]) == 32
    assert len(headers["flexura-session"]) == 32
    assert headers["mcp-protocol-version"] == "2025-11-25"
    assert str(project) not in json.dumps(headers)


def test_all_calls_of_a_bridge_are_one_session(agent: Agent, gateway: FakeGateway) -> None:
    agent.call("search", query="x")
    agent.call("search", query="y")
    assert gateway.headers[0]["flexura-session"] == gateway.headers[1]["flexura-session"]


def test_the_version_that_was_agreed_on_goes_with_every_call(
    gateway: FakeGateway, project: Path, flexura_home: Path
) -> None:
    with agents.agent(project, FLEXURA_URL=gateway.url, MEDIA_GATEWAY_API_KEY=KEY) as agent:
        agent.initialize("2024-11-05")
        agent.call("search", query="x")
    assert gateway.headers[0]["mcp-protocol-version"] == "2024-11-05"


def test_a_stateless_call_gets_the_headers_of_its_era(agent: Agent, gateway: FakeGateway) -> None:
    params = {"name": "search", "arguments": {"query": "x"}, "_meta": MODERN}
    response = agent.ask("tools/call", params)
    assert response["result"]["structuredContent"] == {"results": []}
    headers = gateway.headers[0]
    assert headers["mcp-protocol-version"] == "2026-07-28"
    assert headers["mcp-method"] == "tools/call"
    assert headers["mcp-name"] == "search"
    assert headers["flexura-client"].endswith(" modern agent")


def test_the_meta_of_a_call_goes_along_as_it_came(agent: Agent, gateway: FakeGateway) -> None:
    seen: list[Any] = []

    async def traced(_: FakeGateway, context: Context, __: dict[str, Any]) -> types.CallToolResult:
        seen.append(context.meta)
        return told({"results": []})

    gateway.tools["search"] = traced
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    for meta in (trace, {**MODERN, **trace}):
        agent.ask("tools/call", {"name": "search", "arguments": {"query": "x"}, "_meta": meta})
    assert [meta["traceparent"] for meta in seen] == [trace["traceparent"]] * 2


def test_a_tool_name_that_is_no_header_text_is_still_understood(agent: Agent) -> None:
    response = agent.ask("tools/call", {"name": "größe\n", "arguments": {}, "_meta": MODERN})
    # Refused by the tool table, and not because headers and body differ.
    assert response["error"]["code"] == -32603


@pytest.mark.parametrize("text", ["plain", "", "ü", " x", "x ", "a\nb", "=?base64?eA==?="])
def test_header_values_are_those_of_the_sdk(text: str) -> None:
    from mcp.shared.inbound import decode_header_value, encode_header_value

    assert header_value(text) == encode_header_value(text)
    assert decode_header_value(header_value(text)) == text


@pytest.mark.parametrize("meta", [{}, MODERN], ids=["handshake", "stateless"])
def test_progress_reaches_the_agent_before_the_result(
    agent: Agent, gateway: FakeGateway, meta: dict[str, Any]
) -> None:
    async def slow(_: FakeGateway, ctx: Context, __: dict[str, Any]) -> types.CallToolResult:
        for step in (1, 2, 3):
            await ctx.session.report_progress(step, 3, f"step {step}")
        return told({"results": []})

    gateway.tools["search"] = slow
    params = {
        "name": "search",
        "arguments": {"query": "x"},
        "_meta": {**meta, "progressToken": "t"},
    }
    agent.ask("tools/call", params)
    told_steps = [m["params"] for m in agent.heard if m["method"] == "notifications/progress"]
    assert [(p["progressToken"], p["progress"]) for p in told_steps] == [
        ("t", 1),
        ("t", 2),
        ("t", 3),
    ]


def test_calls_run_beside_each_other(agent: Agent, gateway: FakeGateway) -> None:
    gateway.tools["generate_video"] = never
    slow = agent.send("tools/call", {"name": "generate_video", "arguments": {"prompt": "x"}})
    assert gateway.entered.wait(20)
    agent.call("search", query="x")
    agent.notify("notifications/cancelled", {"requestId": slow})
    assert gateway.broken_off.wait(20)


@pytest.mark.parametrize("meta", [{}, MODERN], ids=["handshake", "stateless"])
def test_a_cancelled_call_is_broken_off_and_gets_no_answer(
    agent: Agent, gateway: FakeGateway, meta: dict[str, Any]
) -> None:
    gateway.tools["generate_video"] = never
    params = {"name": "generate_video", "arguments": {"prompt": "x"}, "_meta": meta}
    number = agent.send("tools/call", params)
    assert gateway.entered.wait(20)
    agent.notify("notifications/cancelled", {"requestId": number})
    assert gateway.broken_off.wait(20)
    agent.call("search", query="x")
    assert [m.get("id") for m in agent.heard if "result" in m or "error" in m] == []


def test_cancelling_what_is_not_there_does_no_harm(agent: Agent) -> None:
    agent.notify("notifications/cancelled", {"requestId": 99})
    agent.notify("notifications/cancelled", {})
    agent.call("search", query="x")
    agent.notify("notifications/cancelled", {"requestId": 99})
    assert agent.ask("ping")["result"] == {}


def test_the_gateways_protocol_errors_pass_through(agent: Agent) -> None:
    error = agent.ask("prompts/list")["error"]
    assert error["code"] == -32601


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (PlainTextResponse("Too large", 413), "payload_too_large", "path in the project"),
        (HTMLResponse("<h1>Bad gateway</h1>", 502), "gateway_unavailable", "job_status"),
        (PlainTextResponse("", 503, {"Retry-After": "7"}), "gateway_unavailable", "7 s"),
        (PlainTextResponse("no", 429), "rate_limited", "Wait"),
        (Response(status_code=404), "not_found", "FLEXURA_URL"),
        (PlainTextResponse("hello", 200), "gateway_unavailable", "job_status"),
        (
            JSONResponse(
                {"error": {"code": "overloaded", "message": "Full.", "next_step": "Later."}}, 503
            ),
            "overloaded",
            "Later.",
        ),
    ],
)
def test_an_answer_that_is_no_mcp_message_becomes_an_error_with_a_next_step(
    agent: Agent, gateway: FakeGateway, answer: Response, code: str, words: str
) -> None:
    gateway.refuses_with = answer
    result = agent.call("search", query="x")
    assert result["isError"] is True
    assert result["structuredContent"]["error"]["code"] == code
    assert words in result["structuredContent"]["error"]["next_step"]
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]


def test_outside_of_tool_calls_it_becomes_a_protocol_error(
    agent: Agent, gateway: FakeGateway
) -> None:
    gateway.refuses_with = PlainTextResponse("Too large", 413)
    error = agent.ask("prompts/list")["error"]
    assert error["code"] == -32010
    assert error["data"]["code"] == "payload_too_large"
    assert "Too large" in error["message"]


def test_a_wrong_key_is_said_to_be_wrong(
    gateway: FakeGateway, project: Path, flexura_home: Path
) -> None:
    with agents.agent(project, FLEXURA_URL=gateway.url, MEDIA_GATEWAY_API_KEY="other") as agent:
        agent.initialize()
        result = agent.call("search", query="x")
    assert result["structuredContent"]["error"]["code"] == "invalid_api_key"
    assert gateway.calls == []


def test_without_a_key_for_that_gateway_nothing_is_sent(
    gateway: FakeGateway, project: Path, flexura_home: Path
) -> None:
    with agents.agent(project, FLEXURA_URL=gateway.url) as agent:
        agent.initialize()
        result = agent.call("search", query="x")
    error = result["structuredContent"]["error"]
    assert error["code"] == "unauthorized"
    assert "MEDIA_GATEWAY_API_KEY" in error["next_step"]


def test_the_key_kept_for_that_gateway_is_used(
    gateway: FakeGateway, project: Path, flexura_home: Path
) -> None:
    credentials = {"keys": {gateway.url: KEY, "local": "another"}}
    (flexura_home / "credentials.json").write_text(json.dumps(credentials))
    with agents.agent(project, FLEXURA_URL=f"{gateway.url}/") as agent:
        agent.initialize()
        assert agent.call("search", query="x")["structuredContent"] == {"results": []}


def test_a_gateway_that_cannot_be_reached_is_named(project: Path, flexura_home: Path) -> None:
    with agents.agent(
        project, FLEXURA_URL="http://127.0.0.1:9", MEDIA_GATEWAY_API_KEY="k"
    ) as agent:
        agent.initialize()
        error = agent.call("search", query="x")["structuredContent"]["error"]
    assert error["code"] == "gateway_unavailable"
    assert "http://127.0.0.1:9" in error["message"]
    assert "FLEXURA_URL" in error["next_step"]


def test_an_address_that_is_none_is_refused(project: Path, flexura_home: Path) -> None:
    with agents.agent(project, FLEXURA_URL="${FLEXURA_URL}", MEDIA_GATEWAY_API_KEY="k") as agent:
        agent.initialize()
        error = agent.call("search", query="x")["structuredContent"]["error"]
    assert "FLEXURA_URL" in error["message"]


def test_a_connection_that_breaks_over_a_call_is_made_once_more(
    agent: Agent, gateway: FakeGateway
) -> None:
    """The gateway joins the repeated call to the job of the first one."""

    async def breaks_once(_: FakeGateway, ctx: Context, __: dict[str, Any]) -> types.CallToolResult:
        if len(gateway.calls) == 1:
            await ctx.session.report_progress(1, 2, "")
            raise asyncio.CancelledError
        return told({"results": ["second"]})

    gateway.tools["search"] = breaks_once
    assert agent.call("search", query="x")["structuredContent"] == {"results": ["second"]}
    assert gateway.calls[0] == gateway.calls[1]


def served_once(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(1 << 16)
        connection.sendall(answer)


@pytest.mark.parametrize(
    ("arguments", "times"), [({}, 2), ({"again": True}, 1)], ids=["repeated", "not repeated"]
)
def test_an_order_for_a_new_job_is_never_sent_twice(
    project: Path, flexura_home: Path, arguments: dict[str, Any], times: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        server = threading.Thread(
            target=lambda: [served_once(listener, half) for _ in range(times)]
        )
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with agents.agent(project, FLEXURA_URL=url, MEDIA_GATEWAY_API_KEY="k") as agent:
            agent.initialize()
            result = agent.call("generate_image", prompt="x", options=arguments)
        server.join()
        listener.settimeout(0.0)
        with pytest.raises(BlockingIOError):
            listener.accept()
    error = result["structuredContent"]["error"]
    assert error["code"] == "gateway_unavailable"
    assert "job_status" in error["next_step"]


def test_stdout_carries_answers_and_nothing_else(agent: Agent, gateway: FakeGateway) -> None:
    agent.call("search", query="x")
    agent.close()
    assert agent.process.stdout is not None
    assert agent.process.stdout.read() == b""


def test_the_snapshot_is_that_of_this_version() -> None:
    for version, answers in read_snapshot().items():
        assert version.startswith("20")
        assert len(answers["tools/list"]["tools"]) == 6


def test_base64_is_what_the_codec_says() -> None:
    assert header_value("ü") == f"=?base64?{base64.b64encode('ü'.encode()).decode()}?="
