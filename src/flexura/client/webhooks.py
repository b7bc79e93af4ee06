"""Webhooks over HTTP: every route that `flexura webhooks` uses is one method here."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

from flexura.client.answers import Answer
from flexura.client.gateway import GatewayClient

_BASE = "/api/v1/webhooks"


class Webhook(Answer):
    """One URL that is told of events; none named = all."""

    id: str
    url: str
    events: tuple[str, ...] = ()
    description: str = ""
    enabled: bool = True
    disabled_at: str | None = None
    disabled_reason: str = ""
    created_at: str = ""


class WebhookList(Answer):
    """Every webhook of a workspace."""

    webhooks: tuple[Webhook, ...]


class DeliveryAnswer(Answer):
    """One message; `endpoint_id` is None for the callback URL of a job."""

    id: str
    event: str
    state: str
    url: str
    attempts: int
    endpoint_id: str | None = None
    job_id: str | None = None
    last_status: int | None = None
    error: str = ""
    created_at: str = ""
    next_attempt_at: str | None = None
    delivered_at: str | None = None


class DeliveryList(Answer):
    """A page of the log, newest first."""

    deliveries: tuple[DeliveryAnswer, ...]
    next_cursor: str | None = None


class SecretAnswer(Answer):
    """One signing secret; the newest has no end."""

    id: str
    secret: str
    created_at: str
    expires_at: str | None = None


class SecretsAnswer(Answer):
    """What signs now, newest first."""

    secret: str
    secrets: tuple[SecretAnswer, ...]


class WebhooksClient:
    """Webhooks of the workspace that the gateway's key belongs to. Raises as GatewayClient does."""

    def __init__(self, gateway: GatewayClient) -> None:
        self._gateway = gateway

    async def list(self) -> WebhookList:
        """Every webhook."""
        return await self._gateway.ask(WebhookList, "GET", _BASE)

    async def add(self, url: str, events: tuple[str, ...], description: str = "") -> Webhook:
        """Register a URL. Raises InvalidRequest for one that is not public."""
        body: dict[str, Any] = {"url": url, "events": list(events), "description": description}
        return await self._gateway.ask(Webhook, "POST", _BASE, json=body, headers=_fresh_key())

    async def change(self, webhook_id: str, **changes: Any) -> Webhook:
        """Change url, events, description or enabled. Raises NotFound."""
        return await self._gateway.ask(Webhook, "PATCH", _path(webhook_id), json=changes)

    async def remove(self, webhook_id: str) -> None:
        """Tell it nothing more. Raises NotFound."""
        await self._gateway.tell("DELETE", _path(webhook_id))

    async def test(self, webhook_id: str) -> DeliveryAnswer:
        """Send it a test message. Raises NotFound, or Conflict for one that is off."""
        path = f"{_path(webhook_id)}/test"
        return await self._gateway.ask(DeliveryAnswer, "POST", path, headers=_fresh_key())

    async def deliveries(
        self, *, endpoint_id: str = "", state: str = "", limit: int = 20, cursor: str = ""
    ) -> DeliveryList:
        """The log, newest first."""
        wanted = {"endpoint_id": endpoint_id, "state": state, "limit": limit, "cursor": cursor}
        params = {name: str(value) for name, value in wanted.items() if value}
        return await self._gateway.ask(DeliveryList, "GET", _path("deliveries"), params=params)

    async def delivery(self, delivery_id: str) -> DeliveryAnswer:
        """One message as it stands. Raises NotFound."""
        path = f"{_path('deliveries')}/{quote(delivery_id, safe='')}"
        return await self._gateway.ask(DeliveryAnswer, "GET", path)

    async def redeliver(self, delivery_id: str) -> DeliveryAnswer:
        """Send a message once more. Raises NotFound."""
        path = f"{_path('deliveries')}/{quote(delivery_id, safe='')}/redeliver"
        return await self._gateway.ask(DeliveryAnswer, "POST", path)

    async def secrets(self) -> SecretsAnswer:
        """The secrets that sign."""
        return await self._gateway.ask(SecretsAnswer, "GET", _path("secret"))

    async def rotate(self, overlap_hours: float) -> SecretsAnswer:
        """Make a new secret; the old one signs beside it for so many hours."""
        path, body = f"{_path('secret')}/rotate", {"overlap_hours": overlap_hours}
        return await self._gateway.ask(SecretsAnswer, "POST", path, json=body, headers=_fresh_key())


def _path(webhook_id: str) -> str:
    return f"{_BASE}/{quote(webhook_id, safe='')}"


def _fresh_key() -> dict[str, str]:
    """The connection may repeat a request whose answer was lost; it must not act twice."""
    return {"Idempotency-Key": uuid.uuid4().hex}
