"""Who strikes: one blow after the other as planned, each at somebody who is there just now."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from flexura.cli.torture.agents import Agent
from flexura.cli.torture.children import Children, Slot
from flexura.cli.torture.plan import Blow, Strike

_LOOK_AGAIN = 0.02
_PATIENCE = 1.0
"""Seconds for somebody to come who can be hit as planned: an agent without orders has no bridge."""
_LONGEST_PAUSE = 5.0
_TERM_SECONDS = 15.0


class Killer:
    """Works through a plan of strikes."""

    def __init__(
        self,
        children: Children,
        agents: Sequence[Agent],
        lease: float,
        cut: Callable[[], bool] | None = None,
        may: Callable[[int], bool] = lambda count: True,
    ) -> None:
        """`may` says whether the work has come so far that the next blow falls, after `count` of them."""
        self.done: Counter[Blow] = Counter()
        self.at: list[float] = []
        """When each blow fell (monotonic)."""
        self._children, self._agents, self._lease, self._cut = children, agents, lease, cut
        self._may = may
        self._slow: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """Blows so far."""
        return self.done.total()

    async def work(self, strikes: Sequence[Strike]) -> None:
        """Strike as planned, and wait until those who were stopped or asked to end are through."""
        try:
            for strike in strikes:
                await asyncio.sleep(strike.after)
                await self._work_goes_on()
                found = await self._some(strike)
                self.done[found.blow] += 1
                self.at.append(time.monotonic())
            await asyncio.gather(*self._slow)
        finally:
            for task in self._slow:
                task.cancel()

    async def _work_goes_on(self) -> None:
        """Until enough was finished since the last blow; but where nothing moves the next one falls too."""
        until = time.monotonic() + _LONGEST_PAUSE
        while not self._may(self.count) and time.monotonic() < until:
            await asyncio.sleep(_LOOK_AGAIN)

    async def _some(self, strike: Strike) -> Strike:
        """Strike as planned; at a gateway where nobody of that kind comes for a while. What it was."""
        until = time.monotonic() + _PATIENCE
        while not await self._struck(strike):
            await asyncio.sleep(_LOOK_AGAIN)
            if time.monotonic() > until:
                strike = replace(strike, blow="gateway")
        return strike

    async def _struck(self, strike: Strike) -> bool:
        """Strike; False where nobody is there to be hit."""
        if strike.blow == "bridge":
            return any(agent.kill() for agent in _from(self._agents, strike.pick))
        if strike.blow == "connection":
            return self._cut is not None and await asyncio.to_thread(self._cut)
        slot = self._target(strike)
        if slot is None:
            return False
        if strike.blow == "freeze":
            self._later(self._children.freeze(slot, strike.hold * self._lease))
        elif strike.blow == "terminate":
            self._later(self._children.terminate(slot, _TERM_SECONDS))
        else:
            self._children.kill(slot)
        return True

    def _target(self, strike: Strike) -> Slot | None:
        kinds = (strike.blow,) if strike.blow in ("gateway", "worker") else ("gateway", "worker")
        there = [s for s in self._children.slots if s.pid and not s.busy and s.kind in kinds]
        if strike.blow == "terminate":
            # A process that has not begun yet ends at once and not by 0: nobody has trusted it with anything.
            there = [slot for slot in there if self._children.ready(slot)]
        return there[int(strike.pick * len(there))] if there else None

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._slow.add(task)
        task.add_done_callback(self._slow.discard)


def _from(agents: Sequence[Agent], pick: float) -> list[Agent]:
    """All of them, beginning with the one that was picked."""
    start = int(pick * len(agents))
    return [*agents[start:], *agents[:start]]
