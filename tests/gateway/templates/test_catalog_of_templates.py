"""Agents find templates in model_catalog."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from gateway_house import BASE, House
from template_house import DOCUMENT

pytestmark = pytest.mark.anyio


async def catalog(house: House, **arguments: Any) -> dict[str, Any]:
    """The answer of model_catalog."""
    headers = {"Authorization": f"Bearer {house.key}"}
    transport = httpx2.ASGITransport(house.app)
    async with (
        httpx2.AsyncClient(transport=transport, headers=headers, base_url=BASE) as http,
        Client(streamable_http_client(f"{BASE}/mcp", http_client=http)) as mcp,
    ):
        result = await mcp.call_tool("model_catalog", arguments)
    assert result.structured_content is not None
    return result.structured_content


async def test_a_list_tells_what_to_write_where_in_few_words(house: House) -> None:
    await house.http.post("/api/v1/templates", json=DOCUMENT)
    found = await catalog(house, kind="template", query="hero")
    assert found["templates"] == [
        {
            "id": "template:hero",
            "name": "Hero",
            "description": "",
            "inputs": {
                "subject": "TEXT",
                "count": "NUMBER = 4",
                "mood": "CHOICE calm|wild?",
                "items": "[TEXT]?",
            },
            "orders": 2,
        }
    ]
    assert "template:SLUG" in found["next"]
    page = await catalog(house, kind="template", limit=2)
    assert len(page["templates"]) == 2 and page["total"] > 9
    assert "offset=2" in page["next"]
    assert len(json.dumps(await catalog(house, kind="template"))) < 8_000


async def test_an_id_shows_the_whole_input_schema_and_a_wrong_one_the_nearest(house: House) -> None:
    found = await catalog(house, id="template:variants-pick-one")
    assert [i["id"] for i in found["inputs"]] == ["subject", "variants"]
    assert found["inputs"][1]["maximum"] == 8
    wrong = await catalog(house, id="template:variants-pick-two")
    assert "variants-pick-one" in wrong["error"]["next_step"]


async def test_a_preset_is_no_order_of_its_own(house: House) -> None:
    await house.http.post("/api/v1/presets", json={"name": "wide"})
    listed = (await catalog(house, kind="template", limit=100))["templates"]
    assert "template:wide" not in {t["id"] for t in listed}


async def test_a_policy_stands_where_a_model_s_id_could(house: House) -> None:
    order = {"prompt": "icon of a fox", "model": "policy:cheapest,provider=fake"}
    made = await house.http.post("/api/generate/image", json={**order, "dry_run": True})
    assert made.json()["model"] == "fake:one"
    told = (await catalog(house, id="policy:cheapest,provider=fake"))["error"]
    assert told["code"] == "model_not_found" and "fake:one" in told["next_step"]
    odd = await house.http.post("/api/generate/image", json={**order, "model": "policy:odd"})
    assert odd.status_code == 400 and "policy:cheapest" in odd.json()["error"]["next_step"]
