"""What a process counts of itself, for `/metrics`: counters and histograms, one dictionary each.

A note costs less than a microsecond and needs no library; `services/exposition.py` turns them into
Prometheus' text when somebody asks. Labels are words of ours (providers, routes, error codes), never ids or
anybody's text; should one not be, the number of series still stays bounded.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flexura.domain.errors import FlexuraError

MOST_SERIES = 1000
_OTHER = "other"
Labels = tuple[str, ...]
FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Bounds in seconds, for what answers at once and what is waited for up to a minute."""
LONG = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
"""For what takes its time: vendors, jobs."""
COUNTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts up. Its name ends in `_total` where it is shown."""

    name: str
    help: str
    labels: Labels = ()
    values: dict[Labels, float] = field(default_factory=dict[Labels, float])

    def add(self, *labels: str, by: float = 1.0) -> None:
        """Count once more, under the values of the labels."""
        key = _key(self.values, labels)
        self.values[key] = self.values.get(key, 0.0) + by


@dataclass(slots=True)
class Spread:
    """The notes of one series: how many fell below each bound and beyond all, and their sum."""

    buckets: list[int]
    sum: float = 0.0


@dataclass(frozen=True, slots=True)
class Histogram:
    """How something is spread, in seconds or another unit that its name tells."""

    name: str
    help: str
    labels: Labels = ()
    bounds: tuple[float, ...] = FAST
    values: dict[Labels, Spread] = field(default_factory=dict[Labels, Spread])

    def note(self, value: float, *labels: str) -> None:
        """Take one value in, under the values of the labels."""
        key = _key(self.values, labels)
        found = self.values.get(key)
        if found is None:
            found = self.values[key] = Spread([0] * (len(self.bounds) + 1))
        found.buckets[bisect_left(self.bounds, value)] += 1
        found.sum += value


def _key(values: dict[Labels, float] | dict[Labels, Spread], labels: Labels) -> Labels:
    if labels in values or len(values) < MOST_SERIES:
        return labels
    return (_OTHER,) * len(labels)


REQUESTS = Counter(
    "flexura_http_requests",
    "HTTP requests that were answered, by route template.",
    ("method", "route", "status"),
)
REQUEST_SECONDS = Histogram(
    "flexura_http_request_duration_seconds",
    "From the request to the end of its answer; what waits on purpose (long-poll, SSE) is in it.",
    ("route",),
)
TOOL_CALLS = Counter(
    "flexura_mcp_tool_calls",
    "MCP tool calls, by tool; outcome is ok or an error code.",
    ("tool", "outcome"),
)
TOOL_SECONDS = Histogram(
    "flexura_mcp_tool_call_duration_seconds",
    "From a tool call to its answer, the wait for the job included.",
    ("tool",),
)
PROVIDER_CALLS = Counter(
    "flexura_provider_requests",
    "Questions to providers: models, model, submit, poll, cancel, download, search; outcome is ok or an error"
    " code.",
    ("provider", "operation", "outcome"),
)
PROVIDER_SECONDS = Histogram(
    "flexura_provider_request_duration_seconds",
    "How long a provider took to answer.",
    ("provider", "operation"),
    LONG,
)
RETRIES = Counter(
    "flexura_provider_retries",
    "Questions that were asked again because the provider was away or busy.",
    ("provider", "operation"),
)
ACCEPTED = Counter(
    "flexura_jobs_accepted",
    "Orders that were accepted; the steps of a run are counted when they end.",
    ("provider", "kind"),
)
ENDED = Counter(
    "flexura_jobs_ended",
    "Jobs that ended, by last state; code is the error's, or empty.",
    ("provider", "kind", "state", "code"),
)
JOB_SECONDS = Histogram(
    "flexura_job_duration_seconds",
    "From the beginning of the work to the job's end.",
    ("provider", "kind"),
    LONG,
)
START_SECONDS = Histogram(
    "flexura_job_start_delay_seconds",
    "From the moment a job was due to the first worker's beginning.",
    ("provider", "kind"),
    (0.005, *LONG),
)
LEASES_LOST = Counter(
    "flexura_job_leases_lost", "Attempts at jobs that another worker took over.", ("provider",)
)
SPEND_USD = Counter(
    "flexura_spend_usd",
    "What ended jobs cost at the provider, in US dollars, where the price is known.",
    ("provider",),
)
UNPRICED = Counter(
    "flexura_spend_unknown_jobs", "Finished jobs whose cost nobody knows.", ("provider",)
)
DELIVERIES = Counter(
    "flexura_webhook_deliveries",
    "Tries to deliver a webhook message: delivered, refused (an answer that is no 2xx) or unreachable.",
    ("outcome",),
)
DELIVERY_SECONDS = Histogram(
    "flexura_webhook_delivery_duration_seconds", "How long a receiver took to answer."
)
COMMITS = Counter(
    "flexura_store_commits", "Transactions that were committed, or failed.", ("outcome",)
)
COMMIT_SECONDS = Histogram(
    "flexura_store_commit_duration_seconds", "From a transaction's begin to its end on the disk."
)
COMMIT_UNITS = Histogram(
    "flexura_store_commit_units",
    "Units of work that shared one commit.",
    bounds=COUNTS,
)
ALL: tuple[Counter | Histogram, ...] = (
    REQUESTS,
    REQUEST_SECONDS,
    TOOL_CALLS,
    TOOL_SECONDS,
    PROVIDER_CALLS,
    PROVIDER_SECONDS,
    RETRIES,
    ACCEPTED,
    ENDED,
    JOB_SECONDS,
    START_SECONDS,
    LEASES_LOST,
    SPEND_USD,
    UNPRICED,
    DELIVERIES,
    DELIVERY_SECONDS,
    COMMITS,
    COMMIT_SECONDS,
    COMMIT_UNITS,
)


def committed(units: int, seconds: float, well: bool) -> None:
    """A transaction with so many units of work was committed, or failed."""
    COMMITS.add("committed" if well else "failed")
    COMMIT_SECONDS.note(seconds)
    COMMIT_UNITS.note(units)


@contextmanager
def committing() -> Generator[None]:
    """Around one transaction with one unit of work; one that is refused has not failed."""
    began, well = time.perf_counter(), False
    try:
        yield
        well = True
    except FlexuraError as refused:
        well = refused.code not in ("disk_full", "internal_error")
        raise
    finally:
        committed(1, time.perf_counter() - began, well)
