"""The upstream: it takes orders, loses answers, refuses, breaks down and delivers, as the seed says.

It outlives every process and counts what it sold, so that it knows better than anybody what was bought.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doubles import png
from flexura.domain.errors import (
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.model import Model
from flexura.outbound.answer import Unreachable
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending
from simulation.world import World

_ODDS = {"takes": 50, "lost": 12, "unheard": 6, "away": 8, "busy": 8, "5xx": 6, "slow": 10}
"""How an order goes while the upstream is not well."""


@dataclass
class Work:
    """What was sold."""

    ready_at: float
    began: float
    canceled: bool = False


@dataclass
class Vendor:
    """One upstream for all processes."""

    world: World
    deduplicates: bool
    concurrency: int
    sold: Counter[str] = field(default_factory=Counter[str])
    """Purchases by the key of the order."""
    works: dict[str, Work] = field(default_factory=dict[str, Work])
    failed: set[str] = field(default_factory=set[str])
    """Keys of which it said that nothing came of them."""

    def take(self, order: Order) -> str:
        """Sell it; by a known key, if it knows keys, the same once more."""
        luck, key = self.world.luck, order.job_id
        if not (self.deduplicates and key in self.works):
            self.sold[key] += 1
            now = self.world.loop.time()
            self.works[key] = Work(now + luck.choice((0.0, 0.3, 1.0, 4.0)) * luck.random(), now)
        else:
            self.world.note("recognised")
        self.world.note("sold", key)
        return key

    def mood(self) -> str:
        """How the next order goes."""
        if not self.world.faults:
            return "takes"
        return self.world.luck.choices(list(_ODDS), list(_ODDS.values()))[0]

    def trouble(self, likely: float) -> bool:
        """Whether a question fails."""
        return self.world.faults and self.world.luck.random() < likely


class Adapter:
    """The provider as one process has it."""

    name = "fake"

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._world = vendor.world
        self.concurrency = vendor.concurrency
        self.deduplicates = vendor.deduplicates

    async def models(self) -> Sequence[Model]:
        return ()

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        return listed

    async def submit(self, order: Order) -> Operation:
        world, vendor = self._world, self._vendor
        mood = vendor.mood()
        world.note("submit " + mood, order.job_id)
        await self._line(2.0 if mood == "slow" else 0.1)
        if order.prompt == "refuse":
            raise ProviderError("No.", next_step="Ask nicely.")
        if mood == "away":
            raise Unreachable("Nobody there.", sent=False)
        if mood == "busy":
            raise RateLimited("Later.", retry_after=world.luck.uniform(0.1, 4.0))
        if mood == "5xx":
            raise ProviderError("It broke.", next_step="Later.", upstream_status=503)
        if mood == "unheard":
            raise Unreachable("The line went dead.", sent=True)
        world.delicate("before the purchase")
        await asyncio.sleep(0)
        ticket = vendor.take(order)
        world.delicate("behind the purchase")
        await self._line(4.0 if mood == "slow" else 0.1)
        if mood == "lost":
            if world.luck.random() < 0.5:
                raise Unreachable("The line went dead.", sent=True)
            raise OutcomeUnknown("The answer was no JSON.", next_step="Look at the account.")
        return {"ticket": ticket}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        world, vendor = self._world, self._vendor
        key = str(operation["ticket"])
        await self._line(0.05)
        if vendor.trouble(0.1):
            raise RateLimited("Later.") if world.luck.random() < 0.3 else ProviderUnavailable("?")
        work = vendor.works[key]
        if work.canceled or order.prompt == "fail":
            vendor.failed.add(key)
            return Failed("content_policy", "Refused.", "Change the prompt.")
        now = world.loop.time()
        if now < work.ready_at:
            share = (now - work.began) / (work.ready_at - work.began)
            return Pending(world.luck.uniform(0.2, 2.0), share, "at it")
        outputs = [Output("image/png", url=f"sim://{key}/{i}") for i in range(order.n)]
        cost = {"amount": 0.02 * order.n, "currency": "USD"} if order.prompt == "priced" else None
        return Done(tuple(outputs), cost=cost)

    async def cancel(self, operation: Operation, order: Order) -> None:
        await self._line(0.05)
        if self._vendor.trouble(0.2):
            raise ProviderUnavailable("?")
        self._world.note("called off")

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        await self._line(0.1)
        self._world.delicate("in a download")
        await asyncio.sleep(0)
        if self._vendor.trouble(0.1):
            raise ProviderUnavailable("Gone for a moment.")
        whole = picture(url)
        to.write_bytes(whole[:-9] if self._vendor.trouble(0.05) else whole)

    async def aclose(self) -> None:
        return None

    async def _line(self, seconds: float) -> None:
        await asyncio.sleep(self._world.luck.random() * seconds)


def picture(url: str) -> bytes:
    """The bytes behind an output's URL: others for each."""
    number = zlib.crc32(url.encode())
    return png(2 + number % 31, 2 + number // 31 % 31, number // 961 % 256)


def sold_of(vendor: Vendor, job_id: str) -> dict[str, int]:
    """The purchases for a job: one key, or one for each of its rounds."""
    found: dict[str, Any] = {k: n for k, n in vendor.sold.items() if k.partition(".")[0] == job_id}
    return found
