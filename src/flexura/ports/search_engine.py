"""A search engine somewhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flexura.domain.search import SearchRequest


@dataclass(frozen=True)
class Hit:
    """One raw hit, as the engine gave it: not cleaned, not cut."""

    title: str
    url: str
    snippet: str
    published_at: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Hits:
    """The hits of one engine, best first, and what the engine could not do."""

    hits: tuple[Hit, ...]
    warnings: tuple[str, ...] = ()


class SearchEngine(Protocol):
    """Translates one request into one engine's wire format and back. Never sleeps, retries or ranks."""

    name: str

    async def search(self, request: SearchRequest) -> Hits:
        """Ask the engine.

        Raises RateLimited (with `retry_after`), ProviderUnavailable (cannot be reached) or
        ProviderError (it answered with an error or with junk).
        """
        ...
