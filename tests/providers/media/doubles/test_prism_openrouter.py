"""The OpenRouter adapter against Prism on an excerpt of its own description: it refuses what does not fit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import FlexuraError, OutcomeUnknown, ProviderError, RateLimited
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, InputFile, Order
from flexura.providers.media import Setup
from flexura.providers.media.openrouter import OpenRouter
from node_tools import command, listening
from vendor_double import media

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
OPENAPI = Path(__file__).parents[3] / "fixtures" / "openapi" / "openrouter.json"


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    argv = command("prism", "mock", "-h", "127.0.0.1", "-p", "0", OPENAPI)
    with listening(argv, r"is listening on (http://[\d.:]+)", seconds=120) as url:
        yield url


class Noting(Guard):
    """Remembers the statuses of the answers, and may ask Prism for one of them."""

    def __init__(self, url: str, prefer: str = "") -> None:
        super().__init__(allow_origins=[url])
        self.statuses: list[int] = []
        self.prefer = {"prefer": prefer} if prefer else {}

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        headers = {**options.pop("headers"), **self.prefer}
        answer = await super().request(method, url, headers=headers, **options)
        self.statuses.append(answer.status)
        return answer


@pytest.fixture
async def guard(prism: str) -> AsyncIterator[Noting]:
    guard = Noting(prism)
    yield guard
    await guard.aclose()


def connected(prism: str, guard: Guard, folder: Path) -> OpenRouter:
    env = {"OPENROUTER_API_KEY": "secret-key", "OPENROUTER_BASE_URL": prism}
    return OpenRouter(Setup(env, guard, folder, folder / "staging"))


@pytest.fixture
def router(prism: str, guard: Noting, tmp_path: Path) -> OpenRouter:
    return connected(prism, guard, tmp_path)


def order(kind: str, options: Mapping[str, Any], *inputs: InputFile) -> Order:
    fields: dict[str, Any] = {
        "job_id": "job_1",
        "kind": kind,
        "upstream_id": "house/one",
        "n": 1,
        "seed": 7,
    }
    words = str(options.get("prompt", options.get("input", "a fox")))
    return Order(**fields, prompt=words, options=options, inputs=inputs)


def given(folder: Path, role: str) -> InputFile:
    (folder / "in.png").write_bytes(media("png"))
    return InputFile(folder / "in.png", "image/png", "0" * 64, role)


async def test_the_documented_lists_become_models(router: OpenRouter, guard: Noting) -> None:
    found = {m.id.partition(":")[2]: m for m in await router.models()}
    kinds = sorted(m.kinds for m in found.values())
    assert kinds == [("image",), ("video",)]
    image = next(m for m in found.values() if m.kinds == ("image",))
    assert image.input_schema["properties"]["resolution"]["enum"] == ["1K", "2K", "4K"]
    assert (image.schema_source, image.tasks) == ("derived", ("text-to-image",))
    video = next(m for m in found.values() if m.kinds == ("video",))
    assert video.input_schema["properties"]["duration"]["enum"] == [5, 8]
    assert video.price and (video.price.unit, video.price.amount) == ("run", 0.5)
    assert guard.statuses == [200, 200, 200]


async def test_the_documented_endpoints_tell_the_price_of_a_picture(router: OpenRouter) -> None:
    image = next(m for m in await router.models() if m.kinds == ("image",))
    priced = await router.model(image.upstream_id, image)
    assert priced and priced.price
    assert (priced.price.unit, priced.price.amount) == ("image", 0.05)


async def test_pictures_fit_the_description(
    router: OpenRouter, guard: Noting, tmp_path: Path
) -> None:
    options = {
        "prompt": "a fox", "n": 2, "aspect_ratio": "16:9", "resolution": "2K", "quality": "high",
        "background": "auto", "output_format": "webp", "output_compression": 80, "seed": 7,
    }  # fmt: skip
    # The described example holds no real picture, so that nothing can be made of the answer.
    with pytest.raises(OutcomeUnknown):
        await router.submit(order("image", options, given(tmp_path, "image")))
    assert guard.statuses == [200]


async def test_videos_fit_the_description(
    router: OpenRouter, guard: Noting, tmp_path: Path
) -> None:
    options = {
        "prompt": "a fox",
        "duration": 8,
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "seed": 7,
    }
    frames = [given(tmp_path, role) for role in ("first_frame", "last_frame", "reference")]
    wish = order("video", {**options, "generate_audio": True}, *frames)
    done = await router.poll(await router.submit(wish), wish)
    assert guard.statuses == [202, 200]
    assert isinstance(done, Done)
    assert done.cost and done.cost["amount"] == 0.5


async def test_speech_fits_the_description(router: OpenRouter, guard: Noting) -> None:
    options = {"input": "Hello", "voice": "paul", "response_format": "mp3", "speed": 1.25}
    await router.submit(order("audio", options))
    assert guard.statuses == [200]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("image", {"prompt": "a fox", "aspect_ratio": "7:3"}),
        ("image", {"prompt": "a fox", "resolution": "16K"}),
        ("image", {"prompt": "a fox", "seed": "seven"}),
        ("video", {"prompt": "a fox", "duration": "8"}),
        ("video", {"prompt": "a fox", "aspect_ratio": "7:3"}),
        ("audio", {"input": "hello", "response_format": "wav"}),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_there(
    kind: str, options: dict[str, Any], router: OpenRouter, guard: Noting
) -> None:
    with pytest.raises(ProviderError) as refused:
        await router.submit(order(kind, options))
    assert guard.statuses[0] in (400, 422)
    assert not isinstance(refused.value, OutcomeUnknown)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderError),
        (401, ProviderError),
        (402, ProviderError),
        (403, ProviderError),
        (413, ProviderError),
        (429, RateLimited),
        (500, ProviderError),
        (502, OutcomeUnknown),
        (524, OutcomeUnknown),
        (529, ProviderError),
    ],
)
async def test_every_documented_error_is_one_of_ours(
    status: int, error: type[FlexuraError], prism: str, tmp_path: Path
) -> None:
    guard = Noting(prism, f"code={status}")
    with pytest.raises(error) as failed:
        await connected(prism, guard, tmp_path).submit(order("image", {"prompt": "a fox"}))
    await guard.aclose()
    assert guard.statuses == [status]
    assert failed.type is error
    assert "secret-key" not in str(failed.value) + failed.value.next_step
