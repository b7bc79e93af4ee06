"""The ddgs adapter over a module that stands in for the library."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable, RateLimited
from flexura.domain.search import SearchRequest
from flexura.outbound.client import Guard
from flexura.providers.search import ddgs

pytestmark = pytest.mark.anyio


class Errors(ModuleType):
    """`ddgs.exceptions` of ddgs 9.16."""

    class DDGSException(Exception): ...

    class RatelimitException(DDGSException): ...

    class TimeoutException(DDGSException): ...


class Library(ModuleType):
    """`ddgs` of ddgs 9.16: a class with one method per kind of search."""

    def __init__(self, answer: Any) -> None:
        super().__init__("ddgs")
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

        class DDGS:
            def __init__(client, timeout: int) -> None:
                assert timeout < 9

            def _call(client, kind: str, query: str, **options: Any) -> Any:
                self.asked.append((kind, query, options))
                if isinstance(answer, Exception):
                    raise answer
                return answer

            def text(client, query: str, **options: Any) -> Any:
                return client._call("text", query, **options)

            def news(client, query: str, **options: Any) -> Any:
                return client._call("news", query, **options)

            def images(client, query: str, **options: Any) -> Any:
                return client._call("images", query, **options)

        self.DDGS = DDGS


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Any:
    def be(answer: Any) -> Library:
        library = Library(answer)
        monkeypatch.setitem(sys.modules, "ddgs", library)
        monkeypatch.setitem(sys.modules, "ddgs.exceptions", Errors("ddgs.exceptions"))
        return library

    return be


def engine() -> ddgs.DdgsEngine:
    return ddgs.make({"FLEXURA_DDGS": "1"}, Guard())


def test_it_is_there_only_where_it_is_asked_for() -> None:
    assert not ddgs.configured({}) and not ddgs.configured({"FLEXURA_DDGS": "0"})
    assert ddgs.configured({"FLEXURA_DDGS": "1"}) and ddgs.keyless({"FLEXURA_DDGS": "1"})
    assert ddgs.origins({"FLEXURA_DDGS": "1"}) == []


async def test_without_the_package_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ddgs", None)
    with pytest.raises(ProviderUnavailable) as missing:
        await engine().search(SearchRequest(query="x"))
    assert "pip install flexura[ddgs]" in missing.value.next_step


async def test_a_search_of_pages(install: Any) -> None:
    row = {"title": "Example", "href": "https://example.org/", "body": "A page."}
    library = install([row, None, {"title": 5}])
    found = await engine().search(
        SearchRequest(query="x", recency="week", max_results=3, sites=("a.org", "-b.org"))
    )
    assert (found.hits[0].title, found.hits[0].url) == ("Example", "https://example.org/")
    assert found.hits[0].snippet == "A page."
    (asked,) = library.asked
    assert asked == (
        "text",
        "x site:a.org -site:b.org",
        {"timelimit": "w", "max_results": 3},
    )


async def test_news_and_images_have_their_own_fields(install: Any) -> None:
    install(
        [
            {
                "date": "2026-11-20T10:00:00+00:00",
                "title": "T",
                "body": "B",
                "url": "https://n.example/",
            }
        ]
    )
    (news,) = (await engine().search(SearchRequest(query="x", kind="news"))).hits
    assert (news.url, news.published_at) == ("https://n.example/", "2026-11-20T10:00:00+00:00")
    install([{"title": "T", "image": "https://i.example/a.png", "url": "https://p.example/"}])
    (image,) = (await engine().search(SearchRequest(query="x", kind="images"))).hits
    assert (image.url, image.snippet) == ("https://i.example/a.png", "found on https://p.example/")


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (Errors.RatelimitException("202"), RateLimited),
        (Errors.TimeoutException("late"), ProviderUnavailable),
        (Errors.DDGSException("DNSError"), ProviderUnavailable),
        (AttributeError("'NoneType' has no attribute 'text'"), ProviderError),
    ],
)
async def test_its_errors_are_ours(
    install: Any, raised: Exception, error: type[FlexuraError]
) -> None:
    install(raised)
    with pytest.raises(error) as failed:
        await engine().search(SearchRequest(query="x"))
    assert failed.type is error


async def test_nothing_found_is_no_error_although_the_library_says_so(install: Any) -> None:
    install(Errors.DDGSException("No results found."))
    assert (await engine().search(SearchRequest(query="x"))).hits == ()


async def test_junk_is_an_error(install: Any) -> None:
    install("junk")
    with pytest.raises(ProviderError):
        await engine().search(SearchRequest(query="x"))
