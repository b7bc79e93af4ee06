"""OpenAI and servers with its API: what is sent to whom, and what their answers mean."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
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
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile, Order, Pending
from flexura.providers.media import Setup, openai_compatible
from flexura.providers.media.openai_compatible import OpenAICompatible
from vendor_double import VendorDouble, media, vendor_double

pytestmark = pytest.mark.anyio
SAMPLE = json.loads(
    (Path(__file__).parents[2] / "fixtures/providers/openai_compatible.json").read_text("utf-8")
)
LOCAL = {"OPENAI_COMPATIBLE_SERVERS": "local={server}/v1"}
OPENAI = {"OPENAI_API_KEY": "K", "OPENAI_BASE_URL": "{server}/v1"}


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


@asynccontextmanager
async def made(
    env: Mapping[str, str], double: VendorDouble, folder: Path
) -> AsyncIterator[OpenAICompatible]:
    """The last server of these settings, which point at the double."""
    here = {k: v.replace("{server}", double.url) for k, v in env.items()}
    guard = Guard(allow_origins=openai_compatible.origins(here))
    yield openai_compatible.make(Setup(here, guard, folder, folder / "staging"))[-1]
    await guard.aclose()


def order(kind: str, options: Mapping[str, Any], *inputs: InputFile, prompt: str = "fox") -> Order:
    """An order as the gateway gives it to an adapter."""
    fields: dict[str, Any] = {
        "job_id": "job_1",
        "kind": kind,
        "upstream_id": "m",
        "n": 1,
        "seed": 7,
    }
    return Order(**fields, prompt=prompt, options=options, inputs=inputs)


def given(folder: Path, role: str, slot: str = "") -> InputFile:
    """A small picture."""
    path = folder / f"{role}.png"
    path.write_bytes(media("png"))
    return InputFile(path, "image/png", "0" * 64, role, slot)


def answers(double: VendorDouble, path: str, answer: dict[str, Any], method: str = "POST") -> None:
    """Let the double answer a request so."""
    double.exchanges.append({"method": method, "path": path, "answer": answer})


PICTURE = {"json": {"data": [{"b64_json": "{png}"}]}}


async def test_a_list_that_tells_nothing_useful_names_the_flag_that_helps(
    double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "/v1/models", {"json": {"data": [{"id": "a"}, {"id": "b"}]}}, "GET")
    async with made(LOCAL, double, tmp_path) as local:
        with pytest.raises(ProviderUnavailable, match=";kind=image"):
            await local.models()
    forced = {"OPENAI_COMPATIBLE_SERVERS": "local={server}/v1;kind=image"}
    async with made(forced, double, tmp_path) as local:
        assert [m.id for m in await local.models()] == ["local:a", "local:b"]


async def test_openai_is_not_asked_for_a_response_format(
    double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "/v1/images/generations", PICTURE)
    async with made(OPENAI, double, tmp_path) as openai:
        made_it = await openai.submit(order("image", {"prompt": "fox", "n": 1}))
        done = await openai.poll(made_it, order("image", {}))
    assert double.asked[0].sent() == {"model": "m", "prompt": "fox", "n": 1}
    assert double.asked[0].headers["authorization"] == "Bearer K"
    assert isinstance(done, Done) and done.outputs[0].path
    assert done.outputs[0].path.read_bytes() == media("png")


@pytest.mark.parametrize(
    ("flag", "sent"),
    [
        ("", "b64_json"),
        (";response_format=url", "url"),
        (";response_format=base64", "base64"),
        (";response_format=none", None),
    ],
)
async def test_other_servers_are_asked_as_their_flag_says(
    flag: str, sent: str | None, double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "/v1/images/generations", PICTURE)
    env = {"OPENAI_COMPATIBLE_SERVERS": f"local={{server}}{flag}"}
    async with made(env, double, tmp_path) as local:
        await local.submit(order("image", {"prompt": "fox"}))
    assert double.asked[0].sent().get("response_format") == sent
    assert "authorization" not in double.asked[0].headers


async def test_a_path_of_the_servers_own_is_downloaded_from_there(
    double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "/v1/images/generations", {"json": {"data": [{"url": "/v1/images/7/content"}]}})
    answers(double, "/v1/images/7/content", {"media": "png"}, "GET")
    async with made(LOCAL, double, tmp_path) as local:
        done = await local.poll(await local.submit(order("image", {})), order("image", {}))
        assert isinstance(done, Done)
        await local.download(done.outputs[0].url, tmp_path / "file", 1000)
    assert (tmp_path / "file").read_bytes() == media("png")


async def test_pictures_to_edit_are_sent_as_parts_of_a_form(
    double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "/v1/images/edits", PICTURE)
    inputs = (
        given(tmp_path, "image", "image[]"),
        given(tmp_path, "reference"),
        given(tmp_path, "mask"),
    )
    async with made(OPENAI, double, tmp_path) as openai:
        await openai.submit(order("image", {"n": 2, "moderation": "low"}, *inputs))
    body = double.asked[0].body
    assert re.findall(rb'; name="([^"]+)"', body) == [
        b"model", b"prompt", b"n", b"image[]", b"image[]", b"mask",
    ]  # fmt: skip
    assert body.count(media("png")) == 3
    assert b"Content-Type: image/png" in body


async def test_a_video_is_ordered_with_a_form(double: VendorDouble, tmp_path: Path) -> None:
    answers(double, "/v1/videos", {"json": {"id": "v/1", "status": "queued"}})
    answers(
        double,
        "/v1/videos/v/1",
        {"json": {"id": "v/1", "status": "in_progress", "progress": 40}},
        "GET",
    )
    async with made(LOCAL, double, tmp_path) as local:
        wish = order("video", {"seconds": "4", "seed": 7}, given(tmp_path, "image"))
        state = await local.poll(await local.submit(wish), wish)
    assert double.asked[0].sent() == {
        "model": "m", "prompt": "fox", "seconds": "4", "seed": "7", "input_reference": "input.png",
    }  # fmt: skip
    assert isinstance(state, Pending) and (state.progress, state.note) == (0.4, "in_progress")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"status": "queued", "progress": 0}, Pending),
        ({"status": "dreaming", "progress": "much"}, Pending),
        ({}, Pending),
        ({"status": "completed"}, Done),
        ({"status": "failed", "error": {"code": "x", "message": "no memory"}}, "provider_error"),
        ({"status": "failed", "error": {"code": "moderation_blocked"}}, "content_policy"),
        ({"status": "failed", "error": "rejected by the safety system"}, "content_policy"),
        ({"status": "cancelled"}, "canceled"),
        ({"status": "expired"}, "result_expired"),
    ],
)
async def test_a_videos_state_is_told_in_our_words(
    body: dict[str, Any], expected: Any, double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "/v1/videos/1", {"json": {"id": "1", **body}}, "GET")
    async with made(LOCAL, double, tmp_path) as local:
        state = await local.poll({"video": "1"}, order("video", {}))
    assert (state.code if isinstance(state, Failed) else type(state)) == expected


async def test_a_canceled_video_is_deleted_and_one_that_is_over_is_left_alone(
    double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, "/v1/videos/1", {"json": {"deleted": True}}, "DELETE")
    async with made(LOCAL, double, tmp_path) as local:
        await local.cancel({"video": "1"}, order("video", {}))
        await local.cancel({"video": "2"}, order("video", {}))
        await local.cancel({"files": []}, order("image", {}))
    assert [(a.method, a.path) for a in double.asked] == [
        ("DELETE", "/v1/videos/1"),
        ("DELETE", "/v1/videos/2"),
    ]


REFUSALS = [
    (400, {"code": "moderation_blocked", "message": "no"}, ContentPolicy, "Change the prompt"),
    (429, {"code": "insufficient_quota", "message": "pay"}, ProviderError, "Add credit"),
    (
        400,
        {"message": "Unknown parameter: 'seed'.", "param": "seed"},
        ProviderError,
        ";extensions=no",
    ),
    (422, {"message": "Extra inputs: response_format"}, ProviderError, ";response_format=none"),
    (400, {"message": "seed must be small", "param": "seed"}, ProviderError, "Correct the options"),
    (401, {"message": "bad key"}, ProviderError, "Set LOCAL_API_KEY"),
    (200, {"message": "not loaded"}, ProviderError, "use another model"),
    (502, {"message": "bad gateway"}, OutcomeUnknown, "Look at your account"),
]


@pytest.mark.parametrize(("status", "error", "kind", "step"), REFUSALS)
async def test_a_refusal_says_what_to_do(
    status: int, error: dict[str, Any], kind: type[Exception], step: str,
    double: VendorDouble, tmp_path: Path,
) -> None:  # fmt: skip
    answers(double, "/v1/images/generations", {"status": status, "json": {"error": error}})
    async with made(LOCAL, double, tmp_path) as local:
        with pytest.raises(kind) as refused:
            await local.submit(order("image", {}))
    assert type(refused.value) is kind
    assert step in refused.value.next_step  # type: ignore[attr-defined]
    assert len(double.asked) == 1


async def test_a_wait_that_is_told_in_milliseconds_is_kept(
    double: VendorDouble, tmp_path: Path
) -> None:
    busy = {
        "status": 429,
        "json": {"error": {"message": "slow"}},
        "headers": {"retry-after-ms": "250"},
    }
    answers(double, "/v1/audio/speech", busy)
    async with made(OPENAI, double, tmp_path) as openai:
        with pytest.raises(RateLimited) as waiting:
            await openai.submit(order("audio", {"input": "hi", "voice": "alloy"}))
    assert waiting.value.details["retry_after"] == 0.25


@pytest.mark.parametrize(
    ("kind", "path", "answer"),
    [
        ("image", "/v1/images/generations", {"json": {"data": []}}),
        ("image", "/v1/images/generations", {"json": {"data": [{"b64_json": "", "url": None}]}}),
        ("image", "/v1/images/generations", {"text": "<html>"}),
        ("audio", "/v1/audio/speech", {"json": {"audio": 1}}),
        ("video", "/v1/videos", {"json": {"status": "queued"}}),
    ],
)
async def test_a_taken_order_without_a_result_may_have_been_charged(
    kind: str, path: str, answer: dict[str, Any], double: VendorDouble, tmp_path: Path
) -> None:
    answers(double, path, answer)
    async with made(OPENAI, double, tmp_path) as openai:
        with pytest.raises(OutcomeUnknown):
            await openai.submit(order(kind, {}))


def body_of(asked: Any) -> dict[str, Any]:
    """The fields of a captured body: of JSON, or of a form."""
    if asked["body"].startswith("{"):
        return json.loads(asked["body"])
    found = re.findall(
        r'name="([^"]+)"(?:; filename="[^"]*")?[^\r]*\r\n(?:[^\r]+\r\n)*\r\n', asked["body"]
    )
    return dict.fromkeys(found, "")


CAPTURED = {
    "openai img": (OPENAI, "image"),
    "openai edit": (OPENAI, "image"),
    "openai speech": (OPENAI, "audio"),
    "together image": ({"TOGETHER_API_KEY": "K", "TOGETHER_BASE_URL": "{server}/v1"}, "image"),
    "together video": ({"TOGETHER_API_KEY": "K", "TOGETHER_BASE_URL": "{server}/v1"}, "video"),
}


@pytest.mark.parametrize("captured", SAMPLE["sdk_requests"], ids=lambda c: c["what"])
async def test_it_asks_as_the_vendors_own_sdk_asks(
    captured: dict[str, Any], double: VendorDouble, tmp_path: Path
) -> None:
    env, kind = CAPTURED[captured["what"]]
    theirs = body_of(captured)
    answer = {"image": PICTURE, "audio": {"media": "wav"}, "video": {"json": {"id": "1"}}}[kind]
    answers(double, captured["path"], answer)
    options = {k: v for k, v in theirs.items() if k not in ("model", "response_format", "image[]")}
    if kind == "audio":
        options["response_format"] = theirs["response_format"]
    inputs = (given(tmp_path, "image"),) if "image[]" in theirs else ()
    async with made(env, double, tmp_path) as provider:
        await provider.submit(order(kind, options, *inputs))
    asked = double.asked[0]
    assert (asked.method, asked.path) == (captured["method"], captured["path"])
    assert asked.headers["authorization"] == captured["headers"]["authorization"]
    ours = asked.sent()
    assert set(ours) == set(theirs)
    if "image[]" not in theirs:
        assert ours == theirs
