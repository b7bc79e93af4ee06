"""What is told of jobs and providers as it happens: one line in the log, one more in the figures."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

from flexura.domain.credit_rules import usd_of
from flexura.domain.job import TEMPLATE_PROVIDER, Job, Submitted
from flexura.ports import measures, tracing
from flexura.services import logs
from flexura.services.untrusted import clean

log = logging.getLogger("flexura.jobs")
_MOST_MODEL = 80


def accepted(submitted: Submitted) -> Submitted:
    """An order was accepted durably; one that repeats another is none."""
    if not (submitted.deduplicated or submitted.replayed):
        job = submitted.job
        measures.ACCEPTED.add(job.provider, job.kind)
        _say("accepted", job)
    return submitted


@contextmanager
def at_work(job: Job) -> Generator[None]:
    """A worker has taken a job up: until it lets go, every line and every span is about this job."""
    facts = {"flexura.job_id": job.id, "flexura.provider": job.provider, "flexura.kind": job.kind}
    with (
        logs.about(job_id=job.id, workspace=job.workspace_id),
        tracing.span(
            "run job",
            "consumer",
            parent=tracing.checked(job.trace),
            attributes=facts | {"flexura.attempt": job.attempt},
        ),
    ):
        # Also where nobody traces: the steps that it orders, and its lines, belong to the caller's trace.
        tracing.received(job.trace)
        _begun(job)
        yield


def _begun(job: Job) -> None:
    if job.attempt == 1 and job.started_at is not None:
        waited = (job.started_at - max(job.created_at, job.run_at)) / 1000
        measures.START_SECONDS.note(max(0.0, waited), job.provider, job.kind)
    _say("begun", job, attempt=job.attempt)


def ended(job: Job) -> None:
    """A job has its last state, durably."""
    _count_end(job)
    took = (job.finished_at or job.updated_at) - (job.started_at or job.created_at)
    _say("ended", job, state=job.state, code=job.error_code, seconds=max(0.0, took / 1000))


def _count_end(job: Job) -> None:
    measures.ENDED.add(job.provider, job.kind, job.state, job.error_code)
    if job.started_at is not None and job.finished_at is not None:
        took = (job.finished_at - job.started_at) / 1000
        measures.JOB_SECONDS.note(max(0.0, took), job.provider, job.kind)
    # The steps of a run are counted themselves.
    if job.succeeded and job.provider != TEMPLATE_PROVIDER:
        usd = usd_of(job.cost)
        if usd is None:
            measures.UNPRICED.add(job.provider)
        elif usd > 0:
            measures.SPEND_USD.add(job.provider, by=usd)


def lease_lost(job: Job) -> None:
    """Another worker has the job now; what was done here is dropped."""
    measures.LEASES_LOST.add(job.provider)
    _say("overtaken", job, attempt=job.attempt)


def bought(provider: str) -> None:
    """A provider took an order; the line tells the job of the present task."""
    log.info("purchase submitted", extra={"event": "purchase", "provider": provider})


def retried(provider: str, operation: str) -> None:
    """A provider is asked again."""
    measures.RETRIES.add(provider, operation)


def down(provider: str, reason: str, seconds: float) -> None:
    """A provider is left alone for a while."""
    told = clean(reason, 200)
    log.warning(
        "provider down for %.0f s: %s",
        seconds,
        told,
        extra={"event": "provider_down", "provider": provider},
    )


def up(provider: str) -> None:
    """A provider that was left alone answers again."""
    log.info("provider up", extra={"event": "provider_up", "provider": provider})


def delivery(outcome: str, seconds: float, host: str, reason: str) -> None:
    """One try to deliver a webhook message."""
    measures.DELIVERIES.add(outcome)
    measures.DELIVERY_SECONDS.note(seconds)
    if outcome != "delivered":
        log.info(
            "webhook to %s failed: %s",
            clean(host, 100),
            reason,
            extra={"event": "webhook_failed", "code": outcome},
        )


def _say(what: str, job: Job, **more: object) -> None:
    if log.isEnabledFor(logging.INFO):
        facts: dict[str, object] = {
            "event": f"job_{what}",
            "job_id": job.id,
            "workspace": job.workspace_id,
            "provider": job.provider,
            "kind": job.kind,
            # An id is the vendor's text.
            "model": clean(job.model_id, _MOST_MODEL),
        }
        log.info("job %s", what, extra=facts | more)
