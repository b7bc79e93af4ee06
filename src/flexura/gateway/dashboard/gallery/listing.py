"""The gallery's page, its trash, and the next page of either."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flexura.gateway.dashboard.gallery.asked import KINDS, ORIGINS, REVIEWS, Asked, asked_of
from flexura.gateway.dashboard.gallery.tiles import tiles
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import page, part
from flexura.gateway.dashboard.visit import Visit, is_htmx
from flexura.gateway.rest.requests import services
from flexura.services.gallery import MOST_COUNTED
from flexura.services.trash import TRASH_DAYS


async def gallery(request: Request, visit: Visit) -> Response:
    """Files that match, the newest first."""
    return await _listed(request, visit, asked_of(request))


async def trash(request: Request, visit: Visit) -> Response:
    """What can still be restored."""
    return await _listed(request, visit, asked_of(request, "trash"))


async def _listed(request: Request, visit: Visit, asked: Asked) -> Response:
    found = services(request)
    wanted = asked.filter(visit.workspace.id)
    listed = await found.gallery.page(wanted)
    values: dict[str, Any] = {
        "asked": asked,
        "tiles": tiles(found.links, listed.items),
        "next": listed.next,
        "trash_days": TRASH_DAYS,
    }
    partly = is_htmx(request) and request.headers.get("hx-history-restore-request") != "true"
    if partly and asked.before is not None:
        return part("gallery/_more.html", visit, **values)
    values["total"] = await found.gallery.count(wanted)
    values["most"] = MOST_COUNTED
    if partly:
        return part("gallery/_results.html", visit, **values)
    choices = await found.gallery.choices(visit.workspace.id)
    words = {"kinds": KINDS, "origins": ORIGINS, "reviews": REVIEWS}
    return page(request, visit, "gallery/list.html", choices=choices, **words, **values)


PAGES: tuple[Page, ...] = (
    Page("GET", "/dashboard/gallery", gallery),
    Page("GET", "/dashboard/gallery/trash", trash),
)
