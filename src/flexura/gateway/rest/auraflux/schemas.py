"""The named schemas of the AuraFlux surface: bodies from the models that read them, answers as rendered."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from flexura.gateway.rest.auraflux.bodies import SaveTemplate, Schedule, SubmitJob
from flexura.gateway.rest.auraflux.words import STATUS
from flexura.gateway.rest.schemas import answer, array, ref

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_NUMBER: dict[str, Any] = {"type": "number"}
_MAYBE_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
_WHOLE: dict[str, Any] = {"type": "integer"}
_MAYBE_WHOLE: dict[str, Any] = {"type": ["integer", "null"]}
_YES: dict[str, Any] = {"type": "boolean"}
_MOMENT: dict[str, Any] = {**_TEXT, "format": "date-time", "example": "2031-05-01T09:00:00.000Z"}
_MAYBE_MOMENT: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_STATUS: dict[str, Any] = {
    "type": "string",
    "enum": list(dict.fromkeys(STATUS.values())),
    "example": "queued",
}
_JOB_ID: dict[str, Any] = {**_TEXT, "example": "job_01JD0000000000000000000000"}
_OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}
_FILE = answer(
    {
        "artifactId": _TEXT,
        "url": {**_TEXT, "description": "Signed; opens without a key until it expires."},
        "type": {**_TEXT, "example": "video/mp4"},
        "bytes": _WHOLE,
        "sha256": _TEXT,
        "width": _MAYBE_WHOLE,
        "height": _MAYBE_WHOLE,
        "seconds": _MAYBE_NUMBER,
    },
    ("artifactId", "url", "type", "bytes"),
)
_PROBLEM = answer({"code": _TEXT, "message": _TEXT, "next_step": _TEXT}, ("code", "message"))
_WORDS = answer(
    {
        "title": {**_TEXT, "example": "A slow dive along a coral reef, morning light"},
        "caption": _TEXT,
        "hashtags": {**array(_TEXT), "example": ["#coral", "#reef"]},
    },
    ("title", "caption", "hashtags"),
)
_STATE = answer(
    {
        "jobId": _JOB_ID,
        "status": _STATUS,
        "outputUrl": {**_TEXT, "description": "As soon as there is something to see."},
        "credits": _NUMBER,
        "type": _TEXT,
        "prompt": _TEXT,
        "phase": {**_TEXT, "example": "awaiting_approval"},
        "progress": _NUMBER,
        "note": _TEXT,
        "staging": _YES,
        "publish": array(_TEXT),
        "publishAt": _MAYBE_MOMENT,
        "template": _MAYBE_TEXT,
        "createdAt": _MOMENT,
        "updatedAt": _MOMENT,
        "finishedAt": _MAYBE_MOMENT,
        "warnings": array(answer({"code": _TEXT, "message": _TEXT}, ("code", "message"))),
        "files": array(_FILE),
        "error": _PROBLEM,
    },
    ("jobId", "status", "phase", "progress", "createdAt", "updatedAt"),
)
_RESULT = answer(
    {
        "videoUrl": {**_MAYBE_TEXT, "description": "null for a job that makes no video."},
        "thumbnailUrl": _MAYBE_TEXT,
        "publishCopy": _WORDS,
        "publishResults": array(ref("PublishResult")),
        "jobId": _JOB_ID,
        "status": _STATUS,
        "outputUrl": _MAYBE_TEXT,
        "files": array(_FILE),
    },
    ("videoUrl", "thumbnailUrl", "publishCopy", "publishResults", "jobId", "status"),
)
_OUTCOME = answer(
    {
        "platform": {**_TEXT, "example": "folder"},
        "destination": {**_TEXT, "example": "press"},
        "status": {"type": "string", "enum": ["pending", "published", "failed"]},
        "url": _MAYBE_TEXT,
        "error": _MAYBE_TEXT,
        "tries": _WHOLE,
        "publishedAt": _MAYBE_MOMENT,
    },
    ("platform", "destination", "status", "url", "error"),
)
_TEMPLATE = answer(
    {
        "id": {**_TEXT, "example": "tpl_01JD0000000000000000000000"},
        "name": {**_TEXT, "example": "Reef series"},
        "prompt": _MAYBE_TEXT,
        "entry": {"type": "string", "enum": ["prompt", "upload"]},
        "fileId": _MAYBE_TEXT,
        "aspectRatio": {"description": "As it was saved; null = the model's own."},
        "duration": {"description": "Seconds; null = the model's own."},
        "model": _MAYBE_TEXT,
        "options": _OPEN,
        "staging": _YES,
        "publish": array(_TEXT),
        "publishCopy": {"type": ["object", "null"], "additionalProperties": True},
        "callbackUrl": _MAYBE_TEXT,
        "slug": _TEXT,
        "version": _WHOLE,
        "description": _TEXT,
        "steps": array(_TEXT),
        "createdAt": _MOMENT,
    },
    ("id", "name", "slug", "version", "steps", "createdAt"),
)
_LIMIT = {
    **answer(
        {"limit": _WHOLE, "remaining": _WHOLE, "windowSeconds": _WHOLE, "resetSeconds": _WHOLE},
        ("limit", "remaining", "windowSeconds", "resetSeconds"),
    ),
    "type": ["object", "null"],
    "description": "Requests of this key; null = no limit.",
}


def _body(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a body, with what it refers to in place."""
    schema = model.model_json_schema()
    nested = schema.pop("$defs", {})

    def placed(value: Any) -> Any:
        if isinstance(value, dict):
            found: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
            if "$ref" in found:
                rest = {k: v for k, v in found.items() if k != "$ref"}
                return {**placed(nested[found["$ref"].rpartition("/")[2]]), **rest}
            return {
                k: placed(v) for k, v in found.items() if k != "title" or not isinstance(v, str)
            }
        if isinstance(value, list):
            items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
            return [placed(item) for item in items]
        return value

    return placed(schema)


SCHEMAS: dict[str, Any] = {
    "SubmitVideoJob": _body(SubmitJob),
    "SaveVideoTemplate": _body(SaveTemplate),
    "SchedulePublishing": _body(Schedule),
    "VideoJobAccepted": answer(
        {
            "jobId": _JOB_ID,
            "status": _STATUS,
            "credits": {**_NUMBER, "description": "Deducted at submission.", "example": 2},
        },
        ("jobId", "status", "credits"),
    ),
    "VideoJob": _STATE,
    "VideoJobWaiting": answer(
        {"jobId": _JOB_ID, "status": _STATUS, "phase": _TEXT}, ("jobId", "status")
    ),
    "VideoJobList": answer(
        {
            "jobs": array(ref("VideoJob")),
            "total": {**_WHOLE, "description": "Counted up to 10,000."},
            "limit": _WHOLE,
            "offset": _WHOLE,
            "nextCursor": {**_MAYBE_TEXT, "description": "For `?cursor=`; null = the last page."},
        },
        ("jobs", "total", "limit", "offset", "nextCursor"),
    ),
    "VideoResult": _RESULT,
    "PublishResult": _OUTCOME,
    "VideoTemplate": _TEMPLATE,
    "VideoTemplateList": answer(
        {"templates": array(ref("VideoTemplate")), "total": _WHOLE}, ("templates", "total")
    ),
    "VideoTemplateDeleted": answer({"id": _TEXT, "deleted": _YES}, ("id", "deleted")),
    "ProductionAccount": answer(
        {
            "accountId": {**_TEXT, "example": "ws_01JD0000000000000000000000"},
            "plan": {**_TEXT, "example": "operate"},
            "credits": {**_MAYBE_NUMBER, "description": "Balance; null = unlimited."},
            "rateLimit": _LIMIT,
            "name": _TEXT,
            "unlimited": _YES,
            "spent": _NUMBER,
            "reserved": _NUMBER,
        },
        ("accountId", "plan", "credits", "rateLimit"),
    ),
}
