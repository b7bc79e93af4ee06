"""The six tools through the SDK's own client, in both protocol eras, in this process."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ImageContent, ResourceLink, TextContent

from gateway_house import BASE, House

pytestmark = pytest.mark.anyio
Era = Literal["auto", "legacy"]


@asynccontextmanager
async def client(house: House, era: Era = "auto", **headers: str) -> AsyncIterator[Client]:
    transport = httpx2.ASGITransport(house.app)
    headers = {"Authorization": f"Bearer {house.key}", **headers}
    async with (
        httpx2.AsyncClient(transport=transport, headers=headers, base_url=BASE) as http,
        Client(streamable_http_client(f"{BASE}/mcp", http_client=http), mode=era) as found,
    ):
        yield found


def facts(result: CallToolResult) -> dict[str, Any]:
    """The structured facts, after checking that the text block says the same."""
    block = result.content[0]
    assert isinstance(block, TextContent)
    assert json.loads(block.text) == result.structured_content
    return json.loads(block.text)


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_both_eras_list_the_six_tools_and_make_a_picture(house: House, era: Era) -> None:
    async with client(house, era) as mcp:
        tools = [tool.name for tool in (await mcp.list_tools()).tools]
        made = await mcp.call_tool("generate_image", {"prompt": "a fox", "model": "fake:one"})
    assert tools == [
        "search",
        "generate_image",
        "generate_video",
        "generate_audio",
        "job_status",
        "model_catalog",
    ]
    record = facts(made)
    assert (record["status"], record["model"], record["cost"]) == ("completed", "fake:one", 0.02)
    assert record["files"][0]["mime"] == "image/png" and record["next"] == ""
    assert [type(block) for block in made.content] == [TextContent, ResourceLink]


async def test_a_link_in_a_result_opens_without_a_key(house: House) -> None:
    async with client(house) as mcp:
        made = facts(
            await mcp.call_tool("generate_image", {"prompt": "a fox", "model": "fake:one"})
        )
    del house.http.headers["authorization"]
    assert (await house.http.get(made["files"][0]["url"])).status_code == 200
    assert (await house.http.get(made["files"][0]["url"][:-2] + "xx")).status_code == 401


async def test_progress_grows_while_a_call_waits(house: House) -> None:
    house.fake.gate.clear()
    told: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    async with client(house) as mcp, asyncio.timeout(30):
        arguments = {"prompt": "a fox", "model": "fake:one"}
        calling = asyncio.create_task(
            mcp.call_tool("generate_image", arguments, progress_callback=note)
        )
        await house.fake.polled.wait()
        house.fake.gate.set()
        made = await calling
    assert facts(made)["status"] == "completed"
    assert len(told) >= 2 and told == sorted(set(told))


async def test_a_call_that_runs_out_of_time_names_the_job_and_the_next_step(house: House) -> None:
    house.fake.gate.clear()
    async with client(house) as mcp:
        arguments = {"prompt": "a fox", "model": "fake:one", "wait": 0.1}
        pending = facts(await mcp.call_tool("generate_image", arguments))
        assert pending["status"] in ("queued", "processing") and "job_status" in pending["next"]
        house.fake.gate.set()
        status = await mcp.call_tool("job_status", {"job_ids": [pending["job_id"]]})
    assert facts(status)["status"] == "completed"


async def test_a_repeat_before_the_answer_joins_and_after_it_is_a_new_order(house: House) -> None:
    house.fake.gate.clear()
    arguments = {"prompt": "a fox", "model": "fake:one"}
    async with client(house, **{"Flexura-Session": "s1"}) as mcp:
        first = facts(await mcp.call_tool("generate_image", arguments | {"wait": 0.1}))
        joined = facts(await mcp.call_tool("generate_image", arguments | {"wait": 0.2}))
        assert joined["job_id"] == first["job_id"] and joined["deduplicated"] is True
        house.fake.gate.set()
        final = facts(await mcp.call_tool("generate_image", arguments))
        assert (final["job_id"], final["status"]) == (first["job_id"], "completed")
        fresh = facts(await mcp.call_tool("generate_image", arguments))
        assert fresh["job_id"] != first["job_id"] and "deduplicated" not in fresh
    assert len(house.fake.submitted) == 2


async def test_a_call_whose_client_went_away_is_joined_by_the_next_session(house: House) -> None:
    house.fake.gate.clear()
    arguments = {"prompt": "a fox", "model": "fake:one"}
    async with client(house, **{"Flexura-Session": "s1"}) as mcp:
        calling = asyncio.create_task(mcp.call_tool("generate_image", arguments))
        async with asyncio.timeout(10):
            await house.fake.submitting.wait()
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
    house.fake.gate.set()
    async with client(house, **{"Flexura-Session": "s2"}) as mcp:
        joined = facts(await mcp.call_tool("generate_image", arguments))
    assert joined["status"] == "completed" and joined["deduplicated"] is True
    assert len(house.fake.submitted) == 1


async def test_again_makes_a_new_order_even_while_the_first_runs(house: House) -> None:
    house.fake.gate.clear()
    arguments = {"prompt": "a fox", "model": "fake:one", "wait": 0}
    async with client(house) as mcp:
        first = facts(await mcp.call_tool("generate_image", arguments))
        again = facts(
            await mcp.call_tool("generate_image", arguments | {"options": {"again": True}})
        )
    house.fake.gate.set()
    assert first["job_id"] != again["job_id"]


async def test_canceling_a_call_leaves_the_job_running(house: House) -> None:
    house.fake.gate.clear()
    async with client(house) as mcp:
        arguments = {"prompt": "a fox", "model": "fake:one"}
        calling = asyncio.create_task(mcp.call_tool("generate_image", arguments))
        async with asyncio.timeout(10):
            await house.fake.submitting.wait()
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        house.fake.gate.set()
        jobs = facts(await mcp.call_tool("job_status", {"wait": 10}))["jobs"]
    assert [j["status"] for j in jobs] == ["completed"] and house.fake.canceled == []


async def test_job_status_without_ids_lists_this_project_and_can_cancel(house: House) -> None:
    house.fake.gate.clear()
    arguments = {"prompt": "a fox", "model": "fake:one", "wait": 0}
    async with client(house, **{"Flexura-Project": "other"}) as mcp:
        await mcp.call_tool("generate_image", arguments)
    async with client(house, **{"Flexura-Project": "mine"}) as mcp:
        mine = facts(await mcp.call_tool("generate_image", arguments))["job_id"]
        listed = facts(await mcp.call_tool("job_status", {"wait": 0}))["jobs"]
        assert [j["job_id"] for j in listed] == [mine]
        await mcp.call_tool("job_status", {"job_ids": [mine], "action": "cancel"})
        ended = await mcp.call_tool("job_status", {"job_ids": [mine]})
    assert ended.is_error and facts(ended)["error"]["code"] == "canceled"
    house.fake.gate.set()


BAD_CALLS: list[tuple[str, dict[str, Any], str, str]] = [
    ("generate_image", {"prompt": ""}, "invalid_request", "prompt"),
    ("generate_image", {"prompt": "x", "promt": "y"}, "invalid_request", "promt"),
    ("generate_image", {"prompt": 5}, "invalid_request", "prompt"),
    ("generate_image", {"prompt": "x", "model": "fake:onne"}, "model_not_found", "model"),
    ("generate_image", {"prompt": "x", "n": 99}, "invalid_request", "n"),
    ("generate_image", {"prompt": "x", "wait": -1}, "invalid_request", "wait"),
    ("generate_image", {"prompt": "x", "images": ["/etc/passwd"]}, "invalid_request", "inputs[0]"),
    ("generate_image", {}, "invalid_request", ""),
    ("generate_audio", {"prompt": "x", "kind": "noise"}, "invalid_request", "options.kind"),
    ("job_status", {"job_ids": ["job_nope"]}, "not_found", ""),
    ("job_status", {"action": "dance"}, "invalid_request", "action"),
    ("job_status", {"action": "cancel"}, "invalid_request", "job_ids"),
    ("model_catalog", {"kind": "smell"}, "invalid_request", "kind"),
    ("model_catalog", {"id": "nope"}, "model_not_found", "model"),
    ("search", {}, "invalid_request", ""),
    ("search", {"query": "x", "fetch": 9}, "invalid_request", "fetch"),
]


@pytest.mark.parametrize(("tool", "arguments", "code", "field"), BAD_CALLS)
async def test_a_bad_call_is_a_tool_result_that_the_model_can_act_on(
    house: House, tool: str, arguments: dict[str, Any], code: str, field: str
) -> None:
    async with client(house) as mcp:
        result = await mcp.call_tool(tool, arguments)
    error = facts(result)["error"]
    assert result.is_error and error["code"] == code
    assert error.get("field", "") == field
    assert error["next_step"] or code == "not_found"


async def test_a_preview_is_one_small_jpeg_and_no_base64_stands_in_the_text(house: House) -> None:
    async with client(house) as mcp:
        made = await mcp.call_tool(
            "generate_image",
            {"prompt": "app icon with a star", "size": "640x640", "preview": True, "wait": 45},
        )
    pictures = [block for block in made.content if isinstance(block, ImageContent)]
    assert len(pictures) == 1 and pictures[0].mime_type == "image/jpeg"
    jpeg = base64.b64decode(pictures[0].data)
    assert jpeg[:3] == b"\xff\xd8\xff" and len(pictures[0].data) < 256 * 1024
    assert pictures[0].data[:40] not in json.dumps(made.structured_content)


async def test_a_direct_client_that_sends_save_to_is_told_to_use_the_url(house: House) -> None:
    async with client(house) as mcp:
        arguments = {"prompt": "a fox", "model": "fake:one", "save_to": "../../etc/"}
        record = facts(await mcp.call_tool("generate_image", arguments))
    assert record["warnings"][0].startswith("not_saved:") and record["files"][0]["url"]


async def test_the_catalog_lists_live_models_and_shows_one_whole_schema(house: House) -> None:
    async with client(house) as mcp:
        rows = facts(await mcp.call_tool("model_catalog", {"kind": "image", "query": "makes one"}))
        whole = facts(await mcp.call_tool("model_catalog", {"id": "fake:one"}))
    assert [(m["id"], m["price"]) for m in rows["models"]] == [("fake:one", "0.02 USD/image")]
    assert whole["input_schema"]["properties"]["mood"]["enum"] == ["calm", "wild"]


async def test_a_model_that_vanished_is_answered_with_those_that_live(house: House) -> None:
    house.fake.offered = []
    async with client(house) as mcp:
        result = await mcp.call_tool("generate_image", {"prompt": "x", "model": "fake:one"})
    assert facts(result)["error"]["code"] == "model_not_found"
    assert len(facts(result)["error"]["nearest"]) == 3
