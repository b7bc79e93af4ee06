"""ddgs, a library that reads the pages of public search engines. Unofficial, so only where asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

import anyio.to_thread

from flexura.domain.errors import ProviderError, ProviderUnavailable, RateLimited
from flexura.domain.search import SearchRequest
from flexura.outbound.client import Guard
from flexura.ports.search_engine import Hit, Hits, Rate
from flexura.providers.vendor_json import text

NAME = "ddgs"
RANK = 90
VARIABLES = {"FLEXURA_DDGS": "1 = read the result pages of public search engines (extra `ddgs`)"}
DOCS = "https://github.com/deedy5/ddgs"
PROVEN = ()

_SECONDS = 8
_LIMITS = {"day": "d", "week": "w", "month": "m", "year": "y"}
_CALLS = {"web": "text", "news": "news", "images": "images"}
# What it says, as an error, where there is simply nothing.
_NOTHING = "no results"


def configured(env: Mapping[str, str]) -> bool:
    """Whether the operator wants it."""
    return env.get("FLEXURA_DDGS", "").strip().lower() in ("1", "true", "yes")


def keyless(env: Mapping[str, str]) -> bool:
    """Always."""
    return True


def origins(env: Mapping[str, str]) -> list[str]:
    """None: the library connects by itself, and only to the search engines that it knows."""
    return []


def make(env: Mapping[str, str], guard: Guard) -> DdgsEngine:
    """The engine; the library is imported at the first search."""
    return DdgsEngine()


class DdgsEngine:
    """Asks the library, in a thread of its own."""

    name = NAME

    def __init__(self) -> None:
        self.rate: Rate | None = None

    async def search(self, request: SearchRequest) -> Hits:
        """Ask it. Raises RateLimited, ProviderUnavailable or ProviderError."""
        rows = await anyio.to_thread.run_sync(_ask, request, abandon_on_cancel=True)
        if not isinstance(rows, list):
            raise ProviderError("It did not answer with a list of results.")
        return Hits(
            tuple(
                _hit(cast("dict[str, Any]", row), request.kind)
                for row in cast("list[Any]", rows)
                if isinstance(row, dict)
            )
        )


def _ask(request: SearchRequest) -> Any:
    ddgs, errors = _library()
    try:
        call = cast(
            "Callable[..., Any]", getattr(ddgs.DDGS(timeout=_SECONDS), _CALLS[request.kind])
        )
        return call(
            _query(request),
            timelimit=_LIMITS.get(request.recency),
            max_results=request.max_results,
        )
    except errors.RatelimitException as limited:
        raise RateLimited("The engines behind it refuse this machine for now.") from limited
    except errors.DDGSException as error:
        if _NOTHING in str(error).lower():
            return []
        raise ProviderUnavailable(f"It reached none of its engines: {str(error)[:200]}") from error
    except Exception as error:
        # A page that changed its looks makes such a library fail in any way at all.
        raise ProviderError(f"It failed ({type(error).__name__}: {str(error)[:200]}).") from error


def _library() -> tuple[Any, Any]:
    try:
        return import_module("ddgs"), import_module("ddgs.exceptions")
    except ImportError as missing:
        raise ProviderUnavailable(
            "FLEXURA_DDGS is set, but the package ddgs is not installed.",
            next_step="`pip install flexura[ddgs]`, or unset FLEXURA_DDGS.",
        ) from missing


def _query(request: SearchRequest) -> str:
    only = [f"site:{site}" for site in request.sites if not site.startswith("-")]
    without = [f"-site:{site[1:]}" for site in request.sites if site.startswith("-")]
    return " ".join(filter(None, [request.query, " OR ".join(only), *without]))


def _hit(row: dict[str, Any], kind: str) -> Hit:
    page = text(row, "href") or text(row, "url")
    source = f"found on {page}" if kind == "images" and page else ""
    return Hit(
        title=text(row, "title"),
        url=text(row, "image") if kind == "images" else page,
        snippet=" - ".join(filter(None, [text(row, "body"), source])),
        published_at=text(row, "date") or None,
    )
