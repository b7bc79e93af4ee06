"""The live catalog as every face shows it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

from doubles import FakeProvider, model
from flexura.domain.errors import ProviderUnavailable
from flexura.domain.model import Model, Price
from flexura.settings import Settings
from gateway_house import BASE, House, opened

pytestmark = pytest.mark.anyio
ALIASES = {"draft": "fake:one", "lost": "fake:gone", "quick": "policy:cheapest,provider=fake"}
OFFERED = [
    model("one"),
    model("two", kinds=("image", "video"), tasks=("text-to-image", "text-to-video")),
    model("dear", price=Price(unit="image", amount=5, source="list")),
    model("old", status="deprecated", price=None),
]


class Troubled(FakeProvider):
    """A provider that fails with the vendor's own words."""

    async def models(self) -> Sequence[Model]:
        raise ProviderUnavailable("secret words of the vendor")


@pytest.fixture
async def house(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    settings = replace(gateway_settings, aliases=ALIASES)
    fake = FakeProvider(tmp_path)
    fake.offered = list(OFFERED)
    async with opened(settings, fake) as found:
        yield found


@pytest.fixture
async def troubled(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(gateway_settings, Troubled(tmp_path)) as found:
        yield found


async def get(house: House, path: str, *, key: bool = True, **query: object) -> Any:
    return (await answer(house, path, key=key, **query)).json()


async def answer(house: House, path: str, *, key: bool = True, **query: Any) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {house.key}"} if key else {"Authorization": ""}
    found = await house.http.get(path, params=query, headers=headers)
    assert found.status_code == 200, found.text
    return found


def ids(body: dict[str, Any]) -> list[str]:
    return [m["id"] for m in body["models"]]


async def test_a_stranger_sees_models_and_nothing_of_the_house(house: House) -> None:
    await house.ended(await house.order())
    body = await get(house, "/api/agent/models", key=False)
    assert list(body) == ["platform", "capabilities", "models"]
    assert not any("stats" in m for m in body["models"])
    assert "fake:one" in ids(body)


async def test_a_good_key_adds_aliases_figures_and_states_to_the_documented_catalog(
    house: House,
) -> None:
    await house.ended(await house.order())
    body = await get(house, "/api/agent/models")
    assert list(body) == ["platform", "capabilities", "models", "aliases", "providers"]
    one = next(m for m in body["models"] if m["id"] == "fake:one")
    assert one["stats"]["runs"] == 1 and one["stats"]["failure_rate"] == 0
    assert list(one)[:6] == ["id", "type", "endpoint_url", "description", "status", "input"]
    states = {s["name"]: s for s in body["providers"]}
    assert states["fake"]["status"] == "ok"
    assert states["fake"]["models"] == {"image": 4, "video": 1}


async def test_a_bad_key_is_a_stranger_where_no_key_is_needed(house: House) -> None:
    for key in ("Bearer fx_live_wrong", "Basic abc"):
        found = await house.http.get("/api/agent/models", headers={"Authorization": key})
        assert found.status_code == 200 and "aliases" not in found.json()
        assert (
            await house.http.get("/api/v1/models", headers={"Authorization": key})
        ).status_code == 401


async def test_a_provider_in_trouble_is_told_without_its_words_to_strangers(
    troubled: House,
) -> None:
    public = await get(troubled, "/api/agent/models", key=False)
    state = next(s for s in public["providers"] if s["name"] == "fake")
    assert state["status"] == "unavailable" and "error" not in state
    assert "secret words" not in str(public)
    assert public["models"], "the others are shown"
    known = await get(troubled, "/api/v1/models")
    assert "secret words" in next(s for s in known["providers"] if s["name"] == "fake")["error"]


async def test_a_model_of_two_kinds_is_an_entry_for_each(house: House) -> None:
    body = await get(house, "/api/v1/models", provider="fake")
    assert ids(body) == ["fake:one", "fake:two", "fake:two", "fake:dear", "fake:old"]
    assert (body["total"], body["limit"], body["offset"]) == (5, 100, 0)
    video = await get(house, "/api/v1/models", provider="fake", kind="video")
    assert [(m["id"], m["type"]) for m in video["models"]] == [("fake:two", "video")]
    assert video["models"][0]["endpoint_url"].endswith("/api/generate/video")


@pytest.mark.parametrize("path", ["/api/agent/models", "/api/v1/models"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"query": "provider:fake makes one"}, ["fake:one"]),
        ({"provider": "fake", "task": "text-to-video"}, ["fake:two", "fake:two"]),
        ({"provider": "fake", "status": "deprecated"}, ["fake:old"]),
        ({"provider": "fake", "max_price": "0.5", "kind": "image"}, ["fake:one", "fake:two"]),
        (
            {"query": "provider:fake kind:image sort:price"},
            ["fake:one", "fake:two", "fake:dear", "fake:old"],
        ),
        ({"provider": "fake", "limit": "2", "offset": "3"}, ["fake:dear", "fake:old"]),
        ({"query": "nothing at all"}, []),
    ],
)
async def test_both_lists_search_alike(
    house: House, path: str, query: dict[str, str], expected: list[str]
) -> None:
    assert ids(await get(house, path, **query)) == expected


@pytest.mark.parametrize("path", ["/api/agent/models", "/api/v1/models"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "smell"),
        ("limit", "0"),
        ("offset", "x"),
        ("max_price", "-1"),
        ("limit", ""),
        ("offset", ""),
        ("max_price", ""),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(
    house: House, path: str, name: str, value: str
) -> None:
    refused = await house.http.get(path, params={name: value})
    assert refused.status_code == 400
    assert refused.json()["error"]["field"] == name


async def test_aliases_tell_what_they_mean_now(house: House) -> None:
    aliases = (await get(house, "/api/v1/models", limit=1))["aliases"]
    assert aliases["draft"] == {"target": "fake:one", "models": {"image": "fake:one"}}
    assert aliases["lost"]["problem"] == "not in the live catalog"
    assert aliases["quick"]["models"] == {"image": "fake:one", "video": "fake:two"}


async def test_an_alias_that_lost_its_model_is_refused_by_both_names(house: House) -> None:
    refused = await house.http.post("/api/generate/image", json={"prompt": "x", "model": "lost"})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (404, "model_not_found")
    assert "'lost'" in error["message"] and "'fake:gone'" in error["message"]


@pytest.mark.parametrize("path", ["/api/agent/models", "/api/v1/models", "/api/v1/models/fake:one"])
async def test_the_same_answer_is_not_sent_again(house: House, path: str) -> None:
    first = await answer(house, path)
    tag = first.headers["etag"]
    for given in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = await house.http.get(path, headers={"If-None-Match": given})
        assert again.status_code == 304 and not again.content
        assert again.headers["etag"] == tag
    assert (await house.http.get(path, headers={"If-None-Match": '"x"'})).status_code == 200


async def test_a_new_answer_is_sent_and_a_tag_belongs_to_one_caller_one_search_one_address(
    house: House,
) -> None:
    path = "/api/agent/models"
    tags = {
        (await answer(house, path)).headers["etag"],
        (await answer(house, path, key=False)).headers["etag"],
        (await answer(house, path, kind="video")).headers["etag"],
        (await house.http.get(path, headers={"Host": "127.0.0.1:3000"})).headers["etag"],
    }
    assert len(tags) == 4
    services = house.app.services
    assert services is not None
    await services.catalog.refresh(force=True)
    assert (await answer(house, path)).headers["etag"] in tags, "asked again, the same is said"
    house.fake.offered = [model("new")]
    await services.catalog.refresh(force=True)
    changed = await answer(house, path)
    assert changed.headers["etag"] not in tags and "fake:new" in ids(changed.json())


async def test_one_model_comes_with_schema_price_and_figures_also_by_its_alias(
    house: House,
) -> None:
    await house.ended(await house.order())
    for name in ("fake:one", "draft"):
        found = await get(house, f"/api/v1/models/{name}")
        assert found["id"] == "fake:one"
        assert found["input_schema"]["properties"]["mood"]["enum"] == ["calm", "wild"]
        assert found["price"]["amount"] == 0.02
        assert found["stats"]["runs"] == 1
    choice = await house.http.get("/api/v1/models/quick")
    assert choice.status_code == 404 and "image fake:one" in choice.json()["error"]["next_step"]


async def test_types_are_told_in_words(house: House) -> None:
    properties: dict[str, Any] = {
        "prompt": {"type": "string"},
        "steps": {"type": ["integer", "null"]},
        "size": {"anyOf": [{"type": "null"}, {"type": "object"}]},
        "urls": {"type": "array"},
        "fast": {"type": "boolean"},
        "style": {"enum": ["a", "b"]},
    }
    house.fake.offered = [model("typed", input_schema={"type": "object", "properties": properties})]
    found = await get(house, "/api/v1/models", query="fake:typed")
    assert found["models"][0]["input"] == {
        "prompt": "string",
        "options": {
            "steps": "number",
            "size": "object",
            "urls": "array",
            "fast": "boolean",
            "style": "string",
        },
    }


async def test_five_thousand_models_are_listed_and_searched(house: House) -> None:
    # How fast: benchmarks/bench_catalog.py.
    house.fake.offered = [model(f"maker/painter-{i}") for i in range(5000)]
    everything = await answer(house, "/api/agent/models", key=False)
    assert len(everything.json()["models"]) > 5000
    found = (await house.http.get("/api/v1/models?query=painter-49&limit=50")).json()
    assert found["total"] == 111 and len(found["models"]) == 50


async def catalog(house: House, **arguments: Any) -> dict[str, Any]:
    """What the tool `model_catalog` answers, after checking that text and structure say the same."""
    transport = httpx2.ASGITransport(house.app)
    headers = {"Authorization": f"Bearer {house.key}"}
    async with (
        httpx2.AsyncClient(transport=transport, headers=headers, base_url=BASE) as http,
        Client(streamable_http_client(f"{BASE}/mcp", http_client=http)) as mcp,
    ):
        result = await mcp.call_tool("model_catalog", arguments)
    block = result.content[0]
    assert isinstance(block, TextContent) and json.loads(block.text) == result.structured_content
    return json.loads(block.text)


async def test_the_tool_finds_what_the_lists_find(house: House) -> None:
    await house.ended(await house.order())
    found = await catalog(house, query="provider:fake kind:image sort:price")
    assert ids(found) == ["fake:one", "fake:two", "fake:dear", "fake:old"]
    assert found["models"][0]["stats"]["runs"] == 1
    assert found["models"][3]["status"] == "deprecated"
    assert found["aliases"]["quick"] == {"image": "fake:one", "video": "fake:two"}
    assert found["aliases"]["lost"] == "fake:gone: not in the live catalog"
    assert "providers" not in found and "next" not in found


async def test_the_tool_says_how_to_get_the_rest(house: House) -> None:
    first = await catalog(house, query="provider:fake", limit=3)
    assert first["total"] == 4 and first["next"].startswith("1 more: offset=3")
    rest = await catalog(house, query="provider:fake", limit=3, offset=3)
    assert ids(rest) == ["fake:old"] and "next" not in rest
    assert ids(await catalog(house, query="provider:fake", offset=9)) == []


async def test_the_tool_tells_of_providers_in_trouble(troubled: House) -> None:
    (state,) = (await catalog(troubled))["providers"]
    assert state == {
        "name": "fake",
        "status": "unavailable",
        "error": "secret words of the vendor",
    }


async def test_a_filter_of_the_tool_that_means_nothing_is_refused(house: House) -> None:
    for arguments in ({"query": "sort:colour"}, {"offset": -1}, {"query": "max_price:low"}):
        assert (await catalog(house, **arguments))["error"]["code"] == "invalid_request"


async def test_a_very_long_schema_comes_without_its_prose(house: House) -> None:
    properties = {
        f"p{i}": {"type": "string", "description": "word " * 50, "examples": ["x"]}
        for i in range(150)
    }
    properties["description"] = {"type": "string", "description": "word " * 50}
    house.fake.offered = [model("long", input_schema={"type": "object", "properties": properties})]
    shown = (await catalog(house, id="fake:long"))["input_schema"]["properties"]
    assert shown["p0"] == shown["description"] == {"type": "string"} and len(shown) == 151
    whole = await get(house, "/api/v1/models/fake:long")
    assert whole["input_schema"]["properties"]["p0"]["description"]
