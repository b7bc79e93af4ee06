"""Search against doubles of Tavily that others wrote: aimock, and Prism on an OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable, RateLimited
from flexura.domain.search import SearchAnswer, SearchRequest
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.providers.search import engines, origins
from flexura.services.pages import Pages
from flexura.services.search import SearchService
from node_tools import bin, command, listening, node22, script

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
# The vendor's own description is not ours to publish; it is used where somebody put it beside the checkout.
OPENAPI = [ROOT / "tests" / "fixtures" / "tavily_openapi.json"]
OPENAPI += [p for p in [ROOT.parent / "shared" / "openapi" / "tavily.json"] if p.exists()]
EVERY_WISH = [
    {},
    {"kind": "news", "recency": "week"},
    {"kind": "images"},
    {"sites": ("example.org", "-other.example"), "max_results": 20},
    {"fetch": 1, "recency": "day"},
    {"max_results": 1, "recency": "year"},
]


@pytest.fixture(scope="module")
def aimock() -> Iterator[str]:
    bin("aimock")
    with listening([str(node22()), str(script("aimock_search.mjs"))], r"listening on (\S+)") as url:
        yield url


@pytest.fixture(scope="module", params=OPENAPI, ids=lambda path: path.parent.name)
def prism(request: pytest.FixtureRequest) -> Iterator[str]:
    argv = command("prism", "mock", "-h", "127.0.0.1", "-p", "0", request.param)
    with listening(argv, r"is listening on (http://[\d.:]+)") as url:
        yield url


class Preferring(Guard):
    """Asks Prism for the answer with this status."""

    def __init__(self, status: int, url: str) -> None:
        super().__init__(allow_origins=[url])
        self._status = status

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        headers = {**options.pop("headers"), "prefer": f"code={self._status}"}
        return await super().request(method, url, headers=headers, **options)


async def searched(env: Mapping[str, str], request: SearchRequest) -> SearchAnswer:
    """One search, wired as the gateway wires it."""
    outside, public = Guard(allow_origins=origins(env)), Guard(plain_http=True)
    try:
        return await SearchService(engines(env, outside), Pages(public)).search(request)
    finally:
        await outside.aclose()
        await public.aclose()


async def test_aimock_finds_results_without_a_key(aimock: str) -> None:
    answer = await searched({"TAVILY_BASE_URL": aimock}, SearchRequest(query="red fox"))
    assert [(r.id, r.title, r.snippet, r.source) for r in answer.results] == [
        ("1", "Foxes", "A fox.", "example.org via tavily"),
        ("2", "Dens", "Where foxes live.", "other.example via tavily"),
    ]
    assert answer.warnings == ()


async def test_aimock_heard_a_keyless_request_and_nothing_secret(aimock: str) -> None:
    await searched({"TAVILY_BASE_URL": aimock}, SearchRequest(query="fox", max_results=1))
    guard = Guard(allow_origins=[aimock])
    journal = (await guard.request("GET", f"{aimock}/v1/_requests")).json()
    await guard.aclose()
    heard = json.dumps(journal[-1]).lower()
    assert '"x-tavily-access-mode": "keyless"' in heard
    assert "authorization" not in heard


async def test_aimock_that_finds_nothing_is_an_empty_list_that_says_so(aimock: str) -> None:
    answer = await searched({"TAVILY_BASE_URL": aimock}, SearchRequest(query="unheard of"))
    assert answer.results == ()
    assert answer.warnings == ("no_results: tavily found nothing for this query.",)


@pytest.mark.parametrize("wish", EVERY_WISH, ids=lambda wish: "-".join(wish) or "plain")
async def test_every_request_fits_the_description_of_the_api(
    prism: str, wish: dict[str, Any]
) -> None:
    env = {"TAVILY_BASE_URL": prism, "TAVILY_API_KEY": "tvly-test"}
    outside = Guard(allow_origins=[prism])
    found = await engines(env, outside)[0].search(SearchRequest(query="who is it", **wish))
    await outside.aclose()
    assert found.hits or wish.get("kind") == "images"


async def test_the_double_refuses_a_request_that_does_not_fit(prism: str) -> None:
    outside = Guard(allow_origins=[prism])
    answer = await outside.request(
        "POST",
        f"{prism}/search",
        headers={"authorization": "Bearer tvly-test"},
        json={"query": "x", "topic": "sports"},
    )
    await outside.aclose()
    assert answer.status in (400, 422)


async def test_the_documented_example_becomes_a_result(prism: str) -> None:
    env = {"TAVILY_BASE_URL": prism, "TAVILY_API_KEY": "tvly-test"}
    answer = await searched(env, SearchRequest(query="who is it"))
    result = answer.results[0]
    assert result.title and result.snippet and result.url.startswith("https://")
    assert result.source.endswith(" via tavily")


async def test_a_request_without_a_key_is_refused_where_the_api_wants_one(prism: str) -> None:
    with pytest.raises(ProviderUnavailable) as failed:
        await searched({"TAVILY_BASE_URL": prism}, SearchRequest(query="x"))
    assert "refused a search without a key" in failed.value.message
    assert "TAVILY_API_KEY" in failed.value.next_step


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderError),
        (401, ProviderError),
        (429, RateLimited),
        (432, ProviderError),
        (433, ProviderError),
        (500, ProviderError),
    ],
)
async def test_every_documented_error_is_one_of_ours(
    prism: str, status: int, error: type[FlexuraError]
) -> None:
    env = {"TAVILY_BASE_URL": prism, "TAVILY_API_KEY": "tvly-test"}
    guard = Preferring(status, prism)
    with pytest.raises(error) as failed:
        await engines(env, guard)[0].search(SearchRequest(query="x"))
    await guard.aclose()
    assert failed.type is error
    assert "tvly-test" not in str(failed.value) + failed.value.next_step
