"""Ending asyncio's tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any

_PATIENCE_SECONDS = 0.5


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task until it has ended; what it raises is dropped.

    Once is not enough: `asyncio.wait_for` of Python 3.11, on which psycopg waits for its sockets, loses a
    cancellation that comes together with what it waits for; so does whoever meets an error while it takes a
    cancellation in. For the same reason whoever waits here is himself cancelled no sooner than the task has
    ended, however often he is asked: nobody else would ask the task again.
    """
    asked = False
    while not task.done():
        task.cancel()
        try:
            await asyncio.wait([task], timeout=_PATIENCE_SECONDS)
        except asyncio.CancelledError:
            asked = True
    if not task.cancelled():
        task.exception()
    if asked:
        raise asyncio.CancelledError
