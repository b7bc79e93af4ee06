"""Agents run templates with the tools that they have: no seventh one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from gateway_house import BASE, House, opened
from runs_house import FILM, VARIANTS, Atelier, with_press

pytestmark = pytest.mark.anyio
RETOUCH = {
    "slug": "retouch",
    "name": "Retouch",
    "inputs": [
        {"id": "photo", "type": "IMAGE_URL"},
        {"id": "logo", "type": "IMAGE_URL", "required": False},
    ],
    "steps": [
        {"id": "clean", "uses": "transform", "prompt": "clean", "inputs": ["{{inputs.photo}}"]},
        {
            "id": "mark",
            "uses": "transform",
            "prompt": "mark",
            "inputs": ["{{steps.clean.outputs.0}}", "{{inputs.logo}}"],
        },
    ],
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(with_press(tmp_path), Atelier(tmp_path)) as found:
        for document in (FILM, VARIANTS, RETOUCH):
            answer = await found.http.post("/api/v1/templates", json=document)
            assert answer.status_code == 201, answer.text
        yield found


@asynccontextmanager
async def agent(house: House, session: str = "s1") -> AsyncIterator[Client]:
    transport = httpx2.ASGITransport(house.app)
    headers = {"Authorization": f"Bearer {house.key}", "Flexura-Session": session}
    async with (
        httpx2.AsyncClient(transport=transport, headers=headers, base_url=BASE) as http,
        Client(streamable_http_client(f"{BASE}/mcp", http_client=http)) as found,
    ):
        yield found


def facts(result: CallToolResult) -> dict[str, Any]:
    block = result.content[0]
    assert isinstance(block, TextContent)
    assert json.loads(block.text) == result.structured_content
    return json.loads(block.text)


async def test_the_prompt_is_the_first_text(house: House) -> None:
    async with agent(house) as mcp:
        order = {"prompt": "a fox", "model": "template:film", "wait": 40}
        made = facts(await mcp.call_tool("generate_video", order))
    assert (made["status"], made["model"], made["cost"]) == ("completed", "template:film", 0.06)
    assert [file["mime"] for file in made["files"]] == ["audio/wav"]
    assert made["next"] == ""


async def test_values_come_by_name_and_files_in_order(house: House) -> None:
    first = await house.order()
    await house.ended(first)
    async with agent(house) as mcp:
        order: dict[str, Any] = {"prompt": "x", "model": "template:retouch", "images": [first]}
        made = facts(await mcp.call_tool("generate_image", {**order, "wait": 40}))
        assert made["status"] == "completed", made
        order["images"] = [first] * 3
        refused = facts(await mcp.call_tool("generate_image", order))
        assert refused["error"]["code"] == "input_validation_error"
        order = {"prompt": "x", "model": "template:film", "options": {"inputs": {"subject": "cat"}}}
        plan = facts(await mcp.call_tool("generate_image", {**order, "dry_run": True}))
        assert plan["request"]["inputs"] == {"subject": "cat"}


async def test_candidates_are_shown_and_one_is_picked(house: House) -> None:
    async with agent(house) as mcp:
        order = {"prompt": "a fox", "model": "template:variants", "wait": 40}
        asked = facts(await mcp.call_tool("generate_image", order))
        assert (asked["status"], asked["phase"]) == ("processing", "awaiting_approval")
        assert len(asked["files"]) == 4
        assert "pick:" in asked["next"] and asked["job_id"] in asked["next"]
        ids = {"job_ids": [asked["job_id"]]}
        for action in ("pick", "pick:x", "pick:", "prick:1"):
            refused = facts(await mcp.call_tool("job_status", {**ids, "action": action}))
            assert refused["error"]["code"] == "invalid_request", action
        made = facts(await mcp.call_tool("job_status", {**ids, "action": "pick:2", "wait": 40}))
    assert (made["status"], len(made["files"])) == ("completed", 1)


async def test_a_repeat_that_was_not_answered_joins_the_run(house: House) -> None:
    house.fake.gate.clear()
    order = {"prompt": "a fox", "model": "template:film", "wait": 0}
    async with agent(house) as mcp:
        first = facts(await mcp.call_tool("generate_video", order))
        again = facts(await mcp.call_tool("generate_video", order))
        assert again["job_id"] == first["job_id"]
        assert again["deduplicated"] is True
        other = facts(await mcp.call_tool("generate_video", {**order, "prompt": "a cat"}))
        assert other["job_id"] != first["job_id"]
        anew = {**order, "options": {"again": True}}
        assert facts(await mcp.call_tool("generate_video", anew))["job_id"] != first["job_id"]
    house.fake.gate.set()


async def test_an_unknown_template_is_told_with_the_nearest(house: House) -> None:
    async with agent(house) as mcp:
        order = {"prompt": "a fox", "model": "template:varants"}
        refused = facts(await mcp.call_tool("generate_image", order))
    assert refused["error"]["code"] == "not_found"
    assert "variants" in refused["error"]["next_step"]


async def test_canceling_what_waits_is_no_error(house: House) -> None:
    async with agent(house) as mcp:
        order = {"prompt": "a fox", "model": "template:variants", "wait": 40}
        asked = facts(await mcp.call_tool("generate_image", order))
        ids = {"job_ids": [asked["job_id"]]}
        canceled = await mcp.call_tool("job_status", {**ids, "action": "cancel"})
    assert not canceled.is_error
    assert facts(canceled)["error"]["code"] == "canceled"
    assert "another model" not in facts(canceled)["next"]


async def test_a_run_that_waits_for_its_publish_time_tells_it(house: House) -> None:
    async with agent(house) as mcp:
        publishing = {"publish": ["press"], "publish_at": "2031-05-01T09:00:00Z"}
        order = {"prompt": "a fox", "model": "template:film", "wait": 40, "options": publishing}
        made = facts(await mcp.call_tool("generate_video", order))
    assert (made["status"], made["phase"]) == ("processing", "scheduled")
    assert "2031-05-01T09:00:00Z" in made["next"]


async def test_a_search_that_finds_no_template_says_what_to_do(house: House) -> None:
    async with agent(house) as mcp:
        found = facts(await mcp.call_tool("model_catalog", {"kind": "template", "query": "zebra"}))
    assert found["templates"] == [] and "without query" in found["next"]
