"""SearXNG, the metasearch engine that people run themselves. Its owner must have enabled JSON answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from flexura.domain.errors import InvalidRequest, ProviderError, ProviderUnavailable, RateLimited
from flexura.domain.search import SearchRequest
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.search_engine import Hit, Hits, Rate
from flexura.providers.vendor_json import rows, text

NAME = "searxng"
RANK = 10
VARIABLES = {"SEARXNG_BASE_URL": "the address of your own SearXNG"}
DOCS = "https://docs.searxng.org/dev/search_api.html"
PROVEN = ("SearXNG: an answer recorded from a running one",)

_CATEGORIES = {"web": "general", "news": "news", "images": "images"}


def configured(env: Mapping[str, str]) -> bool:
    """Whether a SearXNG is named."""
    return bool(env.get("SEARXNG_BASE_URL", "").strip())


def keyless(env: Mapping[str, str]) -> bool:
    """Never: it is the operator's own, and nobody else's limit."""
    return False


def origins(env: Mapping[str, str]) -> list[str]:
    """The SearXNG itself: it often runs on this machine."""
    return [env["SEARXNG_BASE_URL"].strip()]


def make(env: Mapping[str, str], guard: Guard) -> SearxngEngine:
    """The engine at SEARXNG_BASE_URL."""
    return SearxngEngine(env["SEARXNG_BASE_URL"].strip().rstrip("/"), guard)


class SearxngEngine:
    """Asks one SearXNG."""

    name = NAME

    def __init__(self, url: str, guard: Guard) -> None:
        self.rate: Rate | None = None
        self._url = url
        self._guard = guard

    async def search(self, request: SearchRequest) -> Hits:
        """Ask it. Raises RateLimited, ProviderUnavailable or ProviderError."""
        parameters = {
            "q": _query(request),
            "format": "json",
            "categories": _CATEGORIES[request.kind],
        }
        if request.recency:
            parameters["time_range"] = request.recency
        answer = await self._get(f"/search?{urlencode(parameters)}")
        _raise_for_status(answer)
        return _hits(answer.json(), request)

    async def check(self) -> None:
        """Ask for its health. Raises ProviderUnavailable or ProviderError."""
        _raise_for_status(await self._get("/healthz"))

    async def _get(self, path: str) -> Answer:
        try:
            return await self._guard.request(
                "GET", f"{self._url}{path}", headers={"accept": "application/json"}
            )
        except InvalidRequest as refused:
            raise ProviderUnavailable(
                f"SEARXNG_BASE_URL cannot be used. {refused.message}",
                next_step="Set SEARXNG_BASE_URL to the address of a SearXNG, with http:// or https://.",
            ) from refused


def _query(request: SearchRequest) -> str:
    only = [f"site:{site}" for site in request.sites if not site.startswith("-")]
    without = [f"-site:{site[1:]}" for site in request.sites if site.startswith("-")]
    wanted = f"({' OR '.join(only)})" if len(only) > 1 else " ".join(only)
    return " ".join(filter(None, [request.query, wanted, *without]))


def _raise_for_status(answer: Answer) -> None:
    match answer.status:
        case 200:
            return
        case 403:
            raise ProviderError(
                "It does not answer in JSON (status 403).",
                next_step="Add `json` to `search.formats` in the settings.yml of your SearXNG.",
            )
        case 429:
            seconds = answer.retry_after()
            wait: dict[str, Any] = {} if seconds is None else {"retry_after": seconds}
            raise RateLimited(
                "It was asked too often (its limiter blocks this machine).",
                next_step="Allow this machine in the limiter.toml of your SearXNG.",
                **wait,
            )
        case status:
            raise ProviderError(f"It answered with status {status}.")


def _hits(body: Any, request: SearchRequest) -> Hits:
    found = cast("dict[str, Any]", body).get("results") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise ProviderError("Its answer is not that of a SearXNG.")
    silent = _silent(cast("dict[str, Any]", body))
    results = cast("list[Any]", found)
    to_hit = _image if request.kind == "images" else _page
    hits = [to_hit(cast("dict[str, Any]", r)) for r in results if isinstance(r, dict)]
    kept = tuple(hit for hit in hits if hit.url)
    if silent and not kept:
        raise ProviderUnavailable(
            f"None of its engines gave a result; without answer: {', '.join(silent)}.",
            next_step="Look at the engines in the preferences of your SearXNG.",
        )
    warnings = (f"engines without answer: {', '.join(silent)}",) if silent else ()
    return Hits(kept, warnings)


def _silent(body: dict[str, Any]) -> list[str]:
    """The engines behind it that did not answer, each with its reason."""
    pairs = body.get("unresponsive_engines")
    named = rows(pairs)
    return [
        f"{pair[0]} ({pair[1]})"
        for pair in cast("list[list[Any]]", [p for p in named if isinstance(p, list)])
        if len(pair) == 2
    ]


def _page(result: dict[str, Any]) -> Hit:
    return Hit(
        title=text(result, "title"),
        url=text(result, "url"),
        snippet=text(result, "content"),
        published_at=text(result, "publishedDate") or None,
    )


def _image(result: dict[str, Any]) -> Hit:
    page = _page(result)
    found_on = f"found on {page.url}" if page.url else ""
    source = text(result, "img_src")
    return Hit(
        title=page.title,
        url=f"https:{source}" if source.startswith("//") else source,
        snippet=" - ".join(filter(None, [page.snippet, text(result, "resolution"), found_on])),
        published_at=page.published_at,
    )
