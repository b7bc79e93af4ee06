"""Who runs a job later. The jobs table is the truth; the queue only dispatches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from flexura.domain.job import Job

Handler = Callable[[Job], Awaitable[None]]
"""Runs one leased job to its end. It is cancelled when the lease is lost or the gateway drains, and may take
a moment then to finish what must not be cut in two."""


class Queue(Protocol):
    """Leases due jobs to a handler, fenced by the attempt number."""

    async def work(self, handler: Handler, limits: Mapping[str, int]) -> None:
        """Run until cancelled; `limits` = jobs at once per provider over all processes."""
        ...

    async def drain(self, seconds: float) -> None:
        """Claim nothing more, cancel running handlers, give them that long, then let the leases go."""
        ...
