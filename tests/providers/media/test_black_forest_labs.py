"""Black Forest Labs: its OpenAPI document as a catalog, where polling leads, modes, moderation, credits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import OutcomeUnknown, ProviderError, ProviderUnavailable
from flexura.outbound.answer import Unreachable
from flexura.ports.provider import Done, Failed, Pending
from flexura.providers.http_vendor import HttpVendor
from one_adapter import ended, given, listed, order, sampled, sent
from vendor_double import VendorDouble, vendor_double

pytestmark = pytest.mark.anyio
NAME = "black_forest_labs"
OPENAPI = Path(__file__).parents[2] / "fixtures" / "openapi" / "black_forest_labs.json"


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


def result(status: str, **more: Any) -> dict[str, Any]:
    return {"path": "/v1/get_result", "answer": {"json": {"id": "b1", "status": status, **more}}}


def taken(
    model: str, url: str = "{server}/v1/get_result?id=b1", **more: Any
) -> list[dict[str, Any]]:
    answer = {"json": {"id": "b1", "polling_url": url, **more}}
    ready = result("Ready", result={"sample": "https://files.example/1.png"})
    return [{"method": "POST", "path": f"/v1/{model}", "answer": answer}, ready]


async def test_every_path_that_takes_a_prompt_is_a_model(
    double: VendorDouble, tmp_path: Path
) -> None:
    whole = {"path": "/openapi.json", "answer": {"json": json.loads(OPENAPI.read_text())}}
    async with sampled(NAME, double, tmp_path, whole) as bfl:
        models = await listed(bfl)
    assert sorted(models) == [
        "flux-2-flex",
        "flux-2-klein-4b",
        "flux-3-video",
        "flux-pro-1.0-fill",
        "flux-pro-1.1",
    ]
    assert models["flux-pro-1.0-fill"].tasks == ("image-to-image",)
    assert models["flux-pro-1.1"].tasks == ("text-to-image", "image-to-image")
    assert models["flux-2-flex"].name == "Generate or edit an image with FLUX.2 [flex]"
    assert {m.schema_source for m in models.values()} == {"live"}


async def test_a_schema_promises_nothing_that_the_vendor_refuses(
    double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled(NAME, double, tmp_path) as bfl:
        models = await listed(bfl)
    properties = models["flux-2-klein-4b"].input_schema["properties"]
    # The document says 0 by default and 64 at least.
    assert "default" not in properties["width"] and properties["width"]["minimum"] == 64
    assert properties["output_format"]["enum"] == ["jpeg", "png", "webp"]
    # An order with a webhook is answered without an address to ask.
    assert not {"webhook_url", "webhook_secret"} & set(properties)
    video = models["flux-3-video"].input_schema
    assert "mode" not in video["properties"] and video["required"] == ["prompt"]
    assert {"keyframes", "start_video"} < set(video["properties"])
    assert "draft_cache" not in video["properties"]


@pytest.mark.parametrize("document", [None, 7, [], {"paths": None}, {"paths": {}}, {"paths": [1]}])
async def test_a_document_without_paths_is_a_list_that_cannot_be_read(
    document: Any, double: VendorDouble, tmp_path: Path
) -> None:
    odd = {"path": "/openapi.json", "answer": {"json": document}}
    async with sampled(NAME, double, tmp_path, odd) as bfl:
        with pytest.raises(ProviderUnavailable, match="list of models cannot be read"):
            await bfl.models()


async def test_odd_paths_are_left_out(double: VendorDouble, tmp_path: Path) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Gone"}}}}
    good = {"type": "object", "properties": {"prompt": {"type": "string"}}}
    paths = {
        "/v1/a": None,
        "/v1/b": {"post": 5},
        "/v1/c": {"post": {"tags": 3, "requestBody": body}},
        "/v2/d": {"post": {"requestBody": {"content": {"application/json": {"schema": good}}}}},
        "/v1/e": {"post": {"requestBody": {"content": {"application/json": {"schema": good}}}}},
    }
    odd = {"path": "/openapi.json", "answer": {"json": {"paths": paths}}}
    async with sampled(NAME, double, tmp_path, odd) as bfl:
        models = await listed(bfl)
    assert list(models) == ["e"]


async def test_the_order_goes_where_the_polling_url_leads_if_that_is_the_vendor(
    double: VendorDouble, tmp_path: Path
) -> None:
    elsewhere = "https://evil.example/v1/get_result?id=b1"
    exchanges = taken("flux-2-klein-4b", elsewhere)
    async with sampled(NAME, double, tmp_path, *exchanges) as bfl:
        assert isinstance(bfl, HttpVendor)
        assert bfl.api.is_ours("https://api.eu1.bfl.ai/v1/get_result?id=b1")
        assert not bfl.api.is_ours("http://api.eu1.bfl.ai/v1/get_result?id=b1")
        assert not bfl.api.is_ours("https://bfl.ai.example/v1/get_result?id=b1")
        operation = await bfl.submit(order("flux-2-klein-4b", "image", {"prompt": "a fox"}))
        assert operation == {"url": f"{double.url}/v1/get_result?id=b1"}
    assert "secret" not in json.dumps(operation)


async def test_the_mode_follows_from_what_is_given(double: VendorDouble, tmp_path: Path) -> None:
    options = {"prompt": "go", "generate_audio": False, "draft": False}
    frames = [given(tmp_path, "jpeg", "last_frame"), given(tmp_path, "png", "first_frame")]
    asked = [(), frames[1:], frames, (given(tmp_path, "mp4"),)]
    for inputs in asked:
        async with sampled(NAME, double, tmp_path, *taken("flux-3-video")) as bfl:
            await ended(bfl, order("flux-3-video", "video", options, *inputs))
    words, one, two, video = sent(double)
    assert words == {"mode": "t2v", **options}
    assert one["mode"] == "i2v" and isinstance(one["keyframes"], str)
    # Plain base64, the last frame last.
    assert [two["keyframes"][0][:5], two["keyframes"][1][:5]] == ["iVBOR", "/9j/4"]
    assert video["mode"] == "v2v" and not video["start_video"].startswith("data:")


async def test_further_pictures_fill_the_numbered_places(
    double: VendorDouble, tmp_path: Path
) -> None:
    three = [
        given(tmp_path, "png", "image", "input_image"),
        *(given(tmp_path, "jpeg") for _ in "ab"),
    ]
    async with sampled(NAME, double, tmp_path, *taken("flux-2-klein-4b")) as bfl:
        await ended(bfl, order("flux-2-klein-4b", "image", {"prompt": "both"}, *three))
    body = sent(double)[0]
    assert sorted(k for k in body if k.startswith("input")) == [
        "input_image",
        "input_image_2",
        "input_image_3",
    ]


async def test_settled_credits_count_before_those_of_the_offer(
    double: VendorDouble, tmp_path: Path
) -> None:
    wanted = order("flux-2-klein-4b", "image", {"prompt": "a fox"})
    offer, ready = taken("flux-2-klein-4b", cost=3)
    async with sampled(NAME, double, tmp_path, offer, ready) as bfl:
        offered = await ended(bfl, wanted)
    ready["answer"]["json"]["cost"] = 1.4
    async with sampled(NAME, double, tmp_path, offer, ready) as bfl:
        settled = await ended(bfl, wanted)
    assert isinstance(offered, Done) and isinstance(settled, Done)
    assert offered.cost and offered.cost["amount"] == 0.03
    assert settled.cost and settled.cost["amount"] == 0.014
    assert settled.cost["currency"] == "USD"


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        ({"status": "Request Moderated"}, "content_policy", "refused the prompt or an input"),
        (
            {"status": "Content Moderated", "details": {"Moderation Reasons": ["Violence"]}},
            "content_policy",
            "refused the result: Violence",
        ),
        ({"status": "Error", "details": {"error": "no GPU"}}, "provider_error", "no GPU"),
        ({"status": "Error"}, "provider_error", "no reason given"),
        ({"status": "Task not found"}, "result_expired", "no longer knows"),
        ({"status": "Ready", "result": None}, "provider_error", "without a file"),
    ],
)
async def test_an_end_without_a_file_says_why(
    told: dict[str, Any], code: str, words: str, double: VendorDouble, tmp_path: Path
) -> None:
    exchange = {"path": "/v1/get_result", "answer": {"json": told}}
    async with sampled(NAME, double, tmp_path, exchange) as bfl:
        operation = {"url": f"{double.url}/v1/get_result?id=b1"}
        state = await bfl.poll(operation, order("flux-2-klein-4b", "image", {}))
    assert isinstance(state, Failed) and state.code == code
    assert words in state.message


async def test_an_unknown_status_is_waited_for(double: VendorDouble, tmp_path: Path) -> None:
    async with sampled(NAME, double, tmp_path, result("Reasoning", progress=1.7)) as bfl:
        operation = {"url": f"{double.url}/v1/get_result?id=b1"}
        state = await bfl.poll(operation, order("flux-2-klein-4b", "image", {}))
    assert isinstance(state, Pending) and state.progress == 1.0


async def test_an_answer_without_an_id_leaves_open_what_was_bought(
    double: VendorDouble, tmp_path: Path
) -> None:
    odd = {"method": "POST", "path": "/v1/flux-2-klein-4b", "answer": {"json": {"status": "x"}}}
    async with sampled(NAME, double, tmp_path, odd) as bfl:
        with pytest.raises(OutcomeUnknown):
            await bfl.submit(order("flux-2-klein-4b", "image", {"prompt": "a fox"}))


async def test_a_model_that_left_the_document_is_not_bought(
    double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled(NAME, double, tmp_path) as bfl:
        with pytest.raises(ProviderError, match="no longer has flux-9"):
            await bfl.submit(order("flux-9", "image", {"prompt": "a fox"}))
    assert sent(double) == []


async def test_trouble_before_the_order_leaves_it_unbought(
    double: VendorDouble, tmp_path: Path
) -> None:
    away = {"path": "/openapi.json", "answer": {"status": 503, "text": "busy"}}
    async with sampled(NAME, double, tmp_path, away) as bfl:
        with pytest.raises(ProviderUnavailable) as lost:
            await bfl.submit(order("flux-2-klein-4b", "image", {"prompt": "a fox"}))
    assert not isinstance(lost.value, Unreachable)
