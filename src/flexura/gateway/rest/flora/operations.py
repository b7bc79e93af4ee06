"""The operations of the FLORA surface, runs part."""

from __future__ import annotations

from typing import Any

from flexura.domain.template import INPUT_TYPES
from flexura.gateway.rest.flora import routes
from flexura.gateway.rest.flora.inputs import MODES
from flexura.gateway.rest.flora.words import STATUSES
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.schemas import answer, array, ref

_TEXT: dict[str, Any] = {"type": "string"}
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {**_TEXT, "description": "For Last-Event-ID."},
        "event": {**_TEXT, "enum": ["step", "status", "end"]},
        "data": {**_TEXT, "description": "The run as JSON; a step event has the step too."},
    },
}
SCHEMAS: dict[str, Any] = {
    "RunTechnique": {
        "type": "object",
        "additionalProperties": False,
        "required": ["inputs", "mode"],
        "properties": {
            "inputs": {
                **array(
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["id", "type", "value"],
                        "properties": {
                            "id": {**_TEXT, "example": "input_image"},
                            "type": {**_TEXT, "enum": list(INPUT_TYPES)},
                            "value": {
                                "description": "The URL or the text; for NUMBER a number too.",
                                "type": ["string", "number"],
                                "example": "https://example.com/photo.jpg",
                            },
                        },
                    }
                ),
                "description": "In the order of the technique's input schema.",
            },
            "mode": {
                **_TEXT,
                "enum": list(MODES),
                "description": "async: poll for the result. stream: server-sent events.",
            },
            "callback_url": {
                **_TEXT,
                "maxLength": 2000,
                "description": "Told when the run ends: a signed POST, as for webhooks.",
                "example": "https://your-server.com/webhook",
            },
            "idempotency_key": {
                **_TEXT,
                "maxLength": 255,
                "description": "The same key answers with the run that it started.",
                "example": "unique-request-id-123",
            },
        },
    },
    "Run": answer(
        {
            "runId": _TEXT,
            "status": {**_TEXT, "enum": list(STATUSES)},
            "progress": {"type": "integer", "minimum": 0, "maximum": 100},
            "outputs": array(
                answer(
                    {"id": _TEXT, "type": _TEXT, "url": {**_TEXT, "format": "uri"}},
                    ("id", "type", "url"),
                )
            ),
            "errorCode": _TEXT,
            "errorMessage": _TEXT,
        },
        ("runId", "status", "progress", "outputs"),
    ),
}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/v1/techniques/{slug}/runs",
        routes.run_technique,
        "Run a technique",
        {200: ((JSON, "text/event-stream"), {"anyOf": [ref("Run"), _EVENT]})},
        errors=(400, 401, 402, 403, 404, 413, 415, 422, 429, 502, 503, 507),
        body={JSON: ref("RunTechnique")},
        headers={"Last-Event-ID": _TEXT},
        links={"run_id": "/runId", "job_id": "/runId", "slug": "$request.path.slug"},
    ),
    Operation(
        "GET",
        "/api/v1/techniques/{slug}/runs/{run_id}",
        routes.get_run,
        "Get a run",
        {200: (JSON, ref("Run"))},
        errors=(401, 403, 404, 429),
    ),
    Operation(
        "GET",
        "/api/v1/techniques/{slug}/runs/{run_id}/events",
        routes.run_events,
        "Follow a run by server-sent events",
        {200: ("text/event-stream", _EVENT)},
        errors=(401, 403, 404, 429),
        headers={"Last-Event-ID": _TEXT},
    ),
)
