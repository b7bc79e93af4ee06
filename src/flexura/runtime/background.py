"""What runs beside the requests for as long as a gateway is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from flexura.domain.errors import DiskFull, FlexuraError
from flexura.ports.tasks import ended
from flexura.services.clock import now_ms
from flexura.services.idempotency import IdempotencyKeys
from flexura.services.keys import Keys
from flexura.services.sessions import Sessions
from flexura.services.webhooks import Webhooks

log = logging.getLogger(__name__)
_full: set[str] = set()
"""What waits for the disk, and was told of."""
_NOTE_KEYS_SECONDS = 60.0
_SWEEP_SECONDS = 3600.0


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncGenerator[asyncio.Task[None]]:
    """Do it beside everything else inside this context."""
    task = asyncio.create_task(_told(work))
    try:
        yield task
    finally:
        await ended(task)
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


async def sweep(webhooks: Webhooks, keys: IdempotencyKeys, sessions: Sessions) -> None:
    while True:
        await _tried("Forgetting old webhook messages", webhooks.sweep(now_ms()))
        await _tried("Forgetting old idempotency keys", keys.sweep(now_ms()))
        await _tried("Forgetting sessions that are over", sessions.sweep())
        await asyncio.sleep(_SWEEP_SECONDS)


async def _tried(what: str, work: Awaitable[object]) -> None:
    """One turn of something that is done again and again: what fails now may be well the next time."""
    try:
        await work
        _full.discard(what)
    except DiskFull as problem:
        # Said once: a log that grows with every turn would keep the disk full.
        if what not in _full:
            log.warning("%s has to wait: %s", what, problem.message)
        _full.add(what)
    except FlexuraError as problem:
        log.warning("%s failed: %s", what, problem.message)
    except Exception:
        log.exception("%s failed.", what)
