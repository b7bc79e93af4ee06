"""Files: assets by their unguessable name, artifacts by id, uploads."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from flexura.domain.artifact import Artifact
from flexura.domain.errors import NotFound, PayloadTooLarge
from flexura.gateway.rest.requests import base_url, caller, services
from flexura.gateway.words import asset
from flexura.services.inputs import MAX_UPLOAD

_ATTACHED = frozenset({"image/svg+xml", "text/html", "application/xhtml+xml"})
_GONE = "Check the name, or look at the job for its current links."


def _file(request: Request, artifact: Artifact) -> Response:
    path = services(request).blobs.local_path(artifact.sha256)
    if path is None:
        raise NotFound("The bytes of this file are not here.", next_step=_GONE)
    disposition = "attachment" if artifact.mime in _ATTACHED else "inline"
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": f'{disposition}; filename="{artifact.name}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": f'"{artifact.sha256}"',
    }
    if request.headers.get("if-none-match", "").strip('"') == artifact.sha256:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=artifact.mime, headers=headers)


async def get_asset(request: Request) -> Response:
    """A file by its name, with the key or a signed query."""
    found, name = services(request), request.path_params["name"]
    query = request.query_params
    signed = found.links.valid(name, query.get("exp", ""), query.get("sig", ""))
    who = None if signed else await caller(request, "read")
    artifact = await found.records.asset(name)
    if artifact is None or (who is not None and artifact.workspace_id != who.workspace_id):
        raise NotFound("There is no such file.", next_step=_GONE)
    return _file(request, artifact)


async def get_artifact(request: Request) -> Response:
    """A file by its artifact id."""
    who = await caller(request, "read")
    artifact_id = request.path_params["artifact_id"]
    artifact = await services(request).records.artifact(who.workspace_id, artifact_id)
    if artifact is None:
        raise NotFound("There is no such artifact in this workspace.", next_step=_GONE)
    return _file(request, artifact)


async def upload(request: Request) -> Response:
    """Store a file that a later job starts from; the body is the file itself."""
    who = await caller(request, "generate")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_UPLOAD:
        raise PayloadTooLarge(
            f"The upload is over {MAX_UPLOAD} bytes.",
            next_step=f"Send at most {MAX_UPLOAD // 2**20} MiB.",
        )
    found = services(request)
    artifact = await found.inputs.store(who.workspace_id, request.stream())
    return JSONResponse(asset(artifact, base_url(request), found.links), status_code=201)
