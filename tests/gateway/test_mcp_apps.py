"""MCP Apps: what a host that shows pages is told, and what it reads; all others see what they always saw."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from flexura.gateway.mcp.app import page_meta
from gateway_house import BASE, House
from tenants_house import tenant

pytestmark = pytest.mark.anyio
EXTENSION, MIME = "io.modelcontextprotocol/ui", "text/html;profile=mcp-app"
SHOWS_PAGES = {"extensions": {EXTENSION: {"mimeTypes": [MIME]}}}
PREFIX = "io.modelcontextprotocol"
LEGACY, MODERN = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"), "2026-07-28"
SHOWN = ["generate_image", "generate_video", "generate_audio", "job_status"]


async def ask(
    house: House, method: str, params: dict[str, Any] | None = None, **headers: str
) -> dict[str, Any]:
    """The whole JSON-RPC answer, as it is on the wire."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    accept = {"Accept": "application/json, text/event-stream"}
    answer = await house.http.post("/mcp", json=body, headers=accept | headers)
    lines = answer.text.splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: {")]
    return json.loads(data[-1] if data else answer.text)


async def capabilities(house: House, version: str, declared: dict[str, Any]) -> dict[str, Any]:
    if version == MODERN:
        meta = {
            f"{PREFIX}/protocolVersion": MODERN,
            f"{PREFIX}/clientCapabilities": declared,
            f"{PREFIX}/clientInfo": {"name": "host", "version": "1"},
        }
        headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "server/discover"}
        answer = await ask(house, "server/discover", {"_meta": meta}, **headers)
    else:
        hello = {"protocolVersion": version, "capabilities": declared}
        hello["clientInfo"] = {"name": "host", "version": "1"}
        answer = await ask(house, "initialize", hello)
    return answer["result"]["capabilities"]


async def read(house: House, uri: str) -> dict[str, Any]:
    return (await ask(house, "resources/read", {"uri": uri}))["result"]["contents"][0]


async def picture(house: House, **more: Any) -> dict[str, Any]:
    """The record of a picture that was made through the tool."""
    arguments = {"prompt": "a fox", "model": "fake:one", **more}
    answer = await ask(house, "tools/call", {"name": "generate_image", "arguments": arguments})
    return answer["result"]["structuredContent"]


def name_in(record: dict[str, Any], number: int = 0) -> str:
    return urlsplit(record["files"][number]["url"]).path.rpartition("/")[2]


@pytest.mark.parametrize("version", [*LEGACY, MODERN])
async def test_a_host_that_shows_pages_is_told_of_them_in_every_version(
    house: House, version: str
) -> None:
    told = await capabilities(house, version, SHOWS_PAGES)
    assert told["extensions"] == {EXTENSION: {}} and "resources" in told and "tools" in told


@pytest.mark.parametrize("version", [*LEGACY, MODERN])
@pytest.mark.parametrize(
    "declared",
    [{}, {"extensions": {EXTENSION: {}}}, {"extensions": {EXTENSION: {"mimeTypes": ["text/x"]}}}],
)
async def test_a_client_that_shows_none_is_told_of_the_tools_only(
    house: House, version: str, declared: dict[str, Any]
) -> None:
    assert list(await capabilities(house, version, declared)) == ["tools"]


async def test_the_tools_lead_to_a_page_that_is_there(house: House) -> None:
    tools = (await ask(house, "tools/list"))["result"]["tools"]
    marked = {t["name"]: t["_meta"]["ui"] for t in tools if "_meta" in t}
    assert list(marked) == SHOWN
    assert {ui["resourceUri"] for ui in marked.values()} == {marked["job_status"]["resourceUri"]}
    found = await read(house, marked["job_status"]["resourceUri"])
    assert found["mimeType"] == MIME and found["uri"] == marked["job_status"]["resourceUri"]
    assert found["text"].startswith("<!doctype html>")


async def test_the_page_may_look_after_jobs_and_never_order(house: House) -> None:
    tools = (await ask(house, "tools/list"))["result"]["tools"]
    seen = {t["name"]: t["_meta"]["ui"]["visibility"] for t in tools if "_meta" in t}
    assert seen == {name: ["model"] for name in SHOWN[:3]} | {"job_status": ["model", "app"]}


async def test_the_page_is_small_and_loads_nothing(house: House) -> None:
    page = (await read(house, "ui://flexura/result"))["text"]
    assert len(page.encode()) < 40_000
    for way in ("src=", "href=", "@import", "url(", "innerHTML", "insertAdjacent", "eval("):
        assert way not in page, way
    assert page.count("<script") == page.count("</script") == 1


async def test_the_page_of_another_version_is_this_one(house: House) -> None:
    assert "text" in await read(house, "ui://flexura/result/0123456789ab")


async def test_the_policy_lets_in_this_gateways_files_and_nothing_else(house: House) -> None:
    ui = (await read(house, "ui://flexura/result"))["_meta"]["ui"]
    assert ui["csp"] == {"resourceDomains": [BASE]}
    assert ui["prefersBorder"] is True and ui["permissions"] == {"clipboardWrite": {}}


async def test_the_policy_names_the_bucket_that_large_files_are_fetched_from() -> None:
    ui = page_meta("https://media.example/flexura", "https://bucket.example:9000/b/k?X-Sig=1")["ui"]
    assert ui["csp"]["resourceDomains"] == ["https://media.example", "https://bucket.example:9000"]


async def test_a_result_says_the_same_to_whoever_asks(house: House) -> None:
    record = await picture(house)
    answer = await ask(
        house, "tools/call", {"name": "job_status", "arguments": {"job_ids": [record["job_id"]]}}
    )
    assert set(answer["result"]) == {"content", "structuredContent", "isError"}
    assert answer["result"]["structuredContent"] == record


async def test_a_job_is_read_with_links_that_open_without_a_key(house: House) -> None:
    record = await picture(house)
    found = await read(house, f"flexura://job/{record['job_id']}")
    job = json.loads(found["text"])
    assert found["mimeType"] == "application/json"
    assert (job["prompt"], job["kind"], job["cost"]["amount"]) == ("a fox", "image", 0.02)
    assert job["started_at"] <= job["finished_at"]
    assert [file["name"] for file in job["files"]] == [name_in(record)]
    del house.http.headers["authorization"]
    for link in ("url", "preview"):
        opened = await house.http.get(job["files"][0][link])
        assert opened.status_code == 200, link
        assert opened.headers["content-type"].startswith("image/")


async def test_a_signed_link_opens_in_a_frame_of_any_origin_and_nothing_else_does(
    house: House,
) -> None:
    record = await picture(house)
    link = record["files"][0]["url"]
    framed = {"Origin": "null"}
    assert (await house.http.get(link, headers=framed)).status_code == 200
    assert (await house.http.post(link, headers=framed)).status_code == 403
    assert (await house.http.get(link.partition("?")[0], headers=framed)).status_code == 403
    assert (await house.http.get("/api/models?sig=x", headers=framed)).status_code == 403
    del house.http.headers["authorization"]
    assert (await house.http.get(f"{link}x", headers=framed)).status_code == 401


async def test_a_preview_travels_as_bytes(house: House) -> None:
    record = await picture(house)
    found = await read(house, f"flexura://artifact/{name_in(record)}?width=64")
    assert found["mimeType"] == "image/webp"
    assert base64.b64decode(found["blob"])[8:12] == b"WEBP"


@pytest.mark.parametrize(
    "uri",
    [
        "ui://flexura/other",
        "ui://flexura/results",
        "flexura://job/",
        "flexura://job/job_none",
        "flexura://artifact/none.png",
        "flexura://artifact/../../etc/passwd",
        "file:///etc/passwd",
        "https://example.com/",
        "nonsense",
    ],
)
async def test_what_is_not_there_is_refused_with_a_next_step(house: House, uri: str) -> None:
    error = (await ask(house, "resources/read", {"uri": uri}))["error"]
    assert error["code"] == -32602 and error["data"]["next_step"]
    assert error["data"]["code"] == "not_found"


@pytest.mark.parametrize("width", ["0", "5", "99999", "x", "-1", "1e3"])
async def test_a_senseless_width_is_refused(house: House, width: str) -> None:
    record = await picture(house)
    uri = f"flexura://artifact/{name_in(record)}?width={width}"
    error = (await ask(house, "resources/read", {"uri": uri}))["error"]
    assert error["code"] == -32602 and "16 to 4096" in error["message"]


async def test_another_workspaces_jobs_and_files_do_not_exist(house: House) -> None:
    record = await picture(house)
    async with tenant(house, "other") as other:
        key = {"Authorization": other.http.headers["authorization"]}
        for uri in (f"flexura://job/{record['job_id']}", f"flexura://artifact/{name_in(record)}"):
            answer = await ask(house, "resources/read", {"uri": uri}, **key)
            assert answer["error"]["data"]["code"] == "not_found", uri


async def test_the_lists_hold_no_file_of_anybody(house: House) -> None:
    await picture(house)
    assert (await ask(house, "resources/list"))["result"]["resources"] == []
    found = (await ask(house, "resources/templates/list"))["result"]["resourceTemplates"]
    assert [t["uriTemplate"].split(":")[0] for t in found] == ["flexura", "flexura"]
