"""What the page of MCP Apps reads through its host: itself, a job with links that open, a small preview.

Nothing of it is listed and nothing goes into a model's context: who looks for files reads tool results.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import time
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import mcp_types as types
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from starlette.requests import Request

from flexura.domain.artifact import Artifact
from flexura.domain.errors import FlexuraError, InvalidRequest, NotFound
from flexura.domain.job import Caller, Job
from flexura.gateway import states
from flexura.gateway.auth import require
from flexura.gateway.errors import STATUS as HTTP_STATUS
from flexura.gateway.mcp import app
from flexura.gateway.mcp.results import compact
from flexura.gateway.services import Services
from flexura.gateway.words import STATUS
from flexura.ports.conversion import LEAST_WIDTH, MOST_WIDTH, Variant
from flexura.services.artifacts import variant_of
from flexura.services.clock import iso

MOST_BYTES = 256 * 1024
"""Of a preview, before base64."""
_PREVIEW_WIDTH = 1024
_DAYS = 30
_JOB = re.compile(r"[A-Za-z0-9_-]{1,100}")
_NO_DIGEST = "0" * 64
_JOB_TEMPLATE, _FILE_TEMPLATE = "flexura://job/{job_id}", "flexura://artifact/{name}{?width}"
_Context = ServerRequestContext[Any, Any]


async def listed(
    ctx: _Context, params: types.PaginatedRequestParams | None
) -> types.ListResourcesResult:
    """None: the page is found through the tools (the specification allows that), the others by their ids."""
    return types.ListResourcesResult(resources=[])


async def templates(
    ctx: _Context, params: types.PaginatedRequestParams | None
) -> types.ListResourceTemplatesResult:
    """The two kinds of addresses that a result leads to."""
    made = [
        types.ResourceTemplate(
            name="job", uri_template=_JOB_TEMPLATE, mime_type="application/json"
        ),
        types.ResourceTemplate(name="preview", uri_template=_FILE_TEMPLATE, mime_type="image/webp"),
    ]
    return types.ListResourceTemplatesResult(resource_templates=made)


async def read(ctx: _Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    """One resource. Raises MCPError with the reason and the next step."""
    request = cast("Request", ctx.request)
    services = cast("Services", request.scope["flexura.services"])
    caller = cast("Caller", request.scope["flexura.caller"])
    base = services.links.base(request.url.scheme, request.headers["host"])
    uri = str(params.uri)
    try:
        if app.is_page(uri):
            found = await _page(services, base, uri)
        else:
            require(caller, "read")
            found = await _of_the_workspace(services, caller.workspace_id, base, uri)
    except FlexuraError as error:
        code = types.INVALID_PARAMS if HTTP_STATUS[error.code] < 500 else types.INTERNAL_ERROR
        text = f"{error.message} {error.next_step}".strip()
        raise MCPError(code=code, message=text, data=error.body()) from error
    return types.ReadResourceResult(contents=[found])


async def negotiated(ctx: _Context, call_next: CallNext) -> HandlerResult:
    """Middleware: resources and the extension are told to those clients that show pages.

    Others would offer their models tools for reading resources, which cost tokens in every session. The SDK
    leaves extensions out of the versions with a handshake; the extension's specification has them there.
    """
    result = await call_next(ctx)
    if ctx.method not in ("initialize", "server/discover") or not isinstance(result, dict):
        return result
    told = cast("dict[str, Any]", result.get("capabilities", {}))
    if app.declared_in(ctx.params):
        settings: dict[str, Any] = {app.EXTENSION: {}}
        return {**result, "capabilities": {**told, "extensions": settings}}
    kept = {k: v for k, v in told.items() if k not in ("resources", "extensions")}
    return {**result, "capabilities": kept}


async def _page(services: Services, base: str, uri: str) -> types.TextResourceContents:
    elsewhere = ""
    # Large files of a team are fetched from its bucket; without it small ones are shown all the same.
    with contextlib.suppress(FlexuraError):
        elsewhere = await services.blobs.link(_NO_DIGEST, 1) or ""
    meta = app.page_meta(base, elsewhere)
    return types.TextResourceContents.model_validate(
        {"uri": uri, "mimeType": app.MIME, "text": app.PAGE, "_meta": meta}
    )


async def _of_the_workspace(
    services: Services, workspace_id: str, base: str, uri: str
) -> types.TextResourceContents | types.BlobResourceContents:
    parts = urlsplit(uri)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme == "flexura" and parts.netloc == "job" and _JOB.fullmatch(name):
        job = await services.jobs.get(workspace_id, name)
        record = _record(services, base, job, await services.jobs.files(job))
        return types.TextResourceContents(
            uri=uri, mime_type="application/json", text=compact(record)
        )
    if parts.scheme == "flexura" and parts.netloc == "artifact" and name:
        artifact = await services.artifacts.named(name)
        if artifact.workspace_id == workspace_id:
            return await _preview(services, artifact, _width(parts.query), uri)
    raise NotFound(
        f"There is no resource {uri[:100]!r} here.",
        next_step=f"Known are {_JOB_TEMPLATE} and {_FILE_TEMPLATE}; ids and names come from job_status.",
    )


def _width(query: str) -> int:
    told = parse_qs(query).get("width", [str(_PREVIEW_WIDTH)])[0]
    if not re.fullmatch(r"[0-9]{1,5}", told) or not LEAST_WIDTH <= int(told) <= MOST_WIDTH:
        raise InvalidRequest(
            "width is no number of pixels.",
            field="width",
            next_step=f"Allowed: {LEAST_WIDTH} to {MOST_WIDTH}.",
        )
    return int(told)


def _record(services: Services, base: str, job: Job, files: list[Artifact]) -> dict[str, Any]:
    """A job as the page shows it: what a tool result leaves out, and links that open without a key."""
    told: dict[str, Any] = {
        "job_id": job.id,
        "status": STATUS[job.state],
        "phase": states.phase(job),
        "kind": job.kind,
        "prompt": job.prompt,
        "model": job.model_id,
        "cost": job.cost,
        "started_at": iso(job.started_at) if job.started_at else None,
        "finished_at": iso(job.finished_at) if job.finished_at else None,
        "files": [_file(services, base, a) for a in files if a.role == "main"],
    }
    return {name: value for name, value in told.items() if value is not None}


def _file(services: Services, base: str, artifact: Artifact) -> dict[str, Any]:
    links = services.links
    until = int(time.time()) // 86400 * 86400 + (_DAYS + 1) * 86400
    told = {"name": artifact.name, "url": links.until(base, artifact, until)}
    if (variant := _smaller(artifact, _PREVIEW_WIDTH)) is not None:
        told["preview"] = links.until(base, artifact, until, variant)
    return told


def _smaller(artifact: Artifact, width: int) -> Variant | None:
    """A WebP of at most that width; None where the file itself is meant: sounds, drawings, small WebPs."""
    if not artifact.mime.startswith(("image/", "video/")) or artifact.mime == "image/svg+xml":
        return None
    return variant_of(artifact, "webp", width)


async def _preview(
    services: Services, artifact: Artifact, width: int, uri: str
) -> types.BlobResourceContents:
    """A picture of the file, or a file that is small itself. Raises InvalidRequest for a large one."""
    while True:
        form = _smaller(artifact, width)
        served = await services.artifacts.served(
            artifact, "webp" if form else None, form.width if form else 0
        )
        async with services.artifacts.local(served) as path:
            data = await asyncio.to_thread(_at_most, path)
        if data is not None:
            blob = base64.b64encode(data).decode()
            return types.BlobResourceContents(uri=uri, mime_type=served.mime, blob=blob)
        if form is None or width // 2 < LEAST_WIDTH:
            raise InvalidRequest(
                "This file is too large for a preview.",
                next_step="Open its link instead: flexura://job/{job_id} has one.",
            )
        width = min(width, artifact.width or width) // 2


def _at_most(path: Path) -> bytes | None:
    """The bytes, if they are few enough."""
    return path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
