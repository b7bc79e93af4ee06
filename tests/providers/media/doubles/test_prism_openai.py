"""The OpenAI adapter against Prism on an excerpt of OpenAI's description: it refuses what does not fit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import OutcomeUnknown, ProviderError, ProviderUnavailable
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, InputFile, Order, Pending
from flexura.providers.media import Setup, openai_compatible
from flexura.providers.media.openai_compatible import OpenAICompatible
from node_tools import command, listening
from vendor_double import media

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
OPENAPI = Path(__file__).parents[3] / "fixtures" / "openapi" / "openai.json"


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    argv = command("prism", "mock", "-h", "127.0.0.1", "-p", "0", OPENAPI)
    with listening(argv, r"is listening on (http://[\d.:]+)", seconds=120) as url:
        yield url


class Noting(Guard):
    """Remembers the statuses of the answers."""

    def __init__(self, url: str) -> None:
        super().__init__(allow_origins=[url])
        self.statuses: list[int] = []

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        answer = await super().request(method, url, **options)
        self.statuses.append(answer.status)
        return answer


@pytest.fixture
async def guard(prism: str) -> AsyncIterator[Noting]:
    guard = Noting(prism)
    yield guard
    await guard.aclose()


@pytest.fixture
def openai(prism: str, guard: Noting, tmp_path: Path) -> OpenAICompatible:
    env = {"OPENAI_API_KEY": "secret-key", "OPENAI_BASE_URL": f"{prism}/v1"}
    [one] = openai_compatible.make(Setup(env, guard, tmp_path, tmp_path / "staging"))
    return one


def order(kind: str, options: Mapping[str, Any], *inputs: InputFile) -> Order:
    fields: dict[str, Any] = {
        "job_id": "job_1",
        "kind": kind,
        "upstream_id": "house-1",
        "n": 1,
        "seed": 7,
    }
    words = str(options.get("prompt", options.get("input", "a fox")))
    return Order(**fields, prompt=words, options=options, inputs=inputs)


IMAGES = [
    {"prompt": "a fox"},
    {"prompt": "a fox", "n": 10, "size": "1536x864", "quality": "low", "background": "transparent"},
    {"prompt": "a fox", "output_format": "webp", "output_compression": 80, "moderation": "low"},
]
BAD = [
    ("image", {"prompt": "a fox", "n": 99}),
    ("image", {"prompt": "a fox", "quality": "splendid"}),
    ("image", {"prompt": "a fox", "output_format": "tiff"}),
    ("audio", {"input": "hello", "voice": "alloy", "response_format": "midi"}),
    ("audio", {"input": "hello", "voice": "alloy", "seed": 7}),
    ("video", {"prompt": "a fox", "seconds": "5"}),
]


@pytest.mark.parametrize("options", IMAGES, ids=lambda o: "-".join(o))
async def test_every_wish_for_a_picture_fits_the_description(
    options: dict[str, Any], openai: OpenAICompatible, guard: Noting
) -> None:
    # The described example holds no real picture, so that nothing can be made of the answer.
    with pytest.raises(OutcomeUnknown):
        await openai.submit(order("image", options))
    assert guard.statuses == [200]


async def test_speech_fits_the_description(openai: OpenAICompatible, guard: Noting) -> None:
    options = {"input": "hello", "voice": "coral", "instructions": "calm", "speed": 1.5}
    wish = order("audio", {**options, "response_format": "wav"})
    done = await openai.poll(await openai.submit(wish), wish)
    assert guard.statuses == [200]
    assert isinstance(done, Done)


async def test_videos_fit_the_description(
    openai: OpenAICompatible, guard: Noting, tmp_path: Path
) -> None:
    (tmp_path / "in.png").write_bytes(media("png"))
    given = InputFile(tmp_path / "in.png", "image/png", "0" * 64, "image", "input_reference")
    wish = order("video", {"prompt": "a fox", "seconds": "8", "size": "1280x720"}, given)
    operation = await openai.submit(wish)
    assert isinstance(await openai.poll(operation, wish), Pending | Done)
    await openai.cancel(operation, wish)
    assert guard.statuses == [200, 200, 200]


@pytest.mark.parametrize(("kind", "options"), BAD)
async def test_a_body_that_does_not_fit_is_refused_there(
    kind: str, options: dict[str, Any], openai: OpenAICompatible, guard: Noting
) -> None:
    with pytest.raises(ProviderError) as refused:
        await openai.submit(order(kind, options))
    assert guard.statuses[0] in (400, 422)
    assert not isinstance(refused.value, OutcomeUnknown)
    assert "secret-key" not in str(refused.value) + refused.value.next_step


async def test_the_described_list_is_read_and_found_to_tell_nothing(
    openai: OpenAICompatible, guard: Noting
) -> None:
    # Its example is one model, of which neither a field nor the name tells what it makes.
    with pytest.raises(ProviderUnavailable, match="None of the 1 models"):
        await openai.models()
    assert guard.statuses == [200]
