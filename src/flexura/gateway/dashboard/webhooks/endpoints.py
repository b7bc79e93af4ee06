"""Endpoints: made, changed, turned off and on, tested, removed."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import FlexuraError
from flexura.domain.webhook import EVENTS, Endpoint
from flexura.gateway.dashboard.once import fresh, made_once
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, page, part, told
from flexura.gateway.dashboard.visit import Form, Visit
from flexura.gateway.dashboard.webhooks.deliveries import log_values
from flexura.gateway.errors import STATUS, validated
from flexura.gateway.rest.requests import services
from flexura.gateway.rest.webhooks.routes import NewWebhook, WebhookChange

WEBHOOKS = "/dashboard/webhooks"


async def listed(request: Request, visit: Visit) -> Response:
    """Every webhook, and the log of what was sent."""
    values = await log_values(request, visit)
    return page(request, visit, "webhooks/list.html", **values)


async def form(request: Request, visit: Visit) -> Response:
    """The form of a new one."""
    return _form(request, visit, None)


async def create(request: Request, visit: Visit) -> Response:
    """Register a URL."""
    try:
        asked = validated(NewWebhook, _asked(visit.form))
        made = await made_once(
            request,
            visit,
            "webhooks",
            lambda note: services(request).webhooks.register(
                visit.workspace.id,
                asked.url,
                asked.events,
                asked.description,
                lambda tx, endpoint: note(tx),
            ),
        )
    except FlexuraError as refusal:
        return _form(request, visit, None, refusal)
    return go(request, f"{WEBHOOKS}/{made.id}" if made else WEBHOOKS)


async def one(request: Request, visit: Visit) -> Response:
    """A webhook: what it is told of, and its own log."""
    return await _one(request, visit, await _endpoint(request, visit))


async def change(request: Request, visit: Visit) -> Response:
    """Change its URL, its events or its description."""
    endpoint = await _endpoint(request, visit)
    try:
        asked = validated(WebhookChange, _asked(visit.form))
        await services(request).webhooks.change(
            visit.workspace.id,
            endpoint.id,
            url=asked.url,
            events=asked.events,
            description=asked.description,
        )
    except FlexuraError as refusal:
        return _form(request, visit, endpoint, refusal)
    return go(request, f"{WEBHOOKS}/{endpoint.id}")


async def edit(request: Request, visit: Visit) -> Response:
    """The form of one that is there."""
    return _form(request, visit, await _endpoint(request, visit))


async def switch(request: Request, visit: Visit) -> Response:
    """Turn it off, or on again."""
    endpoint = await _endpoint(request, visit)
    await services(request).webhooks.change(
        visit.workspace.id, endpoint.id, enabled=visit.form.get("enabled") == "yes"
    )
    return go(request, f"{WEBHOOKS}/{endpoint.id}")


async def test(request: Request, visit: Visit) -> Response:
    """Send it a test message, and show the log in which it stands."""
    endpoint = await _endpoint(request, visit)
    await services(request).webhooks.test(visit.workspace.id, endpoint.id)
    values = await log_values(request, visit, endpoint.id)
    answer = part("webhooks/_deliveries.html", visit, **values)
    return told(answer, "A test message is on its way.")


async def remove(request: Request, visit: Visit) -> Response:
    """Remove it; what still waits for it is not sent."""
    endpoint = await _endpoint(request, visit)
    await services(request).webhooks.remove(visit.workspace.id, endpoint.id)
    return go(request, WEBHOOKS)


def _asked(form: Form) -> dict[str, Any]:
    """The form as the body that the API takes; no event means all."""
    return {
        "url": form.get("url", "").strip(),
        "events": form.getlist("events"),
        "description": form.get("description", "").strip(),
    }


async def _endpoint(request: Request, visit: Visit) -> Endpoint:
    name = request.path_params["webhook_id"]
    return await services(request).webhooks.get(visit.workspace.id, name)


async def _one(request: Request, visit: Visit, endpoint: Endpoint) -> Response:
    values = await log_values(request, visit, endpoint.id)
    return page(request, visit, "webhooks/one.html", one=endpoint, **values)


def _form(
    request: Request, visit: Visit, endpoint: Endpoint | None, refusal: FlexuraError | None = None
) -> Response:
    form: Form = visit.form
    if not form and endpoint is not None:
        kept = [("url", endpoint.url), ("description", endpoint.description)]
        form = ImmutableMultiDict(kept + [("events", event) for event in endpoint.events])
    return page(
        request,
        visit,
        "webhooks/form.html",
        STATUS[refusal.code] if refusal else 200,
        one=endpoint,
        form=form,
        checked=form.getlist("events"),
        refusal=refusal,
        events=EVENTS,
        nonce=fresh(),
    )


PAGES: tuple[Page, ...] = (
    Page("GET", WEBHOOKS, listed),
    Page("POST", WEBHOOKS, create, "admin"),
    Page("GET", f"{WEBHOOKS}/new", form, "admin"),
    Page("GET", WEBHOOKS + "/{webhook_id}", one),
    Page("POST", WEBHOOKS + "/{webhook_id}", change, "admin"),
    Page("GET", WEBHOOKS + "/{webhook_id}/edit", edit, "admin"),
    Page("POST", WEBHOOKS + "/{webhook_id}/enabled", switch, "admin"),
    Page("POST", WEBHOOKS + "/{webhook_id}/test", test, "admin"),
    Page("POST", WEBHOOKS + "/{webhook_id}/remove", remove, "admin"),
)
