"""Asks again where a gateway is only busy: thirty assets at once are more than some take in a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from flexura.domain.errors import IdempotencyInProgress, Overloaded, RateLimited

LATER = (Overloaded, RateLimited, IdempotencyInProgress)
"""Refusals that say nothing about what was asked for."""
_TRIES = 6
_LONGEST_PAUSE = 30.0
T = TypeVar("T")


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer. Asks as often as is fair, so it has to be something that does no harm twice.

    Raises what `ask` raises.
    """
    for _ in range(_TRIES - 1):
        try:
            return await ask()
        except LATER as error:
            pause: Any = error.details.get("retry_after", 1)
            await asyncio.sleep(min(float(pause or 1), _LONGEST_PAUSE))
    return await ask()
