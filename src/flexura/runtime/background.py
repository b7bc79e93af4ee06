"""What runs beside the requests for as long as a gateway is open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from flexura.domain.errors import FlexuraError
from flexura.services.clock import now_ms
from flexura.services.idempotency import IdempotencyKeys
from flexura.services.keys import Keys
from flexura.services.webhooks import Webhooks

log = logging.getLogger(__name__)
_NOTE_KEYS_SECONDS = 60.0
_SWEEP_SECONDS = 3600.0


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Do it beside everything else inside this context."""
    task = asyncio.create_task(_told(work))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        # A gateway that is closed at once: the task may never have come to it.
        work.close()


async def _told(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        # None of them ends by itself; nobody awaits them before the gateway is closed.
        log.exception("A part of the gateway has stopped: restart it.")


async def note_keys(keys: Keys) -> None:
    while True:
        await asyncio.sleep(_NOTE_KEYS_SECONDS)
        await _tried("Noting which keys are used", keys.note_used())


async def sweep(webhooks: Webhooks, keys: IdempotencyKeys) -> None:
    while True:
        await _tried("Forgetting old webhook messages", webhooks.sweep(now_ms()))
        await _tried("Forgetting old idempotency keys", keys.sweep(now_ms()))
        await asyncio.sleep(_SWEEP_SECONDS)


async def _tried(what: str, work: Awaitable[object]) -> None:
    """One turn of something that is done again and again: what fails now may be well the next time."""
    try:
        await work
    except FlexuraError as problem:
        log.warning("%s failed: %s", what, problem.message)
    except Exception:
        log.exception("%s failed.", what)
