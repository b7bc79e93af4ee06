"""What a file was made from: by its id, and by its bytes."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.requests import caller, services
from flexura.gateway.rest.schemas import answer, array, ref
from flexura.services.clock import iso, iso_or_none
from flexura.services.explaining import Explained

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_MAYBE_MOMENT: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}

SCHEMAS: dict[str, Any] = {
    "ProvenanceRecord": answer(
        {
            "software": _TEXT,
            "method": {**_TEXT, "example": "procedural"},
            "digital_source_type": {
                **_TEXT,
                "format": "uri",
                "description": "IPTC Digital Source Type.",
                "example": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
            },
            "prompt": _TEXT,
            "model": _TEXT,
            "version": _TEXT,
            "provider": _TEXT,
            "kind": _TEXT,
            "seed": {"type": ["integer", "null"]},
            "options": {**_OPEN, "description": "What the model was given."},
            "asked": {**_OPEN, "description": "The options of the order."},
            "cost": {
                **_OPEN,
                "description": "Of the whole order; `estimated` unless the vendor told it.",
            },
            "inputs": {**array(_TEXT), "description": "SHA-256 of each input."},
            "parents": {**array(_TEXT), "description": "The artifact_id of each input."},
            "roles": {**array(_TEXT), "description": "What each input was for."},
            "template": _TEXT,
            "step": _TEXT,
        },
        (
            "software",
            "method",
            "digital_source_type",
            "prompt",
            "model",
            "seed",
            "options",
            "inputs",
        ),
    ),
    "Provenance": answer(
        {
            "artifact_id": _TEXT,
            "sha256": _TEXT,
            "type": _TEXT,
            "bytes": {"type": "integer"},
            "role": _TEXT,
            "created_at": {**_TEXT, "format": "date-time"},
            "expired_at": _MAYBE_MOMENT,
            "job_id": {**_MAYBE_TEXT, "description": "null for an upload."},
            "status": {**_MAYBE_TEXT, "description": "Of the job."},
            "siblings": {**array(_TEXT), "description": "Other results of the job."},
            "marked": {
                "type": "boolean",
                "description": "Whether the file itself carries the record.",
            },
            "unmarked": {**_MAYBE_TEXT, "description": "Why it does not, where that is known."},
            "c2pa": {
                **_MAYBE_TEXT,
                "description": "Who signed the file's C2PA manifest, as that says; not verified.",
            },
            "upstream_sha256": {**_MAYBE_TEXT, "description": "Of the file as the vendor sent it."},
            "record": {"anyOf": [ref("ProvenanceRecord"), {"type": "null"}]},
        },
        ("artifact_id", "sha256", "type", "job_id", "status", "siblings", "marked", "record"),
    ),
    "ProvenanceList": answer({"artifacts": array(ref("Provenance"))}, ("artifacts",)),
}


async def get_provenance(request: Request) -> Response:
    """The record of one artifact; it stays when the bytes have gone."""
    who = await caller(request, "read")
    found = services(request).explaining
    explained = await found.of(who.workspace_id, request.path_params["artifact_id"])
    return JSONResponse(provenance_record(explained))


async def find_provenance(request: Request) -> Response:
    """The artifacts of this workspace that have these bytes, whatever the file is called now."""
    who = await caller(request, "read")
    found = await services(request).explaining.with_bytes(
        who.workspace_id, request.path_params["sha256"]
    )
    return JSONResponse({"artifacts": [provenance_record(one) for one in found]})


def provenance_record(found: Explained) -> dict[str, Any]:
    """One file and what it was made from."""
    artifact, notes = found.artifact, found.notes
    unmarked = notes.get("unmarked")
    return {
        "artifact_id": artifact.id,
        "sha256": artifact.sha256,
        "type": artifact.mime,
        "bytes": artifact.bytes,
        "role": artifact.role,
        "created_at": iso(artifact.created_at),
        "expired_at": iso_or_none(artifact.expired_at),
        "job_id": found.job.id if found.job else None,
        "status": found.job.state if found.job else None,
        "siblings": [sibling.id for sibling in found.siblings],
        "marked": bool(notes) and unmarked is None,
        "unmarked": unmarked,
        "c2pa": notes.get("c2pa"),
        "upstream_sha256": notes.get("upstream_sha256"),
        "record": found.record.as_json() if found.record else None,
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/v1/artifacts/{artifact_id}/provenance",
        get_provenance,
        "What an artifact was made from; kept when its bytes are gone",
        {200: (JSON, ref("Provenance"))},
        errors=(401, 403, 404),
    ),
    Operation(
        "GET",
        "/api/v1/provenance/{sha256}",
        find_provenance,
        "What the file with these bytes was made from, whatever it is called now",
        {200: (JSON, ref("ProvenanceList"))},
        errors=(400, 401, 403, 404),
    ),
)
