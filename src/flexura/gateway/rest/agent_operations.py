"""The operations of the agent surface and of the gateway itself."""

from __future__ import annotations

from typing import Any

from flexura.domain.model import KINDS, SORTS, STATUSES
from flexura.gateway.rest import generate, house, install, jobs, models, providers, search
from flexura.gateway.rest.artifacts.operations import (
    FILE,
    FILE_ANSWERS,
    FILE_ERRORS,
    FILE_HEADERS,
    FORM,
)
from flexura.gateway.rest.artifacts.routes import get_asset
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.schemas import ref

_WAIT = {"wait": {"type": "number", "minimum": 0, "description": "Hold the answer, at most 60 s."}}
_PAGE = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    "offset": {"type": "integer", "minimum": 0, "maximum": 10_000},
}
_MODELS: dict[str, dict[str, Any]] = {
    "query": {"type": "string", "description": "Words; also filters, as task:text-to-video."},
    "kind": {"type": "string", "enum": ["", *KINDS]},
    "task": {"type": "string"},
    "provider": {"type": "string"},
    "status": {"type": "string", "enum": ["", *STATUSES]},
    "max_price": {
        "type": "number",
        "minimum": 0,
        "description": "USD for a usual output: 1024x1024, 5 s of video, 30 s of sound, 1,000 characters.",
    },
    "sort": {"type": "string", "enum": ["", *SORTS]},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
    "offset": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
}
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "Version of the job, for Last-Event-ID."},
        "event": {"type": "string", "enum": ["status", "end"]},
        "data": {"type": "string", "description": "The job as JSON."},
    },
}
_BAD = (400, 401, 403, 413, 415, 507)
_JOB = (JSON, ref("Job"))


def _generate(kind: str) -> Operation:
    return Operation(
        "POST",
        f"/api/generate/{kind}",
        generate.generate,
        f"Generate {kind}",
        {200: (JSON, {"anyOf": [ref("Job"), ref("Plan")]}), 202: (JSON, ref("Accepted"))},
        errors=(*_BAD, 402, 404, 409, 422, 503),
        body={JSON: ref(f"Generate{kind.title()}")},
        query=_WAIT,
        headers={
            "Idempotency-Key": {"type": "string", "maxLength": 255},
            "Prefer": {"type": "string", "description": "wait=N"},
        },
        starlette_path="/api/generate/{kind:kind}",
        links={"job_id": "/job_id"},
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/jobs/{job_id}",
        jobs.get_job,
        "Check job status",
        {200: _JOB, 304: ("", {})},
        errors=(400, 401, 403, 404, 503),
        query=_WAIT,
        headers={"If-None-Match": {"type": "string"}, "Prefer": {"type": "string"}},
        links={
            "job_id": "/job_id",
            "artifact_id": "/assets/0/artifact_id",
            "name": "/assets/0/name",
        },
    ),
    _generate("image"),
    _generate("video"),
    _generate("audio"),
    Operation(
        "POST",
        "/api/search",
        search.search,
        "Search internet",
        {200: (JSON, ref("SearchAnswer"))},
        errors=(*_BAD, 429, 502, 503),
        body={JSON: ref("SearchRequest")},
    ),
    Operation(
        "DELETE",
        "/api/jobs/{job_id}",
        jobs.cancel_job,
        "Cancel a job",
        {200: _JOB, 202: _JOB},
        errors=(401, 403, 404, 409, 507),
    ),
    Operation(
        "GET",
        "/api/jobs/{job_id}/events",
        jobs.job_events,
        "Follow a job by server-sent events",
        {200: ("text/event-stream", _EVENT)},
        errors=(401, 403, 404),
        headers={"Last-Event-ID": {"type": "string"}},
    ),
    Operation(
        "GET",
        "/api/agent/models",
        models.agent_models,
        "Model catalog",
        {200: (JSON, ref("AgentModels")), 304: ("", {})},
        errors=(400,),
        query=_MODELS,
        headers={"If-None-Match": {"type": "string"}},
        key=False,
        links={"model_id": "/models/0/id"},
    ),
    Operation(
        "GET",
        "/api/assets/{name}",
        get_asset,
        "Download a file",
        FILE_ANSWERS,
        errors=FILE_ERRORS,
        query={"exp": {"type": "string"}, "sig": {"type": "string"}, **FORM},
        headers=FILE_HEADERS,
    ),
    Operation(
        "GET",
        "/api/install/flexura-skill",
        install.install_script,
        "The install script",
        {200: ("text/x-shellscript", {"type": "string"})},
        errors=(400,),
        query={
            "target": {"type": "string", "description": "Names of agents with commas between them."}
        },
        key=False,
    ),
    Operation(
        "GET",
        "/api/install/{wheel}",
        install.install_wheel,
        "The wheel that the install script installs",
        {200: ("application/octet-stream", FILE), 304: ("", {})},
        errors=(404, 409),
        headers={"If-None-Match": {"type": "string"}},
        key=False,
    ),
    Operation(
        "GET",
        "/api/v1/models",
        models.list_models,
        "Search the model catalog",
        {200: (JSON, ref("ModelList")), 304: ("", {})},
        errors=(400, 401, 403),
        query=_MODELS,
        headers={"If-None-Match": {"type": "string"}},
        links={"model_id": "/models/0/id"},
    ),
    Operation(
        "GET",
        "/api/v1/models/{model_id}",
        models.get_model,
        "One model with its options",
        {200: (JSON, ref("Model")), 304: ("", {})},
        errors=(400, 401, 403, 404, 429, 502, 503),
        starlette_path="/api/v1/models/{model_id:path}",
    ),
    Operation(
        "GET",
        "/api/v1/providers",
        providers.list_providers,
        "Providers: what is set up, what is missing, how they do",
        {200: (JSON, ref("ProviderList"))},
        errors=(400, 401, 403),
        query={
            "check": {
                "type": "string",
                "enum": ["", "0", "1"],
                "description": "1 = ask every vendor again first, where that costs nothing.",
            }
        },
    ),
    Operation(
        "POST",
        "/api/v1/jobs/{job_id}/delivered",
        jobs.delivered,
        "Acknowledge that a result reached its user",
        {204: ("", {})},
        errors=(400, 401, 403, 404, 413, 415, 507),
        body={JSON: ref("Delivered")},
    ),
    Operation(
        "GET",
        "/healthz",
        house.health,
        "Health",
        {200: (JSON, ref("Health"))},
        key=False,
    ),
    Operation(
        "GET",
        "/healthz/ready",
        house.ready,
        "Whether work can be sent here",
        {200: (JSON, ref("Readiness")), 503: (JSON, ref("Readiness"))},
        key=False,
    ),
    Operation(
        "GET",
        "/metrics",
        house.metrics,
        "Every figure, for Prometheus",
        {200: ("text/plain", {"type": "string"})},
    ),
    Operation(
        "GET",
        "/openapi.json",
        house.openapi,
        "This document",
        {200: (JSON, {"type": "object"})},
        key=False,
    ),
    Operation(
        "GET",
        "/docs",
        house.docs,
        "The reference, for people",
        {200: ("text/html", {"type": "string"})},
        key=False,
    ),
)
SCHEMAS: dict[str, Any] = {}
"""Those of this surface are made in `schemas.py`, from the table of request fields."""
