"""The operations of comparing."""

from __future__ import annotations

from typing import Any

from flexura.gateway.rest.compare import routes
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.schemas import answer, array, ref
from flexura.ports.contact import SHEET_BYTES, SHEET_MIME

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_MAYBE_WHOLE: dict[str, Any] = {"type": ["integer", "null"]}
_MAYBE_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
_OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}
_SHEET: dict[str, Any] = {
    "type": "string",
    "format": "binary",
    "description": f"At most {SHEET_BYTES:,} bytes: 256 kB as base64.",
}
_SHEET_ANSWERS: dict[int, tuple[str | tuple[str, ...], dict[str, Any]]] = {
    200: (SHEET_MIME, _SHEET),
    304: ("", {}),
}
_HEADERS: dict[str, dict[str, Any]] = {"If-None-Match": _TEXT}
_NAMED: dict[str, dict[str, Any]] = {
    "jobs": {**_TEXT, "description": "Ids of jobs, parted by commas: all of their variants."},
    "artifacts": {**_TEXT, "description": "Ids of single artifacts, parted by commas."},
}

SCHEMAS: dict[str, Any] = {
    "Comparison": answer(
        {
            "sheet_url": {**_TEXT, "format": "uri", "description": "The picture; wants the key."},
            "cells": array(ref("ComparedCell")),
            "left_out": {
                "type": "integer",
                "description": "So many more there are than a sheet has room for.",
            },
        },
        ("sheet_url", "cells", "left_out"),
    ),
    "ComparedCell": answer(
        {
            "number": {
                **_MAYBE_WHOLE,
                "description": "Its place on the sheet, from 1 on; null for a failure.",
            },
            "job_id": {**_MAYBE_TEXT, "description": "Whose result it is; null for an upload."},
            "variant": {
                **_MAYBE_WHOLE,
                "description": "Its number in the job's review set: what `select` and `pick:N` take.",
            },
            "model": _MAYBE_TEXT,
            "seed": _MAYBE_WHOLE,
            "cost": {
                "type": ["object", "null"],
                "additionalProperties": True,
                "description": "Its share of the cost; null = unknown.",
            },
            "seconds": {**_MAYBE_NUMBER, "description": "How long it took to make."},
            "differs": {**_OPEN, "description": "Options that are not the same for all."},
            "review": {**_TEXT, "enum": ["", "selected", "archived"]},
            "why": {**_TEXT, "description": "Why there is no file to see; else empty."},
            "file": {**_OPEN, "type": ["object", "null"]},
        },
        ("number", "job_id", "variant", "model", "seed", "cost", "seconds", "why", "file"),
    ),
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/v1/jobs/{job_id}/sheet",
        routes.get_job_sheet,
        "The variants of a job as one numbered picture",
        _SHEET_ANSWERS,
        errors=(401, 403, 404, 503, 507),
        headers=_HEADERS,
    ),
    Operation(
        "GET",
        "/api/v1/compare",
        routes.get_comparison,
        "Files of several jobs side by side: model, seed, price, time",
        {200: (JSON, ref("Comparison"))},
        errors=(400, 401, 403, 404),
        query=_NAMED,
        links={"job_id": "/cells/0/job_id"},
    ),
    Operation(
        "GET",
        "/api/v1/compare/sheet",
        routes.get_sheet,
        "Files of several jobs as one numbered picture",
        _SHEET_ANSWERS,
        errors=(400, 401, 403, 404, 503, 507),
        query=_NAMED,
        headers=_HEADERS,
    ),
)
