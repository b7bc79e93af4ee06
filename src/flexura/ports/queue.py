"""Who runs a job later. The jobs table is the truth; the queue only dispatches."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from flexura.domain.job import Job

DISPATCH_TASK = "flexura.run"
"""What a dispatch is called in procrastinate's tables."""
_LONGEST_QUEUE = 40
"""Bytes: PostgreSQL takes 63 for the name of a channel, of which procrastinate needs 23."""

MOST_LEASE_MS = 600_000
"""No lease is longer. One that seems to be was taken before the clock was set back: nobody holds it."""
Handler = Callable[[Job], Awaitable[None]]
"""Runs one leased job to its end. It is cancelled when the lease is lost or the gateway drains, and may take
a moment then to finish what must not be cut in two."""


def dispatch_queue(provider: str) -> str:
    """The queue of a provider's dispatches: a worker fetches those of the providers that it knows."""
    name = f"flexura:{provider}"
    if len(name.encode()) <= _LONGEST_QUEUE:
        return name
    return f"flexura:{hashlib.sha256(provider.encode()).hexdigest()[:32]}"


class Queue(Protocol):
    """Leases due jobs to a handler, fenced by the attempt number."""

    async def work(self, handler: Handler, limits: Mapping[str, int]) -> None:
        """Run until cancelled; `limits` = jobs at once per provider over all processes."""
        ...

    def pause(self) -> None:
        """Claim nothing more; what runs goes on until `drain`."""
        ...

    async def drain(self, seconds: float) -> None:
        """Claim nothing more, cancel running handlers, give them that long, then let the leases go."""
        ...
