"""The OpenAI adapter against aimock: its list, pictures, edits, speech and videos."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import ContentPolicy, RateLimited
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile, Order, Pending
from flexura.providers.media import Setup, openai_compatible
from flexura.providers.media.openai_compatible import OpenAICompatible
from node_tools import bin, listening, node22, script
from vendor_double import media

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def aimock() -> Iterator[str]:
    bin("aimock")
    with listening([str(node22()), str(script("aimock_openai.mjs"))], r"listening on (\S+)") as url:
        yield url


@pytest.fixture
async def openai(aimock: str, tmp_path: Path) -> AsyncIterator[OpenAICompatible]:
    env = {"OPENAI_API_KEY": "secret-key", "OPENAI_BASE_URL": f"{aimock}/v1"}
    guard = Guard(allow_origins=openai_compatible.origins(env))
    yield openai_compatible.make(Setup(env, guard, tmp_path, tmp_path / "staging"))[0]
    await guard.aclose()


def order(kind: str, model: str, options: Mapping[str, Any], *inputs: InputFile) -> Order:
    words = str(options.get("prompt", options.get("input", "")))
    fields: dict[str, Any] = {
        "job_id": "job_1",
        "kind": kind,
        "upstream_id": model,
        "n": 1,
        "seed": 7,
    }
    return Order(**fields, prompt=words, options=options, inputs=inputs)


async def heard(aimock: str) -> dict[str, Any]:
    """The last request that aimock noted."""
    guard = Guard(allow_origins=[aimock])
    journal = (await guard.request("GET", f"{aimock}/v1/_requests")).json()
    await guard.aclose()
    return journal[-1]


async def test_its_models_are_listed_by_what_they_make(openai: OpenAICompatible) -> None:
    found = {m.id: (m.kinds, m.schema_source) for m in await openai.models()}
    assert found == {
        "openai:house-image-1": (("image",), "endpoint"),
        "openai:house-tts-1": (("audio",), "endpoint"),
        "openai:house-video-1": (("video",), "endpoint"),
    }


async def test_pictures_come_with_the_answer(openai: OpenAICompatible, aimock: str) -> None:
    wish = order("image", "house-image-1", {"prompt": "a fox", "n": 2, "size": "1024x1024"})
    done = await openai.poll(await openai.submit(wish), wish)
    assert isinstance(done, Done)
    assert [o.path.read_bytes() for o in done.outputs if o.path] == [media("png")] * 2
    noted = await heard(aimock)
    assert noted["path"] == "/v1/images/generations"
    assert "secret-key" not in json.dumps(noted["body"])


async def test_a_picture_is_edited(openai: OpenAICompatible, aimock: str, tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(media("png"))
    given = InputFile(tmp_path / "in.png", "image/png", "0" * 64, "image", "image[]")
    wish = order("image", "house-image-1", {"prompt": "a fox in snow"}, given)
    done = await openai.poll(await openai.submit(wish), wish)
    assert isinstance(done, Done) and done.outputs[0].path
    assert (await heard(aimock))["path"] == "/v1/images/edits"


async def test_speech_is_kept_as_it_came(openai: OpenAICompatible) -> None:
    wish = order(
        "audio", "house-tts-1", {"input": "hello", "voice": "alloy", "response_format": "mp3"}
    )
    done = await openai.poll(await openai.submit(wish), wish)
    assert isinstance(done, Done) and done.outputs[0].path
    assert done.outputs[0].mime == "audio/mpeg"
    assert done.outputs[0].path.read_bytes() == media("mp3")


async def test_a_video_is_ordered_polled_and_found(openai: OpenAICompatible) -> None:
    wish = order("video", "house-video-1", {"prompt": "a fox", "seconds": "4", "size": "1280x720"})
    operation = await openai.submit(wish)
    assert operation == {"video": "video_1"}
    done = await openai.poll(operation, wish)
    assert isinstance(done, Done) and done.outputs[0].url == "https://files.example/fox.mp4"


async def test_a_video_that_failed_or_is_not_ready_is_told_so(openai: OpenAICompatible) -> None:
    never, slow = (order("video", "house-video-1", {"prompt": p}) for p in ("never", "slow"))
    assert isinstance(await openai.poll(await openai.submit(never), never), Failed)
    assert isinstance(await openai.poll(await openai.submit(slow), slow), Pending)


async def test_a_video_that_nobody_knows_has_expired(openai: OpenAICompatible) -> None:
    state = await openai.poll({"video": "video_9"}, order("video", "house-video-1", {}))
    assert isinstance(state, Failed) and state.code == "result_expired"


async def test_what_it_refuses_and_what_it_puts_off_are_told_apart(
    openai: OpenAICompatible,
) -> None:
    with pytest.raises(ContentPolicy):
        await openai.submit(order("image", "house-image-1", {"prompt": "blood"}))
    with pytest.raises(RateLimited) as busy:
        await openai.submit(order("image", "house-image-1", {"prompt": "busy"}))
    assert busy.value.details["retry_after"] == 7.0
