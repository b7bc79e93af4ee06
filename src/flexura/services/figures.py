"""The figures that are looked at when somebody asks: of this process, and of the store.

What is counted as it happens is in `ports/measures.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from flexura.domain.credits import MICRO
from flexura.ports.census import Census
from flexura.ports.measures import Labels
from flexura.services.breaker import Breakers
from flexura.services.catalog import Catalog
from flexura.services.load import Load
from flexura.services.readiness import Readiness

Values = Iterable[tuple[Labels, float]]


@dataclass(frozen=True)
class Sources:
    """Whom a process asks about itself."""

    load: Load
    breakers: Breakers
    catalog: Catalog
    readiness: Readiness


@dataclass(frozen=True)
class Gauge:
    """A figure of this process."""

    name: str
    help: str
    labels: Labels
    read: Callable[[Sources, int], Values]


@dataclass(frozen=True)
class Held:
    """A figure of the store: the same in every process on it."""

    name: str
    help: str
    labels: Labels
    read: Callable[[Census, int], Values]


def _age(now: int, since: int) -> float:
    return max(0.0, (now - since) / 1000)


def _catalog_ages(sources: Sources, now: int) -> Values:
    for state in sources.catalog.states():
        if state.checked_at is not None:
            answered = datetime.fromisoformat(state.checked_at).timestamp()
            yield (state.name,), max(0.0, now / 1000 - answered)


def _resting(sources: Sources, now: int) -> Values:
    resting = sources.breakers.resting()
    return [((s.name,), float(s.name in resting)) for s in sources.catalog.states()]


GAUGES: tuple[Gauge, ...] = (
    Gauge(
        "flexura_waiters",
        "Requests that wait for a job (long-poll, server-sent events, MCP calls).",
        (),
        lambda s, now: [((), float(s.load.waiters.count))],
    ),
    Gauge(
        "flexura_http_requests_in_progress",
        "Requests under way, those that wait among them.",
        (),
        lambda s, now: [((), float(s.load.requests))],
    ),
    Gauge(
        "flexura_http_request_body_bytes",
        "Bytes of request bodies in memory.",
        (),
        lambda s, now: [((), float(s.load.bodies.count))],
    ),
    Gauge(
        "flexura_http_uploads_in_progress",
        "Requests that send a file at this moment.",
        (),
        lambda s, now: [((), float(s.load.uploads.count))],
    ),
    Gauge(
        "flexura_provider_breaker_open",
        "1 while a provider that failed again and again is left alone.",
        ("provider",),
        _resting,
    ),
    Gauge(
        "flexura_provider_up",
        "1 while the last question for a provider's models was answered.",
        ("provider",),
        lambda s, now: (((p.name,), float(p.status == "ok")) for p in s.catalog.states()),
    ),
    Gauge(
        "flexura_catalog_age_seconds",
        "How long ago a provider's list of models was read.",
        ("provider",),
        _catalog_ages,
    ),
    Gauge(
        "flexura_catalog_models",
        "Models that a provider offers, by kind.",
        ("provider", "kind"),
        lambda s, now: (
            ((p.name, kind), float(n)) for p in s.catalog.states() for kind, n in p.models.items()
        ),
    ),
    Gauge(
        "flexura_draining",
        "1 once this process was asked to stop.",
        (),
        lambda s, now: [((), float(s.readiness.draining))],
    ),
)
HELD: tuple[Held, ...] = (
    Held(
        "flexura_jobs",
        "Unfinished jobs, by state and provider.",
        ("state", "provider"),
        lambda c, now: ((key, float(n)) for key, n in c.jobs.items()),
    ),
    Held(
        "flexura_queue_oldest_age_seconds",
        "How long the oldest job that is due waits to be begun.",
        ("provider",),
        lambda c, now: (((p,), _age(now, at)) for p, at in c.queued_since.items()),
    ),
    Held(
        "flexura_webhooks_pending",
        "Webhook messages that are still to be delivered.",
        (),
        lambda c, now: [((), float(c.messages))],
    ),
    Held(
        "flexura_webhooks_oldest_age_seconds",
        "How long the first webhook message that is due waits.",
        (),
        lambda c, now: [((), 0.0 if c.next_message is None else _age(now, c.next_message))],
    ),
    Held(
        "flexura_uploads_in_progress",
        "Files that are being uploaded in parts.",
        (),
        lambda c, now: [((), float(c.uploads))],
    ),
    Held(
        "flexura_credits",
        "Credits over all accounts: granted, reserved for unfinished jobs, spent.",
        ("entry",),
        lambda c, now: [
            (("granted",), c.granted / MICRO),
            (("reserved",), c.reserved / MICRO),
            (("spent",), c.spent / MICRO),
        ],
    ),
    Held(
        "flexura_workspace_spent_credits",
        "Credits that a workspace has spent; only the twenty that spent most.",
        ("workspace",),
        lambda c, now: (((name,), spent / MICRO) for name, spent in c.spenders.items()),
    ),
    Held(
        "flexura_store_size_bytes",
        "Size of the database.",
        (),
        lambda c, now: [((), float(c.bytes))],
    ),
    Held(
        "flexura_store_wal_bytes",
        "Size of SQLite's write-ahead log.",
        (),
        lambda c, now: [((), float(c.log_bytes))],
    ),
)
