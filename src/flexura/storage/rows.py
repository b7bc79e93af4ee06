"""Jobs to rows and back. JSON is kept as text, times as milliseconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flexura.domain.job import Job, JobWarning
from flexura.storage.kinds import Row, to_json


def _warnings_text(warnings: tuple[JobWarning, ...]) -> str:
    return to_json([[w.code, w.message] for w in warnings])


def _maybe_json(value: object) -> str | None:
    return None if value is None else to_json(value)


_ENCODED: dict[str, Callable[[Any], str | None]] = {
    "request": to_json,
    "call": to_json,
    "operation": _maybe_json,
    "warnings": _warnings_text,
    "cost": _maybe_json,
    "publish": to_json,
}


def encoded(columns: dict[str, Any]) -> dict[str, Any]:
    """Job columns as the store keeps them."""
    return {k: _ENCODED[k](v) if k in _ENCODED else v for k, v in columns.items()}


def job_row(job: Job) -> dict[str, Any]:
    """A job as parameters of an INSERT."""
    return encoded({name: getattr(job, name) for name in Job.__slots__})


def job_from(row: Row) -> Job:
    """A job from a row in the order of `statements.jobs.NAMES`."""
    (
        id_, workspace_id, kind, state, provider, model_id, prompt, request, call, created_at,
        updated_at, phase, version, attempt, operation, progress, note, warnings, cost, error_code,
        error_message, error_next_step, tool, project, order_key, cancel_requested, lease_owner,
        lease_until, run_at, started_at, finished_at, saved_at, parent_id, step, template, pipeline,
        preset, key_id, reserved, callback_url, publish, publish_at, staging, priority, trace,
    ) = row  # fmt: skip
    return Job(
        id_, workspace_id, kind, state, provider, model_id, prompt, json.loads(request),
        json.loads(call), created_at, updated_at, phase, version, attempt,
        json.loads(operation) if operation else None, progress, note,
        tuple(JobWarning(*pair) for pair in json.loads(warnings)) if warnings != "[]" else (),
        json.loads(cost) if cost else None, error_code, error_message, error_next_step, tool,
        project, order_key, bool(cancel_requested), lease_owner, lease_until, run_at, started_at,
        finished_at, saved_at, parent_id, step, template, pipeline, preset, key_id, reserved,
        callback_url, tuple(json.loads(publish)) if publish != "[]" else (), publish_at,
        bool(staging), priority, trace,
    )  # fmt: skip
