"""The operations of the Fluxara surface, jobs part."""

from __future__ import annotations

from typing import Any

from flexura.domain.model import KINDS
from flexura.gateway.rest.fluxara import routes
from flexura.gateway.rest.fluxara.words import STATES_OF
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.paging import QUERY
from flexura.gateway.rest.schemas import answer, array, ref

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_STATUS: dict[str, Any] = {"type": "string", "enum": list(STATES_OF)}
_MOMENT: dict[str, Any] = {**_TEXT, "format": "date-time", "example": "2026-03-27T08:00:00Z"}
_MAYBE_MOMENT: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_WARNINGS = array(answer({"code": _TEXT, "message": _TEXT}, ("code", "message")))
_OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}

SCHEMAS: dict[str, Any] = {
    "CreateJob": {
        "type": "object",
        "additionalProperties": False,
        "required": ["input"],
        "properties": {
            "pipeline": {
                **_TEXT,
                "maxLength": 100,
                "description": "An id of GET /pipelines.",
                "example": "text-to-image-basic",
            },
            "template": {
                **_TEXT,
                "maxLength": 120,
                "description": "Instead of a pipeline: a template's slug, `slug@version` or id.",
            },
            "preset": {
                **_MAYBE_TEXT,
                "maxLength": 100,
                "description": "A saved bundle of model policy and options.",
            },
            "input": {
                **_OPEN,
                "description": "Values of the pipeline's inputs, by their ids.",
                "example": {
                    "prompt": "cinematic rainy street at night, neon reflections, highly detailed"
                },
            },
            "options": {
                **_OPEN,
                "description": "`count`, `resolution` as 1024x1024, and options of the model.",
                "example": {"count": 2, "resolution": "1024x1024"},
            },
            "model": {
                **_TEXT,
                "maxLength": 300,
                "description": "An id or alias of the live catalog; empty = the pipeline's policy.",
            },
            "publish": {
                **array({"type": "string"}),
                "maxItems": 20,
                "description": "Names of the operator's destinations.",
            },
            "staging": {
                "type": "boolean",
                "default": False,
                "description": "Stop before publishing until somebody approves.",
            },
            "max_cost": {
                "type": ["number", "null"],
                "minimum": 0,
                "description": "Refuse the job above this price.",
            },
            "callback_url": {
                **_TEXT,
                "maxLength": 2000,
                "description": "Told when the job ends: a signed POST, as for webhooks.",
            },
            "dry_run": {
                "type": "boolean",
                "default": False,
                "description": "Only tell steps, models, warnings and price.",
            },
        },
    },
    "JobCreated": answer(
        {
            "job_id": {**_TEXT, "example": "job_01HZX8A4QK1T"},
            "status": _STATUS,
            "created_at": _MOMENT,
            "warnings": _WARNINGS,
        },
        ("job_id", "status", "created_at"),
    ),
    "JobState": answer(
        {
            "job_id": _TEXT,
            "status": _STATUS,
            "pipeline": _MAYBE_TEXT,
            "preset": _MAYBE_TEXT,
            "created_at": _MOMENT,
            "updated_at": _MOMENT,
            "finished_at": _MAYBE_MOMENT,
            "type": {**_TEXT, "enum": list(KINDS)},
            "prompt": _TEXT,
            "template": _MAYBE_TEXT,
            "model": _TEXT,
            "seed": {"type": "integer"},
            "progress": {"type": "number", "minimum": 0, "maximum": 1},
            "phase": _TEXT,
            "note": _TEXT,
            "cost": {"type": ["object", "null"], "additionalProperties": True},
            "publish_at": _MAYBE_MOMENT,
            "parent_id": _MAYBE_TEXT,
            "warnings": _WARNINGS,
            "assets": array(ref("Asset")),
            "error": answer(
                {"code": _TEXT, "message": _TEXT, "next_step": _TEXT}, ("code", "message")
            ),
        },
        ("job_id", "status", "pipeline", "preset", "created_at", "updated_at"),
    ),
    "JobOutputs": answer(
        {"job_id": _TEXT, "status": _STATUS, "outputs": array(ref("Artifact"))},
        ("job_id", "status", "outputs"),
    ),
    "JobStates": answer(
        {
            "jobs": array(ref("JobState")),
            "total": {
                "type": "integer",
                "description": "Counted up to 5,000; a longer history says 5,000.",
            },
            "limit": {"type": "integer"},
            "offset": {"type": "integer"},
            "next_cursor": _MAYBE_TEXT,
        },
        ("jobs", "total", "limit", "offset", "next_cursor"),
    ),
}
_STATE = (JSON, ref("JobState"))
_WAIT = {"wait": {"type": "number", "minimum": 0, "description": "Hold the answer, at most 60 s."}}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/v1/jobs",
        routes.create_job,
        "Create a job from a pipeline or a template",
        {200: (JSON, _OPEN), 202: (JSON, ref("JobCreated"))},
        errors=(400, 401, 402, 403, 404, 409, 413, 415, 422, 429, 502, 503, 507),
        body={JSON: ref("CreateJob")},
        headers={"Idempotency-Key": {"type": "string", "maxLength": 255}},
        links={"job_id": "/job_id"},
    ),
    Operation(
        "GET",
        "/api/v1/jobs",
        routes.list_jobs,
        "List jobs",
        {200: (JSON, ref("JobStates"))},
        errors=(400, 401, 403, 429),
        query={
            **QUERY,
            "project": {"type": "string"},
            "status": {"type": "string", "enum": ["", *STATES_OF, "processing"]},
        },
    ),
    Operation(
        "GET",
        "/api/v1/jobs/{job_id}",
        routes.get_v1_job,
        "Get job status",
        {200: _STATE},
        errors=(400, 401, 403, 404, 429, 503),
        query=_WAIT,
    ),
    Operation(
        "DELETE",
        "/api/v1/jobs/{job_id}",
        routes.cancel_v1_job,
        "Cancel a job",
        {200: _STATE, 202: _STATE},
        errors=(401, 403, 404, 409, 429, 507),
    ),
    Operation(
        "GET",
        "/api/v1/jobs/{job_id}/outputs",
        routes.job_outputs,
        "List job outputs",
        {200: (JSON, ref("JobOutputs"))},
        errors=(401, 403, 404, 429),
        links={"artifact_id": "/outputs/0/artifact_id"},
    ),
)
