"""Gemini's older ways against aimock, which somebody else wrote: `:predict` and `:predictLongRunning`.

aimock has no list of models, so the list comes from here; everything after it is aimock's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import ProviderError
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, Order, Pending, Provider
from flexura.providers.media import Setup, gemini
from node_tools import bin, listening, node22, script
from vendor_double import VendorDouble, media, vendor_double

pytestmark = pytest.mark.anyio
KEY = "secret-gemini-0001"
MODELS = {
    "models": [
        {"name": "models/draws", "supportedGenerationMethods": ["predict"]},
        {"name": "models/films", "supportedGenerationMethods": ["predictLongRunning"]},
    ]
}


@pytest.fixture(scope="module")
def store() -> Iterator[VendorDouble]:
    """Where the finished video lies; another origin than the API."""
    with vendor_double() as double:
        double.exchanges.append({"path": "/video.mp4", "answer": {"media": "mp4"}})
        yield double


@pytest.fixture(scope="module")
def aimock(store: VendorDouble) -> Iterator[str]:
    bin("aimock")
    picture = base64.b64encode(media("png")).decode()
    argv = [str(node22()), str(script("aimock_gemini.mjs")), picture, f"{store.url}/video.mp4"]
    with listening(argv, r"listening on (\S+)") as url:
        yield url


class Listing(Guard):
    """Answers for the list of models, and lets every other request out."""

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        if method == "GET" and url.partition("?")[0].endswith("/models"):
            return Answer(200, {}, json.dumps(MODELS).encode(), url)
        return await super().request(method, url, **options)


@pytest.fixture
def guard(aimock: str, store: VendorDouble) -> Listing:
    return Listing(allow_origins=[aimock, store.url])


@pytest.fixture
def provider(aimock: str, guard: Listing, tmp_path: Path) -> Provider:
    env = {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": f"{aimock}/v1beta"}
    [one] = gemini.make(Setup(env, guard, tmp_path / "home", tmp_path / "staging"))
    return one


def order(upstream_id: str, prompt: str, **options: Any) -> Order:
    kind: Any = "image" if upstream_id == "draws" else "video"
    return Order("job_1", kind, upstream_id, prompt, 1, 7, {"prompt": prompt, **options})


async def finished(provider: Provider, ordered: Order) -> tuple[Done | Failed, int]:
    """The end of an order, and how often it was not yet there."""
    operation = await provider.submit(ordered)
    for waited in range(20):
        state = await provider.poll(operation, ordered)
        if not isinstance(state, Pending):
            return state, waited
    raise AssertionError("it never ended")


@pytest.mark.parametrize(("prompt", "count"), [("a red fox", 1), ("two foxes", 2)])
async def test_pictures_come_with_the_answer(
    provider: Provider, guard: Listing, prompt: str, count: int
) -> None:
    done, waited = await finished(provider, order("draws", prompt, sampleCount=count))
    await guard.aclose()
    assert isinstance(done, Done) and waited == 0
    assert [o.path.read_bytes() for o in done.outputs if o.path] == [media("png")] * count


async def test_a_video_is_waited_for_and_fetched_without_the_key(
    provider: Provider, guard: Listing, store: VendorDouble, tmp_path: Path
) -> None:
    done, waited = await finished(provider, order("films", "a fox runs", durationSeconds=6))
    assert isinstance(done, Done) and waited > 0
    await provider.download(done.outputs[0].url, tmp_path / "video.mp4", 10**6)
    await guard.aclose()
    assert (tmp_path / "video.mp4").read_bytes() == media("mp4")
    assert "x-goog-api-key" not in store.asked[-1].headers


@pytest.mark.parametrize(
    ("prompt", "code"), [("violence", "content_policy"), ("broken", "provider_error")]
)
async def test_an_operation_that_failed_says_why(
    provider: Provider, guard: Listing, prompt: str, code: str
) -> None:
    failed, _ = await finished(provider, order("films", prompt))
    await guard.aclose()
    assert isinstance(failed, Failed) and failed.code == code


async def test_an_order_that_the_double_does_not_know_is_an_error(
    provider: Provider, guard: Listing
) -> None:
    with pytest.raises(ProviderError, match="No fixture matched"):
        await provider.submit(order("draws", "nothing of that"))
    await guard.aclose()


async def test_work_that_the_vendor_forgot_has_expired(provider: Provider, guard: Listing) -> None:
    gone = await provider.poll({"operation": "operations/gone"}, order("films", "a fox"))
    await guard.aclose()
    assert isinstance(gone, Failed) and gone.code == "result_expired"


async def test_the_double_heard_the_key_and_the_whole_request(
    provider: Provider, guard: Listing, aimock: str
) -> None:
    await provider.submit(order("draws", "a red fox", aspectRatio="3:4"))
    journal = (await guard.request("GET", f"{aimock}/v1/_requests")).json()
    await guard.aclose()
    heard = journal[-1]
    assert heard["path"] == "/v1beta/models/draws:predict"
    assert heard["method"] == "POST" and heard["response"]["status"] == 200
    assert "x-goog-api-key" in heard["headers"]
