"""What somebody looks for in the catalog, read from words and filters; the same for every face."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flexura.domain.errors import InvalidRequest
from flexura.domain.model import KINDS, SORTS, STATUSES, Kind, Sort

FILTERS = ("kind", "task", "provider", "status", "max_price", "sort")
"""Filters, which may also stand among the words as `name:value`."""
MAX_LIMIT = 1000
MAX_OFFSET = 1_000_000
_MOST_WORDS = 20
_LONGEST = 1000


@dataclass(frozen=True)
class Wanted:
    """Which models, in which order, which part of them. An empty filter lets everything through."""

    words: tuple[str, ...] = ()
    kind: Kind | None = None
    task: str = ""
    provider: str = ""
    status: str = ""
    max_price: float | None = None
    """USD for one usual output (see `comparable.usual_cost`); models of unknown price are left out then."""
    sort: Sort = "relevance"
    limit: int = 100
    offset: int = 0


def read(query: str, given: Mapping[str, Any], *, limit: int = 100) -> Wanted:
    """What is wanted, from words (which may carry `task:text-to-video` and the like) and named filters.

    A named filter counts more than one among the words. Raises InvalidRequest naming what is allowed.
    """
    words: list[str] = []
    filters: dict[str, Any] = {}
    for word in query[:_LONGEST].lower().split()[:_MOST_WORDS]:
        name, colon, value = word.partition(":")
        if colon and name in FILTERS:
            filters[name] = value
        else:
            words.append(word)
    filters |= {name: v for name, v in given.items() if v not in ("", None)}
    return Wanted(
        words=tuple(words),
        kind=cast("Kind | None", _one_of("kind", filters.get("kind"), KINDS) or None),
        task=str(filters.get("task", "")).lower(),
        provider=str(filters.get("provider", "")).lower(),
        status=_one_of("status", filters.get("status"), STATUSES),
        max_price=_price(filters.get("max_price")),
        sort=cast("Sort", _one_of("sort", filters.get("sort"), SORTS) or "relevance"),
        limit=_whole("limit", filters.get("limit", limit), 1, MAX_LIMIT),
        offset=_whole("offset", filters.get("offset", 0), 0, MAX_OFFSET),
    )


def _one_of(field: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value in (None, ""):
        return ""
    if value not in allowed:
        raise InvalidRequest(
            f"The {field} {str(value)[:30]!r} is unknown.",
            field=field,
            next_step=f"Allowed: {', '.join(allowed)}.",
        )
    return str(value)


def _price(value: Any) -> float | None:
    if value is None:
        return None
    try:
        price = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        price = -1.0
    if not 0 <= price < math.inf:
        raise InvalidRequest(
            "max_price is not an amount of money.",
            field="max_price",
            next_step="Allowed: USD for one usual output, as 0.05.",
        )
    return price


def _whole(field: str, value: Any, low: int, high: int) -> int:
    number = value if isinstance(value, int) and not isinstance(value, bool) else -1
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        number = int(value)
    if not low <= number <= high:
        raise InvalidRequest(
            f"{field} is not an integer from {low} to {high}.",
            field=field,
            next_step=f"Allowed: {low} to {high}.",
        )
    return number
