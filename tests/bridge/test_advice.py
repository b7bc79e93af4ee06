"""What the bridge adds to a failed call because only it can know: about this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest

from bridge import agent as agents
from bridge.agent import Agent
from bridge.fake_gateway import KEY, Context, FakeGateway, told
from flexura.local import gateway as local_gateway
from flexura.local import paths, record
from flexura.local.record import Running


async def no_engine(_: FakeGateway, __: Context, ___: dict[str, Any]) -> types.CallToolResult:
    error = {"code": "provider_unavailable", "message": "Nobody.", "next_step": "Add a key."}
    return told({"error": error}, is_error=True)


@pytest.fixture
def own(gateway: FakeGateway, flexura_home: Path) -> Iterator[Running]:
    """The fake gateway as the user's own: it holds the lock and is published."""
    gateway.tools["search"] = no_engine
    with local_gateway.hold_lock() as held:
        assert held is not None
        yield held.publish(gateway.url, 1, KEY, "instance")


def next_step(agent: Agent, tool: str = "search", **arguments: Any) -> str:
    result = agent.call(tool, **arguments)
    return result["structuredContent"]["error"]["next_step"]


def test_keys_that_the_gateway_lacks_are_named_when_a_provider_is_missing(
    own: Running, project: Path
) -> None:
    with agents.agent(project, TAVILY_API_KEY="tvly-secret", FAL_KEY="fal-secret") as agent:
        agent.initialize()
        step = next_step(agent, query="x")
    assert step.startswith("Add a key. ")
    assert "FAL_KEY, TAVILY_API_KEY" in step
    assert "flexura providers import" in step
    assert "secret" not in step


def test_without_such_keys_nothing_is_added(own: Running, project: Path) -> None:
    with agents.agent(project) as agent:
        agent.initialize()
        assert next_step(agent, query="x") == "Add a key."


def test_other_errors_are_none_of_its_business(
    own: Running, gateway: FakeGateway, project: Path
) -> None:
    async def wrong(*_: Any) -> types.CallToolResult:
        return told({"error": {"code": "invalid_request", "message": "No."}}, is_error=True)

    gateway.tools["search"] = wrong
    with agents.agent(project, TAVILY_API_KEY="tvly-secret") as agent:
        agent.initialize()
        assert "next_step" not in agent.call("search", query="x")["structuredContent"]["error"]


def test_a_gateway_elsewhere_has_keys_of_its_own(
    gateway: FakeGateway, project: Path, flexura_home: Path
) -> None:
    gateway.tools["search"] = no_engine
    named = {"FLEXURA_URL": gateway.url, "MEDIA_GATEWAY_API_KEY": KEY}
    with agents.agent(project, TAVILY_API_KEY="tvly-secret", **named) as agent:
        agent.initialize()
        assert next_step(agent, query="x") == "Add a key."


def test_an_older_gateway_is_used_and_named_when_a_call_fails(own: Running, project: Path) -> None:
    record.write(paths.gateway_record(), replace(own, version="0.0.1"))
    with agents.agent(project) as agent:
        agent.initialize()
        assert "path" in agent.call("generate_image", prompt="x")["structuredContent"]["files"][0]
        step = next_step(agent, query="x")
    assert "0.0.1" in step
    assert "flexura gateway stop" in step


def test_a_newer_gateway_is_used_without_a_word(own: Running, project: Path) -> None:
    record.write(paths.gateway_record(), replace(own, version="99.0"))
    with agents.agent(project) as agent:
        agent.initialize()
        assert next_step(agent, query="x") == "Add a key."


def test_nothing_is_sent_to_what_was_published_by_a_gateway_that_is_gone(
    gateway: FakeGateway, project: Path, flexura_home: Path, tmp_path: Path
) -> None:
    """Whoever got its port must not get its key."""
    broken = tmp_path / "flexura"
    broken.write_text("#!/bin/sh\necho 'the database is damaged'; exit 3\n")
    broken.chmod(0o755)
    with local_gateway.hold_lock() as held:
        assert held is not None
        published = held.publish(gateway.url, 1, KEY, "instance")
    record.write(paths.gateway_record(), replace(published, launcher=str(broken), version="99.0"))
    with agents.agent(project) as agent:
        agent.initialize()
        error = agent.call("search", query="x")["structuredContent"]["error"]
    assert error["code"] == "gateway_unavailable"
    assert "the database is damaged" in error["message"]
    assert gateway.calls == []
