"""The SearXNG adapter against a double of its HTTP interface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from flexura.domain.errors import ProviderError, ProviderUnavailable, RateLimited
from flexura.domain.search import SearchRequest
from flexura.outbound.client import Guard
from flexura.providers.search import searxng

pytestmark = pytest.mark.anyio
FIXTURES = Path(__file__).parents[2] / "fixtures"
RECORDED = json.loads((FIXTURES / "searxng_no_urls.json").read_text())
BASE = "http://127.0.0.1:8888/searx"
PAGE = {
    "title": "Example",
    "url": "https://example.org/",
    "content": "A page.",
    "publishedDate": "2026-11-02T11:00:00",
    "engine": "duckduckgo",
}


class Searxng:
    """Answers every search with the same body, as a SearXNG whose owner enabled JSON."""

    def __init__(self, body: Any = None, status: int = 200, **headers: str) -> None:
        self.body = {"results": [PAGE], "unresponsive_engines": []} if body is None else body
        self.status = status
        self.headers = headers
        self.asked: list[httpx2.URL] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url)
        return httpx2.Response(self.status, json=self.body, headers=self.headers)


def engine(double: Searxng) -> searxng.SearxngEngine:
    env = {"SEARXNG_BASE_URL": f"{BASE}/"}
    guard = Guard(allow_origins=[BASE], transport=httpx2.MockTransport(double))
    return searxng.make(env, guard)


async def test_a_search_is_sent_as_searxng_documents_it() -> None:
    double = Searxng()
    request = SearchRequest(
        query="a & b", kind="news", recency="week", sites=("a.org", "b.org", "-c.org")
    )
    await engine(double).search(request)
    url = double.asked[0]
    assert str(url).startswith(f"{BASE}/search?")
    assert dict(url.params) == {
        "q": "a & b (site:a.org OR site:b.org) -site:c.org",
        "format": "json",
        "categories": "news",
        "time_range": "week",
    }


@pytest.mark.parametrize(
    ("sites", "query"), [((), "x"), (("a.org",), "x site:a.org"), (("-a.org",), "x -site:a.org")]
)
async def test_sites_become_a_part_of_the_query(sites: tuple[str, ...], query: str) -> None:
    double = Searxng()
    await engine(double).search(SearchRequest(query="x", sites=sites))
    assert double.asked[0].params["q"] == query
    assert "time_range" not in double.asked[0].params


async def test_a_result_becomes_a_hit() -> None:
    found = await engine(Searxng()).search(SearchRequest(query="x"))
    (hit,) = found.hits
    assert (hit.title, hit.url, hit.snippet) == ("Example", "https://example.org/", "A page.")
    assert hit.published_at == "2026-11-02T11:00:00"
    assert found.warnings == ()


async def test_results_without_a_url_are_dropped_and_silent_engines_are_named() -> None:
    body = {**RECORDED, "results": [*RECORDED["results"], PAGE]}
    found = await engine(Searxng(body)).search(SearchRequest(query="protocol"))
    assert [hit.url for hit in found.hits] == ["https://example.org/"]
    assert found.warnings == ("engines without answer: local json (unexpected crash)",)


async def test_no_result_because_its_engines_are_silent_is_not_an_empty_answer() -> None:
    with pytest.raises(ProviderUnavailable, match="local json"):
        await engine(Searxng(RECORDED)).search(SearchRequest(query="protocol"))


async def test_no_result_although_its_engines_answered_is_an_empty_answer() -> None:
    found = await engine(Searxng({"results": []})).search(SearchRequest(query="x"))
    assert (found.hits, found.warnings) == ((), ())


async def test_an_image_is_a_hit_on_the_image_itself() -> None:
    image = {**PAGE, "img_src": "//cdn.example.org/a.png", "resolution": "640 x 480"}
    no_image = {**PAGE, "img_src": ""}
    found = await engine(Searxng({"results": [image, no_image]})).search(
        SearchRequest(query="x", kind="images")
    )
    (hit,) = found.hits
    assert hit.url == "https://cdn.example.org/a.png"
    assert hit.snippet == "A page. - 640 x 480 - found on https://example.org/"


@pytest.mark.parametrize(
    "junk",
    [
        [],
        {},
        {"results": None},
        {"results": "no"},
        {"results": [None, 3, {"url": 5, "title": []}, {}], "unresponsive_engines": "x"},
        {"results": [PAGE], "unresponsive_engines": [1, [], ["a"], ["a", "b", "c"]]},
    ],
)
async def test_junk_is_an_error_or_nothing_but_never_a_crash(junk: Any) -> None:
    try:
        found = await engine(Searxng(junk)).search(SearchRequest(query="x"))
    except ProviderError:
        return
    assert all(hit.url for hit in found.hits)


async def test_a_searxng_without_json_says_which_setting_is_missing() -> None:
    with pytest.raises(ProviderError) as refused:
        await engine(Searxng(status=403)).search(SearchRequest(query="x"))
    assert "search.formats" in refused.value.next_step


@pytest.mark.parametrize(("headers", "wait"), [({"retry-after": "60"}, 60.0), ({}, None)])
async def test_its_limiter_is_a_rate_limit(headers: dict[str, str], wait: float | None) -> None:
    with pytest.raises(RateLimited) as limited:
        await engine(Searxng(status=429, **headers)).search(SearchRequest(query="x"))
    assert limited.value.details.get("retry_after") == wait


async def test_a_server_error_is_a_provider_error() -> None:
    with pytest.raises(ProviderError, match="500"):
        await engine(Searxng(status=500)).search(SearchRequest(query="x"))


async def test_an_address_that_is_no_url_names_its_variable() -> None:
    broken = searxng.make({"SEARXNG_BASE_URL": "localhost:8888"}, Guard())
    with pytest.raises(ProviderUnavailable, match="SEARXNG_BASE_URL") as unusable:
        await broken.search(SearchRequest(query="x"))
    assert "SEARXNG_BASE_URL" in unusable.value.next_step


async def test_its_health_is_asked_without_a_search() -> None:
    double = Searxng()
    await engine(double).check()
    assert str(double.asked[0]) == f"{BASE}/healthz"
    with pytest.raises(ProviderError, match="500"):
        await engine(Searxng(status=500)).check()
