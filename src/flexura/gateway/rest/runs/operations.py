"""The operations of runs."""

from __future__ import annotations

from typing import Any

from flexura.gateway.rest.idempotent import IDEMPOTENCY_KEY
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.runs import routes
from flexura.gateway.rest.runs.bodies import EXAMPLE, Approve, SetSchedule, StartRun
from flexura.gateway.rest.schemas import answer, array, ref

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS = array({"type": "string"})
_SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
_STATUSES = ["waiting", "running", "done", "failed", "skipped"]

SCHEMAS: dict[str, Any] = {
    "StartRun": StartRun.model_json_schema() | {"example": EXAMPLE},
    "ApproveJob": Approve.model_json_schema() | {"example": {"pick": [2]}},
    "ScheduleJob": SetSchedule.model_json_schema()
    | {"example": {"publish_at": "2031-05-01T09:00:00Z"}},
    "JobSteps": answer(
        {
            "job_id": _TEXT,
            "state": {**_TEXT, "description": "In one word: queued, running, awaiting_approval …"},
            "phase": _TEXT,
            "progress": _SHARE,
            "template": {"type": ["string", "null"], "description": "Pinned, as slug@version."},
            "steps": array(
                answer(
                    {
                        "id": _TEXT,
                        "uses": _TEXT,
                        "status": {**_TEXT, "enum": _STATUSES},
                        "progress": _SHARE,
                        "jobs": {**_TEXTS, "description": "The jobs that the step ordered."},
                    },
                    ("id", "uses", "status", "progress", "jobs"),
                )
            ),
            "finished": {**_TEXTS, "description": "Steps in the order in which they ended."},
        },
        ("job_id", "state", "phase", "progress", "template", "steps", "finished"),
    ),
}
_JOB = (JSON, ref("JobState"))

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/v1/templates/{template}/runs",
        routes.start_run,
        "Run a template",
        {
            200: (JSON, {"anyOf": [ref("JobState"), ref("Plan")]}),
            202: (JSON, ref("JobCreated")),
        },
        errors=(400, 402, 404, 409, 413, 415, 422, 429, 502, 503, 507),
        body={JSON: ref("StartRun")},
        query={"wait": {"type": "number", "minimum": 0, "description": "As in the body."}},
        headers={**IDEMPOTENCY_KEY, "Prefer": {"type": "string", "description": "wait=N"}},
        links={"job_id": "/job_id"},
    ),
    Operation(
        "POST",
        "/api/v1/jobs/{job_id}/approve",
        routes.approve_job,
        "Approve the candidates of a job",
        {200: _JOB},
        errors=(400, 404, 409, 413, 415, 507),
        body={JSON: ref("ApproveJob")},
        links={"job_id": "/job_id"},
    ),
    Operation(
        "PUT",
        "/api/v1/jobs/{job_id}/schedule",
        routes.schedule_job,
        "Set or take back the publish time of a job",
        {200: _JOB},
        errors=(400, 404, 409, 413, 415, 507),
        body={JSON: ref("ScheduleJob")},
    ),
    Operation(
        "GET",
        "/api/v1/jobs/{job_id}/steps",
        routes.job_steps,
        "The steps of a job",
        {200: (JSON, ref("JobSteps"))},
        errors=(404,),
        links={"job_id": "/steps/0/jobs/0"},
    ),
)
