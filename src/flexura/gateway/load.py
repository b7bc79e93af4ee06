"""Requests within the bounds of the process: counted, refused at once beyond them, given up when unread.

A request that waits for a job takes one of the places of those who wait, and no longer counts among those
that are under way.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from functools import partial
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from flexura.domain.errors import Overloaded, RateLimited
from flexura.domain.job import Caller, Job
from flexura.gateway.auth import HELD
from flexura.gateway.probes import PROBES
from flexura.gateway.services import Services
from flexura.services.load import Load
from flexura.services.slots import Slots

T = TypeVar("T")
FULL = (RateLimited, Overloaded)


@contextlib.asynccontextmanager
async def admitted(scope: Scope, load: Load) -> AsyncGenerator[None]:
    """Count the request inside this context. Raises Overloaded where there are too many."""
    if scope["path"] in PROBES:  # what tells how the gateway does answers also then
        yield
        return
    with load.request() as held:
        scope[HELD] = held
        await load.turns.take()
        yield


class SlotStream(StreamingResponse):
    """A streamed answer that holds a place while it is sent. Without a free one nothing of it is sent."""

    def __init__(self, content: AsyncIterator[Any], slots: Slots, key_id: str, **more: Any) -> None:
        super().__init__(content, **more)
        self._slots, self._key_id = slots, key_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._slots.taken(self._key_id):
            await super().__call__(scope, receive, send)


def event_stream(found: Services, who: Caller, events: AsyncIterator[str]) -> SlotStream:
    """Server-sent events, which hold one of the places of those who wait."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    slots = found.load.waiters
    return SlotStream(events, slots, who.key_id, media_type="text/event-stream", headers=headers)


async def waited(request: Request, who: Caller, job_id: str, seconds: float, seen: int = 0) -> Job:
    """The job as soon as it ends, or after `seconds`, as `Jobs.wait`; given up when the caller goes.

    Raises NotFound, RateLimited or Overloaded where no place to wait is free, ClientDisconnect.
    """
    found: Services = request.scope["flexura.services"]
    place = partial(found.load.waiters.taken, who.key_id)
    waiting = found.jobs.wait(who.workspace_id, job_id, seconds, seen_version=seen, place=place)
    return await (while_there(request.receive, waiting) if seconds > 0 else waiting)


async def waited_if_room(request: Request, who: Caller, job: Job, seconds: float) -> Job:
    """As `waited`, for a job that was just accepted: it is never refused, only not waited for."""
    with contextlib.suppress(*FULL):
        return await waited(request, who, job.id, seconds)
    return job


async def while_there(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """What `work` comes to, which ends when the caller goes. The body must have been read.

    Raises ClientDisconnect.
    """
    # The loop's own timer ends it: with that, no cancellation from elsewhere is lost.
    there = asyncio.timeout(None)

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        there.reschedule(asyncio.get_running_loop().time())

    try:
        async with there:
            listening = asyncio.create_task(listen())
            try:
                return await work
            finally:
                listening.cancel()
    except TimeoutError:
        if not there.expired():
            raise
        raise ClientDisconnect from None
