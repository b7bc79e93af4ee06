"""Reading a stream that may fall silent, or that somebody else goes on with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from flexura.domain.errors import Conflict

SILENCE = 60.0
"""Seconds without a byte, after which a connection counts as dead."""


class Receiving:
    """One request that brings bytes of an upload."""

    def __init__(self, silence: float = SILENCE) -> None:
        self.over = asyncio.Event()
        """Set when the request has let go of the upload."""
        self._silence = silence
        self._overtaken = False
        self._waiting: asyncio.Timeout | None = None

    def overtake(self) -> None:
        """End it: somebody else goes on."""
        self._overtaken = True
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def of(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        """The stream. Raises Conflict when it is overtaken or silent for too long."""
        while not self._overtaken:
            try:
                async with asyncio.timeout(self._silence) as self._waiting:
                    chunk = await anext(chunks, None)
            except TimeoutError:
                break
            finally:
                self._waiting = None
            if chunk is None:
                return
            yield chunk
        why = "another request goes on with it" if self._overtaken else "nothing more came"
        raise Conflict(
            f"This request is ended: {why}. What it brought is kept.",
            next_step="Ask for the offset with HEAD, and go on from there.",
        )
