"""From the raw hits of an engine to results: cleaned, filtered, without doubles, in the engine's order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flexura.domain.search import SearchRequest, SearchResult
from flexura.ports.search_engine import Hit
from flexura.services.published import day_of, iso, published
from flexura.services.result_urls import same_page, shown_url, site_of
from flexura.services.sites import is_wanted
from flexura.services.untrusted import clean

_TITLE = 200
_SNIPPET = 1500
_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}


def to_results(
    hits: tuple[Hit, ...], engine: str, request: SearchRequest, now: datetime
) -> list[SearchResult]:
    """What of the hits can be used, numbered, at most `max_results`."""
    results: list[SearchResult] = []
    seen: set[str] = set()
    for hit in hits:
        url = shown_url(hit.url.strip())
        if not url or same_page(url) in seen or not _on_the_sites(url, request):
            continue
        moment = published(hit.published_at, now) if hit.published_at else None
        if moment and day_of(moment) < _earliest_day(request, now):
            continue
        seen.add(same_page(url))
        results.append(
            SearchResult(
                id=str(len(results) + 1),
                title=clean(hit.title, _TITLE) or site_of(url),
                url=url,
                snippet=clean(hit.snippet, _SNIPPET),
                published_at=iso(moment) if moment else None,
                source=f"{site_of(url)} via {engine}",
                text=_text(hit, len(results), request),
            )
        )
    return results[: request.max_results]


def _on_the_sites(url: str, request: SearchRequest) -> bool:
    sites = request.sites
    if request.kind == "images":
        # An image mostly lies on another host than the page it was found on; the engine knows the page.
        sites = tuple(site for site in sites if site.startswith("-"))
    return is_wanted(url, sites)


def _earliest_day(request: SearchRequest, now: datetime) -> date:
    days = _DAYS.get(request.recency)
    # One day more: the day of publication began somewhere else on earth.
    return day_of(now) - timedelta(days=days + 1) if days else date.min


def _text(hit: Hit, place: int, request: SearchRequest) -> str | None:
    """The text of the page, where the engine sent it and it was asked for."""
    if place >= request.fetch or not hit.text:
        return None
    return clean(hit.text, request.max_chars, lines=True, markup=False) or None
