"""How many variants one call to the vendor makes, how many calls it takes, and which seed they begin with."""

from __future__ import annotations

import random
from typing import Any

from flexura.domain.errors import InvalidRequest
from flexura.services.fit_draft import Draft
from flexura.services.fit_schema import Property, shown
from flexura.services.fit_values import ABSENT, coerced, number_of
from flexura.services.mapping import COUNT, SEED

_SEEDS = 2**31
"""Callers may give seeds below this."""


def fit_count(draft: Draft, n: int) -> tuple[int, int]:
    """Fill in the count; answers how many one call makes and how many calls are needed for `n` variants."""
    taker = next((p for p in draft.free(COUNT) if p.takes("number", "string")), None)
    if taker is None:
        most = draft.model.max_n
        return _rounds(n, most) if most > 1 else (1, n)
    once, rounds = _rounds(n, _most(taker))
    value = coerced(once, taker)
    if value is ABSENT:
        once, rounds = 1, n
        value = coerced(1, taker)
    if value is not ABSENT:
        draft.put(taker.name, value, "n")
    return once, rounds


def _most(taker: Property) -> int:
    numbers = [n for word in taker.words if (n := number_of(word)) is not None]
    most = max(numbers) if taker.closed and numbers else taker.high
    return max(1, int(most)) if most is not None else 10**6


def _rounds(n: int, most: int) -> tuple[int, int]:
    """As few calls as possible if they can all make the same number, else one for each variant."""
    if n <= most:
        return n, 1
    calls = -(-n // most)
    return (n // calls, calls) if n % calls == 0 else (1, n)


def fit_seed(draft: Draft, asked: Any, variants: int) -> tuple[int, str]:
    """The first seed, given or drawn, and the property that it was put into; empty if there is none.

    Raises InvalidRequest for a seed that is out of range, or from which `variants` cannot be counted up.
    """
    given = _seed(asked)
    taker = next((p for p in draft.free(SEED) if p.takes("number") and not p.closed), None)
    if taker is None:
        if given and draft.model.max_n == 1:
            draft.unsupported("seed")
        return given or random.randrange(1, _SEEDS - variants), ""
    low = max(1, int(taker.low or 0))
    high = min(_SEEDS - 1, int(taker.high)) if taker.high is not None else _SEEDS - 1
    last = high - variants + 1
    if given and not low <= given <= max(last, low):
        raise InvalidRequest(
            f"The seed {given} of {draft.model.id} is out of range.",
            field="options.seed",
            next_step=f"Allowed: an integer from {low} to {max(last, low)}; 0 = the gateway draws one.",
        )
    seed = given or random.randint(low, max(last, low))
    draft.put(taker.name, seed, "options.seed")
    return seed, taker.name


def _seed(value: Any) -> int:
    if value is None or (value == 0 and not isinstance(value, bool | str)):
        return 0
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _SEEDS:
        raise InvalidRequest(
            f"The seed {shown(value)!r} is out of range.",
            field="options.seed",
            next_step="Allowed: an integer from 0 to 2147483647; 0 = the gateway draws one.",
        )
    return value
