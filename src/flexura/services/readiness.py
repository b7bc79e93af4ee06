"""Whether this process can take work: asked by load balancers, so it is cheap and bounded in time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flexura.domain.errors import FlexuraError

log = logging.getLogger(__name__)
Check = Callable[[], Awaitable[object]]
"""Raises a FlexuraError that tells what is wrong and what to do; what it returns does not matter."""
LOOK_SECONDS = 0.8
"""What has not answered by then counts as not answering; the whole stays below a second."""
_REMEMBERED_SECONDS = 1.0


@dataclass(frozen=True)
class Trouble:
    """One reason not to send anything here."""

    check: str
    message: str
    next_step: str

    def as_json(self) -> dict[str, str]:
        """As the probe shows it."""
        return {"check": self.check, "message": self.message, "next_step": self.next_step}


DRAINING = Trouble(
    "draining",
    "This process is stopping: it finishes what it has begun and takes nothing new.",
    "Send requests to another replica; this one ends by itself.",
)


class Readiness:
    """The checks of one process. What hangs is asked once, not once more with every probe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.draining = False
        """Set for good once the process begins to stop."""
        self._clock = clock
        self._checks: dict[str, Check] = {}
        self._asked: dict[str, asyncio.Future[object]] = {}
        self._look: asyncio.Task[tuple[Trouble, ...]] | None = None
        self._looked_at = 0.0

    def add(self, name: str, check: Check) -> None:
        """Ask this too from now on."""
        self._checks[name] = check

    def drain(self) -> None:
        """From now on nothing new is wanted here."""
        self.draining = True

    async def troubles(self) -> tuple[Trouble, ...]:
        """Everything that is wrong; empty = ready. An answer is shared by everybody for a second."""
        if self.draining:
            return (DRAINING,)
        fresh = self._clock() - self._looked_at < _REMEMBERED_SECONDS
        if self._look is None or (self._look.done() and not fresh):
            self._looked_at = self._clock()
            self._look = asyncio.create_task(self._looked())
        # Shielded: one prober that hangs up does not take the answer away from the others.
        return await asyncio.shield(self._look)

    async def aclose(self) -> None:
        """Stop asking."""
        for task in (self._look, *self._asked.values()):
            if task is not None:
                task.cancel()

    async def _looked(self) -> tuple[Trouble, ...]:
        for name, check in self._checks.items():
            if name not in self._asked:
                self._asked[name] = asyncio.ensure_future(check())
        if self._asked:
            await asyncio.wait(self._asked.values(), timeout=LOOK_SECONDS)
        found = [self._outcome(name, task) for name, task in list(self._asked.items())]
        return tuple(trouble for trouble in found if trouble is not None)

    def _outcome(self, name: str, task: asyncio.Future[object]) -> Trouble | None:
        if not task.done():
            return Trouble(
                name,
                f"It did not answer within {LOOK_SECONDS:g} seconds.",
                "Look at the load of what it stands on (disk, database); it is asked on.",
            )
        del self._asked[name]
        problem = None if task.cancelled() else task.exception()
        if problem is None:
            return None
        if isinstance(problem, FlexuraError):
            return Trouble(name, problem.message, problem.next_step)
        log.warning("The readiness check %s failed.", name, exc_info=problem)
        return Trouble(name, "The check itself failed.", "Its reason is in this process's log.")
