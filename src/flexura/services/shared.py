"""An answer that many ask for at the same moment: made once, kept for a moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST = 1024


class Shared(Generic[T]):
    """Answers by name. Thousands of waiters that wake together so cost the store one look."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._known: dict[Hashable, tuple[float, T]] = {}
        self._making: dict[Hashable, asyncio.Future[T]] = {}

    async def get(self, name: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` gives, or gave a moment ago. Raises what it raises, which is not kept."""
        while True:
            known = self._known.get(name)
            if known is not None and time.monotonic() < known[0]:
                return known[1]
            under_way = self._making.get(name)
            if under_way is None:
                return await self._made(name, make)
            await asyncio.wait([under_way])
            if not under_way.cancelled():
                return under_way.result()

    async def _made(self, name: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        # Whoever comes first does it itself, without a task; where it fails or goes, the next one does.
        under_way = self._making[name] = asyncio.get_running_loop().create_future()
        try:
            value = await make()
        except BaseException:
            under_way.cancel()
            raise
        else:
            under_way.set_result(value)
            if self._making.get(name) is under_way:
                self._keep(name, value)
            return value
        finally:
            if self._making.get(name) is under_way:
                del self._making[name]

    def _keep(self, name: Hashable, value: T) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[name] = time.monotonic() + self._seconds, value

    def forget(self) -> None:
        """Something changed: what is known, or was asked for before, is not kept."""
        self._known.clear()
        self._making.clear()
