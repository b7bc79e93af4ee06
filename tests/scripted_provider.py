"""A provider that does what a test's script says, step by step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from doubles import FakeProvider, png
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending

Step = Exception | Pending | Done | Failed | dict[str, Any]


class Scripted(FakeProvider):
    """Each call takes the next step of its script: an exception is raised, all else returned."""

    def __init__(self, folder: Path, *, deduplicates: bool = False) -> None:
        super().__init__(folder, deduplicates=deduplicates)
        self.submits: list[Step] = []
        self.polls: list[Step] = []
        self.downloads: list[Step] = []
        self.orders: list[Order] = []
        self.before_submit: Callable[[], None] = lambda: None

    async def submit(self, order: Order) -> Operation:
        self.before_submit()
        self.orders.append(order)
        step = self.submits.pop(0) if self.submits else {"ticket": len(self.orders)}
        if isinstance(step, Exception):
            raise step
        assert isinstance(step, dict)
        return step

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        self.polled.set()
        step = self.polls.pop(0) if self.polls else Done((Output("image/png", url="/1.png"),))
        if isinstance(step, Exception):
            raise step
        assert not isinstance(step, dict)
        return step

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        step = self.downloads.pop(0) if self.downloads else {"bytes": png()}
        if isinstance(step, Exception):
            to.write_bytes(b"half")
            raise step
        assert isinstance(step, dict)
        to.write_bytes(step["bytes"])
