"""Uploads in one request, and in parts.

Parts go by the header names that tus 1.0 (tus.io/protocols/resumable-upload, core and creation) and the IETF
draft "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload) have in common: `Upload-Length`,
`Upload-Offset`; answers also say `Tus-Resumable` and `Upload-Complete`. A tus client works as it is.
"""

from __future__ import annotations

import json
import re
from email.utils import formatdate
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from flexura.domain.job import Caller
from flexura.domain.upload import Upload
from flexura.gateway.rest.idempotent import Remember, once
from flexura.gateway.rest.requests import base_url, caller, services
from flexura.gateway.rest.uploads.form import MOST_OTHER, file_in_form
from flexura.gateway.words import asset
from flexura.ports.blobs import Blob
from flexura.services.clock import iso
from flexura.services.receiving import Receiving
from flexura.services.uploads import MAX_UPLOAD

TUS = "1.0.0"
PART_TYPES = (
    "application/offset+octet-stream",
    "application/partial-upload",
    "application/octet-stream",
)
_GONE = Response(status_code=400)
"""For a client that has gone: nobody reads it."""


async def upload_asset(request: Request) -> Response:
    """Store a file that a later job starts from; the body is the file itself."""
    who = await caller(request, "generate")
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise UnsupportedMediaType(
            "The body is a form, and this route takes the file itself.",
            field="Content-Type",
            next_step="Send the bytes alone (curl --data-binary @FILE), or the form to POST /v1/upload.",
        )
    _check_declared(request, MAX_UPLOAD)
    found = services(request)
    try:
        with found.load.uploads.taken(who.key_id):
            blob = await found.uploads.receive(Receiving().of(request.stream()))
    except ClientDisconnect:
        return _GONE
    answer = await _stored_once(request, who, "v1/uploads", blob)
    # Rendered anew also for a repeat: a kept answer holds no signed links.
    artifact_id = str(json.loads(bytes(answer.body))["fileId"])
    artifact = await found.artifacts.get(who.workspace_id, artifact_id)
    headers = {k: v for k, v in answer.headers.items() if k == "idempotent-replayed"}
    return JSONResponse(asset(artifact, base_url(request), found.links), 201, headers)


async def upload_file(request: Request) -> Response:
    """A form with the file in `file`; with `Upload-Length` and no body, the start of an upload in parts."""
    who = await caller(request, "generate")
    if "upload-length" in request.headers:
        return await _begin(request, who)
    _check_declared(request, MAX_UPLOAD + MOST_OTHER)
    found = services(request)
    try:
        with found.load.uploads.taken(who.key_id):
            blob = await found.uploads.receive(Receiving().of(file_in_form(request)))
    except ClientDisconnect:
        return _GONE
    return await _stored_once(request, who, "v1/upload", blob)


async def _stored_once(request: Request, who: Caller, route: str, blob: Blob) -> Response:
    """The file that was received becomes an artifact; a repeat is one that brings the same bytes."""

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        artifact = await services(request).uploads.store(
            who.workspace_id, blob, lambda tx, made: remember(tx, 201, _file_body(made))
        )
        return 201, _file_body(artifact)

    return await once(request, who, route, {"sha256": blob.sha256}, make)


def _file_body(artifact: Artifact) -> dict[str, Any]:
    return {"fileId": artifact.id, "type": artifact.mime, "bytes": artifact.bytes}


async def _begin(request: Request, who: Caller) -> Response:
    length = _number(request, "upload-length", "Upload-Length")
    if request.headers.get("content-length", "0") != "0":
        raise InvalidRequest(
            "An upload in parts begins without a body.",
            field="Content-Length",
            next_step="Send the bytes with PATCH to the Location of the answer.",
        )

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        upload = await services(request).uploads.begin(
            who.workspace_id, length, lambda tx, made: remember(tx, 201, state_body(made))
        )
        return 201, state_body(upload)

    response = await once(request, who, "v1/upload", {"length": length}, make)
    began = json.loads(bytes(response.body))
    response.headers["Location"] = f"/v1/upload/{began['fileId']}"
    response.headers["Upload-Offset"] = "0"
    response.headers["Tus-Resumable"] = TUS
    return response


async def get_upload(request: Request) -> Response:
    """How far an upload is."""
    who = await caller(request, "generate")
    upload_id = request.path_params["file_id"]
    return _state(await services(request).uploads.get(who.workspace_id, upload_id))


async def append_to_upload(request: Request) -> Response:
    """The next bytes of an upload, from `Upload-Offset` on; the last of them makes it a file."""
    who = await caller(request, "generate")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in PART_TYPES:
        raise UnsupportedMediaType(
            f"The content type is {kind[:60]!r}.", next_step=f"Send {PART_TYPES[0]}."
        )
    offset = _number(request, "upload-offset", "Upload-Offset")
    upload_id = request.path_params["file_id"]
    found, stream = services(request), request.stream()
    try:
        with found.load.uploads.taken(who.key_id):
            upload = await found.uploads.append(who.workspace_id, upload_id, offset, stream)
    except ClientDisconnect:
        return _GONE
    answer = _state(upload)
    if "tus-resumable" in request.headers:
        # tus asks for an answer without a body.
        del answer.headers["content-length"], answer.headers["content-type"]
        return Response(status_code=204, headers=dict(answer.headers))
    return answer


async def give_up_upload(request: Request) -> Response:
    """Forget an upload that is not complete."""
    who = await caller(request, "generate")
    await services(request).uploads.forget(who.workspace_id, request.path_params["file_id"])
    return Response(status_code=204, headers={"Tus-Resumable": TUS})


def state_body(upload: Upload | Artifact) -> dict[str, Any]:
    """How far an upload is, as JSON."""
    if isinstance(upload, Artifact):
        told: dict[str, Any] = {"offset": upload.bytes, "length": upload.bytes, "complete": True}
        return {"fileId": upload.id, **told, "type": upload.mime}
    told = {"offset": upload.received, "length": upload.length, "complete": False}
    return {"fileId": upload.id, **told, "expires_at": iso(upload.expires_at)}


def _state(upload: Upload | Artifact) -> Response:
    body = state_body(upload)
    headers = {
        "Upload-Offset": str(body["offset"]),
        "Upload-Length": str(body["length"]),
        "Upload-Complete": "?1" if body["complete"] else "?0",
        "Tus-Resumable": TUS,
        "Cache-Control": "no-store",
    }
    if isinstance(upload, Upload):
        headers["Upload-Expires"] = formatdate(upload.expires_at / 1000, usegmt=True)
    return JSONResponse(body, headers=headers)


def _check_declared(request: Request, most: int) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise PayloadTooLarge(
            f"The upload is over {MAX_UPLOAD} bytes.",
            next_step=f"Send at most {MAX_UPLOAD // 2**20} MiB.",
        )


def _number(request: Request, header: str, name: str) -> int:
    value = request.headers.get(header, "")
    if not re.fullmatch(r"[0-9]{1,15}", value):
        raise InvalidRequest(
            f"{name} is not a number of bytes.",
            field=name,
            next_step=f"Send a whole number, as `{name}: 1048576`.",
        )
    return int(value)
