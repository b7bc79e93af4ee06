"""Gemini: its list, what its answers hold, what runs in the background, and how it says no."""

from __future__ import annotations

import base64
import json
import wave
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import (
    ContentPolicy,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.outbound.answer import Unreachable
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, Order, Pending, Provider
from flexura.providers.media import Setup, gemini
from vendor_double import VendorDouble, media, vendor_double

pytestmark = pytest.mark.anyio
FIXTURE = Path(__file__).parents[2] / "fixtures" / "providers" / "gemini.json"
KEY = "secret-gemini-0001"
PNG, MP4 = (base64.b64encode(media(kind)).decode() for kind in ("png", "mp4"))
PICTURE = {
    "candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": PNG}}]}}]
}


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


@asynccontextmanager
async def connected(tmp_path: Path, double: VendorDouble, **env: str) -> AsyncIterator[Provider]:
    """The adapter in front of the double."""
    env = {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": f"{double.url}/v1", **env}
    guard = Guard(allow_origins=gemini.origins(env))
    [provider] = gemini.make(Setup(env, guard, tmp_path / "home", tmp_path / "staging"))
    try:
        yield provider
    finally:
        await provider.aclose()


def model(upstream_id: str, *methods: str, **more: Any) -> dict[str, Any]:
    return {"name": f"models/{upstream_id}", "supportedGenerationMethods": list(methods), **more}


def lists(double: VendorDouble, *models: Any) -> None:
    listing = {"method": "GET", "path": "/v1/models", "answer": {"json": {"models": list(models)}}}
    double.exchanges.append(listing)


def answers(double: VendorDouble, method: str, path: str, *told: Any, status: int = 200) -> None:
    double.exchanges += [
        {"method": method, "path": path, "answer": {"status": status, "json": body}}
        for body in told
    ]


def order(upstream_id: str, kind: Any = "image", **options: Any) -> Order:
    return Order("job_1", kind, upstream_id, "a red fox", 1, 7, options)


async def test_every_page_of_the_list_is_read_and_odd_entries_cost_nothing(
    tmp_path: Path, double: VendorDouble
) -> None:
    page_2 = {"models": [model("second-image", "generateContent"), None, 7, {"name": None}]}
    page_1 = {"models": [model("first-tts", "generateContent")], "nextPageToken": "p2"}
    double.exchanges = [
        {"path": "/v1/models", "query": {"pageToken": "p2"}, "answer": {"json": page_2}},
        {"path": "/v1/models", "answer": {"json": page_1}},
    ]
    async with connected(tmp_path, double) as provider:
        models = await provider.models()
    assert [m.id for m in models] == ["gemini:first-tts", "gemini:second-image"]
    assert all(m.price is None and m.schema_source == "endpoint" for m in models)
    assert {a.headers["x-goog-api-key"] for a in double.asked} == {KEY}


@pytest.mark.parametrize("body", [[], {"models": 5}, "x", None], ids=str)
async def test_a_list_of_another_shape_is_told(
    tmp_path: Path, double: VendorDouble, body: Any
) -> None:
    answers(double, "GET", "/v1/models", body)
    async with connected(tmp_path, double) as provider:
        with pytest.raises(ProviderUnavailable, match="list of models cannot be read"):
            await provider.models()


async def test_googles_key_wins_and_blank_keys_are_none(
    tmp_path: Path, double: VendorDouble
) -> None:
    assert not gemini.configured({"GEMINI_API_KEY": "  "})
    assert gemini.configured({"GOOGLE_API_KEY": "k"})
    lists(double)
    async with connected(tmp_path, double, GOOGLE_API_KEY="the other") as provider:
        await provider.models()
    assert double.asked[0].headers["x-goog-api-key"] == "the other"


async def test_a_model_that_is_no_longer_listed_is_not_bought(
    tmp_path: Path, double: VendorDouble
) -> None:
    lists(double, model("some-image", "generateContent"))
    async with connected(tmp_path, double) as provider:
        with pytest.raises(ProviderError, match="no longer lists"):
            await provider.submit(order("other-image"))


async def test_a_list_that_breaks_on_the_way_to_an_order_says_that_nothing_was_bought(
    tmp_path: Path, double: VendorDouble
) -> None:
    double.exchanges.append({"method": "GET", "path": "/v1/models", "answer": {"fault": "reset"}})
    async with connected(tmp_path, double) as provider:
        with pytest.raises(ProviderUnavailable) as lost:
            await provider.submit(order("some-image"))
    assert not isinstance(lost.value, Unreachable)


async def test_a_restarted_gateway_finds_the_way_by_asking_the_list(
    tmp_path: Path, double: VendorDouble
) -> None:
    lists(double, model("some-image", "generateContent"))
    answers(double, "POST", "/v1/models/some-image:generateContent", PICTURE)
    async with connected(tmp_path, double) as provider:
        operation = await provider.submit(order("some-image"))
        done = await provider.poll(operation, order("some-image"))
    assert isinstance(done, Done)
    assert done.outputs[0].path and done.outputs[0].path.read_bytes() == media("png")
    assert KEY not in json.dumps(operation) and PNG not in json.dumps(operation)


@pytest.mark.parametrize(
    ("mime", "rate"), [("audio/L16;codec=pcm;rate=16000", 16_000), ("audio/pcm", 24_000)]
)
async def test_bare_samples_become_a_wav_file_at_the_rate_that_is_told(
    tmp_path: Path, double: VendorDouble, mime: str, rate: int
) -> None:
    lists(double, model("some-tts", "generateContent"))
    data = base64.b64encode(bytes(range(9))).decode()
    part = {"inline_data": {"mime_type": mime, "data": data}}
    spoken = {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]}
    answers(double, "POST", "/v1/models/some-tts:generateContent", spoken)
    async with connected(tmp_path, double) as provider:
        ordered = order("some-tts", "audio", prompt="hi")
        done = await provider.poll(await provider.submit(ordered), ordered)
    assert isinstance(done, Done) and done.outputs[0].mime == "audio/wav"
    assert done.outputs[0].path
    with wave.open(BytesIO(done.outputs[0].path.read_bytes())) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (rate, 1, 2)
        assert sound.readframes(99) == bytes(range(8))  # half a sample is none


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"promptFeedback": {"blockReason": "SAFETY"}}, ContentPolicy),
        ({"candidates": [{"finishReason": "IMAGE_SAFETY"}]}, ContentPolicy),
        ({"candidates": [{"finishReason": "PROHIBITED_CONTENT"}]}, ContentPolicy),
        ({"candidates": [{"finishReason": "NO_IMAGE"}]}, ProviderError),
        ({"candidates": [{"content": {"parts": [{"text": "Which fox?"}]}}]}, ProviderError),
        ({"candidates": []}, OutcomeUnknown),
        ({"candidates": [{"content": 5}, None], "promptFeedback": []}, OutcomeUnknown),
        ([], OutcomeUnknown),
    ],
    ids=str,
)
async def test_an_answer_without_a_file_says_why(
    tmp_path: Path, double: VendorDouble, answer: Any, error: type[Exception]
) -> None:
    lists(double, model("some-image", "generateContent"))
    answers(double, "POST", "/v1/models/some-image:generateContent", answer)
    async with connected(tmp_path, double) as provider:
        with pytest.raises(error) as told:
            await provider.submit(order("some-image"))
    assert told.type is error


@pytest.mark.parametrize(
    ("status", "body", "error", "says"),
    [
        (429, {"status": "RESOURCE_EXHAUSTED", "message": "Slow down."}, RateLimited, "Slow down"),
        (
            429,
            {"status": "RESOURCE_EXHAUSTED", "message": "quota x, limit: 0"},
            ProviderError,
            "no quota",
        ),
        (
            503,
            {"status": "UNAVAILABLE", "message": "The model is overloaded."},
            RateLimited,
            "overloaded",
        ),
        (504, {"status": "DEADLINE_EXCEEDED"}, OutcomeUnknown, "may have charged"),
        (
            500,
            {"status": "INTERNAL", "message": "Internal."},
            ProviderError,
            "failed with status 500",
        ),
        (
            400,
            {"status": "FAILED_PRECONDITION", "message": "Not here."},
            ProviderError,
            "for the account",
        ),
        (
            400,
            {"status": "INVALID_ARGUMENT", "message": "No such size."},
            ProviderError,
            "No such size",
        ),
        (
            400,
            {"status": "INVALID_ARGUMENT", "message": "This violates our usage guidelines."},
            ContentPolicy,
            "usage guidelines",
        ),
        (403, {"status": "PERMISSION_DENIED"}, ProviderError, "refused the key in GEMINI_API_KEY"),
        (
            400,
            {"status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]},
            ProviderError,
            "refused the key in GEMINI_API_KEY",
        ),
    ],
    ids=lambda value: (
        value.get("message", value.get("status")) if isinstance(value, dict) else None
    ),
)
async def test_its_refusals_are_told_in_our_words(
    tmp_path: Path,
    double: VendorDouble,
    status: int,
    body: dict[str, Any],
    error: type[Exception],
    says: str,
) -> None:
    lists(double, model("some-image", "generateContent"))
    path = "/v1/models/some-image:generateContent"
    answers(double, "POST", path, {"error": {"code": status, **body}}, status=status)
    async with connected(tmp_path, double) as provider:
        with pytest.raises(error, match=says) as told:
            await provider.submit(order("some-image"))
    assert told.type is error
    assert KEY not in str(told.value)


async def test_the_wait_that_it_asks_for_is_kept(tmp_path: Path, double: VendorDouble) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}
    answers(double, "GET", "/v1/models", {"error": {"code": 429, "details": [info]}}, status=429)
    async with connected(tmp_path, double) as provider:
        with pytest.raises(RateLimited) as busy:
            await provider.models()
    assert busy.value.details["retry_after"] == pytest.approx(34.07)


async def interaction(
    tmp_path: Path, double: VendorDouble, told: Mapping[str, Any], kind: str = "video"
) -> Any:
    """What a poll makes of an interaction."""
    answers(double, "GET", "/v1/interactions/v1_a", told)
    async with connected(tmp_path, double) as provider:
        return await provider.poll({"interaction": "v1_a"}, order("some-omni", kind))


@pytest.mark.parametrize("status", ["queued", "in_progress", "dreaming", None])
async def test_a_word_that_nobody_knows_is_waiting_and_never_a_failure(
    tmp_path: Path, double: VendorDouble, status: Any
) -> None:
    assert isinstance(await interaction(tmp_path, double, {"status": status}), Pending)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"status": "failed", "errors": [{"code": "x", "message": "broke"}]}, "provider_error"),
        (
            {"status": "failed", "errors": [{"message": "Blocked by safety filters."}]},
            "content_policy",
        ),
        ({"status": "budget_exceeded"}, "provider_error"),
        ({"status": "requires_continuation"}, "provider_error"),
        ({"status": "cancelled"}, "canceled"),
        ({"status": "completed", "steps": [{"type": "user_input"}, 4]}, "provider_error"),
    ],
    ids=str,
)
async def test_an_interaction_that_ended_without_a_file_failed(
    tmp_path: Path, double: VendorDouble, told: dict[str, Any], code: str
) -> None:
    failed = await interaction(tmp_path, double, told)
    assert isinstance(failed, Failed) and failed.code == code


async def test_only_what_the_model_made_and_of_the_wanted_kind_is_taken(
    tmp_path: Path, double: VendorDouble
) -> None:
    given = {"type": "user_input", "content": [{"type": "video", "data": PNG}]}
    made = [
        {"type": "text", "text": "here it is"},
        {"type": "video", "mime_type": "video/mp4", "data": MP4},
    ]
    told = {"status": "incomplete", "steps": [given, {"type": "model_output", "content": made}]}
    done = await interaction(tmp_path, double, told)
    assert isinstance(done, Done) and len(done.outputs) == 1
    assert done.outputs[0].path and done.outputs[0].path.read_bytes() == media("mp4")
    assert [w.code for w in done.warnings] == ["incomplete"]


async def test_the_rate_beside_bare_samples_is_used(tmp_path: Path, double: VendorDouble) -> None:
    sound = {"type": "audio", "data": base64.b64encode(bytes(8)).decode(), "sample_rate": 8000}
    told = {"status": "completed", "output_audio": {**sound, "channels": 2}}
    done = await interaction(tmp_path, double, told, "audio")
    assert isinstance(done, Done) and done.outputs[0].path
    with wave.open(BytesIO(done.outputs[0].path.read_bytes())) as read:
        assert (read.getframerate(), read.getnchannels(), read.getnframes()) == (8000, 2, 2)


async def test_a_stored_video_is_fetched_when_it_is_ready_and_the_key_stays_at_home(
    tmp_path: Path, double: VendorDouble
) -> None:
    address = f"{double.url}/v1beta/files/abc"
    told = {"status": "completed", "output_video": {"type": "video", "uri": address}}
    answers(double, "GET", "/v1beta/files/abc", {"state": "PROCESSING"}, {"state": "ACTIVE"})
    answers(double, "GET", "/v1/interactions/v1_a", told)
    video = {"method": "GET", "path": "/v1beta/files/abc:download", "answer": {"media": "mp4"}}
    double.exchanges.append(video)
    with vendor_double() as stranger:
        stranger.exchanges.append({"method": "GET", "path": "/x.mp4", "answer": {"media": "mp4"}})
        env = {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": f"{double.url}/v1"}
        guard = Guard(allow_origins=[double.url, stranger.url])
        [provider] = gemini.make(Setup(env, guard, tmp_path, tmp_path / "staging"))
        ordered = order("some-omni", "video")
        assert isinstance(await provider.poll({"interaction": "v1_a"}, ordered), Pending)
        done = await provider.poll({"interaction": "v1_a"}, ordered)
        assert isinstance(done, Done) and done.outputs[0].url == f"{address}:download?alt=media"
        await provider.download(done.outputs[0].url, tmp_path / "out.mp4", 10**6)
        await provider.download(f"{stranger.url}/x.mp4", tmp_path / "other.mp4", 10**6)
        await provider.aclose()
        assert (tmp_path / "out.mp4").read_bytes() == media("mp4")
        assert double.asked[-1].headers["x-goog-api-key"] == KEY
        assert "x-goog-api-key" not in stranger.asked[0].headers


@pytest.mark.parametrize(
    "name", ["operations/../models", "https://evil.example/operations/x", 5, ""]
)
async def test_an_operation_that_leads_elsewhere_is_no_handle(
    tmp_path: Path, double: VendorDouble, name: Any
) -> None:
    lists(double, model("veo-9", "predictLongRunning"))
    answers(double, "POST", "/v1/models/veo-9:predictLongRunning", {"name": name})
    async with connected(tmp_path, double) as provider:
        with pytest.raises(OutcomeUnknown):
            await provider.submit(order("veo-9", "video"))


@pytest.mark.parametrize("status", [400, 404, 409])
async def test_canceling_what_is_over_is_no_error(
    tmp_path: Path, double: VendorDouble, status: int
) -> None:
    answers(double, "POST", "/v1/interactions/v1_a/cancel", {"error": {}}, status=status)
    async with connected(tmp_path, double) as provider:
        await provider.cancel({"interaction": "v1_a"}, order("some-omni", "video"))
        await provider.cancel({"files": []}, order("some-image"))
    assert len(double.asked) == 1


async def test_the_official_sdk_looks_in_the_same_places(
    tmp_path: Path, double: VendorDouble
) -> None:
    sdk = {r["name"]: r for r in json.loads(FIXTURE.read_text())["sdk_requests"]}
    lists(double)
    answers(double, "GET", sdk["operation"]["path"], {"done": False})
    async with connected(tmp_path, double) as provider:
        await provider.models()
        handle = sdk["operation"]["path"].removeprefix("/v1/")
        await provider.poll({"operation": handle}, order("veo", "video"))
    assert [f"{a.method} {a.path}" for a in double.asked] == [
        f"GET {sdk['list']['path'].partition('?')[0]}",
        f"GET {sdk['operation']['path']}",
    ]
