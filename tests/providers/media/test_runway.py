"""Runway: which models there are, which endpoint an order goes to, what is wrapped, what a failure means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import PayloadTooLarge, ProviderError, ProviderUnavailable
from flexura.ports.provider import Done, Failed, InputFile, Pending
from one_adapter import ended, given, listed, order, sampled, sent
from vendor_double import VendorDouble, vendor_double
from vendor_samples import sample

pytestmark = pytest.mark.anyio
TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
DOCUMENT = "/runwayml/openapi/next/openapi.json"


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


def task(status: str, **more: Any) -> dict[str, Any]:
    answer = {"json": {"id": TASK, "status": status, **more}}
    return {"path": f"/v1/tasks/{TASK}", "answer": answer}


def taken(path: str) -> list[dict[str, Any]]:
    created = {"method": "POST", "path": path, "answer": {"json": {"id": TASK}}}
    output = ["https://files.example/1.mp4"]
    return [created, task("SUCCEEDED", output=output, cost={"credits": 40})]


async def test_every_model_of_the_tier_is_listed_with_what_the_document_says(
    double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled("runway", double, tmp_path) as runway:
        models = await listed(runway)
    both = models["gen4.5"]
    assert both.schema_source == "live"
    assert both.input_schema["required"] == ["promptText"]
    properties = both.input_schema["properties"]
    assert "model" not in properties
    assert properties["promptImage"] == {"type": "string"}
    # What the schema allows, both endpoints allow; what they want without naming a default, it names.
    assert properties["ratio"]["enum"] == ["1280:720", "720:1280"]
    assert properties["ratio"]["default"] == "1280:720"
    assert properties["duration"]["default"] == 2
    speech = models["eleven_multilingual_v2"].input_schema["properties"]["voice"]
    assert speech["type"] == "string" and "Leslie" in speech["enum"]
    references = models["gemini_image3_pro"].input_schema["properties"]["referenceImages"]
    assert references["type"] == "array" and references["items"]["type"] == "string"


async def test_a_model_that_only_other_endpoints_take_is_left_out(
    double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled("runway", double, tmp_path) as runway:
        models = await listed(runway)
    assert "eleven_multilingual_sts_v2" not in models
    assert "brand_new_upscaler" not in models
    assert models["brand_new_image"].schema_source == "endpoint"
    assert "by a word in the model's name" in models["brand_new_image"].description


async def test_the_key_stays_away_from_the_place_of_the_document(
    double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled("runway", double, tmp_path) as runway:
        await runway.models()
    fetched = next(a for a in double.asked if a.path == DOCUMENT)
    assert "authorization" not in fetched.headers
    assert "secret" not in json.dumps(fetched.headers)


@pytest.mark.parametrize(
    ("upstream_id", "tasks"),
    [
        ("gen9_image", ("text-to-image", "image-to-image")),
        ("some_sfx_3", ("text-to-sound",)),
        ("some_multilingual_v9", ("text-to-speech",)),
        ("aleph9", ("video-to-video",)),
        ("gen9_turbo", ("image-to-video",)),
        ("gen9", ("text-to-video", "image-to-video")),
    ],
)
async def test_without_the_document_the_words_of_a_name_decide(
    upstream_id: str, tasks: tuple[str, ...], double: VendorDouble, tmp_path: Path
) -> None:
    away = {"path": DOCUMENT, "answer": {"status": 404, "text": "Not Found"}}
    tier = {"path": "/v1/organization", "answer": {"json": {"tier": {"models": {upstream_id: {}}}}}}
    async with sampled("runway", double, tmp_path, away, tier) as runway:
        model = (await listed(runway))[upstream_id]
    assert model.tasks == tasks
    assert model.schema_source == "endpoint"


@pytest.mark.parametrize("tier", [None, 7, [], {"tier": None}, {"tier": {"models": ["a"]}}])
async def test_an_organization_without_models_is_a_list_that_cannot_be_read(
    tier: Any, double: VendorDouble, tmp_path: Path
) -> None:
    odd = {"path": "/v1/organization", "answer": {"json": tier}}
    async with sampled("runway", double, tmp_path, odd) as runway:
        with pytest.raises(ProviderUnavailable, match="Runway's list of models cannot be read"):
            await runway.models()


async def test_the_input_decides_the_endpoint(double: VendorDouble, tmp_path: Path) -> None:
    options = {"promptText": "it runs", "ratio": "1280:720", "duration": 2, "seed": 7}
    async with sampled("runway", double, tmp_path, *taken("/v1/text_to_video")) as runway:
        await ended(runway, order("gen4.5", "video", options))
    async with sampled("runway", double, tmp_path, *taken("/v1/image_to_video")) as runway:
        await ended(runway, order("gen4.5", "video", options, given(tmp_path, "png")))
    words, picture = sent(double)
    assert words == {"model": "gen4.5", **options}
    assert picture["promptImage"].startswith("data:image/png;base64,")


async def test_first_and_last_frame_are_named_by_their_place(
    double: VendorDouble, tmp_path: Path
) -> None:
    away = {"path": DOCUMENT, "answer": {"status": 404, "text": "Not Found"}}
    frames = (given(tmp_path, "jpeg", "last_frame"), given(tmp_path, "png", "first_frame"))
    async with sampled("runway", double, tmp_path, away, *taken("/v1/image_to_video")) as runway:
        await ended(runway, order("gen4.5", "video", {"promptText": "go"}, *frames))
    first, last = sent(double)[0]["promptImage"]
    assert (first["position"], last["position"]) == ("first", "last")
    assert first["uri"].startswith("data:image/png") and last["uri"].startswith("data:image/jpeg")


async def test_a_last_frame_is_left_out_where_the_model_takes_only_the_first(
    double: VendorDouble, tmp_path: Path
) -> None:
    frames = (given(tmp_path, "png", "first_frame"), given(tmp_path, "jpeg", "last_frame"))
    async with sampled("runway", double, tmp_path, *taken("/v1/image_to_video")) as runway:
        await ended(runway, order("gen4.5", "video", {"promptText": "go"}, *frames))
    assert sent(double)[0]["promptImage"].startswith("data:image/png")


async def test_voices_and_references_are_wrapped_as_the_vendor_wants_them(
    double: VendorDouble, tmp_path: Path
) -> None:
    voice = {"promptText": "good morning", "voice": "Leslie"}
    async with sampled("runway", double, tmp_path, *taken("/v1/text_to_speech")) as runway:
        await ended(runway, order("eleven_multilingual_v2", "audio", voice))
    two = [given(tmp_path, "png", "reference", "referenceImages[]") for _ in range(2)]
    async with sampled("runway", double, tmp_path, *taken("/v1/text_to_image")) as runway:
        await ended(runway, order("gemini_image3_pro", "image", {"promptText": "a fox"}, *two))
    speech, picture = sent(double)
    assert speech["voice"] == {"type": "runway-preset", "presetId": "Leslie"}
    assert [set(r) for r in picture["referenceImages"]] == [{"uri"}, {"uri"}]


async def test_a_file_that_is_too_large_is_refused_before_anything_is_bought(
    double: VendorDouble, tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(bytes(5_000_000))
    large = InputFile(path, "image/png", "0" * 64, "image", "promptImage")
    async with sampled("runway", double, tmp_path) as runway:
        with pytest.raises(PayloadTooLarge, match="larger than Runway takes"):
            await runway.submit(order("gen4.5", "video", {"promptText": "go"}, large))
    assert sent(double) == []


async def test_a_model_that_left_the_catalog_is_not_bought(
    double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled("runway", double, tmp_path) as runway:
        with pytest.raises(ProviderError, match="no longer has eleven_multilingual_sts_v2"):
            await runway.submit(order("eleven_multilingual_sts_v2", "audio", {"promptText": "a"}))
    assert sent(double) == []


async def test_what_it_cost_is_told_in_dollars(double: VendorDouble, tmp_path: Path) -> None:
    async with sampled("runway", double, tmp_path, *taken("/v1/sound_effect")) as runway:
        done = await ended(runway, order("eleven_text_to_sound_v2", "audio", {"promptText": "a"}))
    assert isinstance(done, Done) and done.cost is not None
    assert (done.cost["amount"], done.cost["currency"]) == (0.4, "USD")


@pytest.mark.parametrize(
    ("failure_code", "code", "words", "again"),
    [
        ("SAFETY.INPUT.TEXT", "content_policy", "refused the prompt", False),
        ("SAFETY.INPUT.IMAGE", "content_policy", "refused an input image", False),
        ("SAFETY.OUTPUT.VIDEO", "content_policy", "refused the result", False),
        ("INTERNAL.BAD_OUTPUT.CODE01", "provider_error", "failed (INTERNAL.BAD_OUTPUT", True),
        ("ASSET.INVALID", "provider_error", "failed (ASSET.INVALID)", False),
        (None, "provider_error", "failed: flagged", True),
    ],
)
async def test_a_failure_says_what_was_refused_and_whether_to_try_again(
    failure_code: str | None,
    code: str,
    words: str,
    again: bool,
    double: VendorDouble,
    tmp_path: Path,
) -> None:
    failed = task("FAILED", failure="flagged", failureCode=failure_code, cost={"credits": 0})
    async with sampled("runway", double, tmp_path, failed) as runway:
        state = await runway.poll({"task": TASK}, order("gen4.5", "video", {}))
    assert isinstance(state, Failed)
    assert (state.code, state.retryable) == (code, again)
    assert words in state.message


async def test_an_unknown_status_is_waited_for(double: VendorDouble, tmp_path: Path) -> None:
    async with sampled("runway", double, tmp_path, task("DREAMING", progress="x")) as runway:
        state = await runway.poll({"task": TASK}, order("gen4.5", "video", {}))
    assert isinstance(state, Pending) and state.progress is None


async def test_canceling_what_is_over_is_no_error(double: VendorDouble, tmp_path: Path) -> None:
    gone = {"method": "DELETE", "path": "/v1/tasks/t1", "answer": {"status": 404, "json": {}}}
    async with sampled("runway", double, tmp_path, gone) as runway:
        await runway.cancel({"task": "t1"}, order("gen4.5", "video", {}))
    assert [a.method for a in double.asked] == ["DELETE"]


async def test_the_requests_are_those_of_the_official_sdk(
    double: VendorDouble, tmp_path: Path
) -> None:
    wanted = sample("runway")["sdk_requests"]["requests"]
    answers = [
        {"method": r["m"], "path": r["path"], "answer": {"json": {"id": "t1"}}} for r in wanted
    ]
    tier = {"path": "/v1/organization", "answer": {"json": {"tier": {"models": {"veo3": {}}}}}}
    away = {"path": DOCUMENT, "answer": {"status": 404, "text": "Not Found"}}
    options = {"promptText": "fox", "ratio": "1280:720", "duration": 8}
    asked_for = order("veo3", "video", options)
    async with sampled("runway", double, tmp_path, tier, away, *answers) as runway:
        await runway.models()
        operation = await runway.submit(asked_for)
        await runway.poll(operation, asked_for)
        await runway.cancel(operation, asked_for)
    made = {(a.method, a.path): a for a in double.asked}
    for request in wanted:
        asked = made[request["m"], request["path"]]
        assert asked.headers["x-runway-version"] == request["h"]["x-runway-version"]
        assert asked.headers["authorization"].startswith("Bearer ")
        if request["body"]:
            assert asked.headers["content-type"] == request["h"]["content-type"]
            assert asked.sent() == request["body"]
