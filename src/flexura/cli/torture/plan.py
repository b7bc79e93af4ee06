"""What a run does, drawn from its seed before it begins: the orders, and the blows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Blow = Literal["gateway", "worker", "bridge", "freeze", "terminate", "connection"]
"""SIGKILL of a gateway, a worker or a bridge; SIGSTOP for longer than the lease, then SIGCONT; SIGTERM; a
database connection cut by the server."""
Way = Literal["http", "mcp", "run"]
"""How an order comes in: as REST with an idempotency key, through a bridge, or as a run of two steps."""
KEYED, UNKEYED = "keyed", "unkeyed"
"""The two upstreams: one recognises a repeated order by its key, the other does not."""
_SHORTEST, _LONGEST = 0.05, 0.65
"""Seconds between two blows."""
_WEIGHTS: dict[Blow, int] = {
    "gateway": 52,
    "worker": 52,
    "bridge": 14,
    "freeze": 8,
    "terminate": 8,
    "connection": 20,
}
BLOWS_ON_ONE_MACHINE: tuple[Blow, ...] = ("gateway", "bridge", "freeze", "terminate")
BLOWS_OF_A_TEAM: tuple[Blow, ...] = (
    "gateway", "worker", "bridge", "freeze", "terminate", "connection",
)  # fmt: skip


@dataclass(frozen=True)
class Strike:
    """One blow. `pick` (0 to 1) says which of those that it may hit."""

    after: float
    """Seconds since the one before."""
    blow: Blow
    pick: float
    hold: float
    """For `freeze`: how long, in leases."""


@dataclass(frozen=True)
class Ordering:
    """One order of a client."""

    number: int
    upstream: str
    way: Way
    n: int
    """Pictures; the upstream sells one at a time, so each is a purchase of its own."""
    cancel_after: float | None
    """Seconds after it was accepted; None = it is wanted."""

    @property
    def prompt(self) -> str:
        """No two orders have the same words, so a job tells which order made it."""
        return f"torture order {self.number:06d}"

    @property
    def key(self) -> str:
        """Its idempotency key."""
        return f"torture-{self.number:06d}"


def strikes(seed: int, count: int, blows: Sequence[Blow]) -> list[Strike]:
    """So many blows of these kinds; the same seed gives the same ones."""
    chance = random.Random(f"{seed} strikes")
    weights = [_WEIGHTS[blow] for blow in blows]
    return [
        Strike(
            after=chance.uniform(_SHORTEST, _LONGEST),
            blow=chance.choices(blows, weights)[0],
            pick=chance.random(),
            hold=chance.uniform(1.3, 2.2),
        )
        for _ in range(count)
    ]


def orderings(seed: int, count: int, upstreams: Sequence[str]) -> list[Ordering]:
    """So many orders, evenly over the upstreams; the same seed gives the same ones."""
    chance = random.Random(f"{seed} orders")
    return [
        Ordering(
            number=number,
            upstream=upstreams[number % len(upstreams)],
            way=chance.choices(("http", "mcp", "run"), (86, 8, 6))[0],
            n=2 if chance.random() < 0.08 else 1,
            cancel_after=chance.uniform(0.0, 0.4) if chance.random() < 0.03 else None,
        )
        for number in range(count)
    ]
