"""The log of deliveries: what was sent, what came of it, and once more."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.webhook import Delivery, Endpoint
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, page, part, told
from flexura.gateway.dashboard.visit import Visit, is_htmx
from flexura.gateway.rest.paging import cursor_of, read_cursor
from flexura.gateway.rest.requests import services
from flexura.gateway.rest.webhooks.routes import STATES
from flexura.services.clock import now_ms
from flexura.services.webhooks import LogFilter

DELIVERIES = "/dashboard/webhooks/deliveries"
_A_PAGE = 25
_SOON_MS = 125_000
"""A little more than a try that is under way may take: until then its next one is put off."""
_MOST_PAYLOAD = 20_000


async def log(request: Request, visit: Visit) -> Response:
    """The log, which looks again by itself while something is about to be sent; its page otherwise."""
    values = await log_values(request, visit)
    if is_htmx(request):
        return part("webhooks/_deliveries.html", visit, **values)
    return page(request, visit, "webhooks/deliveries.html", **values)


async def log_values(request: Request, visit: Visit, endpoint_id: str = "") -> dict[str, Any]:
    """What the part of the log shows: filter, page, and the webhooks by their ids."""
    query, found = request.query_params, services(request).webhooks
    state, cursor = query.get("state", ""), query.get("cursor", "")
    state = state if state in STATES else ""
    endpoint_id = endpoint_id or query.get("endpoint", "")[:80]
    before = read_cursor(cursor) if cursor else None
    wanted = LogFilter(visit.workspace.id, endpoint_id, state, _A_PAGE + 1, before)
    listed = await found.deliveries(wanted)
    shown = listed[:_A_PAGE]
    filters = {"state": state, "endpoint": endpoint_id}
    here = {name: value for name, value in filters.items() if value}
    more = cursor_of(shown[-1].created_at, shown[-1].id) if len(listed) > _A_PAGE else ""
    known = await found.list(visit.workspace.id)
    return {
        "deliveries": shown,
        "webhooks": {one.id: one for one in known},
        "states": STATES,
        "state": state,
        "endpoint": endpoint_id,
        "here": _query(here | ({"cursor": cursor} if cursor else {})),
        "by_state": {one: _query({**here, "state": one}) for one in STATES},
        "without_state": _query({"endpoint": endpoint_id} if endpoint_id else {}),
        "older": _query(here | {"cursor": more}) if more else "",
        "newest": _query(here) if cursor else None,
        "waits": any(one.state == "pending" and one.next_at < now_ms() + _SOON_MS for one in shown),
    }


async def one(request: Request, visit: Visit) -> Response:
    """One delivery: its tries, what the receiver said, its payload as it is signed and sent."""
    found = services(request).webhooks
    delivery = await found.delivery(visit.workspace.id, request.path_params["delivery_id"])
    endpoint: Endpoint | None = None
    if delivery.endpoint_id:
        known = await found.list(visit.workspace.id)
        endpoint = next((one for one in known if one.id == delivery.endpoint_id), None)
    payload = delivery.payload[:_MOST_PAYLOAD]
    cut = len(delivery.payload) > _MOST_PAYLOAD
    return page(
        request,
        visit,
        "webhooks/delivery.html",
        delivery=delivery,
        endpoint=endpoint,
        again=_again(delivery, endpoint),
        payload=payload,
        cut=cut,
    )


async def redeliver(request: Request, visit: Visit) -> Response:
    """Send one once more, with the same id."""
    name = request.path_params["delivery_id"]
    await services(request).webhooks.redeliver(visit.workspace.id, name)
    return go(request, f"{DELIVERIES}/{name}")


async def redeliver_failed(request: Request, visit: Visit) -> Response:
    """Send once more all that failed, of one webhook or of all."""
    endpoint_id = visit.form.get("endpoint", "")
    count = await services(request).webhooks.redeliver_failed(visit.workspace.id, endpoint_id)
    values = await log_values(request, visit, endpoint_id)
    words = f"{count} {'delivery is' if count == 1 else 'deliveries are'} sent again."
    answer = part("webhooks/_deliveries.html", visit, **values)
    return told(answer, words if count else "Nothing that failed can be sent again.")


def _again(delivery: Delivery, endpoint: Endpoint | None) -> str:
    """Why it cannot be sent once more; empty where it can."""
    if delivery.endpoint_id and endpoint is None:
        return "Its webhook was removed."
    return "Its webhook is off." if endpoint is not None and endpoint.disabled_at else ""


def _query(fields: dict[str, str]) -> str:
    return "?" + urlencode(fields) if fields else ""


PAGES: tuple[Page, ...] = (
    Page("GET", DELIVERIES, log),
    Page("POST", f"{DELIVERIES}/redeliver-failed", redeliver_failed, "admin"),
    Page("GET", DELIVERIES + "/{delivery_id}", one),
    Page("POST", DELIVERIES + "/{delivery_id}/redeliver", redeliver, "admin"),
)
