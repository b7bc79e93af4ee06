"""How fast orders may go to one provider, counted for all processes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flexura.domain.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Pace:
    """What is counted of one provider: its tokens, when they were counted, until when it wants none."""

    provider: str
    tokens: float
    counted_at: int
    blocked_until: int = 0


@dataclass(frozen=True, slots=True)
class ProviderLimit:
    """What the operator's contract with a vendor allows, where that is less than the adapter assumes."""

    per_minute: int | None = None
    """Orders within any minute."""
    at_once: int | None = None
    """Orders under way at the same time."""


def limits_from(table: Mapping[str, Any]) -> dict[str, ProviderLimit]:
    """`[limits.providers.NAME]` of the configuration file. Raises InvalidRequest, naming the entry."""
    return {name: _limit(name, told) for name, told in table.items()}


def _limit(name: str, told: object) -> ProviderLimit:
    known = ("per_minute", "at_once")
    given = cast("dict[str, object]", told) if isinstance(told, dict) else {"": told}
    for entry, value in given.items():
        whole = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000
        if entry not in known or not whole:
            raise InvalidRequest(
                f"In the configuration file, [limits.providers.{name[:40]}] has"
                f" {entry[:40] or 'no table'} = {str(value)[:40]!r}.",
                next_step="Write per_minute = 60 or at_once = 4 there: whole numbers from 1 on.",
            )
    return ProviderLimit(**cast("dict[str, int]", given))
