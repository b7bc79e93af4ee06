"""Webhooks: who is told of what, and every message that was or will be sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Event = Literal[
    "job.queued",
    "job.running",
    "job.awaiting_approval",
    "job.completed",
    "job.failed",
    "job.canceled",
    "artifact.expiring",
]
EVENTS: tuple[Event, ...] = (
    "job.queued",
    "job.running",
    "job.awaiting_approval",
    "job.completed",
    "job.failed",
    "job.canceled",
    "artifact.expiring",
)
LONGEST_WAIT_MS = 13 * 3_600_000
"""No message waits longer for its next try: neither the schedule nor a receiver can ask for more."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL that is told of events; no events named = all."""

    id: str
    workspace_id: str
    url: str
    created_at: int
    events: tuple[Event, ...] = ()
    description: str = ""
    disabled_at: int | None = None
    disabled_reason: str = ""


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A workspace's secret (`whsec_…`). After a rotation the old one signs too, until `expires_at`."""

    id: str
    workspace_id: str
    secret: str = field(repr=False)
    created_at: int
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one URL; its id is the `webhook-id` header, the same in every attempt."""

    id: str
    workspace_id: str
    url: str
    event: str
    payload: str
    """The body as it is signed and sent."""
    created_at: int
    endpoint_id: str = ""
    """Empty for the callback URL of a job."""
    job_id: str = ""
    state: Literal["pending", "delivered", "failed"] = "pending"
    attempts: int = 0
    next_at: int = 0
    """When it is tried again; pushed ahead while an attempt is under way."""
    status: int | None = None
    error: str = ""
    delivered_at: int | None = None
