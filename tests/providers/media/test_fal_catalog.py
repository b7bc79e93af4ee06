"""fal.ai's catalog: the live list, what each endpoint makes, its schema and its price."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from adapter_runs import Wire, made, opened
from flexura.domain.errors import ProviderUnavailable
from flexura.ports.provider import Provider
from flexura.providers.media import fal
from vendor_double import VendorDouble, vendor_double
from vendor_samples import Case, environment, prepare, sample

pytestmark = pytest.mark.anyio
ENV = {"FAL_KEY": " secret-fal-0001 "}
LIST, PRICES = "GET /v1/models", "GET /v1/models/pricing"
ESTIMATE, SITE = "POST /v1/models/pricing/estimate", "GET /api/openapi/queue/openapi.json"
ID = "acme/paint/text-to-image"
ASKED_BY_ID = [
    e["query"]["endpoint_id"]
    for e in sample("fal")["listing"]
    if e["path"].endswith("/models") and "endpoint_id" in e.get("query", {})
]


def listed(*rows: Any, cursor: str | None = None) -> dict[str, Any]:
    return {"models": list(rows), "next_cursor": cursor, "has_more": cursor is not None}


def row(endpoint: str, category: str, **metadata: Any) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint,
        "metadata": {"display_name": "Name", "category": category, **metadata},
    }


def document(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {
        "content": {"application/json": {"schema": {"type": "object", "properties": properties}}}
    }
    return {"openapi": "3.0.4", "paths": {"/x": {"post": {"requestBody": body}}}, **more}


def over(wire: Wire, folder: Path) -> Provider:
    return made(fal, ENV, folder, wire.guard())


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


async def test_the_list_is_read_page_by_page_with_the_key(tmp_path: Path) -> None:
    def page(request: httpx2.Request) -> Any:
        last = "cursor" in request.url.params
        return listed(row(f"acme/p{int(last)}", "text-to-image"), cursor=None if last else "Mg==")

    wire = Wire(**{LIST: page, PRICES: {"prices": []}})
    found = await over(wire, tmp_path).models()
    assert [m.id for m in found] == ["fal:acme/p0", "fal:acme/p1"]
    assert {m.schema_source for m in found} == {"on request"}
    first = wire.of(LIST)[0]
    assert str(first.url).startswith("https://api.fal.ai/v1/models?status=active&limit=")
    assert {r.headers["authorization"] for r in wire.asked} == {"Key secret-fal-0001"}


async def test_a_cursor_that_leads_back_to_itself_ends_the_list(tmp_path: Path) -> None:
    wire = Wire(
        **{LIST: listed(row("acme/p", "text-to-image"), cursor="same"), PRICES: {"prices": []}}
    )
    assert len(await over(wire, tmp_path).models()) == 1
    assert len(wire.of("GET /v1/models")) == 3, "two pages, one price list"


@pytest.mark.parametrize(
    ("category", "more", "kinds", "tasks"),
    [
        ("text-to-image", {}, ("image",), ("text-to-image",)),
        ("image-to-image", {}, ("image",), ("image-to-image",)),
        ("video-to-video", {}, ("video",), ("video-to-video",)),
        ("audio-to-video", {}, ("video",), ("audio-to-video",)),
        ("video-to-audio", {}, ("audio",), ("video-to-audio",)),
        ("speech-to-speech", {}, ("audio",), ("audio-to-audio",)),
        ("text-to-speech", {}, ("audio",), ("text-to-speech",)),
        ("text-to-audio", {"description": "Songs with vocals."}, ("audio",), ("text-to-music",)),
        ("text-to-audio", {"tags": ["sound effects"]}, ("audio",), ("text-to-sound",)),
        ("text-to-audio", {"description": "Natural TTS."}, ("audio",), ("text-to-speech",)),
        ("video-to-image", {}, ("image",), ()),
        ("speech-to-text", {}, None, None),
        ("image-to-3d", {}, None, None),
        ("image-to-json", {}, None, None),
        ("llm", {}, None, None),
        ("vision", {}, None, None),
        ("training", {}, None, None),
        ("text-to-image", {"kind": "training"}, None, None),
        ("", {}, None, None),
        (7, {"display_name": None, "tags": "x"}, None, None),
    ],
)
async def test_the_category_says_what_an_endpoint_makes(
    category: Any, more: dict[str, Any], kinds: Any, tasks: Any, tmp_path: Path
) -> None:
    wire = Wire(**{LIST: listed(row("acme/thing", category, **more)), PRICES: {"prices": []}})
    found = await over(wire, tmp_path).models()
    assert [(m.kinds, m.tasks) for m in found] == ([(kinds, tasks)] if kinds else [])


async def test_odd_entries_are_left_out_and_a_path_speaks_for_an_entry_without_metadata(
    tmp_path: Path,
) -> None:
    odd: list[Any] = [
        None,
        3,
        {},
        {"endpoint_id": "../x"},
        {"endpoint_id": "a/b?c"},
        {"endpoint_id": "one"},
    ]
    bare = [{"endpoint_id": "acme/m/v1/image-to-video"}, {"endpoint_id": "acme/m"}]
    wire = Wire(**{LIST: listed(*odd, *bare, *bare), PRICES: {"prices": []}})
    (model,) = await over(wire, tmp_path).models()
    assert (model.upstream_id, model.tasks) == ("acme/m/v1/image-to-video", ("image-to-video",))


@pytest.mark.parametrize("junk", [None, [], 7, {}, {"models": {"a": 1}}, {"models": None}])
async def test_a_list_of_another_shape_is_an_error(junk: Any, tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match=r"fal\.ai's list of models cannot be read"):
        await over(Wire(**{LIST: junk}), tmp_path).models()


async def test_prices_are_asked_in_batches_and_a_spoilt_batch_in_halves(tmp_path: Path) -> None:
    ids = [f"acme/m{i}" for i in range(120)]

    def priced(request: httpx2.Request) -> Any:
        asked = request.url.params.get_list("endpoint_id")
        assert len(asked) <= 50
        if "acme/m60" in asked:
            return (404, {"error": {"type": "not_found", "message": "Unknown endpoint"}})
        return {
            "prices": [
                {"endpoint_id": i, "unit_price": 0.03, "unit": "images", "currency": "usd"}
                for i in asked
            ]
        }

    wire = Wire(**{LIST: listed(*(row(i, "text-to-image") for i in ids)), PRICES: priced})
    found = await over(wire, tmp_path).models()
    unpriced = [m.upstream_id for m in found if m.price is None]
    assert unpriced == ["acme/m60"]
    price = found[0].price
    assert price is not None
    assert (price.unit, price.amount, price.currency) == ("image", 0.03, "USD")
    assert "fal.ai" in price.source


@pytest.mark.parametrize(
    "trouble",
    [(500, {}), (401, {"error": {"message": "no"}}), (429, {}), (200, "x"), (200, {"prices": 3})],
)
async def test_a_failing_price_list_hides_no_model(trouble: Any, tmp_path: Path) -> None:
    wire = Wire(**{LIST: listed(row(ID, "text-to-image")), PRICES: trouble})
    (model,) = await over(wire, tmp_path).models()
    assert model.price is None


async def test_known_prices_are_not_asked_for_again(tmp_path: Path) -> None:
    prices = {
        "prices": [{"endpoint_id": ID, "unit_price": 0.1, "unit": "image", "currency": "USD"}]
    }
    wire = Wire(**{LIST: listed(row(ID, "text-to-image")), PRICES: prices})
    provider = over(wire, tmp_path)
    await provider.models()
    await provider.models()
    assert len(wire.of(PRICES)) == 1


@pytest.mark.parametrize(
    ("unit", "kind", "amount", "expected"),
    [
        ("images", "image", 0.03, ("image", 0.03)),
        ("Processed Megapixels", "image", 0.01, ("megapixel", 0.01)),
        ("seconds", "video", 0.05, ("second", 0.05)),
        ("minutes", "audio", 0.2, ("minute", 0.2)),
        ("videos", "video", 0.5, ("run", 0.5)),
        ("1000 characters", "audio", 0.05, ("1000 characters", 0.05)),
        ("characters", "audio", 0.00005, ("1000 characters", 0.05)),
        ("seconds", "image", 0.001, ("run", 0.02)),
        ("compute seconds", "video", 0.001, ("run", 0.02)),
        ("units", "image", 1, ("run", 0.02)),
        ("image", "image", 0, ("run", 0.02)),
        ("image", "image", "free", ("run", 0.02)),
    ],
)
async def test_a_unit_that_nobody_can_count_beforehand_becomes_the_average_of_past_calls(
    unit: str, kind: str, amount: Any, expected: tuple[str, float], tmp_path: Path
) -> None:
    prices = {
        "prices": [{"endpoint_id": ID, "unit_price": amount, "unit": unit, "currency": "USD"}]
    }
    estimate = {"estimate_type": "historical_api_price", "total_cost": 0.02, "currency": "USD"}
    found = {**row(ID, f"text-to-{kind}"), "openapi": document({"prompt": {"type": "string"}})}
    wire = Wire(**{LIST: listed(found), PRICES: prices, ESTIMATE: estimate})
    model = await over(wire, tmp_path).model(ID, None)
    assert model is not None and model.price is not None
    assert (model.price.unit, model.price.amount) == expected
    assert ("past calls" in model.price.source) == (expected[0] == "run" and expected[1] == 0.02)
    if wire.of(ESTIMATE):
        asked = json.loads(wire.of(ESTIMATE)[0].content)
        assert asked == {
            "estimate_type": "historical_api_price",
            "endpoints": {ID: {"call_quantity": 1}},
        }


async def test_an_endpoint_that_the_list_does_not_have_is_found_by_its_own_document(
    tmp_path: Path,
) -> None:
    told = {"info": {"x-fal-metadata": {"category": "text-to-video"}}}
    wire = Wire(
        **{
            LIST: (404, {"error": {"message": "not found"}}),
            SITE: document({"prompt": {"type": "string"}}, **told),
        }
    )
    model = await over(wire, tmp_path).model("someone/own-app", None)
    assert model is not None
    assert (model.kinds, model.schema_source, model.price) == (("video",), "live", None)
    assert "authorization" not in wire.of(SITE)[0].headers, "the site's schemas are public"
    assert str(wire.of(SITE)[0].url).startswith("https://fal.ai/")


async def test_a_private_app_is_filed_by_the_names_of_its_fields(tmp_path: Path) -> None:
    schemas = {
        "components": {
            "schemas": {
                "MyInput": {"properties": {"image_url": {}, "prompt": {}}},
                "MyOutput": {"properties": {"video": {}, "seed": {}}},
            }
        }
    }
    wire = Wire(**{LIST: listed(), SITE: document({"image_url": {"type": "string"}}, **schemas)})
    model = await over(wire, tmp_path).model("someone/own-app", None)
    assert model is not None
    assert model.tasks == ("image-to-video",)


async def test_an_endpoint_that_nobody_knows_is_none_and_an_evil_name_is_not_asked_for(
    tmp_path: Path,
) -> None:
    wire = Wire(**{LIST: listed()})
    provider = over(wire, tmp_path)
    assert await provider.model("acme/gone", None) is None
    asked = len(wire.asked)
    for evil in ("../v1", "acme/x?y=1", "https://evil.example/x", "one", "a/b#c", "a//b", "a/../b"):
        assert await provider.model(evil, None) is None
    assert len(wire.asked) == asked


async def test_a_vendor_that_is_away_is_not_the_same_as_an_unknown_endpoint(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable):
        await over(Wire(**{LIST: listed(), SITE: (503, {})}), tmp_path).model("acme/x", None)
    with pytest.raises(ProviderUnavailable):
        await over(Wire(**{LIST: (503, {})}), tmp_path).model("acme/x", None)


async def test_a_schema_that_cannot_be_had_leaves_the_listed_model(tmp_path: Path) -> None:
    found = row(ID, "text-to-image", status="deprecated")
    wire = Wire(**{LIST: listed(found), SITE: (500, {})})
    model = await over(wire, tmp_path).model(ID, None)
    assert model is not None
    assert (model.schema_source, model.status) == ("on request", "deprecated")


@pytest.mark.parametrize("endpoint", ASKED_BY_ID)
async def test_the_samples_schemas_are_valid_and_know_their_prompt(
    endpoint: str, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, Case("fal", sample("fal"), {"exchanges": []}))
    async with opened(fal, environment("fal", double), tmp_path) as provider:
        model = await provider.model(endpoint, None)
    assert model is not None and model.schema_source == "live"
    jsonschema.Draft202012Validator.check_schema(model.input_schema)
    assert {"prompt", "text"} & set(model.input_schema["required"])
    if "seed" in model.input_schema["properties"]:
        assert model.input_schema["properties"]["seed"]["type"] == ["integer", "null"]
