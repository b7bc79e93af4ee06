"""Webhook endpoints of a workspace, and the log of what was sent to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flexura.domain.errors import Conflict, NotFound
from flexura.domain.ids import new_id
from flexura.domain.webhook import Delivery, Endpoint, Event
from flexura.ports.records import Records, Tx
from flexura.services.clock import iso_ms, now_ms
from flexura.services.events import Events

MAX_ENDPOINTS = 20
TEST_EVENT = "webhook.test"
KEEP_DAYS = 30
"""How long a delivery stays in the log."""
_DAY = 86_400_000
_SWEEP_MOST = 500
_MOST_AGAIN = 1000
Note = Callable[[Tx, Endpoint], None]


@dataclass(frozen=True)
class LogFilter:
    """Which deliveries to list, newest first; empty = any. `before` is where the page before ended."""

    workspace_id: str
    endpoint_id: str = ""
    state: str = ""
    limit: int = 20
    before: tuple[int, str] | None = None


class Webhooks:
    """Endpoints and deliveries of a workspace; another workspace's ids do not exist."""

    def __init__(self, records: Records, events: Events) -> None:
        self._records = records
        self._events = events

    async def register(
        self,
        workspace_id: str,
        url: str,
        events: tuple[Event, ...] = (),
        description: str = "",
        remember: Note = lambda tx, endpoint: None,
    ) -> Endpoint:
        """Tell a URL of events from now on; no events = all.

        Raises InvalidRequest for a URL that is not public, Conflict beyond 20 endpoints.
        """
        self._events.check_url(url, "url")
        endpoint = Endpoint(
            new_id("wh"), workspace_id, url, now_ms(), tuple(dict.fromkeys(events)), description
        )

        def work(tx: Tx) -> None:
            if len(tx.find(Endpoint, workspace_id=workspace_id)) >= MAX_ENDPOINTS:
                raise Conflict(
                    f"This workspace has {MAX_ENDPOINTS} webhooks already.",
                    next_step="Remove one first: GET /api/v1/webhooks lists them.",
                )
            tx.insert(endpoint)
            remember(tx, endpoint)

        await self._records.transact(work)
        self._events.forget(workspace_id)
        return endpoint

    async def list(self, workspace_id: str) -> list[Endpoint]:
        """Every endpoint, oldest first."""
        return await self._records.find(Endpoint, workspace_id=workspace_id)

    async def get(self, workspace_id: str, endpoint_id: str) -> Endpoint:
        """One endpoint. Raises NotFound."""
        found = await self._records.get(Endpoint, endpoint_id)
        if found is None or found.workspace_id != workspace_id:
            raise _no_endpoint(endpoint_id)
        return found

    async def change(self, workspace_id: str, endpoint_id: str, **changes: Any) -> Endpoint:
        """Change url, events, description; `enabled` turns it on (again) or off.

        What waits for it goes to the new URL. Raises NotFound, InvalidRequest.
        """
        await self.get(workspace_id, endpoint_id)
        if "url" in changes:
            self._events.check_url(changes["url"], "url")
        if (enabled := changes.pop("enabled", None)) is not None:
            changes |= {
                "disabled_at": None if enabled else now_ms(),
                "disabled_reason": "" if enabled else "Turned off by its workspace.",
            }
        if "events" in changes:
            changes["events"] = tuple(dict.fromkeys(changes["events"]))
        if changes:
            await self._records.transact(lambda tx: tx.change(Endpoint, endpoint_id, **changes))
            self._events.forget(workspace_id)
        return await self.get(workspace_id, endpoint_id)

    async def remove(self, workspace_id: str, endpoint_id: str) -> None:
        """Tell it nothing more; what still waits for it is not sent. Raises NotFound."""
        await self.get(workspace_id, endpoint_id)
        await self._records.transact(lambda tx: tx.remove(Endpoint, endpoint_id))
        self._events.forget(workspace_id)

    async def test(
        self,
        workspace_id: str,
        endpoint_id: str,
        remember: Callable[[Tx, Delivery], None] = lambda tx, delivery: None,
    ) -> Delivery:
        """Send a message of the type `webhook.test`. Raises NotFound, Conflict for one that is off."""
        endpoint = await self.get(workspace_id, endpoint_id)
        _check_on(endpoint)
        now = now_ms()
        body = {"type": TEST_EVENT, "timestamp": iso_ms(now), "data": {"webhook_id": endpoint_id}}
        delivery = Delivery(
            id=new_id("msg"),
            workspace_id=workspace_id,
            url=endpoint.url,
            event=TEST_EVENT,
            payload=json.dumps(body, separators=(",", ":")),
            created_at=now,
            endpoint_id=endpoint_id,
            next_at=now,
        )

        def work(tx: Tx) -> None:
            tx.insert(delivery)
            remember(tx, delivery)

        await self._records.transact(work)
        return delivery

    async def deliveries(self, wanted: LogFilter) -> list[Delivery]:
        """The log, newest first."""
        equal = {"endpoint_id": wanted.endpoint_id, "state": wanted.state}
        return await self._records.find(
            Delivery,
            limit=wanted.limit,
            newest_first=True,
            before=wanted.before,
            workspace_id=wanted.workspace_id,
            **{name: value for name, value in equal.items() if value},
        )

    async def delivery(self, workspace_id: str, delivery_id: str) -> Delivery:
        """One delivery with its payload. Raises NotFound."""
        found = await self._records.get(Delivery, delivery_id)
        if found is None or found.workspace_id != workspace_id:
            raise NotFound(
                f"There is no delivery {delivery_id[:60]!r} in this workspace.",
                next_step="List them with GET /api/v1/webhooks/deliveries; they are kept for "
                f"{KEEP_DAYS} days.",
            )
        return found

    async def redeliver(self, workspace_id: str, delivery_id: str) -> Delivery:
        """Send it once more, at once, with the same `webhook-id`; tries are counted anew.

        Raises NotFound, also where its webhook was removed, or Conflict where that is off.
        """
        found = await self.delivery(workspace_id, delivery_id)
        if found.endpoint_id:
            _check_on(await self.get(workspace_id, found.endpoint_id))
        now = _anew()
        await self._records.transact(lambda tx: tx.change(Delivery, delivery_id, **now))
        return replace(found, **now)

    async def redeliver_failed(self, workspace_id: str, endpoint_id: str = "") -> int:
        """Send what failed once more, the newest thousand at most; how many. What is off is left out."""
        wanted = LogFilter(workspace_id, endpoint_id, "failed", limit=_MOST_AGAIN)
        failed = await self.deliveries(wanted)
        listed = await self.list(workspace_id)
        on = {"", *(one.id for one in listed if one.disabled_at is None)}
        again = [one.id for one in failed if one.endpoint_id in on]

        def work(tx: Tx) -> None:
            for name in again:
                tx.change(Delivery, name, **_anew())

        await self._records.transact(work)
        return len(again)

    async def sweep(self, now: int) -> int:
        """Remove deliveries that are older than 30 days; how many went."""
        removed = 0
        for workspace in await self._records.workspaces():
            while True:
                oldest = await self._records.find(
                    Delivery, limit=_SWEEP_MOST, workspace_id=workspace.id
                )
                old = [d.id for d in oldest if d.created_at < now - KEEP_DAYS * _DAY]
                if not old:
                    break
                await self._records.transact(
                    lambda tx, ids=old: [tx.remove(Delivery, delivery_id) for delivery_id in ids]
                )
                removed += len(old)
        return removed


def _anew() -> dict[str, Any]:
    return {"state": "pending", "attempts": 0, "next_at": now_ms(), "error": ""}


def _check_on(endpoint: Endpoint) -> None:
    if endpoint.disabled_at is not None:
        raise Conflict(
            f"The webhook is off: {endpoint.disabled_reason}",
            next_step=f'Turn it on first: PATCH /api/v1/webhooks/{endpoint.id} {{"enabled": true}}.',
        )


def _no_endpoint(endpoint_id: str) -> NotFound:
    return NotFound(
        f"There is no webhook {endpoint_id[:60]!r} in this workspace.",
        next_step="Check the id: GET /api/v1/webhooks lists them.",
    )
