"""Dispatches: what tells a worker, by way of procrastinate, that a provider has something to do.

The jobs table is the truth. A dispatch is written in the transaction that makes its job due, by
procrastinate's own SQL function, and taken back in the transaction that claims the job. One too
many does no harm, and one that is missing is written by the sweep.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flexura.domain.job import Job
from flexura.ports.queue import DISPATCH_TASK, MOST_LEASE_MS, dispatch_queue

_FAR_MS = 3_600_000
"""What is due later than this is left to the sweep: procrastinate reads past it at every look for work."""

Run = Callable[[str, Mapping[str, Any]], Any]
"""Executes SQL text with pyformat parameters on a connection to PostgreSQL."""

_DEFER = (
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(%(queue)s::varchar, %(task)s::varchar,"
    " %(priority)s::integer, NULL::text, %(job_id)s::text, %(args)s::jsonb,"
    " to_timestamp(%(at)s::double precision))::procrastinate_job_to_defer_v1])"
)
_WITHDRAW = (
    "DELETE FROM procrastinate_jobs"
    " WHERE status = 'todo' AND queueing_lock = ANY(%(job_ids)s::text[])"
)
_HELD = f"lease_until BETWEEN clock.now AND clock.now + {MOST_LEASE_MS}"
_WAITS = "(run_at <= clock.now OR run_at <= created_at)"
_WAYS = (
    ("queued", _WAITS, "false"),
    ("scheduled", _WAITS, "false"),
    ("running", f"NOT ({_HELD})", "true"),
    ("publishing", f"NOT ({_HELD})", "true"),
)
"""As in `statements.claims`: a state, when a job in it may be taken, and whether somebody let go of it."""
_UNFINISHED = "state NOT IN ('completed', 'published', 'failed', 'canceled')"
_DUE = " UNION ALL ".join(
    f"(SELECT id, provider, priority, run_at, created_at, {let_go} AS let_go"
    f" FROM jobs WHERE {_UNFINISHED}"
    f" AND state = '{state}' AND provider = places.name AND {when}"
    " ORDER BY priority DESC, run_at, created_at LIMIT places.free)"
    for state, when, let_go in _WAYS
)
SWEEP = f"""
WITH clock AS MATERIALIZED (
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
), places AS MATERIALIZED (
    SELECT known.name, known.queue, greatest(0, known.most - (
        SELECT count(*) FROM jobs, clock
        WHERE {_UNFINISHED} AND provider = known.name
        AND state IN ('running', 'publishing') AND {_HELD}
    )) AS free
    FROM unnest(%(names)s::text[], %(queues)s::text[], %(limits)s::integer[])
        AS known(name, queue, most)
    WHERE (SELECT pg_try_advisory_xact_lock(hashtextextended('flexura sweep', 0)))
), due AS (
    SELECT found.*, places.queue
    FROM clock, places, LATERAL (
        SELECT * FROM ({_DUE}) AS ways
        ORDER BY priority DESC, run_at, created_at LIMIT places.free
    ) AS found
    WHERE NOT EXISTS (
        SELECT FROM procrastinate_jobs AS known
        WHERE known.status = 'todo' AND known.queueing_lock = found.id
    )
), forgotten AS MATERIALIZED (
    SELECT array_agg(ROW(
        queue::varchar, %(task)s::varchar, priority, NULL::text, id,
        jsonb_build_object('job_id', id, 'provider', provider), NULL::timestamptz
    )::procrastinate_job_to_defer_v1) AS jobs
    FROM due WHERE let_go OR id = ANY(%(seen)s::text[])
)
SELECT clock.now, ARRAY(SELECT id FROM due) AS due, (
    SELECT cardinality(procrastinate_defer_jobs_v1(forgotten.jobs))
    FROM forgotten WHERE forgotten.jobs IS NOT NULL
) AS dispatched FROM clock
"""
"""Dispatch what is due, has a place, is in no dispatch that waits, and was `seen` so at the last look or was
let go of; all others are about to be claimed by whoever ends a job. `names`, `queues` and `limits` are those
of providers. One process at a time does so. Answers with the database's clock (ms) and what it saw.
"""


def dispatch(run: Run, job: Job) -> None:
    """Have a queued or scheduled job begun at its time; an earlier dispatch of it is replaced."""
    if job.version > 1:
        # At most one waits for each job: procrastinate's `queueing_lock` is unique.
        withdraw(run, [job.id])
    now = time.time_ns() // 1_000_000
    if job.run_at > now + _FAR_MS:
        return
    values = {
        "queue": dispatch_queue(job.provider),
        "task": DISPATCH_TASK,
        "priority": job.priority,
        "job_id": job.id,
        "args": json.dumps({"job_id": job.id, "provider": job.provider}),
        "at": job.run_at / 1000 if job.run_at > now else None,
    }
    run(_DEFER, values)


def withdraw(run: Run, job_ids: Sequence[str]) -> None:
    """Take back the dispatches of jobs that were claimed; one fetched already ends by itself."""
    if job_ids:
        run(_WITHDRAW, {"job_ids": list(job_ids)})
