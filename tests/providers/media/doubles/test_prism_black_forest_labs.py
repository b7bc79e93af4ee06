"""Black Forest Labs against Prism on an excerpt of the vendor's OpenAPI: orders, results, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import ProviderError
from flexura.domain.model import Kind
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Pending
from node_tools import command, listening
from one_adapter import given, order, provider_of

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
NAME = "black_forest_labs"
OPENAPI = Path(__file__).parents[3] / "fixtures" / "openapi" / "black_forest_labs.json"
ORDERS: list[tuple[str, Kind, dict[str, Any], list[str]]] = [
    ("flux-2-klein-4b", "image", {"prompt": "fox", "seed": 7, "width": 1024, "height": 768}, []),
    ("flux-2-klein-4b", "image", {"prompt": "both", "output_format": "png"}, ["png", "jpeg"]),
    ("flux-2-flex", "image", {"prompt": "fox", "steps": 20, "guidance": 4.5}, []),
    ("flux-pro-1.1", "image", {"prompt": "fox", "prompt_upsampling": False}, ["png"]),
    ("flux-pro-1.0-fill", "image", {"prompt": "a lake"}, ["png"]),
    ("flux-3-video", "video", {"prompt": "go", "aspect_ratio": "16:9", "duration": 5}, []),
    ("flux-3-video", "video", {"prompt": "go", "version": "latest"}, ["png"]),
    ("flux-3-video", "video", {"prompt": "go", "draft": False}, ["png", "jpeg"]),
    ("flux-3-video", "video", {"prompt": "go on", "duration": "auto"}, ["mp4"]),
]


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    argv = command("prism", "mock", "-h", "127.0.0.1", "-p", "0", OPENAPI)
    with listening(argv, r"is listening on (http://[\d.:]+)") as url:
        yield url


class Documented(Guard):
    """Answers for the document itself, which Prism does not serve; keeps what was sent."""

    def __init__(self, url: str) -> None:
        super().__init__(allow_origins=[url])
        self.sent: list[Any] = []

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        if url.endswith("/openapi.json"):
            return Answer(200, {}, OPENAPI.read_bytes(), url)
        if options.get("content"):
            self.sent.append(json.loads(options["content"]))
        return await super().request(method, url, **options)


@pytest.mark.parametrize("wanted", ORDERS, ids=lambda w: "-".join([w[0], *w[3]]))
async def test_every_order_fits_the_description_of_the_api_and_its_result_is_read(
    wanted: tuple[str, Kind, dict[str, Any], list[str]], prism: str, tmp_path: Path
) -> None:
    upstream_id, kind, options, inputs = wanted
    env = {"BFL_API_KEY": "bfl_test", "BFL_BASE_URL": prism}
    guard = Documented(prism)
    async with provider_of(NAME, env, tmp_path, guard) as bfl:
        files = [given(tmp_path, extension) for extension in inputs]
        asked = order(upstream_id, kind, options, *files)
        operation = await bfl.submit(asked)
        state = await bfl.poll(operation, asked)
    # Its polling URL is a word, so the documented path is asked; its status is the first of the list.
    assert operation["url"].startswith(f"{prism}/v1/get_result?id=")
    assert getattr(state, "code", "") == "result_expired" or isinstance(state, Pending)
    assert options.items() <= guard.sent[0].items()


@pytest.mark.parametrize(
    "options", [{"prompt": "a", "width": 1}, {"prompt": 5}, {"prompt": "a", "output_format": "gif"}]
)
async def test_the_double_refuses_an_order_that_does_not_fit(
    options: dict[str, Any], prism: str, tmp_path: Path
) -> None:
    env = {"BFL_API_KEY": "bfl_test", "BFL_BASE_URL": prism}
    async with provider_of(NAME, env, tmp_path, Documented(prism)) as bfl:
        with pytest.raises(ProviderError) as refused:
            await bfl.submit(order("flux-2-klein-4b", "image", options))
    assert refused.value.details["upstream_status"] == 422
    assert "bfl_test" not in str(refused.value)
