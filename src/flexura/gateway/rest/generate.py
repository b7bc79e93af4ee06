"""POST /api/generate/{image,video,audio}."""

from __future__ import annotations

from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import FIELDS, GenerationRequest
from flexura.domain.job import Caller, Job, Submitted
from flexura.domain.model import Kind
from flexura.gateway.errors import validated
from flexura.gateway.load import waited_if_room
from flexura.gateway.ordering import planned
from flexura.gateway.ordering import submitted as accept
from flexura.gateway.rest.idempotent import (
    REPLAYED,
    accepted_headers,
    first_answer,
    ordered_once,
    origin_of,
)
from flexura.gateway.rest.requests import (
    base_url,
    caller,
    checked_wait,
    json_object,
    services,
    wait_seconds,
)
from flexura.gateway.words import STATUS, etag, job_body
from flexura.services.generation import warnings_of

BODY_FIELDS = (
    *(f.name for f in FIELDS if f.place == "body"),
    *("options", "preset", "max_cost", "dry_run", "strict", "callback_url", "wait"),
)


async def generate(request: Request) -> Response:
    """Accept an order; 202 at once, or 200 with the finished job where the caller waits."""
    kind = cast("Kind", request.path_params["kind"])
    who = await caller(request, "generate")
    body = await json_object(request)
    wait = wait_seconds(request)
    if "wait" in body:
        wait = checked_wait(body.pop("wait"))
    order = parse_order(kind, body)
    found = services(request)
    route = f"generate/{kind}"
    origin = origin_of(request, f"POST {route}", route, body, _first_answer)
    if order.dry_run:
        return JSONResponse((await planned(found, order, who)).preview())

    async def submit() -> Submitted:
        return await accept(found, await planned(found, order, who), who, origin)

    submitted = await ordered_once(request, who, origin, submit)
    if wait > 0:
        return await _waited(request, who, submitted, wait)
    return _accepted(submitted)


def parse_order(kind: Kind, body: dict[str, Any]) -> GenerationRequest:
    """The order in a body. Raises InvalidRequest naming the field and what is allowed."""
    if "kind" in body:
        raise InvalidRequest(
            "The field 'kind' is unknown.",
            field="kind",
            next_step=f"Allowed fields: {', '.join(BODY_FIELDS)}. The kind of audio is options.kind.",
        )
    return validated(GenerationRequest, {**body, "kind": kind}, BODY_FIELDS)


def _accepted(submitted: Submitted) -> Response:
    job = submitted.job
    body = first_answer(submitted, _first_answer)
    headers = accepted_headers(submitted, "/api/jobs") | {"ETag": etag(job)}
    return JSONResponse(body, status_code=202, headers=headers)


def _first_answer(job: Job) -> dict[str, Any]:
    body: dict[str, Any] = {"job_id": job.id, "status": STATUS[job.state]}
    if job.warnings:
        body["warnings"] = warnings_of(job)
    return body


async def _waited(request: Request, who: Caller, submitted: Submitted, wait: float) -> Response:
    found = services(request)
    job = await waited_if_room(request, who, submitted.job, wait)
    if not job.final:
        response = _accepted(Submitted(job, replayed=submitted.replayed))
        response.headers["Preference-Applied"] = f"wait={wait:g}"
        return response
    artifacts = await found.jobs.files(job)
    body = job_body(job, artifacts, base_url(request), found.links)
    headers = {"ETag": etag(job), "Preference-Applied": f"wait={wait:g}"}
    if submitted.replayed:
        headers |= REPLAYED
    return JSONResponse(body, headers=headers)
