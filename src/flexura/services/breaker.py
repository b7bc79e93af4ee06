"""A circuit breaker per provider: one that keeps failing is left alone for a while, then tried once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flexura.domain.errors import ProviderUnavailable
from flexura.services import telling

OPENS_AFTER = 5
"""Failures in a row, within the time that it then stays open."""
OPEN_SECONDS = 30.0
LONGEST_SECONDS = 600.0


@dataclass
class _Circuit:
    failures: int = 0
    last_failure: float = 0.0
    open_until: float = 0.0
    opened: int = 0
    reason: str = ""


@dataclass
class Breakers:
    """What this process knows of its providers' health. Refusals of one order are no failures."""

    clock: Callable[[], float] = time.monotonic
    _circuits: dict[str, _Circuit] = field(default_factory=dict[str, _Circuit])

    def rest(self, provider: str) -> float:
        """Seconds for which the provider is left alone; 0 = it may be asked."""
        circuit = self._circuits.get(provider)
        return max(0.0, circuit.open_until - self.clock()) if circuit else 0.0

    def check(self, provider: str) -> None:
        """Raises ProviderUnavailable, with the reason and `retry_after`, while the provider is left alone."""
        if (rest := self.rest(provider)) > 0:
            raise ProviderUnavailable(
                f"{provider} failed {OPENS_AFTER} times in a row and is left alone for {rest:.0f} s."
                f" Last: {self._circuits[provider].reason}",
                next_step="Wait, or use a model of another provider.",
                retry_after=round(rest + 0.5),
            )

    def succeeded(self, provider: str) -> None:
        """It answered as it should: whatever was counted is forgotten."""
        before = self._circuits.pop(provider, None)
        if before is not None and before.opened:
            telling.up(provider)

    def failed(self, provider: str, reason: str) -> None:
        """It could not be reached, or failed by itself."""
        now = self.clock()
        circuit = self._circuits.setdefault(provider, _Circuit())
        if now - circuit.last_failure > LONGEST_SECONDS:
            circuit.failures = 0
        circuit.failures += 1
        circuit.last_failure, circuit.reason = now, reason[:200]
        # After a rest one try is enough to tell; each time in vain makes the next rest longer.
        if circuit.failures >= OPENS_AFTER or circuit.opened:
            circuit.open_until = now + min(OPEN_SECONDS * 2**circuit.opened, LONGEST_SECONDS)
            circuit.opened += 1
            circuit.failures = 0
            telling.down(provider, circuit.reason, circuit.open_until - now)

    def resting(self) -> dict[str, float]:
        """The providers that are left alone, and for how many seconds still."""
        return {name: rest for name in tuple(self._circuits) if (rest := self.rest(name)) > 0}
