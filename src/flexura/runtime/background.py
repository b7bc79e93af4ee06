"""What runs beside the requests for as long as a gateway is open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from flexura.domain.errors import DiskFull
from flexura.services.clock import now_ms
from flexura.services.idempotency import IdempotencyKeys
from flexura.services.keys import Keys
from flexura.services.webhooks import Webhooks

_NOTE_KEYS_SECONDS = 60.0
_SWEEP_SECONDS = 3600.0


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def note_keys(keys: Keys) -> None:
    while True:
        await asyncio.sleep(_NOTE_KEYS_SECONDS)
        await keys.note_used()


async def sweep(webhooks: Webhooks, keys: IdempotencyKeys) -> None:
    while True:
        with contextlib.suppress(DiskFull):
            await webhooks.sweep(now_ms())
            await keys.sweep(now_ms())
        await asyncio.sleep(_SWEEP_SECONDS)
