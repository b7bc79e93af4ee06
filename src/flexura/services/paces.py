"""Keeping to a vendor's rate limit, all processes together: a token bucket in the store.

A token is taken in the transaction that notes that an order is about to leave, so no two processes take the
last one. What one process is told ("come back in 20 s") holds for all.
"""

from __future__ import annotations

from collections.abc import Mapping

from flexura.domain.pace import Pace, ProviderLimit
from flexura.ports.records import Tx

_MINUTE_MS = 60_000
_MOST_BLOCKED_MS = 10 * _MINUTE_MS
"""A vendor, or a clock that was set, that says more is asked again after this."""


class Paces:
    """Who may be sent an order now."""

    def __init__(self, limits: Mapping[str, ProviderLimit] | None = None) -> None:
        self._limits = dict(limits or {})

    def take(self, tx: Tx, provider: str, now: int) -> float:
        """Take a token: 0.0, or the seconds until there may be one; then none was taken."""
        most = self._limits.get(provider, ProviderLimit()).per_minute
        pace = tx.get(Pace, provider)
        if pace is not None and now < pace.blocked_until <= now + _MOST_BLOCKED_MS:
            return (pace.blocked_until - now) / 1000
        if most is None:
            return 0.0
        if pace is not None and pace.counted_at > now + _MINUTE_MS:
            # Counted before the clock was set back: nothing would flow in until then.
            pace = tx.change(Pace, provider, counted_at=now)
        # Any minute sees a full bucket and what flows in meanwhile: together what is allowed.
        size = max(1, most // 10)
        per_ms = (most - size) / _MINUTE_MS if size > 1 else most / _MINUTE_MS
        tokens = float(size)
        if pace is not None:
            tokens = min(tokens, pace.tokens + max(0, now - pace.counted_at) * per_ms)
        if tokens < 1 - 1e-9:
            return (1 - tokens) / per_ms / 1000
        if pace is None:
            tx.insert(Pace(provider, tokens - 1, now))
        else:
            tx.change(Pace, provider, tokens=tokens - 1, counted_at=now)
        return 0.0

    def block(self, tx: Tx, provider: str, now: int, seconds: float) -> None:
        """Leave a provider alone for so long: it said that it has enough for now."""
        until = now + min(int(seconds * 1000), _MOST_BLOCKED_MS)
        pace = tx.get(Pace, provider)
        if pace is None:
            size = max(1, (self._limits.get(provider, ProviderLimit()).per_minute or 1) // 10)
            tx.insert(Pace(provider, float(size), now, until))
        elif until > pace.blocked_until or pace.blocked_until > now + _MOST_BLOCKED_MS:
            tx.change(Pace, provider, blocked_until=until)
