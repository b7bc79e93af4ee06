"""Work that several want at once: done once for all of them, bounded, ended with the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from flexura.domain.errors import Overloaded

T = TypeVar("T")
MOST = 32
"""Different things that are made at once; whoever asks for one more is told to come back."""


class Making(Generic[T]):
    """What is being made now, by name."""

    def __init__(self, busy: str) -> None:
        self._busy = busy
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def get(self, name: str, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `make` gives, or what is made under this name already. Raises Overloaded, and as `make`."""
        task = self._tasks.get(name)
        if task is None:
            if len(self._tasks) >= MOST:
                raise Overloaded(self._busy, next_step="Ask again.", retry_after=2)
            task = self._tasks[name] = asyncio.create_task(make())
            task.add_done_callback(lambda made: self._made(name, made))
        # Whoever goes away leaves the work to the others.
        return await asyncio.shield(task)

    def _made(self, name: str, task: asyncio.Task[T]) -> None:
        del self._tasks[name]
        if not task.cancelled():
            # Seen, also when everybody who waited has gone.
            task.exception()

    async def aclose(self) -> None:
        """Stop what is being made."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
