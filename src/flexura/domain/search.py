"""A search and its answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from flexura.domain.generation import json_number

Recency = Literal["", "day", "week", "month", "year"]
SearchKind = Literal["web", "news", "images"]


class SearchRequest(BaseModel):
    """What to look for. Bodies with unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str = Field(min_length=1, max_length=2000, description="What to look for.")
    max_results: int = Field(8, ge=1, le=20, description="How many results at most.")
    recency: Recency = Field("", description="Only results of the last day, week, month or year.")
    sites: tuple[str, ...] = Field(
        (), max_length=20, description="Only these sites; prefix with - to leave one out."
    )
    kind: SearchKind = Field("web", description="web, news or images.")
    fetch: int = Field(0, ge=0, le=5, description="Also read the text of this many top pages.")
    max_chars: int = Field(
        12_000, ge=500, le=60_000, description="Budget of characters for the whole answer."
    )

    @field_validator("max_results", "fetch", "max_chars", mode="before")
    @classmethod
    def _is_number(cls, value: Any) -> Any:
        return json_number(value)


class SearchResult(BaseModel):
    """One hit; every text in it was written by a stranger."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="Number of the result in this answer, for citing.")
    title: str
    url: str
    snippet: str
    published_at: str | None = Field(None, description="ISO 8601, where the engine knows it.")
    source: str = Field(description="Site and engine, as `example.org via tavily`.")
    text: str | None = Field(None, description="Text of the page, where asked with `fetch`.")


class SearchAnswer(BaseModel):
    """Results within the budget. `untrusted` reminds the reader that the texts are data, never orders."""

    model_config = ConfigDict(frozen=True)

    query: str
    results: tuple[SearchResult, ...]
    warnings: tuple[str, ...] = ()
    untrusted: Literal[True] = True
