"""Routes of webhooks: registering, testing, secrets, deliveries."""

from __future__ import annotations

from typing import Any, TypeVar

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import json_number
from flexura.domain.webhook import Delivery, Endpoint, Event, SigningSecret
from flexura.gateway.errors import validated
from flexura.gateway.rest.idempotent import Remember, once
from flexura.gateway.rest.paging import cursor_of, read_cursor
from flexura.gateway.rest.requests import caller, json_object, page_number, services
from flexura.gateway.rest.webhooks.words import delivery_record, endpoint_record, secrets_record
from flexura.ports.records import Tx
from flexura.services.signing import MAX_OVERLAP_HOURS, OVERLAP_HOURS
from flexura.services.webhooks import LogFilter

STATES = ("pending", "delivered", "failed")
MAX_URL = 2000
MAX_DESCRIPTION = 200
MAX_EVENTS = 20
_STRICT = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
T = TypeVar("T", bound=pydantic.BaseModel)


class NewWebhook(pydantic.BaseModel):
    """What is registered."""

    model_config = _STRICT

    url: str = pydantic.Field(min_length=1, max_length=MAX_URL)
    events: tuple[Event, ...] = pydantic.Field((), max_length=MAX_EVENTS)
    description: str = pydantic.Field("", max_length=MAX_DESCRIPTION)


class WebhookChange(pydantic.BaseModel):
    """What is changed; what is not named stays."""

    model_config = _STRICT

    url: str = pydantic.Field("", min_length=1, max_length=MAX_URL)
    events: tuple[Event, ...] = pydantic.Field((), max_length=MAX_EVENTS)
    description: str = pydantic.Field("", max_length=MAX_DESCRIPTION)
    enabled: pydantic.StrictBool = True


class Rotation(pydantic.BaseModel):
    """How long the old secret signs beside the new one."""

    model_config = _STRICT

    overlap_hours: float = pydantic.Field(OVERLAP_HOURS, ge=0, le=MAX_OVERLAP_HOURS)

    @pydantic.field_validator("overlap_hours", mode="before")
    @classmethod
    def _is_number(cls, value: Any) -> Any:
        return json_number(value)


async def create_webhook(request: Request) -> Response:
    """Register a URL for events."""
    who = await caller(request, "admin")
    body = await json_object(request)
    asked = validated(NewWebhook, body)

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        def note(tx: Tx, endpoint: Endpoint) -> None:
            remember(tx, 201, endpoint_record(endpoint))

        endpoint = await services(request).webhooks.register(
            who.workspace_id, asked.url, asked.events, asked.description, note
        )
        return 201, endpoint_record(endpoint)

    return await once(request, who, "webhooks", body, make)


async def list_webhooks(request: Request) -> Response:
    """Every webhook of the workspace."""
    who = await caller(request, "read")
    found = await services(request).webhooks.list(who.workspace_id)
    return JSONResponse({"webhooks": [endpoint_record(one) for one in found]})


async def get_webhook(request: Request) -> Response:
    """One webhook."""
    who = await caller(request, "read")
    webhook_id = request.path_params["webhook_id"]
    found = await services(request).webhooks.get(who.workspace_id, webhook_id)
    return JSONResponse(endpoint_record(found))


async def change_webhook(request: Request) -> Response:
    """Change a webhook, turn it off or on again."""
    who = await caller(request, "admin")
    asked = validated(WebhookChange, await json_object(request))
    changes = {name: getattr(asked, name) for name in asked.model_fields_set}
    webhook_id = request.path_params["webhook_id"]
    found = await services(request).webhooks.change(who.workspace_id, webhook_id, **changes)
    return JSONResponse(endpoint_record(found))


async def delete_webhook(request: Request) -> Response:
    """Remove a webhook; what still waits for it is not sent."""
    who = await caller(request, "admin")
    webhook_id = request.path_params["webhook_id"]
    await services(request).webhooks.remove(who.workspace_id, webhook_id)
    return Response(status_code=204)


async def test_webhook(request: Request) -> Response:
    """Send a test message."""
    who = await caller(request, "admin")
    webhook_id = request.path_params["webhook_id"]

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        def note(tx: Tx, delivery: Delivery) -> None:
            remember(tx, 202, delivery_record(delivery))

        delivery = await services(request).webhooks.test(who.workspace_id, webhook_id, note)
        return 202, delivery_record(delivery)

    return await once(request, who, f"webhooks/{webhook_id}/test", {}, make)


async def get_webhook_secret(request: Request) -> Response:
    """The workspace's signing secrets."""
    who = await caller(request, "admin")
    active = await services(request).signing_secrets.active(who.workspace_id)
    return JSONResponse(secrets_record(active), headers={"Cache-Control": "no-store"})


async def rotate_webhook_secret(request: Request) -> Response:
    """Make a new signing secret; a repeat with the same idempotency key shows the secrets of now."""
    who = await caller(request, "admin")
    body = await json_object(request)
    asked = validated(Rotation, body)
    secrets = services(request).signing_secrets

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        def note(tx: Tx, made: SigningSecret) -> None:
            remember(tx, 200, {"id": made.id})

        active = await secrets.rotate(who.workspace_id, asked.overlap_hours, note)
        return 200, secrets_record(active)

    answer = await once(request, who, "webhooks/secret/rotate", body, make)
    headers = {"Cache-Control": "no-store"}
    if "idempotent-replayed" in answer.headers:
        # Secrets are not kept with idempotency keys, so they are read.
        active = await secrets.active(who.workspace_id)
        headers["Idempotent-Replayed"] = "true"
        return JSONResponse(secrets_record(active), headers=headers)
    answer.headers.update(headers)
    return answer


async def list_webhook_deliveries(request: Request) -> Response:
    """The log of deliveries, newest first."""
    who = await caller(request, "read")
    query = request.query_params
    state, limit = query.get("state", ""), page_number(request, "limit", 20, 1, 100)
    if state and state not in STATES:
        raise InvalidRequest(
            f"The state {state[:30]!r} is unknown.",
            field="state",
            next_step=f"Allowed: {', '.join(STATES)}.",
        )
    cursor = query.get("cursor", "")
    wanted = LogFilter(
        workspace_id=who.workspace_id,
        endpoint_id=query.get("endpoint_id", ""),
        state=state,
        limit=limit + 1,
        before=read_cursor(cursor) if cursor else None,
    )
    found = await services(request).webhooks.deliveries(wanted)
    shown = found[:limit]
    more = cursor_of(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return JSONResponse(
        {
            "deliveries": [delivery_record(one) for one in shown],
            "limit": limit,
            "next_cursor": more,
        }
    )


async def get_webhook_delivery(request: Request) -> Response:
    """One delivery with its payload."""
    who = await caller(request, "read")
    delivery_id = request.path_params["delivery_id"]
    found = await services(request).webhooks.delivery(who.workspace_id, delivery_id)
    return JSONResponse(delivery_record(found, payload=True))


async def redeliver_webhook(request: Request) -> Response:
    """Send a delivery once more, with the same id."""
    who = await caller(request, "admin")
    delivery_id = request.path_params["delivery_id"]
    found = await services(request).webhooks.redeliver(who.workspace_id, delivery_id)
    return JSONResponse(delivery_record(found), status_code=202)
