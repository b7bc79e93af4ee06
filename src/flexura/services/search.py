"""Searching: engine after engine until one has results, then pages, then the budget.

An engine that asks to be left alone is, and one whose documented limit is used up is passed over: the next
answers at once. Only where nobody else does, and the wait is short, it is waited for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import anyio
import anyio.to_thread

from flexura.domain.errors import FlexuraError, InvalidRequest, ProviderUnavailable, RateLimited
from flexura.domain.search import SearchAnswer, SearchRequest, SearchResult
from flexura.ports.search_engine import FreelyChecked, Hits, SearchEngine
from flexura.services.answer_budget import within_budget
from flexura.services.measured import counted
from flexura.services.page_bytes import UnreadablePage
from flexura.services.pages import Pages
from flexura.services.result_urls import site_of
from flexura.services.search_results import to_results
from flexura.services.sites import normal_sites
from flexura.services.token_bucket import TokenBucket
from flexura.services.untrusted import clean

ENGINE_SECONDS = 9.0
ROUND_SECONDS = 27.0
"""When nobody else is begun with: several that do not answer must not outlast the caller's patience."""
SHORT_WAIT_SECONDS = 2.0
_REST_SECONDS = 30.0
_LONGEST_REST_SECONDS = 24 * 3600.0
_REASON = 300
NOT_CHECKED = "not checked: every search counts"


@dataclass(frozen=True)
class EngineState:
    """How an engine did when it was last asked. `healthy` is None before that; `checked_at` is ISO 8601."""

    name: str
    healthy: bool | None = None
    error: str = ""
    checked_at: str = ""
    note: str = ""


class _Passed(RateLimited):
    """Its own limit, as documented, is used up for now; it was not asked."""


@dataclass
class _Round:
    """One search on its way through the engines."""

    request: SearchRequest
    results: list[SearchResult] = field(default_factory=list[SearchResult])
    warnings: list[str] = field(default_factory=list[str])
    failures: dict[str, FlexuraError] = field(default_factory=dict[str, FlexuraError])
    found_nothing: list[str] = field(default_factory=list[str])
    passed: list[SearchEngine] = field(default_factory=list[SearchEngine])


class SearchService:
    """Asks the engines in their order and reads pages. `variables` are what to set to get more of them."""

    def __init__(
        self,
        engines: Sequence[SearchEngine],
        pages: Pages,
        *,
        variables: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._engines = engines
        self._pages = pages
        self._variables = variables
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._resting_until: dict[str, float] = {}
        self._buckets = {e.name: TokenBucket(e.rate, clock) for e in engines if e.rate}
        self._states = {e.name: EngineState(e.name) for e in engines}

    def states(self) -> list[EngineState]:
        """How each engine did, in the order in which they are asked."""
        return list(self._states.values())

    async def check(self) -> list[EngineState]:
        """The states, after asking those engines for their health that can be asked without a search."""
        async with anyio.create_task_group() as tasks:
            for engine in self._engines:
                if isinstance(engine, FreelyChecked):
                    tasks.start_soon(self._check, engine.name, engine)
        free = {e.name for e in self._engines if isinstance(e, FreelyChecked)}
        return [s if s.name in free else replace(s, note=NOT_CHECKED) for s in self.states()]

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """Results of the first engine that has any, within the budget.

        Raises InvalidRequest for an empty query or a bad site, ProviderUnavailable where no engine answered.
        """
        this = _Round(_tidied(request))
        begun = self._clock()
        for engine in self._engines:
            if this.results or self._clock() - begun > ROUND_SECONDS:
                break
            await self._ask(engine, this, patience=0.0)
        for engine in this.passed:
            if this.results or self._clock() - begun > ROUND_SECONDS:
                break
            await self._ask(engine, this, patience=SHORT_WAIT_SECONDS)
        if not this.results and not this.found_nothing:
            raise _unavailable(this.failures, self._variables)
        for name, failure in this.failures.items():
            what = "engine_passed_over" if isinstance(failure, _Passed) else "engine_failed"
            this.warnings.append(f"{what}: {name}: {_reason(failure)}")
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

    async def _ask(self, engine: SearchEngine, this: _Round, patience: float) -> None:
        try:
            await self._admit(engine, patience)
            found = await self._hits(engine, this.request)
        except FlexuraError as failure:
            this.failures[engine.name] = failure
            if isinstance(failure, _Passed) and not patience:
                this.passed.append(engine)
            return
        this.failures.pop(engine.name, None)
        # In a thread: with the texts of pages it takes a while, and others are being answered.
        this.results = await anyio.to_thread.run_sync(
            to_results, found.hits, engine.name, this.request, self._now()
        )
        this.warnings += [f"{engine.name}: {clean(said, _REASON)}" for said in found.warnings]
        if not this.results:
            this.found_nothing.append(engine.name)

    async def _admit(self, engine: SearchEngine, patience: float) -> None:
        """Return when the engine may be asked. Raises RateLimited where it is not to be asked now."""
        rest = self._resting_until.get(engine.name, 0.0) - self._clock()
        if rest > 0:
            raise RateLimited(
                f"It asked to be left alone for {math.ceil(rest)} s more.", retry_after=rest
            )
        bucket = self._buckets.get(engine.name)
        if bucket is None:
            return
        wait = bucket.take(patience)
        if wait is None:
            raise _Passed(f"Its limit of {engine.rate} is used up.", retry_after=bucket.wait())
        if wait:
            await self._sleep(wait)

    async def _hits(self, engine: SearchEngine, request: SearchRequest) -> Hits:
        try:
            with anyio.fail_after(ENGINE_SECONDS):
                with counted(engine.name, "search"):
                    found = await engine.search(request)
        except TimeoutError as error:
            late = ProviderUnavailable(f"It did not answer within {ENGINE_SECONDS:g} seconds.")
            self._note(engine.name, late)
            raise late from error
        except FlexuraError as failure:
            self._note(engine.name, failure)
            if isinstance(failure, RateLimited):
                wait = float(failure.details.get("retry_after", _REST_SECONDS))
                wait = min(wait, _LONGEST_REST_SECONDS)
                self._resting_until[engine.name] = self._clock() + wait
            raise
        self._note(engine.name)
        return found

    async def _check(self, name: str, engine: FreelyChecked) -> None:
        try:
            with anyio.fail_after(ENGINE_SECONDS):
                await engine.check()
        except TimeoutError:
            self._note(name, ProviderUnavailable("It did not answer in time."))
        except FlexuraError as failure:
            self._note(name, failure)
        else:
            self._note(name)

    def _note(self, name: str, failure: FlexuraError | None = None) -> None:
        moment = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        error = _reason(failure) if failure else ""
        self._states[name] = EngineState(name, failure is None, error, moment)

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


def _unavailable(
    failures: dict[str, FlexuraError], variables: Sequence[str]
) -> ProviderUnavailable:
    """The error that says why nobody could be asked, and what to set."""
    reasons = " ".join(f"{name}: {_reason(failure)}" for name, failure in failures.items())
    steps = [failure.next_step for failure in failures.values() if failure.next_step]
    names = ", ".join(variables)
    more = f", or set one of {names} for it (your own gateway: `flexura providers add NAME`)"
    steps.append(f"Check that the gateway reaches the internet{more if names else ''}.")
    waits = [f.details["retry_after"] for f in failures.values() if "retry_after" in f.details]
    if waits:
        steps.insert(0, f"Wait {math.ceil(min(waits))} seconds.")
    details = {"retry_after": math.ceil(min(waits))} if waits else {}
    return ProviderUnavailable(
        f"No search engine can be asked now. {reasons}".strip(),
        next_step=" ".join(steps),
        **details,
    )
