"""The trash: putting a file there, taking it out, and removing it for good."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest
from flexura.gateway.rest.artifacts.words import artifact_record
from flexura.gateway.rest.requests import base_url, caller, services


async def delete_artifact(request: Request) -> Response:
    """Put a file into the trash; with `for_ever=true` remove its bytes now."""
    who = await caller(request, "generate")
    asked = request.query_params.get("for_ever", "false")
    if asked not in ("true", "false"):
        raise InvalidRequest(
            "for_ever is neither true nor false.",
            field="for_ever",
            next_step="Write true or false.",
        )
    trash, artifact_id = services(request).trash, request.path_params["artifact_id"]
    if asked == "true":
        (found,) = (await trash.remove(who.workspace_id, [artifact_id])).artifacts
    else:
        (found,) = await trash.put(who.workspace_id, [artifact_id])
    return await _told(request, found)


async def restore_artifact(request: Request) -> Response:
    """Take a file out of the trash."""
    who = await caller(request, "generate")
    trash = services(request).trash
    (found,) = await trash.restore(who.workspace_id, [request.path_params["artifact_id"]])
    return await _told(request, found)


async def _told(request: Request, artifact: Artifact) -> Response:
    found = services(request)
    job = await found.artifacts.job_of(artifact)
    return JSONResponse(artifact_record(artifact, job, base_url(request), found.links))
