"""Runway against Prism on an excerpt of the vendor's OpenAPI: orders fit, documented ends are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import ProviderError, RateLimited
from flexura.domain.model import Kind
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, Pending
from node_tools import command, listening
from one_adapter import given, listed, order, provider_of
from vendor_double import VendorDouble, vendor_double

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
OPENAPI = Path(__file__).parents[3] / "fixtures" / "openapi" / "runway.json"
TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
ORDERS: list[tuple[str, Kind, dict[str, Any], list[str]]] = [
    ("gen4.5", "video", {"promptText": "fox", "ratio": "1280:720", "duration": 5, "seed": 7}, []),
    ("gen4.5", "video", {"promptText": "fox", "ratio": "1280:720", "duration": 5}, ["png"]),
    ("veo3.1", "video", {"promptText": "fox", "ratio": "1280:720", "duration": 8}, []),
    ("hailuo3", "video", {"promptText": "as a drawing", "resolution": "768P"}, ["mp4"]),
    ("hailuo3", "video", {"promptText": "like these"}, ["mp4", "png", "png"]),
    ("gemini_image3_pro", "image", {"promptText": "fox", "ratio": "1024:1024"}, []),
    ("gemini_image3_pro", "image", {"promptText": "fox", "ratio": "1024:1024"}, ["png", "jpeg"]),
    ("eleven_text_to_sound_v2", "audio", {"promptText": "rain", "duration": 10}, []),
    ("eleven_multilingual_v2", "audio", {"promptText": "hello", "voice": "Leslie"}, []),
]


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    argv = command("prism", "mock", "-h", "127.0.0.1", "-p", "0", OPENAPI)
    with listening(argv, r"is listening on (http://[\d.:]+)") as url:
        yield url


@pytest.fixture
def document() -> Iterator[VendorDouble]:
    """Where the vendor keeps its document."""
    with vendor_double() as place:
        answer = {"json": json.loads(OPENAPI.read_text(encoding="utf-8"))}
        place.exchanges = [{"path": "/openapi.json", "answer": answer}]
        yield place


class Preferring(Guard):
    """Asks Prism for one of its answers."""

    def __init__(self, prefer: str, *origins: str) -> None:
        super().__init__(allow_origins=origins)
        self._prefer = prefer

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        headers = {**options.pop("headers"), "prefer": self._prefer}
        return await super().request(method, url, headers=headers, **options)


def env(prism: str, document: VendorDouble) -> dict[str, str]:
    openapi = f"{document.url}/openapi.json"
    key = {"RUNWAYML_API_SECRET": "key_test"}
    return key | {"RUNWAYML_BASE_URL": prism, "RUNWAYML_OPENAPI_URL": openapi}


async def test_the_organization_tells_the_models(
    prism: str, document: VendorDouble, tmp_path: Path
) -> None:
    async with provider_of("runway", env(prism, document), tmp_path) as runway:
        models = await listed(runway)
    assert set(models) == {"gen4.5", "veo3.1", "eleven_text_to_sound_v2"}


@pytest.mark.parametrize("wanted", ORDERS, ids=lambda w: "-".join([w[0], *w[3]]))
async def test_every_order_fits_the_description_of_the_api(
    wanted: tuple[str, Kind, dict[str, Any], list[str]],
    prism: str,
    document: VendorDouble,
    tmp_path: Path,
) -> None:
    upstream_id, kind, options, inputs = wanted
    async with provider_of("runway", env(prism, document), tmp_path) as runway:
        files = [given(tmp_path, extension) for extension in inputs]
        operation = await runway.submit(order(upstream_id, kind, options, *files))
    assert operation["task"]


async def test_the_double_refuses_an_order_that_does_not_fit(
    prism: str, document: VendorDouble, tmp_path: Path
) -> None:
    async with provider_of("runway", env(prism, document), tmp_path) as runway:
        with pytest.raises(ProviderError):
            await runway.submit(order("veo3.1", "video", {"promptText": "a", "ratio": "1:1"}))


async def test_the_documented_ends_of_a_task_are_read(
    prism: str, document: VendorDouble, tmp_path: Path
) -> None:
    states: dict[str, Pending | Done | Failed] = {}
    for example in ("running", "succeeded", "failed"):
        guard = Preferring(f"example={example}", prism, document.url)
        async with provider_of("runway", env(prism, document), tmp_path, guard) as runway:
            states[example] = await runway.poll({"task": TASK}, order("gen4.5", "video", {}))
    running, done, failed = states["running"], states["succeeded"], states["failed"]
    assert isinstance(running, Pending) and running.progress == 0.2
    assert isinstance(done, Done) and len(done.outputs) == 2
    assert done.cost and done.cost["amount"] == 0.25
    assert isinstance(failed, Failed) and failed.code == "content_policy"


async def test_a_task_can_be_canceled_and_can_be_gone(
    prism: str, document: VendorDouble, tmp_path: Path
) -> None:
    async with provider_of("runway", env(prism, document), tmp_path) as runway:
        await runway.cancel({"task": TASK}, order("gen4.5", "video", {}))
    guard = Preferring("code=404", prism, document.url)
    async with provider_of("runway", env(prism, document), tmp_path, guard) as runway:
        state = await runway.poll({"task": TASK}, order("gen4.5", "video", {}))
    assert isinstance(state, Failed) and state.code == "result_expired"


@pytest.mark.parametrize(("status", "error"), [(400, ProviderError), (429, RateLimited)])
async def test_every_documented_refusal_is_one_of_ours(
    status: int, error: type[Exception], prism: str, document: VendorDouble, tmp_path: Path
) -> None:
    guard = Preferring(f"code={status}", prism, document.url)
    options = {"promptText": "fox", "ratio": "1280:720"}
    async with provider_of("runway", env(prism, document), tmp_path) as plain:
        await plain.models()
    async with provider_of("runway", env(prism, document), tmp_path, guard) as runway:
        with pytest.raises(error) as failed:
            runway._contract = plain._contract  # type: ignore[attr-defined]
            await runway.submit(order("veo3.1", "video", options))
    assert failed.type is error
    assert "key_test" not in str(failed.value)
