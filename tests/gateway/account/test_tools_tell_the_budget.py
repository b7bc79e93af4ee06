"""Agents read in each result what they may still spend, where something limits it, and how to confirm."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

from doubles import FakeProvider
from flexura.domain.credit_rules import CreditRules
from flexura.settings import Settings
from gateway_house import BASE, House, opened

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def agent(house: House) -> AsyncGenerator[Client]:
    transport = httpx2.ASGITransport(house.app)
    headers = {"Authorization": f"Bearer {house.key}"}
    async with (
        httpx2.AsyncClient(transport=transport, headers=headers, base_url=BASE) as http,
        Client(streamable_http_client(f"{BASE}/mcp", http_client=http)) as found,
    ):
        yield found


async def call(mcp: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await mcp.call_tool(tool, arguments)
    block = result.content[0]
    assert isinstance(block, TextContent)
    assert json.loads(block.text) == result.structured_content
    return json.loads(block.text)


async def test_the_line_stands_in_generate_and_job_status(house: House) -> None:
    async with agent(house) as mcp:
        free = await call(mcp, "generate_image", prompt="a fox", model="fake:one")
        assert "budget" not in free
        sent = {"period": "day", "credits": 500}
        assert (await house.http.post("/api/v1/budgets", json=sent)).status_code == 201
        made = await call(mcp, "generate_image", prompt="a cat", model="fake:one")
        assert made["budget"] == "$4.98 of $5.00 left today"
        one = await call(mcp, "job_status", job_ids=[made["job_id"]])
        recent = await call(mcp, "job_status")
        assert one["budget"] == recent["budget"] == made["budget"]


async def test_a_metered_workspace_hears_its_credits(house: House) -> None:
    sent = {"workspace": "default", "credits": 186}
    assert (await house.http.post("/api/v1/credits/grants", json=sent)).status_code == 201
    async with agent(house) as mcp:
        made = await call(mcp, "generate_image", prompt="a fox", model="fake:one")
    assert made["budget"] == "184 credits left"


async def test_an_agent_confirms_with_the_token_of_the_refusal(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(gateway_settings, credits=CreditRules(confirm_above=0.01))
    order = {"prompt": "a fox", "model": "fake:one"}
    async with opened(settings, FakeProvider(tmp_path)) as house, agent(house) as mcp:
        assert (await call(mcp, "generate_image", **order, dry_run=True))["confirm_needed"] is True
        refused = (await call(mcp, "generate_image", **order))["error"]
        assert refused["code"] == "budget_exceeded"
        assert refused["confirm"] in refused["next_step"]
        confirmed = {"confirm": refused["confirm"]}
        made = await call(mcp, "generate_image", **order, options=confirmed)
        assert made["status"] == "completed"
        kept = (await house.http.get(f"/api/jobs/{made['job_id']}")).json()
        assert "confirm" not in kept["options"]
