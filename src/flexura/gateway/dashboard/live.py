"""Live parts of pages: the stream that brings what changed, and what the page shows already.

Each part has an id and a token that is another one when it has to be shown anew. A page that (re)connects
names the tokens that it has, so nothing is sent twice and nothing is missed. See `static/live.js`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import AccessDenied, Forbidden, Unauthorized
from flexura.gateway.dashboard.visit import COOKIE, Visit
from flexura.gateway.load import event_stream
from flexura.gateway.rest.requests import services

STILL_HERE = ": still here\n\n"
KEEP_ALIVE = 15.0
_LONGEST = 600.0
"""Seconds after which a page connects anew."""
_ASKED_AGAIN = KEEP_ALIVE - 1
"""Seconds after which a page is asked again who it is, the next time that it is told something."""
_MOST_SEEN = 300


def seen_in(request: Request) -> dict[str, str]:
    """Token by id of what the page shows."""
    said = request.query_params.get("seen", "")[:20_000].split(",")[:_MOST_SEEN]
    pairs = (one.partition(":") for one in said)
    return {name: token for name, _, token in pairs if name and token}


def part_event(html: str) -> str:
    """A part of a page as an event."""
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"event: part\n{lines}\n"


def end_event() -> str:
    """Nothing will change any more."""
    return "event: end\ndata: end\n\n"


def live(request: Request, visit: Visit, events: AsyncIterator[str]) -> Response:
    """The stream of a page, for as long as its session. It holds one of the places of those who wait."""
    return event_stream(services(request), visit.caller, _bounded(request, events))


async def _bounded(request: Request, events: AsyncIterator[str]) -> AsyncIterator[str]:
    began = asked = time.monotonic()
    yield "retry: 2000\n\n"
    async for event in events:
        now = time.monotonic()
        if now - asked > _ASKED_AGAIN:
            asked = now
            if not await _still_signed_in(request):
                return
        yield event
        if now - began > _LONGEST:
            return


async def _still_signed_in(request: Request) -> bool:
    """Whether its session, key and workspace are as good as they were."""
    try:
        await services(request).sessions.visitor(request.cookies.get(COOKIE, ""))
    except (Unauthorized, AccessDenied, Forbidden):
        return False
    return True
