"""The operations on artifacts and review sets."""

from __future__ import annotations

from typing import Any

from flexura.gateway.rest.artifacts import provenance, review, routes, trash
from flexura.gateway.rest.artifacts.routes import DEFAULT_SECONDS, MINUTE, MONTH
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.schemas import answer, array, ref
from flexura.ports.conversion import FORMATS, LEAST_WIDTH, MOST_WIDTH
from flexura.services.sniff import MEDIA_TYPES

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_MAYBE_WHOLE: dict[str, Any] = {"type": ["integer", "null"]}
_MAYBE_MOMENT: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_MOMENT: dict[str, Any] = {**_TEXT, "format": "date-time", "example": "2026-03-27T08:00:30Z"}
_REVIEW: dict[str, Any] = {**_TEXT, "enum": ["", "selected", "archived"]}
_COST: dict[str, Any] = {"type": ["object", "null"], "additionalProperties": True}
_OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}
_NAMED: dict[str, Any] = {
    "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "maxLength": 80}],
    "description": "The number of a variant, from 1 on, or its artifact_id.",
    "example": 2,
}
_MANY: dict[str, Any] = {**array(_NAMED), "maxItems": review.MOST_NAMED}
FILE: dict[str, Any] = {"type": "string", "format": "binary"}
MEDIA = tuple(sorted(MEDIA_TYPES))
FORM: dict[str, dict[str, Any]] = {
    "format": {
        **_TEXT,
        "enum": ["", *FORMATS],
        "description": "Another format; of a video or an animation the first frame.",
    },
    "width": {
        "type": "integer",
        "minimum": LEAST_WIDTH,
        "maximum": MOST_WIDTH,
        "description": "A preview that is at most so many pixels wide; never enlarged. Without `format` PNG"
        " stays PNG, everything else becomes WebP.",
    },
}
"""The form of a file, as a query."""
FILE_HEADERS: dict[str, dict[str, Any]] = {
    "If-None-Match": _TEXT,
    "Range": {**_TEXT, "description": "One range, as `bytes=0-1023`; anything else is ignored."},
}
FILE_ANSWERS: dict[int, tuple[str | tuple[str, ...], dict[str, Any]]] = {
    200: (MEDIA, FILE),
    206: (MEDIA, FILE),
    304: ("", {}),
    416: ("", {}),
}
FILE_ERRORS = (400, 401, 403, 404, 410, 503, 507)

SCHEMAS: dict[str, Any] = {
    **provenance.SCHEMAS,
    "Artifact": answer(
        {
            "artifact_id": {**_TEXT, "example": "art_01HZX8C2J9MX"},
            "type": {**_TEXT, "example": "image/png"},
            "width": {**_MAYBE_WHOLE, "example": 1024},
            "height": {**_MAYBE_WHOLE, "example": 1024},
            "download_url": {**_TEXT, "example": "/api/v1/artifacts/art_01HZX8C2J9MX"},
            "created_at": _MOMENT,
            "job_id": {**_MAYBE_TEXT, "description": "null for an upload."},
            "job_url": _MAYBE_TEXT,
            "metadata": ref("ArtifactMetadata"),
            "name": _TEXT,
            "role": {**_TEXT, "description": "main, thumbnail, upload …"},
            "bytes": {"type": "integer"},
            "seconds": {"type": ["number", "null"]},
            "sha256": _TEXT,
            "review": _REVIEW,
            "expires_at": {**_MAYBE_MOMENT, "description": "When its bytes go; null = they stay."},
            "expired_at": {**_MOMENT, "description": "When its bytes went; only then is it here."},
            "trashed_at": {
                **_MOMENT,
                "description": "When it came into the trash; only then is it here.",
            },
            "signed_url": {**_TEXT, "format": "uri", "description": "Opens without a key."},
        },
        ("artifact_id", "type", "width", "height", "download_url", "created_at", "metadata"),
    ),
    "ArtifactMetadata": answer(
        {
            "prompt": _MAYBE_TEXT,
            "preset": _MAYBE_TEXT,
            "pipeline": _MAYBE_TEXT,
            "model": _MAYBE_TEXT,
            "resolution": {**_MAYBE_TEXT, "example": "1024x1024"},
            "steps": {"type": ["integer", "number", "null"]},
            "seed": _MAYBE_WHOLE,
            "format": {**_TEXT, "example": "png"},
            "cost": {**_COST, "description": "Of the whole job."},
            "job_created_at": _MAYBE_MOMENT,
            "job_completed_at": _MAYBE_MOMENT,
            "step": {**_TEXT, "description": "The step of the template that made it."},
        },
        ("prompt", "preset", "pipeline", "model", "resolution", "steps", "format"),
    ),
    "LinkOrder": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "expires_in": {
                "type": "integer",
                "minimum": MINUTE,
                "maximum": MONTH,
                "default": DEFAULT_SECONDS,
                "description": "Seconds until it expires.",
            },
            "format": {"type": ["string", "null"], "enum": [*FORMATS, None]},
            "width": {
                "type": ["integer", "null"],
                "minimum": LEAST_WIDTH,
                "maximum": MOST_WIDTH,
            },
        },
    },
    "Link": answer(
        {"url": {**_TEXT, "format": "uri"}, "expires_at": _MOMENT}, ("url", "expires_at")
    ),
    "ReviewOrder": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "select": {
                "anyOf": [*_NAMED["anyOf"], {"type": "null"}],
                "description": "The one to go on with; it takes the place of the one before.",
                "example": 2,
            },
            "archive": {
                "anyOf": [_MANY, {"const": "rest"}],
                "description": "Those to put aside; `rest` = all but the selected one.",
                "example": "rest",
            },
            "restore": {**_MANY, "description": "Those to bring back.", "example": []},
        },
    },
    "ReviewSet": answer(
        {
            "job_id": _TEXT,
            "status": _TEXT,
            "selected": {**_MAYBE_TEXT, "description": "The artifact_id of the selected variant."},
            "shared": {**_OPEN, "description": "Metadata that all variants have in common."},
            "variants": array(
                answer(
                    {
                        "number": {"type": "integer"},
                        "review": _REVIEW,
                        "seed": _MAYBE_WHOLE,
                        "cost": {**_COST, "description": "Its share of the job's cost."},
                        "differs": {
                            **_OPEN,
                            "description": "Metadata that is not the same in all.",
                        },
                        "artifact": ref("Artifact"),
                    },
                    ("number", "review", "seed", "cost", "differs", "artifact"),
                )
            ),
        },
        ("job_id", "status", "selected", "shared", "variants"),
    ),
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/v1/artifacts/{artifact_id}",
        routes.get_artifact,
        "Download an artifact",
        FILE_ANSWERS,
        errors=FILE_ERRORS,
        query=FORM,
        headers=FILE_HEADERS,
    ),
    Operation(
        "DELETE",
        "/api/v1/artifacts/{artifact_id}",
        trash.delete_artifact,
        "Put an artifact into the trash, or remove it for ever",
        {200: (JSON, ref("Artifact"))},
        errors=(400, 401, 403, 404, 410, 507),
        query={
            "for_ever": {
                "type": "boolean",
                "default": False,
                "description": "Remove its bytes now; without it they can be restored for 30 days.",
            }
        },
    ),
    Operation(
        "POST",
        "/api/v1/artifacts/{artifact_id}/restore",
        trash.restore_artifact,
        "Take an artifact out of the trash",
        {200: (JSON, ref("Artifact"))},
        errors=(401, 403, 404, 410, 507),
    ),
    Operation(
        "GET",
        "/api/v1/artifacts/{artifact_id}/metadata",
        routes.get_artifact_metadata,
        "How an artifact was made; kept when its bytes are gone",
        {200: (JSON, ref("Artifact"))},
        errors=(401, 403, 404),
    ),
    Operation(
        "POST",
        "/api/v1/artifacts/{artifact_id}/link",
        routes.link_artifact,
        "A link that opens an artifact without a key",
        {201: (JSON, ref("Link"))},
        errors=(400, 401, 403, 404, 410, 413, 415),
        body={JSON: ref("LinkOrder")},
    ),
    Operation(
        "GET",
        "/api/v1/jobs/{job_id}/review",
        review.get_review,
        "The variants of a job side by side",
        {200: (JSON, ref("ReviewSet"))},
        errors=(401, 403, 404),
    ),
    Operation(
        "POST",
        "/api/v1/jobs/{job_id}/review",
        review.review_job,
        "Select one variant, put others aside",
        {200: (JSON, ref("ReviewSet"))},
        errors=(400, 401, 403, 404, 409, 413, 415, 507),
        body={JSON: ref("ReviewOrder")},
    ),
    Operation(
        "GET",
        "/api/v1/jobs/{job_id}/export",
        review.export_job,
        "The selected variant, or all, with their metadata as a ZIP file",
        {200: ("application/zip", FILE)},
        errors=(400, 401, 403, 404, 409, 410, 503, 507),
        query={"only": {**_TEXT, "enum": ["", *review.ONLY]}, **FORM},
    ),
    *provenance.OPERATIONS,
)
