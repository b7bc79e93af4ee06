"""Jobs on the agent surface: look, wait, follow, cancel, list, acknowledge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.job import Caller, Job
from flexura.gateway.auth import text
from flexura.gateway.errors import validated
from flexura.gateway.load import event_stream, waited
from flexura.gateway.rest.requests import (
    base_url,
    caller,
    json_object,
    services,
    wait_seconds,
)
from flexura.gateway.services import Services
from flexura.gateway.words import etag, job_body
from flexura.services.shared import Shared

_KEEP_ALIVE = 15.0


class _Rendered:
    """Answers that are asked for again and again while nothing changes, ready as bytes."""

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._bodies: dict[tuple[str, int, str], bytes] = {}
        self._making = Shared[bytes](0.0)

    async def body(self, found: Services, job: Job, base: str) -> bytes:
        """The job as JSON; only a running one, whose estimate moves, is rendered each time."""
        key = (job.id, job.version, base)
        known = self._bodies.get(key)
        if known is None:
            known = await self._making.get(key, partial(_rendered_body, found, job, base))
            if job.state != "running":
                if len(self._bodies) >= self._most:
                    self._bodies.clear()
                self._bodies[key] = known
        return known


_rendered = _Rendered()


async def _rendered_body(found: Services, job: Job, base: str) -> bytes:
    body = await _body(found, job, base)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def _body(found: Services, job: Job, base: str) -> dict[str, Any]:
    artifacts = await found.jobs.files(job)
    eta = await found.jobs.eta_seconds(job)
    return job_body(job, artifacts, base, found.links, eta)


def _seen_version(request: Request, job_id: str) -> int:
    tag = (
        text(request.scope["flexura.headers"], b"if-none-match")
        .strip()
        .removeprefix("W/")
        .strip('"')
    )
    version = tag.removeprefix(f"{job_id}-")
    return int(version) if version != tag and version.isdecimal() else 0


async def get_job(request: Request) -> Response:
    """One job; with `wait`, as soon as it ends (or changes, if the caller has a version already)."""
    who = await caller(request, "read")
    found, job_id = services(request), request.path_params["job_id"]
    wait, seen = wait_seconds(request), _seen_version(request, job_id)
    job = await waited(request, who, job_id, wait, seen)
    headers = {"ETag": etag(job), "Cache-Control": "private, no-cache"}
    if wait > 0:
        headers["Preference-Applied"] = f"wait={wait:g}"
    if job.version == seen:
        return Response(status_code=304, headers=headers)
    if not job.final:
        headers["Retry-After"] = "5"
    body = await _rendered.body(found, job, base_url(request))
    if left := await found.credits.left(who.workspace_id, who.key_id):
        # Not among what is kept ready: it changes while the job does not.
        body = body[:-1] + b',"budget":' + json.dumps(left).encode() + b"}"
    return Response(body, media_type="application/json", headers=headers)


async def cancel_job(request: Request) -> Response:
    """Cancel; 200 when it is canceled already, 202 while its worker is being asked to stop."""
    who = await caller(request, "generate")
    found = services(request)
    job = await found.jobs.cancel(who.workspace_id, request.path_params["job_id"])
    body = await _body(found, job, base_url(request))
    return JSONResponse(body, status_code=200 if job.final else 202, headers={"ETag": etag(job)})


async def job_events(request: Request) -> Response:
    """Server-sent events: the job now, at each change, and a last time when it has ended."""
    who = await caller(request, "read")
    found, job_id = services(request), request.path_params["job_id"]
    await found.jobs.get(who.workspace_id, job_id)
    last = request.headers.get("last-event-id", "0")
    seen = int(last) if last.isdecimal() and len(last) < 10 else 0
    stream = _events(found, who, job_id, seen, base_url(request))
    return event_stream(found, who, stream)


async def _events(
    found: Services, who: Caller, job_id: str, seen: int, base: str
) -> AsyncIterator[str]:
    async for job in found.jobs.follow(who.workspace_id, job_id, seen, _KEEP_ALIVE):
        if job is None:
            yield ": still here\n\n"
            continue
        body = json.dumps(await _body(found, job, base), ensure_ascii=False)
        yield f"id: {job.version}\nevent: {body_event(job)}\ndata: {body}\n\n"


def body_event(job: Job) -> str:
    """The event's name: `end` for the last one, `status` before."""
    return "end" if job.final else "status"


class Delivered(pydantic.BaseModel):
    """What the bridge and the command line say once their user has the result."""

    session: str = pydantic.Field("", max_length=200)
    saved: pydantic.StrictBool = False


async def delivered(request: Request) -> Response:
    """The final result reached the user: a repeat of the same call is from now on a new order."""
    who = await caller(request, "generate")
    body = await json_object(request)
    told = validated(Delivered, body)
    await services(request).jobs.delivered(
        who.workspace_id,
        request.path_params["job_id"],
        told.session or who.session,
        saved=told.saved,
    )
    return Response(status_code=204)
