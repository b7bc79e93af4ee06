"""ElevenLabs against aimock, which somebody else wrote: speech, sound effects, music.

aimock has neither the list of models nor of voices, so these come from here.
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
from flexura.ports.provider import Done, Order, Provider
from flexura.providers.media import Setup, elevenlabs
from node_tools import bin, listening, node22, script
from vendor_double import media

pytestmark = pytest.mark.anyio
LISTS: dict[str, Any] = {
    "models": [{"model_id": "speaks", "can_do_text_to_speech": True}],
    "voices": {"voices": [{"voice_id": "v1", "name": "Rachel"}], "has_more": False},
}


@pytest.fixture(scope="module")
def aimock() -> Iterator[str]:
    bin("aimock")
    sound = base64.b64encode(media("mp3")).decode()
    argv = [str(node22()), str(script("aimock_elevenlabs.mjs")), sound]
    with listening(argv, r"listening on (\S+)") as url:
        yield url


class Listing(Guard):
    """Answers for the lists, and lets every other request out."""

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        name = url.partition("?")[0].rpartition("/")[2]
        if method == "GET" and name in LISTS:
            return Answer(200, {}, json.dumps(LISTS[name]).encode(), url)
        return await super().request(method, url, **options)


@pytest.fixture
def guard(aimock: str) -> Listing:
    return Listing(allow_origins=[aimock])


@pytest.fixture
def provider(aimock: str, guard: Listing, tmp_path: Path) -> Provider:
    env = {"ELEVENLABS_API_KEY": "secret-elevenlabs-0001", "ELEVENLABS_BASE_URL": aimock}
    [one] = elevenlabs.make(Setup(env, guard, tmp_path / "home", tmp_path / "staging"))
    return one


def order(upstream_id: str, prompt: str, **options: Any) -> Order:
    return Order("job_1", "audio", upstream_id, prompt, 1, 7, options)


@pytest.mark.parametrize(
    ("ordered", "path"),
    [
        (order("speaks", "Good night.", voice="Rachel"), "/v1/text-to-speech/v1"),
        (order("sound-generation", "a door", duration_seconds=2), "/v1/sound-generation"),
        (order("music", "calm piano", music_length_ms=10_000), "/v1/music"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_sound_comes_with_the_answer(
    provider: Provider, guard: Listing, aimock: str, ordered: Order, path: str
) -> None:
    await provider.models()
    done = await provider.poll(await provider.submit(ordered), ordered)
    heard = (await guard.request("GET", f"{aimock}/v1/_requests")).json()[-1]
    await guard.aclose()
    assert isinstance(done, Done) and done.outputs[0].path
    assert done.outputs[0].mime == "audio/mpeg"
    assert done.outputs[0].path.read_bytes() == media("mp3")
    assert heard["path"].partition("?")[0] == path and "xi-api-key" in heard["headers"]


async def test_an_order_that_the_double_does_not_know_is_an_error(
    provider: Provider, guard: Listing
) -> None:
    with pytest.raises(ProviderError, match="No fixture matched"):
        await provider.submit(order("music", "trumpets"))
    await guard.aclose()
