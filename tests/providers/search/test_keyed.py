"""What is particular to the engines of the table: long queries, many sites, asking without a key."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from flexura.domain.errors import ProviderError, ProviderUnavailable, RateLimited
from flexura.domain.search import SearchRequest
from flexura.outbound.client import Guard
from flexura.ports.search_engine import Hits, Rate
from flexura.providers.search import adapters

pytestmark = pytest.mark.anyio
BY_NAME = {adapter.NAME: adapter for adapter in adapters()}
ANSWERS: dict[str, Any] = {
    "brave": {"type": "search"},
    "exa": {"results": []},
    "firecrawl": {"data": {}},
    "you": {"results": {}},
}


class Vendor:
    """Answers every request alike, without a network."""

    def __init__(self, name: str, env: dict[str, str], status: int = 200) -> None:
        self.asked: list[httpx2.Request] = []
        self._answer = ANSWERS[name], status
        self._guard = Guard(transport=httpx2.MockTransport(self._handle))
        self.engine = BY_NAME[name].make(env, self._guard)

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        body, status = self._answer
        return httpx2.Response(status, json=body)

    async def search(self, **fields: Any) -> Hits:
        return await self.engine.search(SearchRequest(**{"query": "x", **fields}))


async def test_a_query_with_too_many_words_or_characters_is_cut_and_says_so() -> None:
    brave = Vendor("brave", {"BRAVE_API_KEY": "k"})
    found = await brave.search(query="word " * 60 + "end")
    sent = brave.asked[0].url.params["q"]
    assert sent == " ".join(["word"] * 50)
    assert found.warnings == (f"only the first {len(sent)} characters were searched",)
    await brave.search(query="w" * 900)
    assert len(brave.asked[1].url.params["q"]) == 400


async def test_sites_keep_their_place_in_a_query_that_is_cut() -> None:
    brave = Vendor("brave", {"BRAVE_API_KEY": "k"})
    sites = tuple(f"a-rather-long-name-{number}.example.org" for number in range(20))
    await brave.search(query="w" * 500, sites=sites)
    sent = brave.asked[0].url.params["q"]
    assert len(sent) <= 400 and len(sent.split()) <= 50
    assert sent.startswith("w" * 150) and sent.count("site:") == 4 and sent.endswith("org)")


async def test_a_list_of_domains_takes_no_path_and_never_leaves_out_a_whole_site_for_one() -> None:
    firecrawl = Vendor("firecrawl", {"FIRECRAWL_API_KEY": "k"})
    await firecrawl.search(sites=("a.org/docs", "a.org/blog", "-b.org"))
    await firecrawl.search(sites=("-b.org/private", "-c.org"))
    bodies = [json.loads(request.content) for request in firecrawl.asked]
    assert bodies[0]["includeDomains"] == ["a.org"] and "excludeDomains" not in bodies[0]
    assert bodies[1]["excludeDomains"] == ["c.org"]


async def test_recency_is_a_date_where_the_engine_wants_one() -> None:
    exa = Vendor("exa", {"EXA_API_KEY": "k"})
    await exa.search(recency="month")
    since = datetime.fromisoformat(json.loads(exa.asked[0].content)["startPublishedDate"])
    age = datetime.now(UTC) - since
    assert timedelta(days=30) < age < timedelta(days=32)


async def test_an_engine_without_images_says_so_before_it_is_asked() -> None:
    exa = Vendor("exa", {"EXA_API_KEY": "k"})
    with pytest.raises(ProviderUnavailable, match="does not search for images"):
        await exa.search(kind="images")
    assert exa.asked == []


async def test_you_com_is_asked_without_a_key_only_where_that_is_wanted() -> None:
    assert not BY_NAME["you"].configured({})
    free = Vendor("you", {"YOU_FREE": "1"})
    await free.search(sites=("a.org", "b.org"), recency="week", max_results=3)
    (request,) = free.asked
    assert str(request.url.copy_with(query=None)) == "https://api.you.com/v1/agents/search"
    assert dict(request.url.params) == {
        "query": "x", "count": "3", "include_domains": "a.org,b.org", "freshness": "week",
    }  # fmt: skip
    assert (request.method, "x-api-key" in request.headers) == ("GET", False)
    assert request.headers["accept-encoding"] == "identity"
    assert free.engine.rate == Rate(100, 86_400.0)


async def test_a_key_wins_over_the_free_way() -> None:
    keyed = Vendor("you", {"YOU_FREE": "1", "YDC_API_KEY": "secret"})
    await keyed.search()
    (request,) = keyed.asked
    assert str(request.url) == "https://ydc-index.io/v1/search"
    assert request.headers["x-api-key"] == "secret"


@pytest.mark.parametrize(
    ("status", "error"), [(401, ProviderError), (403, ProviderError), (429, RateLimited)]
)
async def test_a_refusal_without_a_key_names_the_key_to_set(
    status: int, error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        await Vendor("you", {"YOU_FREE": "1"}, status).search()
    assert "YDC_API_KEY" in getattr(refused.value, "next_step", "")


async def test_a_key_stays_out_of_a_redirect_to_somebody_else() -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(302, headers={"location": "https://evil.example/"})

    asked: list[httpx2.Request] = []
    engine = BY_NAME["brave"].make(
        {"BRAVE_API_KEY": "secret"}, Guard(transport=httpx2.MockTransport(handle))
    )
    with pytest.raises(ProviderError):
        await engine.search(SearchRequest(query="x"))
    assert asked[0].url.host == "api.search.brave.com"
    assert all("x-subscription-token" not in request.headers for request in asked[1:])
