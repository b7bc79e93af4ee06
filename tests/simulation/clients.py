"""Those who order: they repeat what was not answered, change their minds, and wait for what they ordered."""

from __future__ import annotations

import asyncio
from functools import partial

from flexura.domain.errors import (
    BudgetExceeded,
    Conflict,
    DiskFull,
    FlexuraError,
    InsufficientCredits,
)
from flexura.domain.job import Submitted
from simulation.gateway import Gateway, Gone
from simulation.orders import CALLER, WORKSPACE, Wanted
from simulation.world import World

_ASKS = 5.0
"""Seconds that a client waits for an answer."""
_MOST_TRIES = 60


class Clients:
    """All clients of a schedule; `left` of them are not done."""

    def __init__(self, world: World) -> None:
        self._world, self._luck = world, world.luck
        self.left = 0

    def begin(self, order: Wanted) -> None:
        """One client, or two that want the same at about the same time."""
        for _ in range(2 if order.twice else 1):
            self.left += 1
            self._world.loop.create_task(self._one(order))

    async def _one(self, order: Wanted) -> None:
        try:
            await asyncio.sleep(order.starts + self._luck.random() * 0.05)
            job_id = await self._ordered(order)
            if job_id is None:
                return
            self._check_same(order, job_id)
            if order.cancels is not None:
                await asyncio.sleep(order.cancels)
                await self.cancel(await self._anybody(), job_id)
            if self._luck.random() < 0.3:
                await self._wait(job_id)
        finally:
            self.left -= 1

    async def _anybody(self) -> Gateway:
        while True:
            ready = [g for g in self._world.up if g.open]
            if ready:
                return self._luck.choice(ready)
            await asyncio.sleep(0.1)

    async def _ordered(self, order: Wanted) -> str | None:
        """The job, when one answer arrived; a client that has a key asks until one does."""
        for _ in range(_MOST_TRIES):
            gateway = await self._anybody()
            try:
                submitted = await gateway.ask(partial(self._accept, gateway, order), _ASKS)
            except (InsufficientCredits, BudgetExceeded):
                self._world.note("refused")
                return None
            except Gone:
                self._world.note("answer lost")
                if order.manner == "plain":
                    return None
            except DiskFull:
                self._world.note("refused: disk full")
            else:
                self._world.note("replayed" if submitted.replayed else "accepted", submitted.job.id)
                if submitted.job.id not in self._world.audit.seen:
                    self._world.wrong(f"{submitted.job.id} was acknowledged and is not there")
                if order.manner == "plain" or self._luck.random() < 0.7:
                    return submitted.job.id
                self._check_same(order, submitted.job.id)
            await asyncio.sleep(self._luck.expovariate(2.0))
        return None

    def _check_same(self, order: Wanted, job_id: str) -> None:
        """Raises the violation of an order that became two jobs; one that failed may be ordered again."""
        order.jobs.add(job_id)
        seen = self._world.audit.seen
        alive = [i for i in order.jobs if i in seen and seen[i].state not in ("failed", "canceled")]
        told = order.jobs if order.manner == "keyed" else alive
        if order.manner != "plain" and order.cancels is None and len(told) > 1:
            self._world.wrong(f"order {order.number} became {sorted(told)}")

    async def _accept(self, gateway: Gateway, order: Wanted) -> Submitted:
        return await gateway.transitions.accept(order.job(), CALLER, order.origin)

    async def cancel(self, gateway: Gateway, job_id: str) -> None:
        try:
            await gateway.ask(lambda: gateway.jobs.cancel(WORKSPACE, job_id), _ASKS)
            self._world.note("cancel asked", job_id)
        except (Gone, Conflict, DiskFull):
            return

    async def _wait(self, job_id: str) -> None:
        for _ in range(_MOST_TRIES):
            gateway = await self._anybody()
            try:
                job = await gateway.ask(partial(gateway.jobs.wait, WORKSPACE, job_id, 8.0), 10.0)
            except (Gone, FlexuraError):
                await asyncio.sleep(0.2)
                continue
            if job.final:
                self._world.note("waited for")
                return
