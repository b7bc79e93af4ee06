"""API keys: what there is, a new one shown once, rotated, revoked, given a budget."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from flexura.gateway.dashboard.keys import making, one
from flexura.gateway.dashboard.keys.rows import KEYS, rows_of
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import page
from flexura.gateway.dashboard.visit import Visit


async def listed(request: Request, visit: Visit) -> Response:
    """Every key of the workspace; those that ended stand apart."""
    rows = await rows_of(request, visit)
    return page(
        request,
        visit,
        "keys/list.html",
        rows=[row for row in rows if not row.ended],
        ended=[row for row in rows if row.ended],
    )


PAGES: tuple[Page, ...] = (Page("GET", KEYS, listed, "admin"), *making.PAGES, *one.PAGES)
