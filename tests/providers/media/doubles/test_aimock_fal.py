"""fal.ai's queue against aimock, which somebody else wrote: submit, status, result, cancel.

aimock plays `queue.fal.run` on a port of its own and wants to be told so in a header, while the addresses in
its answers are the vendor's. So the network of this test leads that host to aimock, as a proxy would; the
adapter keeps its own addresses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter_runs import finish, input_file, made, order
from flexura.domain.errors import ProviderError
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, Pending, Provider
from flexura.providers.media import fal
from node_tools import bin, listening, node22, script

pytestmark = pytest.mark.anyio
HOST = "https://queue.fal.run"
PRICES = {"prices": [{"endpoint_id": "acme/paint", "unit_price": 0.03, "unit": "images"}]}


@pytest.fixture(scope="module")
def aimock() -> Iterator[str]:
    bin("aimock")
    with listening([str(node22()), str(script("aimock_fal.mjs"))], r"listening on (\S+)") as url:
        yield url


class Proxy(Guard):
    """Leads the queue's host to aimock; the platform API, which aimock lacks, knows one price."""

    def __init__(self, aimock: str) -> None:
        super().__init__(allow_origins=[aimock])
        self._aimock = aimock

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        if not url.startswith(HOST):
            return Answer(200, {}, json.dumps(PRICES).encode(), url)
        headers = {**options.pop("headers"), "x-fal-target-host": "queue.fal.run"}
        there = f"{self._aimock}/fal{url.removeprefix(HOST)}"
        return await super().request(method, there, headers=headers, **options)

    async def heard(self) -> list[dict[str, Any]]:
        """What aimock saw."""
        return (await super().request("GET", f"{self._aimock}/v1/_requests")).json()


@pytest.fixture
def proxy(aimock: str) -> Proxy:
    return Proxy(aimock)


@pytest.fixture
def provider(proxy: Proxy, tmp_path: Path) -> Provider:
    return made(fal, {"FAL_KEY": "secret-fal-0001"}, tmp_path, proxy)


async def test_an_order_waits_works_and_has_its_files_and_its_cost(
    provider: Provider, proxy: Proxy
) -> None:
    operation, waits, done = await finish(provider, order("acme/paint", prompt="a fox"))
    assert len(waits) == 1, "in progress, then completed"
    assert isinstance(done, Done)
    assert [(o.mime, o.url, o.width) for o in done.outputs] == [
        ("image/png", "https://mock.fal.media/1.png", 1024),
        ("image/jpeg", "https://mock.fal.media/2.jpg", 1024),
    ]
    assert done.cost is not None
    assert (done.cost["amount"], done.cost["currency"]) == (0.06, "USD")
    assert set(operation) == {"request_id", "status_url", "response_url", "cancel_url"}
    assert "secret" not in json.dumps(operation)
    ordered = [h for h in await proxy.heard() if h["method"] == "POST"]
    assert ordered[-1]["path"] == "/fal/acme/paint"
    assert ordered[-1]["body"]["messages"][0]["content"] == "a fox"
    await provider.aclose()


@pytest.mark.parametrize(
    ("endpoint", "kind", "mime"),
    [("acme/film", "video", "video/mp4"), ("acme/speak", "audio", "audio/mpeg")],
)
async def test_films_and_sounds_are_found_in_their_own_shapes(
    provider: Provider, tmp_path: Path, endpoint: str, kind: Any, mime: str
) -> None:
    wanted = order(endpoint, kind, input_file(tmp_path, "png", "image_url"), prompt="it runs")
    _, _, done = await finish(provider, wanted)
    assert isinstance(done, Done)
    assert [o.mime for o in done.outputs] == [mime]
    assert done.cost is None, "aimock bills nothing here"
    await provider.aclose()


async def test_a_canceled_order_ends_as_canceled(provider: Provider) -> None:
    wanted = order("acme/paint", prompt="a fox")
    operation = await provider.submit(wanted)
    assert isinstance(await provider.poll(operation, wanted), Pending)
    await provider.cancel(operation, wanted)
    ended = await provider.poll(operation, wanted)
    assert isinstance(ended, Failed)
    assert ended.code == "canceled"
    await provider.aclose()


async def test_canceling_what_is_over_changes_nothing(provider: Provider) -> None:
    wanted = order("acme/paint", prompt="a fox")
    operation, _, _ = await finish(provider, wanted)
    await provider.cancel(operation, wanted)
    assert isinstance(await provider.poll(operation, wanted), Done)
    await provider.aclose()


async def test_an_order_that_the_queue_forgot_has_expired(provider: Provider) -> None:
    url = f"{HOST}/acme/paint/requests/unheard-of"
    ended = await provider.poll(
        {"status_url": f"{url}/status", "response_url": url}, order("acme/paint")
    )
    assert isinstance(ended, Failed)
    assert ended.code == "result_expired"
    await provider.aclose()


@pytest.mark.parametrize(
    ("endpoint", "words"), [("acme/broken", "No such size"), ("acme/gone", "does not have")]
)
async def test_a_refused_order_is_told(provider: Provider, endpoint: str, words: str) -> None:
    with pytest.raises(ProviderError, match=words):
        await provider.submit(order(endpoint, prompt="x"))
    await provider.aclose()
