"""The operations of uploads."""

from __future__ import annotations

from typing import Any

from flexura.gateway.rest.idempotent import IDEMPOTENCY_KEY
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.schemas import answer, ref
from flexura.gateway.rest.uploads import routes
from flexura.services.uploads import MAX_UPLOAD

_TEXT: dict[str, Any] = {"type": "string"}
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_WHOLE: dict[str, Any] = {"type": "integer"}

SCHEMAS: dict[str, Any] = {
    "UploadForm": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {
                **_FILE,
                "description": "MP4, MOV, WebM, PNG, JPEG, WebP, AVIF, GIF, WAV, MP3, OGG or FLAC by its"
                f" content; at most {MAX_UPLOAD // 2**20} MiB.",
            }
        },
    },
    "UploadState": answer(
        {
            "fileId": {
                **_TEXT,
                "description": "Of the upload, and of the file that it becomes: an artifact id.",
                "example": "art_01HZX8C2J9MX",
            },
            "offset": {**_WHOLE, "description": "Bytes that are here."},
            "length": {**_WHOLE, "description": "Bytes that were announced."},
            "complete": {"type": "boolean"},
            "type": {**_TEXT, "description": "The media type, once it is complete."},
            "expires_at": {
                **_TEXT,
                "format": "date-time",
                "description": "Forgotten then, unless more bytes come.",
            },
        },
        ("fileId", "offset", "length", "complete"),
    ),
    "UploadedFile": answer(
        {
            "fileId": {**_TEXT, "example": "art_01HZX8C2J9MX"},
            "type": {**_TEXT, "example": "video/mp4"},
            "bytes": _WHOLE,
        },
        ("fileId",),
    ),
}
_STATE = (JSON, ref("UploadState"))

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/upload",
        routes.upload_file,
        "Upload a file: whole in a form, or with Upload-Length and no body in parts",
        {201: (JSON, {"anyOf": [ref("UploadedFile"), ref("UploadState")]})},
        errors=(400, 401, 403, 409, 413, 415, 422, 507),
        body={"multipart/form-data": ref("UploadForm")},
        body_required=False,
        headers={
            "Upload-Length": {
                **_TEXT,
                "pattern": "^[0-9]{1,15}$",
                "description": "Bytes of a file that comes in parts: PATCH them to the Location.",
            },
            **IDEMPOTENCY_KEY,
        },
        links={"file_id": "/fileId", "artifact_id": "/fileId"},
    ),
    Operation(
        "GET",
        "/v1/upload/{file_id}",
        routes.get_upload,
        "How far an upload is; HEAD tells the same in headers",
        {200: _STATE},
        errors=(400, 401, 403, 404, 415, 507),
    ),
    Operation(
        "PATCH",
        "/v1/upload/{file_id}",
        routes.append_to_upload,
        "Send the next bytes of an upload",
        {200: _STATE, 204: ("", {})},
        errors=(400, 401, 403, 404, 409, 413, 415, 507),
        body={kind: _FILE for kind in routes.PART_TYPES},
        body_required=False,
        headers={
            "Upload-Offset": {
                **_TEXT,
                "pattern": "^[0-9]{1,15}$",
                "description": "Where these bytes start: what HEAD says is here.",
            },
            "Tus-Resumable": {**_TEXT, "description": "Sent by tus clients: the answer is 204."},
        },
    ),
    Operation(
        "DELETE",
        "/v1/upload/{file_id}",
        routes.give_up_upload,
        "Give up an upload that is not complete",
        {204: ("", {})},
        errors=(400, 401, 403, 404, 409, 415, 507),
    ),
    Operation(
        "POST",
        "/api/v1/uploads",
        routes.upload_asset,
        "Upload a file to start from",
        {201: (JSON, ref("Asset"))},
        errors=(400, 401, 403, 409, 413, 415, 422, 507),
        body={"application/octet-stream": _FILE},
        headers=IDEMPOTENCY_KEY,
        links={"artifact_id": "/artifact_id", "name": "/name"},
    ),
)
