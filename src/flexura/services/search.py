"""Searching: engine after engine until one has results, then pages, then the budget."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import anyio
import anyio.to_thread

from flexura.domain.errors import FlexuraError, InvalidRequest, ProviderUnavailable, RateLimited
from flexura.domain.search import SearchAnswer, SearchRequest, SearchResult
from flexura.ports.search_engine import Hits, SearchEngine
from flexura.services.answer_budget import within_budget
from flexura.services.page_bytes import UnreadablePage
from flexura.services.pages import Pages
from flexura.services.result_urls import site_of
from flexura.services.search_results import to_results
from flexura.services.sites import normal_sites
from flexura.services.untrusted import clean

ENGINE_SECONDS = 9.0
_REST_SECONDS = 30.0
_LONGEST_REST_SECONDS = 24 * 3600.0
_REASON = 300
# What an operator sets to get search; a test compares it with the engines there are.
_VARIABLES = ("SEARXNG_BASE_URL", "TAVILY_API_KEY")


@dataclass
class _Round:
    """One search on its way through the engines."""

    request: SearchRequest
    results: list[SearchResult] = field(default_factory=list[SearchResult])
    warnings: list[str] = field(default_factory=list[str])
    failures: dict[str, FlexuraError] = field(default_factory=dict[str, FlexuraError])
    found_nothing: list[str] = field(default_factory=list[str])


class SearchService:
    """Asks the engines in their order and reads pages; an engine that asks to be left alone is."""

    def __init__(
        self,
        engines: Sequence[SearchEngine],
        pages: Pages,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engines = engines
        self._pages = pages
        self._clock = clock
        self._now = now
        self._resting_until: dict[str, float] = {}

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """Results of the first engine that has any, within the budget.

        Raises InvalidRequest for an empty query or a bad site, ProviderUnavailable where no engine answered.
        """
        this = _Round(_tidied(request))
        for engine in self._engines:
            await self._ask(engine, this)
            if this.results:
                break
        if not this.results and not this.found_nothing:
            raise _unavailable(this.failures)
        for name, failure in this.failures.items():
            this.warnings.append(f"engine_failed: {name}: {_reason(failure)}")
        if not this.results:
            asked = " and ".join(this.found_nothing)
            this.warnings.append(f"no_results: {asked} found nothing for this query.")
        await self._read_pages(this)
        answer = SearchAnswer(
            query=this.request.query,
            results=tuple(this.results),
            warnings=tuple(this.warnings),
        )
        return within_budget(answer, request.max_chars)

    async def _ask(self, engine: SearchEngine, this: _Round) -> None:
        try:
            found = await self._hits(engine, this.request)
        except FlexuraError as failure:
            this.failures[engine.name] = failure
            return
        # In a thread: with the texts of pages it takes a while, and others are being answered.
        this.results = await anyio.to_thread.run_sync(
            to_results, found.hits, engine.name, this.request, self._now()
        )
        this.warnings += [f"{engine.name}: {clean(said, _REASON)}" for said in found.warnings]
        if not this.results:
            this.found_nothing.append(engine.name)

    async def _hits(self, engine: SearchEngine, request: SearchRequest) -> Hits:
        rest = self._resting_until.get(engine.name, 0.0) - self._clock()
        if rest > 0:
            raise RateLimited(
                f"It asked to be left alone for {math.ceil(rest)} s more.", retry_after=rest
            )
        try:
            with anyio.fail_after(ENGINE_SECONDS):
                return await engine.search(request)
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"It did not answer within {ENGINE_SECONDS:g} seconds."
            ) from error
        except RateLimited as limited:
            wait = float(limited.details.get("retry_after", _REST_SECONDS))
            wait = min(wait, _LONGEST_REST_SECONDS)
            self._resting_until[engine.name] = self._clock() + wait
            raise

    async def _read_pages(self, this: _Round) -> None:
        if this.request.kind == "images":
            if this.request.fetch:
                this.warnings.append("fetch: images have no text to read.")
            return
        problems: dict[int, str] = {}

        async def read(place: int) -> None:
            result = this.results[place]
            try:
                text = await self._pages.text(result.url, this.request.max_chars)
            except (UnreadablePage, FlexuraError) as problem:
                problems[place] = f"page_not_read: [{result.id}] {site_of(result.url)}: {problem}"
            else:
                this.results[place] = result.model_copy(update={"text": text})

        async with anyio.create_task_group() as tasks:
            for place, result in enumerate(this.results[: this.request.fetch]):
                if result.text is None:
                    tasks.start_soon(read, place)
        this.warnings += [clean(problems[place], _REASON) for place in sorted(problems)]


def _tidied(request: SearchRequest) -> SearchRequest:
    shown = "".join(c for c in request.query if c.isprintable() or c.isspace())
    query = " ".join(shown.split())
    if not query:
        raise InvalidRequest(
            "The query is empty.", next_step="Say in `query` what to look for.", field="query"
        )
    return request.model_copy(update={"query": query, "sites": normal_sites(request.sites)})


def _reason(failure: FlexuraError) -> str:
    return clean(failure.message, _REASON)


def _unavailable(failures: dict[str, FlexuraError]) -> ProviderUnavailable:
    """The error that says why nobody could be asked, and what to set."""
    reasons = " ".join(f"{name}: {_reason(failure)}" for name, failure in failures.items())
    steps = [failure.next_step for failure in failures.values() if failure.next_step]
    steps.append(
        f"Check that the gateway reaches the internet, or set {' or '.join(_VARIABLES)} for it (in its "
        "environment, or under [providers] in its configuration file) and start it again."
    )
    waits = [f.details["retry_after"] for f in failures.values() if "retry_after" in f.details]
    if waits:
        steps.insert(0, f"Wait {math.ceil(min(waits))} seconds.")
    details = {"retry_after": math.ceil(min(waits))} if waits else {}
    return ProviderUnavailable(
        f"No search engine can be asked now. {reasons}".strip(),
        next_step=" ".join(steps),
        **details,
    )
