"""A token bucket: it keeps us below a limit that somebody documents, so that they need not refuse us."""

from __future__ import annotations

import time
from collections.abc import Callable

from flexura.ports.search_engine import Rate


class TokenBucket:
    """Holds `rate.requests` tokens at first, and gets them back at that rate. One request takes one token."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._tokens = float(rate.requests)
        self._counted_at = clock()

    def wait(self) -> float:
        """Seconds until there is a token; 0 = there is one."""
        self._refill()
        return max(0.0, (1.0 - self._tokens) * self._rate.seconds / self._rate.requests)

    def take(self, patience: float = 0.0) -> float | None:
        """Take a token that is there within `patience` seconds: how long to wait before it may be used.

        None: there is none so soon, and none was taken. Tokens of the future are taken in the order of
        asking, so several who wait do not all come at once.
        """
        # A billionth is lost in the arithmetic of a refill, and nobody's limit is that exact.
        wait = 0.0 if (needed := self.wait()) < 1e-6 else needed
        if wait > patience:
            return None
        self._tokens -= 1.0
        return wait

    def missing(self) -> float:
        """How many tokens it lacks to be full."""
        self._refill()
        return self._rate.requests - self._tokens

    def left(self) -> int:
        """Whole tokens that are there now."""
        self._refill()
        return max(0, int(self._tokens + 1e-6))

    def _refill(self) -> None:
        now = self._clock()
        gained = (now - self._counted_at) * self._rate.requests / self._rate.seconds
        self._tokens = min(float(self._rate.requests), self._tokens + max(0.0, gained))
        self._counted_at = now
