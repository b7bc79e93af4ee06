"""Lanes of work for many hosts: whatever the order in which work comes and ends, none of it is lost."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from flexura.services.lanes import Lanes

pytestmark = pytest.mark.anyio


class Desk:
    """Pieces of work, each of which ends when it is told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.under_way: list[asyncio.Event] = []
        self.lanes = Lanes[str](self._work)

    async def _work(self, name: str) -> None:
        gate = asyncio.Event()
        self.under_way.append(gate)
        await gate.wait()
        self.done.append(name)

    def end_some(self, chance: random.Random, most: int) -> None:
        chance.shuffle(self.under_way)
        for gate in self.under_way[:most]:
            gate.set()
        del self.under_way[:most]


@pytest.mark.parametrize("seed", range(20))
async def test_every_piece_is_done_once_in_whatever_order_work_comes_and_ends(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    chance, desk, brought = random.Random(seed), Desk(), list[str]()
    broken: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: broken.append(what))
    for turn in range(60):
        for number in range(chance.choice((1, 2, 9, 12))):
            name = f"piece-{turn}-{number}"
            if desk.lanes.put(f"host-{chance.randrange(2)}", name, name) == 0.0:
                brought.append(name)
        desk.end_some(chance, chance.choice((0, 3, 6, 16)))
        # New pieces also come between an end and what follows from it.
        for _ in range(chance.choice((1, 1, 3))):
            await asyncio.sleep(0)
    while not desk.lanes.idle:
        desk.end_some(chance, 99)
        await asyncio.sleep(0)
    assert sorted(desk.done) == sorted(brought)
    assert not broken and not caplog.records
