"""Tavily, a search service made for agents. It also answers without a key, within a free limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flexura.domain.errors import (
    FlexuraError,
    InvalidRequest,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.search import SearchRequest
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.search_engine import Hit, Hits, Rate
from flexura.providers import vendor_json

NAME = "tavily"
RANK = 50
VARIABLES = {
    "TAVILY_API_KEY": "a key of Tavily, which has a free plan",
    "TAVILY_BASE_URL": "another address of its API (default https://api.tavily.com)",
}
DOCS = "https://docs.tavily.com/documentation/api-reference/endpoint/search"
PROVEN = ("aimock: search without a key", "Prism on Tavily's OpenAPI description: search, errors")

_DEFAULT_URL = "https://api.tavily.com"
# What a key of the free plan is allowed; without a key Tavily tells when it is enough.
_RATE = Rate(100, 60.0)
# Longer queries are answered with 400.
_QUERY_LIMIT = 400


def configured(env: Mapping[str, str]) -> bool:
    """Always: without a key the keyless mode is used."""
    return True


def keyless(env: Mapping[str, str]) -> bool:
    """Whether there is no key."""
    return not env.get("TAVILY_API_KEY", "").strip()


def origins(env: Mapping[str, str]) -> list[str]:
    """Another address of the API, where the operator names one."""
    return [url] if (url := env.get("TAVILY_BASE_URL", "").strip()) else []


def make(env: Mapping[str, str], guard: Guard) -> TavilyEngine:
    """The engine with TAVILY_API_KEY, or keyless."""
    url = env.get("TAVILY_BASE_URL", "").strip() or _DEFAULT_URL
    return TavilyEngine(url.rstrip("/"), env.get("TAVILY_API_KEY", "").strip(), guard)


class TavilyEngine:
    """Asks Tavily, with a key or without."""

    name = NAME

    def __init__(self, url: str, key: str, guard: Guard) -> None:
        self.rate: Rate | None = _RATE if key else None
        self._url = url
        self._key = key
        self._guard = guard

    async def search(self, request: SearchRequest) -> Hits:
        """Ask it. Raises RateLimited, ProviderUnavailable or ProviderError."""
        access = (
            {"authorization": f"Bearer {self._key}"}
            if self._key
            else {"x-tavily-access-mode": "keyless"}
        )
        try:
            answer = await self._guard.request(
                "POST",
                f"{self._url}/search",
                headers={**access, "x-client-source": "flexura", "accept": "application/json"},
                json=_body(request),
            )
        except InvalidRequest as refused:
            raise ProviderUnavailable(
                f"TAVILY_BASE_URL cannot be used. {refused.message}",
                next_step="Correct TAVILY_BASE_URL, or unset it to use Tavily's own address.",
            ) from refused
        if answer.status != 200:
            raise self._error(answer)
        too_long = len(request.query) > _QUERY_LIMIT
        warnings = (f"only the first {_QUERY_LIMIT} characters were searched",) if too_long else ()
        return Hits(_hits(answer.json(), request), warnings)

    def _error(self, answer: Answer) -> FlexuraError:
        said, wait = _what_it_says(answer)
        said = f" It says: {said}" if said else ""
        match answer.status:
            case 429 if self._key:
                return RateLimited(
                    f"It was asked too often.{said}",
                    next_step="Ask less often, or raise the limit in Tavily's dashboard.",
                    **wait,
                )
            case 429:
                return RateLimited(
                    f"Its free limit for searches without a key is reached.{said}",
                    next_step="Set TAVILY_API_KEY for a limit of your own.",
                    **wait,
                )
            case 401 | 403 if self._key:
                return ProviderError(
                    f"It refused the key in TAVILY_API_KEY.{said}",
                    next_step="Set TAVILY_API_KEY to a valid key, or unset it to search without one.",
                )
            case 401 | 403:
                return ProviderError(
                    f"It refused a search without a key.{said}", next_step="Set TAVILY_API_KEY."
                )
            case 432 | 433:
                spent = "plan" if answer.status == 432 else "pay-as-you-go limit"
                return ProviderError(
                    f"The {spent} of the key in TAVILY_API_KEY is used up.{said}",
                    next_step="Raise the limit in Tavily's dashboard, or set another TAVILY_API_KEY.",
                )
            case status:
                return ProviderError(f"It answered with status {status}.{said}")


def _body(request: SearchRequest) -> dict[str, Any]:
    only = [site for site in request.sites if not site.startswith("-")]
    without = [site[1:] for site in request.sites if site.startswith("-")]
    images = request.kind == "images"
    wanted = {
        "topic": "news" if request.kind == "news" else "",
        "time_range": request.recency,
        "include_domains": only,
        "exclude_domains": without,
        "include_images": images,
        "include_image_descriptions": images,
        # Tavily read the page already, scripts included; that saves fetching it again.
        "include_raw_content": "text" if request.fetch and not images else "",
    }
    return {
        "query": request.query[:_QUERY_LIMIT],
        "max_results": request.max_results,
        **{name: value for name, value in wanted.items() if value},
    }


def _hits(body: Any, request: SearchRequest) -> tuple[Hit, ...]:
    fields = vendor_json.fields(body)
    results = fields.get("results")
    if not isinstance(results, list):
        raise ProviderError("Its answer is not that of Tavily.")
    pages = [cast("dict[str, Any]", r) for r in cast("list[Any]", results) if isinstance(r, dict)]
    if request.kind == "images":
        of_pages = [hit for page in pages for hit in _images(page, vendor_json.text(page, "url"))]
        return (*of_pages, *_images(fields, ""))
    return tuple(map(_hit, pages))


def _hit(page: dict[str, Any]) -> Hit:
    return Hit(
        title=vendor_json.text(page, "title"),
        url=vendor_json.text(page, "url"),
        snippet=vendor_json.text(page, "content"),
        published_at=vendor_json.text(page, "published_date") or None,
        text=vendor_json.text(page, "raw_content") or None,
    )


def _images(fields: dict[str, Any], page_url: str) -> list[Hit]:
    """The images of one page, or those of the whole answer; each is a URL or an object."""
    listed = fields.get("images")
    images = vendor_json.rows(listed)
    hits: list[Hit] = []
    for image in images:
        about = cast("dict[str, Any]", image) if isinstance(image, dict) else {"url": image}
        description = vendor_json.text(about, "description")
        found_on = f"found on {page_url}" if page_url else ""
        hits.append(
            Hit(
                title=vendor_json.text(fields, "title") or description,
                url=vendor_json.text(about, "url"),
                snippet=" - ".join(filter(None, [description, found_on])),
            )
        )
    return hits


def _what_it_says(answer: Answer) -> tuple[str, dict[str, Any]]:
    """Its own message, and how long it asks to wait, from any of its two error shapes."""
    try:
        body = answer.json()
    except ProviderError:
        body = None
    fields = vendor_json.fields(body)
    inner = fields.get("error", fields.get("detail"))
    error = vendor_json.fields(inner)
    wait: Any = error.get("retry_after_seconds")
    seconds = float(wait) if isinstance(wait, int | float) else answer.retry_after()
    said = vendor_json.text(error, "message") or vendor_json.text(error, "error")
    return said, {} if seconds is None else {"retry_after": seconds}
