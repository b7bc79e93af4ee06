"""Two sides of one question, whose rounds take turns: small and large, before and after."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

Ask = Callable[[], Awaitable[Any]]


async def timed(ask: Ask, calls: int) -> float:
    """Seconds that one call takes."""
    begun = time.perf_counter()
    for _ in range(calls):
        await ask()
    return (time.perf_counter() - begun) / calls


async def compared(
    sides: Sequence[Mapping[str, Ask]], *, rounds: int, calls: int, scale: float
) -> dict[str, tuple[float, float]]:
    """For each question the medians of both sides, in seconds times `scale`."""
    found: dict[str, tuple[float, float]] = {}
    for name in sides[0]:
        taken = [[await timed(side[name], calls) for side in sides] for _ in range(rounds)]
        first, second = (statistics.median(one) * scale for one in zip(*taken, strict=True))
        found[name] = (first, second)
    return found
