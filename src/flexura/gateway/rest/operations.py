"""Every REST operation in one table: the routes and the OpenAPI document are made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.model import KINDS, SORTS, STATUSES
from flexura.gateway.rest import files, generate, house, install, jobs, models, providers, search
from flexura.gateway.rest.schemas import ref
from flexura.services.sniff import MEDIA_TYPES

Endpoint = Callable[[Request], Awaitable[Response]]
JSON = "application/json"


@dataclass(frozen=True)
class Operation:
    """One method of one path: what answers it, and what its document says."""

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    answers: dict[int, tuple[str | tuple[str, ...], dict[str, Any]]]
    """Status → (media types, schema); an empty media type means no body."""
    errors: tuple[int, ...] = ()
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    query: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    headers: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    key: bool = True
    starlette_path: str = ""
    only: tuple[str, ...] = ()
    """The values that a path parameter is cut down to in the document."""


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
_MEDIA = tuple(sorted(MEDIA_TYPES))
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "Version of the job, for Last-Event-ID."},
        "event": {"type": "string", "enum": ["status", "end"]},
        "data": {"type": "string", "description": "The job as JSON."},
    },
}
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
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
    ),
    Operation(
        "GET",
        "/api/assets/{name}",
        files.get_asset,
        "Download a file",
        {200: (_MEDIA, _FILE), 304: ("", {})},
        errors=(401, 403, 404),
        query={"exp": {"type": "string"}, "sig": {"type": "string"}},
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
        {200: ("application/octet-stream", _FILE), 304: ("", {})},
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
        "GET",
        "/api/v1/jobs",
        jobs.list_jobs,
        "List jobs",
        {200: (JSON, ref("JobList"))},
        errors=(400, 401, 403),
        query={
            **_PAGE,
            "project": {"type": "string"},
            "status": {
                "type": "string",
                "enum": ["", "queued", "processing", "completed", "failed"],
            },
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
        "POST",
        "/api/v1/uploads",
        files.upload,
        "Upload a file to start from",
        {201: (JSON, ref("Asset"))},
        errors=(401, 403, 413, 415, 507),
        body={"application/octet-stream": _FILE},
    ),
    Operation(
        "GET",
        "/api/v1/artifacts/{artifact_id}",
        files.get_artifact,
        "Download an artifact",
        {200: (_MEDIA, _FILE), 304: ("", {})},
        errors=(401, 403, 404),
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
        "/openapi.json",
        house.openapi,
        "This document",
        {200: (JSON, {"type": "object"})},
        key=False,
    ),
)
