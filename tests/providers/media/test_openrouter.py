"""OpenRouter: capabilities as JSON Schema, prices, what is sent, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flexura.domain.errors import (
    ContentPolicy,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
)
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile, Order, Pending
from flexura.providers.media import Setup, openrouter
from flexura.providers.media.openrouter import OpenRouter
from flexura.providers.vendors.openrouter_listing import (
    image_price,
    image_schema,
    speech_schema,
    video_price,
    video_schema,
)
from vendor_double import VendorDouble, media, vendor_double

pytestmark = pytest.mark.anyio


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


@pytest.fixture
async def router(double: VendorDouble, tmp_path: Path) -> AsyncIterator[OpenRouter]:
    env = {"OPENROUTER_API_KEY": "secret-key", "OPENROUTER_BASE_URL": f"{double.url}/api/v1/"}
    guard = Guard(allow_origins=openrouter.origins(env))
    [one] = openrouter.make(Setup(env, guard, tmp_path, tmp_path / "staging"))
    yield one  # type: ignore[misc]
    await guard.aclose()


def order(kind: str, options: Mapping[str, Any], *inputs: InputFile) -> Order:
    fields: dict[str, Any] = {
        "job_id": "job_1",
        "kind": kind,
        "upstream_id": "a/b",
        "n": 1,
        "seed": 7,
    }
    return Order(**fields, prompt="fox", options=options, inputs=inputs)


def given(folder: Path, role: str, slot: str = "", mime: str = "image/png") -> InputFile:
    path = folder / f"{role}.bin"
    path.write_bytes(media("png"))
    return InputFile(path, mime, "0" * 64, role, slot)


def answers(double: VendorDouble, path: str, answer: dict[str, Any], method: str = "POST") -> None:
    double.exchanges.append({"method": method, "path": f"/api/v1/{path}", "answer": answer})


def lists(double: VendorDouble, **failing: dict[str, Any]) -> None:
    """One image, one video and one speech model; `failing` answers instead of a list."""
    for name, path in (
        ("images", "images/models"),
        ("videos", "videos/models"),
        ("speech", "models"),
    ):
        answer = {"json": {"data": [{"id": f"house/{name}"}, {"name": "no id"}, None]}}
        answers(double, path, failing.get(name, answer), "GET")


def test_it_lives_by_its_key() -> None:
    assert openrouter.configured({"OPENROUTER_API_KEY": "k"})
    assert not openrouter.configured({"OPENROUTER_API_KEY": " ", "OPENROUTER_BASE_URL": "http://x"})
    assert openrouter.origins({}) == []


async def test_entries_that_tell_nothing_but_their_id_can_still_be_used(
    router: OpenRouter, double: VendorDouble
) -> None:
    lists(double)
    found = {m.id: m for m in await router.models()}
    assert {i: m.kinds for i, m in found.items()} == {
        "openrouter:house/images": ("image",),
        "openrouter:house/videos": ("video",),
        "openrouter:house/speech": ("audio",),
    }
    for model in found.values():
        jsonschema.Draft202012Validator.check_schema(model.input_schema)
        assert model.price is None
    assert [a.query for a in double.asked if a.path.endswith("/v1/models")] == [
        {"output_modalities": ["speech"]}
    ]


@pytest.mark.parametrize(
    "trouble",
    [{"status": 500, "text": "x"}, {"json": {"data": 5}}, {"text": "<html>"}, {"fault": "reset"}],
    ids=str,
)
async def test_a_list_that_fails_leaves_the_others_unless_all_do(
    trouble: dict[str, Any], router: OpenRouter, double: VendorDouble
) -> None:
    lists(double, videos=trouble)
    assert [m.kinds for m in await router.models()] == [("image",), ("audio",)]
    double.exchanges.clear()
    lists(double, images=trouble, videos=trouble, speech=trouble)
    with pytest.raises((ProviderUnavailable, ProviderError)):
        await router.models()


def test_capability_descriptors_become_json_schema() -> None:
    schema = image_schema(
        {
            "architecture": {"input_modalities": ["text", "image"]},
            "supported_parameters": {
                "resolution": {"type": "enum", "values": ["1K", "2K"]},
                "n": {"type": "range", "min": 1, "max": 4},
                "strength": {"type": "range", "min": 0, "max": 0.5},
                "seed": {"type": "boolean"},
                "stream": {"type": "boolean"},
                "novelty": {"type": "wave"},
                "odd": "nonsense",
                "background": {"type": "enum", "values": []},
                "input_references": {"type": "range", "min": 0, "max": 3},
            },
        }
    )
    properties = schema["properties"]
    assert properties["resolution"] == {"type": "string", "enum": ["1K", "2K"]}
    assert properties["n"] == {"type": "integer", "minimum": 1, "maximum": 4, "default": 1}
    assert properties["strength"] == {"type": "number", "minimum": 0, "maximum": 0.5}
    assert properties["seed"] == {"type": "integer", "minimum": 0}
    assert properties["novelty"] == {}
    assert properties["background"] == {"type": "string"}
    assert properties["input_references"]["maxItems"] == 3
    assert not {"stream", "odd"} & set(properties)
    assert schema["required"] == ["prompt"]
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_model_that_takes_no_pictures_has_no_place_for_them() -> None:
    assert "input_references" not in image_schema({"id": "a"})["properties"]
    none = {"supported_parameters": {"input_references": {"type": "range", "min": 0, "max": 0}}}
    assert "input_references" not in image_schema(none)["properties"]


def test_lists_of_what_a_video_model_supports_become_json_schema() -> None:
    schema = video_schema(
        {
            "supported_durations": [5, 8, True, "x"],
            "supported_sizes": ["1280x720"],
            "supported_frame_images": ["first_frame"],
            "generate_audio": True,
            "seed": False,
            "upscale_factor": None,
        }
    )
    properties = schema["properties"]
    assert properties["duration"]["enum"] == [5, 8, "x"]
    assert properties["size"] == {"type": "string", "enum": ["1280x720"]}
    assert properties["generate_audio"] == {"type": "boolean"}
    assert "frame_images" in properties and "seed" not in properties
    upscales = video_schema({"upscale_factor": {"min": 1, "max": 4}, "creativity": [1, 2]})
    assert upscales["required"] == []
    assert upscales["properties"]["upscale_factor"] == {
        "type": "number",
        "minimum": 1,
        "maximum": 4,
    }


def test_the_voices_of_a_speech_model_are_its_words_and_the_first_is_used() -> None:
    voice = speech_schema({"supported_voices": ["anna", "ben", 3]})["properties"]["voice"]
    assert (voice["enum"], voice["default"]) == (["anna", "ben"], "anna")
    assert "enum" not in speech_schema({"supported_voices": None})["properties"]["voice"]


@pytest.mark.parametrize(
    ("skus", "price"),
    [
        ({"duration_seconds_720p": "0.1", "duration_seconds_1080p": "0.2"}, ("second", 0.2)),
        (
            {"cents_per_video_output_second_480p": "8", "cents_per_image_input": "1"},
            ("second", 0.08),
        ),
        ({"reference_duration_seconds_480p": "9", "duration_seconds": "0.1"}, ("second", 0.1)),
        ({"generate": "0.50"}, ("run", 0.5)),
        ({"video_tokens": "0.000007"}, None),
        ({"duration_seconds": {"type": "second"}}, None),
        ({"duration_seconds": "inf"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_videos_price_is_the_highest_of_its_skus(skus: Any, price: Any) -> None:
    found = video_price({"pricing_skus": skus})
    assert (found and (found.unit, found.amount)) == price


def test_a_pictures_price_is_the_highest_of_its_endpoints() -> None:
    def line(cost: Any, unit: str = "image", billable: str = "output_image") -> dict[str, Any]:
        return {"billable": billable, "unit": unit, "cost_usd": cost}

    dear, cheap = (
        {"pricing": [line(0.05), line(0.9, billable="input_image")]},
        {"pricing": [line(0.04)]},
    )
    found = image_price({"endpoints": [dear, cheap, None, {"pricing": "free"}]})
    assert found and (found.unit, found.amount) == ("image", 0.05)
    assert "the highest of several" in found.source
    megapixel = image_price({"endpoints": [{"pricing": [line(0.01, "megapixel")]}]})
    assert megapixel and megapixel.unit == "megapixel"
    assert image_price({"endpoints": [{"pricing": [line(0.00003, "token")]}]}) is None
    assert image_price(None) is None


async def test_a_price_that_cannot_be_had_leaves_the_model_as_it_is(
    router: OpenRouter, double: VendorDouble
) -> None:
    lists(double)
    image, video, _ = await router.models()
    assert await router.model(image.upstream_id, image) == image
    assert await router.model(video.upstream_id, video) == video
    assert await router.model("house/none", None) is None
    assert [a.path for a in double.asked][3:] == ["/api/v1/images/models/house/images/endpoints"]


async def test_every_file_goes_where_its_role_belongs(
    router: OpenRouter, double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "videos", {"status": 202, "json": {"id": "1"}})
    files = [
        given(tmp_path, "image", "frame_images[]"),
        given(tmp_path, "last_frame"),
        given(tmp_path, "reference"),
        given(tmp_path, "audio", mime="audio/wav"),
    ]
    await router.submit(order("video", {"prompt": "fox", "duration": 5}, *files))
    sent = double.asked[0].sent()
    assert [f["frame_type"] for f in sent["frame_images"]] == ["first_frame", "last_frame"]
    assert [r["type"] for r in sent["input_references"]] == ["image_url", "audio_url"]
    assert sent["frame_images"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert (sent["model"], sent["duration"]) == ("a/b", 5)


async def test_a_model_without_frames_gets_its_picture_as_a_reference(
    router: OpenRouter, double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "videos", {"status": 202, "json": {"id": "1"}})
    await router.submit(order("video", {}, given(tmp_path, "image", "input_references[]")))
    sent = double.asked[0].sent()
    assert "frame_images" not in sent and len(sent["input_references"]) == 1


async def test_raw_samples_become_a_file_that_players_open(
    router: OpenRouter, double: VendorDouble
) -> None:
    samples = {"text": "\0\1" * 24, "mime": "audio/pcm;rate=16000"}
    answers(double, "audio/speech", samples)
    wish = order("audio", {"input": "hi", "response_format": "pcm"})
    done = await router.poll(await router.submit(wish), wish)
    assert isinstance(done, Done) and done.outputs[0].path
    wav = done.outputs[0].path.read_bytes()
    assert (wav[:4], wav[8:12], done.outputs[0].mime) == (b"RIFF", b"WAVE", "audio/wav")
    assert int.from_bytes(wav[24:28], "little") == 16_000


async def test_the_actual_cost_comes_with_the_pictures(
    router: OpenRouter, double: VendorDouble
) -> None:
    picture = {"b64_json": "{png}", "media_type": "image/png"}
    answers(double, "images", {"json": {"data": [picture], "usage": {"cost": 0.04}}})
    wish = order("image", {"prompt": "fox"})
    done = await router.poll(await router.submit(wish), wish)
    assert isinstance(done, Done) and done.cost and done.cost["amount"] == 0.04
    assert double.asked[0].headers["authorization"] == "Bearer secret-key"


@pytest.mark.parametrize(
    ("kind", "path", "answer"),
    [
        ("image", "images", {"json": {"created": 1, "data": []}}),
        ("image", "images", {"json": [1]}),
        ("audio", "audio/speech", {"json": {"ok": True}}),
        ("video", "videos", {"status": 202, "json": {"id": 7}}),
        ("image", "images", {"json": {"error": {"code": 504, "message": "late"}}}),
    ],
)
async def test_a_taken_order_without_a_result_may_have_been_charged(
    kind: str, path: str, answer: dict[str, Any], router: OpenRouter, double: VendorDouble
) -> None:
    answers(double, path, answer)
    with pytest.raises(OutcomeUnknown):
        await router.submit(order(kind, {}))


async def test_moderation_names_its_reasons(router: OpenRouter, double: VendorDouble) -> None:
    error = {
        "code": 403,
        "message": "Your input was flagged",
        "metadata": {"reasons": ["violence", 3]},
    }
    answers(double, "images", {"status": 403, "json": {"error": error}})
    with pytest.raises(ContentPolicy, match=r"flagged.*violence"):
        await router.submit(order("image", {}))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"status": "pending"}, Pending),
        ({"status": "in_progress"}, Pending),
        ({"status": "dreaming"}, Pending),
        ({}, Pending),
        ({"status": "failed", "error": "away"}, "provider_error"),
        ({"status": "failed", "error": {"message": "content policy"}}, "content_policy"),
        ({"status": "cancelled"}, "canceled"),
        ({"status": "expired"}, "result_expired"),
    ],
)
async def test_a_videos_state_is_told_in_our_words(
    body: dict[str, Any], expected: Any, router: OpenRouter, double: VendorDouble
) -> None:
    answers(double, "videos/1", {"json": {"id": "1", **body}}, "GET")
    state = await router.poll({"video": "1"}, order("video", {}))
    assert (state.code if isinstance(state, Failed) else type(state)) == expected


async def test_every_file_of_a_video_is_fetched_from_its_own_address(
    router: OpenRouter, double: VendorDouble, tmp_path: Path
) -> None:
    told = {
        "id": "1",
        "status": "completed",
        "unsigned_urls": ["https://a.example/1", "https://a.example/2"],
    }
    answers(double, "videos/1", {"json": told}, "GET")
    answers(double, "videos/1/content", {"media": "mp4"}, "GET")
    done = await router.poll({"video": "1"}, order("video", {}))
    assert isinstance(done, Done) and done.cost is None
    assert [o.url for o in done.outputs] == ["videos/1/content?index=0", "videos/1/content?index=1"]
    await router.download(done.outputs[1].url, tmp_path / "film", 1_000_000)
    assert (tmp_path / "film").read_bytes() == media("mp4")
    assert double.asked[-1].query == {"index": ["1"]}
    assert "secret-key" not in json.dumps([o.url for o in done.outputs])
