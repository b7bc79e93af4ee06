"""The secret that signs a workspace's webhooks: shown when asked for, and rotated."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import part
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.errors import validated
from flexura.gateway.rest.requests import services
from flexura.gateway.rest.webhooks.routes import Rotation

SECRET = "/dashboard/webhooks/secret"


async def show(request: Request, visit: Visit) -> Response:
    """The secrets that sign now. Not by GET: a workspace without one gets its first."""
    active = await services(request).signing_secrets.active(visit.workspace.id)
    return part("webhooks/_secret.html", visit, active=active)


async def rotate(request: Request, visit: Visit) -> Response:
    """Make a new one; the one before signs beside it for a day, or as long as was said."""
    text = visit.form.get("overlap_hours", "24")
    hours = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else text
    asked = validated(Rotation, {"overlap_hours": hours})
    active = await services(request).signing_secrets.rotate(visit.workspace.id, asked.overlap_hours)
    told = "There is a new signing secret."
    return part("webhooks/_secret.html", visit, toast=told, active=active)


PAGES: tuple[Page, ...] = (
    Page("POST", SECRET, show, "admin"),
    Page("POST", f"{SECRET}/rotate", rotate, "admin"),
)
