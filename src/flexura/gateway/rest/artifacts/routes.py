"""Files by name and by id, their metadata, links for others."""

from __future__ import annotations

import time
from typing import Annotated

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import NotFound, Unauthorized
from flexura.domain.generation import json_number
from flexura.gateway.errors import validated
from flexura.gateway.rest.artifacts.sending import sent
from flexura.gateway.rest.artifacts.words import artifact_record
from flexura.gateway.rest.requests import base_url, caller, json_object, services
from flexura.ports.conversion import LEAST_WIDTH, MOST_WIDTH, Format, Variant
from flexura.services.artifacts import variant_of
from flexura.services.clock import iso
from flexura.services.retention import check_kept

MINUTE, MONTH = 60, 30 * 86_400
DEFAULT_SECONDS = 86_400


class AskedLink(pydantic.BaseModel):
    """The body of POST /api/v1/artifacts/{id}/link."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    expires_in: Annotated[
        int, pydantic.BeforeValidator(json_number), pydantic.Field(ge=MINUTE, le=MONTH)
    ] = DEFAULT_SECONDS
    format: Format | None = None
    width: (
        Annotated[
            int,
            pydantic.BeforeValidator(json_number),
            pydantic.Field(ge=LEAST_WIDTH, le=MOST_WIDTH),
        ]
        | None
    ) = None


async def get_asset(request: Request) -> Response:
    """A file by its name, with the key or a signed query."""
    found, name = services(request), request.path_params["name"]
    signed = found.links.valid(name, request.query_params)
    if not signed and "sig" in request.query_params and "authorization" not in request.headers:
        raise Unauthorized(
            "This link has expired, or it was changed.",
            next_step="Ask whoever gave it to you for a new one; a key opens the file without a signature.",
        )
    who = None if signed else await caller(request, "read")
    artifact = await found.artifacts.named(name)
    if who is not None and artifact.workspace_id != who.workspace_id:
        raise NotFound("There is no such file.", next_step="Check the name.")
    return await sent(request, artifact)


async def get_artifact(request: Request) -> Response:
    """A file by its artifact id."""
    who = await caller(request, "read")
    found = services(request).artifacts
    artifact = await found.get(who.workspace_id, request.path_params["artifact_id"])
    return await sent(request, artifact)


async def get_artifact_metadata(request: Request) -> Response:
    """The record of a file; it stays when the bytes have gone."""
    who = await caller(request, "read")
    found = services(request)
    artifact = await found.artifacts.get(who.workspace_id, request.path_params["artifact_id"])
    job = await found.artifacts.job_of(artifact)
    return JSONResponse(artifact_record(artifact, job, base_url(request), found.links))


async def link_artifact(request: Request) -> Response:
    """A URL that opens this file, in this form alone, without a key until it expires."""
    who = await caller(request, "read")
    found = services(request)
    body = await json_object(request)
    asked = validated(AskedLink, body)
    artifact = await found.artifacts.get(who.workspace_id, request.path_params["artifact_id"])
    check_kept(artifact)
    variant: Variant | None = variant_of(artifact, asked.format, asked.width or 0)
    until = int(time.time()) + asked.expires_in
    if artifact.expires_at is not None:
        until = min(until, artifact.expires_at // 1000)
    url = found.links.until(base_url(request), artifact, until, variant)
    return JSONResponse({"url": url, "expires_at": iso(until * 1000)}, status_code=201)
