"""The operations of webhooks."""

from __future__ import annotations

from typing import Any

from flexura.domain.webhook import EVENTS
from flexura.gateway.rest.idempotent import IDEMPOTENCY_KEY
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.schemas import answer, array, ref
from flexura.gateway.rest.webhooks import routes
from flexura.services.signing import MAX_OVERLAP_HOURS, OVERLAP_HOURS

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_MOMENT: dict[str, Any] = {**_TEXT, "format": "date-time", "example": "2026-03-27T08:00:00Z"}
_MAYBE_MOMENT: dict[str, Any] = {**_MAYBE_TEXT, "format": "date-time"}
_URL: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": routes.MAX_URL,
    "description": "A public https address on port 443 or 8443, or an origin that the operator lists.",
    "example": "https://example.org/hooks/flexura",
}
_EVENTS: dict[str, Any] = {
    **array({"type": "string", "enum": list(EVENTS)}),
    "maxItems": routes.MAX_EVENTS,
    "description": "None = all.",
    "example": ["job.completed", "job.failed"],
}
_DESCRIPTION: dict[str, Any] = {"type": "string", "maxLength": routes.MAX_DESCRIPTION}
_ENABLED: dict[str, Any] = {"type": "boolean"}


def _body(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return {**found, "required": list(required)} if required else found


_SECRET = answer(
    {
        "id": _TEXT,
        "secret": {**_TEXT, "description": "`whsec_` and 32 random bytes in base64."},
        "created_at": _MOMENT,
        "expires_at": _MAYBE_MOMENT,
    },
    ("id", "secret", "created_at", "expires_at"),
)
_DELIVERY: dict[str, Any] = {
    "id": {**_TEXT, "description": "The header `webhook-id`, the same in every attempt."},
    "event": {**_TEXT, "example": "job.completed"},
    "state": {"type": "string", "enum": list(routes.STATES)},
    "endpoint_id": {**_MAYBE_TEXT, "description": "null: the callback_url of a job."},
    "job_id": _MAYBE_TEXT,
    "url": _TEXT,
    "attempts": {"type": "integer"},
    "last_status": {"type": ["integer", "null"]},
    "error": _TEXT,
    "created_at": _MOMENT,
    "next_attempt_at": _MAYBE_MOMENT,
    "delivered_at": _MAYBE_MOMENT,
}
SCHEMAS: dict[str, Any] = {
    "NewWebhook": _body({"url": _URL, "events": _EVENTS, "description": _DESCRIPTION}, "url"),
    "WebhookChange": _body(
        {"url": _URL, "events": _EVENTS, "description": _DESCRIPTION, "enabled": _ENABLED}
    ),
    "Webhook": answer(
        {
            "id": _TEXT,
            "url": _TEXT,
            "events": _EVENTS,
            "description": _TEXT,
            "enabled": _ENABLED,
            "disabled_at": _MAYBE_MOMENT,
            "disabled_reason": _TEXT,
            "created_at": _MOMENT,
        },
        ("id", "url", "events", "enabled", "created_at"),
    ),
    "WebhookList": answer({"webhooks": array(ref("Webhook"))}, ("webhooks",)),
    "WebhookSecrets": answer({"secret": _TEXT, "secrets": array(_SECRET)}, ("secret", "secrets")),
    "SecretRotation": _body(
        {
            "overlap_hours": {
                "type": "number",
                "minimum": 0,
                "maximum": MAX_OVERLAP_HOURS,
                "default": OVERLAP_HOURS,
                "description": "So long the old secret signs beside the new one.",
            }
        }
    ),
    "Delivery": answer(_DELIVERY, ("id", "event", "state", "url", "attempts", "created_at")),
    "DeliveryWithPayload": answer(
        {**_DELIVERY, "payload": {**_TEXT, "description": "The body as it is signed and sent."}},
        ("id", "event", "state", "url", "attempts", "created_at", "payload"),
    ),
    "DeliveryList": answer(
        {
            "deliveries": array(ref("Delivery")),
            "limit": {"type": "integer"},
            "next_cursor": _MAYBE_TEXT,
        },
        ("deliveries", "limit", "next_cursor"),
    ),
}
_READ = (401, 403, 404)
_WITH_BODY = (400, 401, 403, 413, 415, 507)
_BASE = "/api/v1/webhooks"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        _BASE,
        routes.create_webhook,
        "Register a webhook",
        {201: (JSON, ref("Webhook"))},
        errors=(*_WITH_BODY, 409, 422, 503),
        body={JSON: ref("NewWebhook")},
        headers=IDEMPOTENCY_KEY,
        links={"webhook_id": "/id"},
    ),
    Operation(
        "GET",
        _BASE,
        routes.list_webhooks,
        "List webhooks",
        {200: (JSON, ref("WebhookList"))},
        errors=(401, 403),
    ),
    Operation(
        "GET",
        f"{_BASE}/secret",
        routes.get_webhook_secret,
        "The secrets that sign webhooks",
        {200: (JSON, ref("WebhookSecrets"))},
        errors=(401, 403, 507),
    ),
    Operation(
        "POST",
        f"{_BASE}/secret/rotate",
        routes.rotate_webhook_secret,
        "Make a new signing secret; the old one signs beside it for a while",
        {200: (JSON, ref("WebhookSecrets"))},
        errors=(*_WITH_BODY, 409, 422, 503),
        body={JSON: ref("SecretRotation")},
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        "GET",
        f"{_BASE}/deliveries",
        routes.list_webhook_deliveries,
        "The log of webhook deliveries",
        {200: (JSON, ref("DeliveryList"))},
        errors=(400, 401, 403),
        query={
            "endpoint_id": {"type": "string"},
            "state": {"type": "string", "enum": ["", *routes.STATES]},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
            "cursor": {"type": "string", "description": "`next_cursor` of the page before."},
        },
    ),
    Operation(
        "GET",
        f"{_BASE}/deliveries/{{delivery_id}}",
        routes.get_webhook_delivery,
        "One delivery with its payload",
        {200: (JSON, ref("DeliveryWithPayload"))},
        errors=_READ,
    ),
    Operation(
        "POST",
        f"{_BASE}/deliveries/{{delivery_id}}/redeliver",
        routes.redeliver_webhook,
        "Send a delivery once more",
        {202: (JSON, ref("Delivery"))},
        errors=(*_READ, 409, 507),
    ),
    Operation(
        "GET",
        f"{_BASE}/{{webhook_id}}",
        routes.get_webhook,
        "One webhook",
        {200: (JSON, ref("Webhook"))},
        errors=_READ,
    ),
    Operation(
        "PATCH",
        f"{_BASE}/{{webhook_id}}",
        routes.change_webhook,
        "Change a webhook, turn it off or on again",
        {200: (JSON, ref("Webhook"))},
        errors=(*_WITH_BODY, 404),
        body={JSON: ref("WebhookChange")},
    ),
    Operation(
        "DELETE",
        f"{_BASE}/{{webhook_id}}",
        routes.delete_webhook,
        "Remove a webhook",
        {204: ("", {})},
        errors=(*_READ, 507),
    ),
    Operation(
        "POST",
        f"{_BASE}/{{webhook_id}}/test",
        routes.test_webhook,
        "Send a test message to a webhook",
        {202: (JSON, ref("Delivery"))},
        errors=(400, *_READ, 409, 422, 503, 507),
        headers=IDEMPOTENCY_KEY,
        links={"delivery_id": "/id"},
    ),
)
