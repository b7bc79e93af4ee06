"""A search engine somewhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

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


@dataclass(frozen=True)
class Rate:
    """At most so many requests within so many seconds, as the engine documents it."""

    requests: int
    seconds: float

    def __str__(self) -> str:
        per = {1.0: "second", 60.0: "minute", 86_400.0: "day"}.get(self.seconds)
        return f"{self.requests} per {per or f'{self.seconds:g} seconds'}"


class SearchEngine(Protocol):
    """Translates one request into one engine's wire format and back. Never sleeps, retries or ranks."""

    name: str
    rate: Rate | None
    """How often it may be asked; None where it tells no limit, or only when it is reached."""

    async def search(self, request: SearchRequest) -> Hits:
        """Ask the engine.

        Raises RateLimited (with `retry_after`), ProviderUnavailable (cannot be reached) or
        ProviderError (it answered with an error or with junk).
        """
        ...


@runtime_checkable
class FreelyChecked(Protocol):
    """An engine that can be asked for its health without a search, so that it costs nothing."""

    async def check(self) -> None:
        """Ask whether it is there. Raises as `SearchEngine.search`."""
        ...
