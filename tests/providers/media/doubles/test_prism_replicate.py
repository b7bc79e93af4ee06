"""Replicate against Prism on its OpenAPI description: Prism refuses requests that do not fit it.

Prism knows no story: a prediction is always `starting`, and answers are made from the description.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter_runs import input_file, made, order
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Pending, Provider
from flexura.providers.media import replicate
from node_tools import command, listening
from vendor_double import media

pytestmark = pytest.mark.anyio
DESCRIPTION = Path(__file__).resolve().parents[3] / "fixtures" / "openapi" / "replicate.json"


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    argv = command("prism", "mock", "-h", "127.0.0.1", "-p", "0", DESCRIPTION)
    with listening(argv, r"is listening on (http://[\d.:]+)") as url:
        yield url


class Watched(Guard):
    """Keeps what was answered; asks Prism for a status where one is wanted."""

    def __init__(self, url: str, code: int = 0) -> None:
        super().__init__(allow_origins=[url])
        self.answers: list[tuple[str, str, int]] = []
        self._code = code

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        wish = {"prefer": f"code={self._code}"} if self._code else {}
        options["headers"] = {**options.get("headers", {}), **wish}
        answer = await super().request(method, url, **options)
        self.answers.append((method, url.rpartition(":")[2].partition("/")[2], answer.status))
        return answer


def asks(prism: str, folder: Path, guard: Guard) -> Provider:
    env = {"REPLICATE_API_TOKEN": "r8_secret", "REPLICATE_BASE_URL": prism}
    return made(replicate, env, folder, guard)


async def test_every_request_of_an_order_fits_the_description(prism: str, tmp_path: Path) -> None:
    guard = Watched(prism)
    provider = asks(prism, tmp_path, guard)
    large = input_file(tmp_path, "png", "image", content=media("png") + b"\0" * 300_000)
    for name in ("acme/paint", "acme/paint:abc"):
        wanted = order(name, "image", large, prompt="a red fox", seed=7)
        operation = await provider.submit(wanted)
        assert operation["prediction"]
        assert isinstance(await provider.poll(operation, wanted), Pending)
        await provider.cancel(operation, wanted)
    await provider.aclose()
    assert [status for _, _, status in guard.answers if not 200 <= status < 300] == []
    paths = {path for method, path, _ in guard.answers if method == "POST"}
    assert "files" in paths and "predictions" in paths
    assert any(path.endswith("/cancel") for path in paths)


async def test_the_list_and_a_model_fit_the_description(prism: str, tmp_path: Path) -> None:
    guard = Watched(prism)
    provider = asks(prism, tmp_path, guard)
    await provider.models()
    await provider.model("acme/paint", None)
    await provider.model("acme/paint:abc", None)
    await provider.aclose()
    asked = {path.partition("?")[0] for _, path, _ in guard.answers}
    assert {"collections", "models", "models/acme/paint", "models/acme/paint/versions/abc"} <= asked
    assert {status for _, _, status in guard.answers} == {200}


async def test_a_request_without_a_token_is_refused(prism: str) -> None:
    guard = Guard(allow_origins=[prism])
    answer = await guard.request("GET", f"{prism}/models", headers={})
    await guard.aclose()
    assert answer.status == 401, "Prism does check the token"


async def test_the_double_refuses_an_order_that_does_not_fit(prism: str) -> None:
    guard = Guard(allow_origins=[prism])
    answer = await guard.request(
        "POST",
        f"{prism}/predictions",
        headers={"authorization": "Bearer x"},
        json={"input": {}, "model": "acme/paint"},
    )
    await guard.aclose()
    assert answer.status in (400, 422)


@pytest.mark.parametrize("code", [400, 500])
async def test_a_documented_error_of_the_search_hides_no_model(
    prism: str, tmp_path: Path, code: int
) -> None:
    class OnlySearch(Watched):
        async def request(self, method: str, url: str, **options: Any) -> Answer:
            self._code = code if "/search" in url else 0
            return await super().request(method, url, **options)

    guard = OnlySearch(prism)
    provider = asks(prism, tmp_path, guard)
    await provider.model("acme/paint", None)
    await provider.aclose()
    assert code in {status for _, _, status in guard.answers}
