"""Values to rows and back. JSON is kept as text, times as milliseconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pydantic_core

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job, JobWarning
from flexura.domain.workspace import ApiKey

Row = tuple[Any, ...]


def to_json(value: object) -> str:
    """Compact JSON; non-ASCII stays readable."""
    return pydantic_core.to_json(value).decode()


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
}


def encoded(columns: dict[str, Any]) -> dict[str, Any]:
    """Job columns as the store keeps them."""
    return {k: _ENCODED[k](v) if k in _ENCODED else v for k, v in columns.items()}


def job_row(job: Job) -> dict[str, Any]:
    """A job as parameters of INSERT_JOB."""
    return encoded({name: getattr(job, name) for name in Job.__slots__})


def job_from(row: Row) -> Job:
    """A job from a row in the order of `statements.JOB_COLUMNS`."""
    (
        id_, workspace_id, kind, state, provider, model_id, prompt, request, call, created_at,
        updated_at, phase, version, attempt, operation, progress, note, warnings, cost, error_code,
        error_message, error_next_step, tool, project, order_key, cancel_requested, lease_owner,
        lease_until, run_at, started_at, finished_at, saved_at,
    ) = row  # fmt: skip
    return Job(
        id_, workspace_id, kind, state, provider, model_id, prompt, json.loads(request),
        json.loads(call), created_at, updated_at, phase, version, attempt,
        json.loads(operation) if operation else None, progress, note,
        tuple(JobWarning(*pair) for pair in json.loads(warnings)) if warnings != "[]" else (),
        json.loads(cost) if cost else None, error_code, error_message, error_next_step, tool,
        project, order_key, bool(cancel_requested), lease_owner, lease_until, run_at, started_at,
        finished_at, saved_at,
    )  # fmt: skip


def artifact_row(artifact: Artifact) -> dict[str, Any]:
    """An artifact as parameters of INSERT_ARTIFACT."""
    row = {name: getattr(artifact, name) for name in Artifact.__slots__}
    return row | {"metadata": to_json(artifact.metadata)}


def artifact_from(row: Row, columns: tuple[str, ...]) -> Artifact:
    """An artifact from a row in the order of `columns`."""
    values: dict[str, Any] = dict(zip(columns, row, strict=True))
    values["metadata"] = json.loads(values["metadata"])
    return Artifact(**values)


def key_row(key: ApiKey) -> dict[str, Any]:
    """A key as parameters of INSERT_KEY."""
    row = {name: getattr(key, name) for name in ApiKey.__slots__}
    return row | {"scopes": " ".join(sorted(key.scopes))}


def key_from(row: Row, columns: tuple[str, ...]) -> ApiKey:
    """A key from a row in the order of `columns`."""
    values: dict[str, Any] = dict(zip(columns, row, strict=True))
    values["scopes"] = frozenset(values["scopes"].split())
    return ApiKey(**values)
