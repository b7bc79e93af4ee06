"""Webhooks as their answers show them; times in seconds, as on the whole surface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flexura.domain.webhook import Delivery, Endpoint, SigningSecret
from flexura.services.clock import iso_or_none


def endpoint_record(endpoint: Endpoint) -> dict[str, Any]:
    """One endpoint."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "description": endpoint.description,
        "enabled": endpoint.disabled_at is None,
        "disabled_at": iso_or_none(endpoint.disabled_at),
        "disabled_reason": endpoint.disabled_reason,
        "created_at": iso_or_none(endpoint.created_at),
    }


def delivery_record(delivery: Delivery, *, payload: bool = False) -> dict[str, Any]:
    """One delivery; its payload, the text that is signed and sent, only where it is asked for alone."""
    body: dict[str, Any] = {
        "id": delivery.id,
        "event": delivery.event,
        "state": delivery.state,
        "endpoint_id": delivery.endpoint_id or None,
        "job_id": delivery.job_id or None,
        "url": delivery.url,
        "attempts": delivery.attempts,
        "last_status": delivery.status,
        "error": delivery.error,
        "created_at": iso_or_none(delivery.created_at),
        "next_attempt_at": iso_or_none(delivery.next_at) if delivery.state == "pending" else None,
        "delivered_at": iso_or_none(delivery.delivered_at),
    }
    return body | {"payload": delivery.payload} if payload else body


def secrets_record(active: Sequence[SigningSecret]) -> dict[str, Any]:
    """The secrets that sign now; `secret` is the newest, which stays."""
    return {
        "secret": active[0].secret,
        "secrets": [
            {
                "id": one.id,
                "secret": one.secret,
                "created_at": iso_or_none(one.created_at),
                "expires_at": iso_or_none(one.expires_at),
            }
            for one in active
        ],
    }
