"""Ending asyncio's tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any

_PATIENCE_SECONDS = 0.5


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task until it has ended; what it raises is dropped.

    Once is not enough: `asyncio.wait_for` of Python 3.11, on which psycopg waits for its sockets, loses a
    cancellation that comes together with what it waits for.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_PATIENCE_SECONDS)
    if not task.cancelled():
        task.exception()
