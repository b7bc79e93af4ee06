"""The operations on destinations and publications."""

from __future__ import annotations

from typing import Any

from flexura.gateway.rest.destinations import routes
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.schemas import answer, array, ref

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_WHOLE: dict[str, Any] = {"type": "integer"}

SCHEMAS: dict[str, Any] = {
    "DestinationList": answer(
        {
            "destinations": array(
                answer(
                    {
                        "name": {**_TEXT, "example": "press"},
                        "platform": {**_TEXT, "example": "s3"},
                        "usable": {
                            "type": "boolean",
                            "description": "False while the operator's settings for it are wrong.",
                        },
                    },
                    ("name", "platform", "usable"),
                )
            ),
            "total": _WHOLE,
        },
        ("destinations", "total"),
    ),
    "Publication": answer(
        {
            "destination": {**_TEXT, "example": "press"},
            "platform": {**_TEXT, "example": "folder"},
            "status": {"type": "string", "enum": ["pending", "published", "failed"]},
            "url": {**_MAYBE_TEXT, "description": "Where it is now, if the destination tells."},
            "error": _MAYBE_TEXT,
            "tries": _WHOLE,
            "published_at": {"type": ["string", "null"], "format": "date-time"},
        },
        ("destination", "platform", "status", "url", "error", "tries", "published_at"),
    ),
    "PublicationList": answer(
        {"job_id": _TEXT, "publications": array(ref("Publication"))}, ("job_id", "publications")
    ),
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/v1/destinations",
        routes.list_destinations,
        "List destinations",
        {200: (JSON, ref("DestinationList"))},
        errors=(401, 403, 429),
    ),
    Operation(
        "GET",
        "/api/v1/jobs/{job_id}/publications",
        routes.list_publications,
        "What became of a job at each destination",
        {200: (JSON, ref("PublicationList"))},
        errors=(401, 403, 404, 429),
        links={"job_id": "/job_id", "destination": "/publications/0/destination"},
    ),
    Operation(
        "POST",
        "/api/v1/jobs/{job_id}/publications/{destination}/retry",
        routes.retry_publication,
        "Publish to one destination again",
        {200: (JSON, ref("Publication"))},
        errors=(401, 403, 404, 409, 429, 507),
    ),
)
