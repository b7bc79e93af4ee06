"""Search engines, pages and a clock under our control, and a search service over them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2

from flexura.domain.errors import FlexuraError
from flexura.domain.search import SearchAnswer, SearchRequest
from flexura.outbound.client import Guard
from flexura.ports.search_engine import Hit, Hits, Rate, SearchEngine
from flexura.providers.search import deciding
from flexura.services.pages import Pages
from flexura.services.search import SearchService


class Engine:
    """Answers with what it was given: hits, or an error."""

    def __init__(
        self,
        name: str,
        *hits: Hit,
        error: FlexuraError | None = None,
        warnings: tuple[str, ...] = (),
        rate: Rate | None = None,
    ) -> None:
        self.name = name
        self.rate = rate
        self.hits = hits
        self.error = error
        self.warnings = warnings
        self.asked: list[SearchRequest] = []

    async def search(self, request: SearchRequest) -> Hits:
        self.asked.append(request)
        if self.error:
            raise self.error
        return Hits(self.hits, self.warnings)


def hit(url: str = "https://example.org/", **fields: str) -> Hit:
    return Hit(**{"title": "Example", "url": url, "snippet": "A page.", **fields})


class Web:
    """The pages of the internet: by URL, a body or a whole response."""

    def __init__(self, **pages: str | httpx2.Response) -> None:
        self.pages: dict[str, str | httpx2.Response] = dict(pages)
        self.asked: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(str(request.url))
        page = self.pages.get(str(request.url))
        if page is None:
            raise httpx2.ConnectError("nobody there")
        if isinstance(page, httpx2.Response):
            return page
        return httpx2.Response(200, text=page, headers={"content-type": "text/html"})


def pages_of(handler: Callable[[httpx2.Request], object]) -> Pages:
    transport = httpx2.MockTransport(handler)  # type: ignore[arg-type]
    return Pages(Guard(plain_http=True, transport=transport))


NO_PAGES = pages_of(Web())
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """Seconds that only pass when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def service(
    *engines: SearchEngine, pages: Pages = NO_PAGES, clock: Clock | None = None
) -> SearchService:
    clock = clock or Clock()
    return SearchService(
        engines, pages, variables=deciding(), clock=clock, now=lambda: NOW, sleep=clock.sleep
    )


async def asked(*engines: SearchEngine, pages: Pages = NO_PAGES, **fields: Any) -> SearchAnswer:
    """The answer to a search for `x`."""
    return await service(*engines, pages=pages).search(SearchRequest(query="x", **fields))
