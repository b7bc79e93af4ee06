"""Runs of techniques: start (asynchronously or as a stream), look, follow."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import NotFound
from flexura.domain.job import Caller, Job, Submitted
from flexura.domain.template import Template
from flexura.gateway.load import event_stream
from flexura.gateway.rest.flora.inputs import checked_body, values_of
from flexura.gateway.rest.flora.words import run_record
from flexura.gateway.rest.requests import base_url, caller, json_object, services
from flexura.gateway.services import Services
from flexura.services.idempotency import Scope, body_sha256
from flexura.services.runs.progress import finished_order, steps_of
from flexura.services.runs.start import Wishes
from flexura.services.transitions import Origin

_KEEP_ALIVE = 15.0


async def run_technique(request: Request) -> Response:
    """Start a run, or answer with the one that the same `idempotency_key` started."""
    who = await caller(request, "generate")
    found, slug = services(request), request.path_params["slug"]
    technique = await _technique(found, who, slug)
    body = checked_body(await json_object(request))
    submitted = await _submitted(found, who, technique, body)
    if body["mode"] == "stream":
        return _stream(request, who, submitted.job)
    headers = {"Idempotent-Replayed": "true"} if submitted.replayed else None
    return JSONResponse(await _record(request, submitted.job), headers=headers)


async def _technique(found: Services, who: Caller, slug: str) -> Template:
    technique = await found.templates.get(who.workspace_id, slug)
    if technique.slug != slug or "technique" not in technique.views:
        raise NotFound(
            f"There is no technique {slug[:60]!r}.", next_step="GET /api/v1/techniques lists them."
        )
    return technique


async def _submitted(
    found: Services, who: Caller, technique: Template, body: dict[str, Any]
) -> Submitted:
    """The run; of two with one key the second gets the first's, as it is now, however long ago it was."""
    asked = {name: value for name, value in body.items() if name != "idempotency_key"}
    route, key = f"techniques/{technique.slug}/runs", body.get("idempotency_key", "")
    scope = Scope(who.workspace_id, route, key, body_sha256(asked))
    if key and (used := await found.idempotency.used(scope)) is not None:
        return Submitted(await found.jobs.get(who.workspace_id, used.job_id), replayed=True)
    values = values_of(body["inputs"], technique.inputs)
    wishes = Wishes(callback_url=body.get("callback_url", ""), id_prefix="run")
    plan = await found.runs.plan(technique, values, who, wishes)
    origin = Origin("POST techniques/runs", False, key, scope.body_sha256, route)
    return await found.runs.start(plan, who, origin)


async def get_run(request: Request) -> Response:
    """The state of a run."""
    who = await caller(request, "read")
    return JSONResponse(await _record(request, await _run(request, who)))


async def run_events(request: Request) -> Response:
    """Follow a run by server-sent events; `Last-Event-ID` goes on where a connection broke."""
    who = await caller(request, "read")
    return _stream(request, who, await _run(request, who))


async def _run(request: Request, who: Caller) -> Job:
    run_id, slug = request.path_params["run_id"], request.path_params["slug"]
    job = await services(request).jobs.get(who.workspace_id, run_id)
    if job.template.partition("@")[0] != slug:
        raise NotFound(
            f"There is no run {run_id[:60]!r} of the technique {slug[:60]!r}.",
            next_step="Ask under the technique that the run was started from.",
        )
    return job


async def _record(request: Request, job: Job) -> dict[str, Any]:
    found = services(request)
    artifacts = await found.jobs.files(job)
    return run_record(job, artifacts, base_url(request), found.links)


def _stream(request: Request, who: Caller, job: Job) -> Response:
    return event_stream(services(request), who, _events(request, who, job.id, _seen(request)))


def _seen(request: Request) -> tuple[int, int]:
    """How many steps, and which version of the run, the client has been told of already."""
    steps, dash, version = request.headers.get("last-event-id", "")[:30].partition("-")
    known = dash and steps.isdecimal() and version.isdecimal()
    return (int(steps), int(version)) if known else (0, 0)


async def _events(
    request: Request, who: Caller, job_id: str, seen: tuple[int, int]
) -> AsyncIterator[str]:
    """One event for each step that ended, one for each other change, and one at the end."""
    told, version = seen
    jobs = services(request).jobs
    async for job in jobs.follow(who.workspace_id, job_id, version, _KEEP_ALIVE):
        if job is None:
            yield ": still here\n\n"
            continue
        run, steps = await _record(request, job), {step["id"]: step for step in steps_of(job)}
        for number, name in enumerate(finished_order(job)[told:], told + 1):
            yield _event(f"{number}-{version}", "step", {**run, "step": steps[name]})
            told = number
        version = job.version
        yield _event(f"{told}-{version}", "end" if job.final else "status", run)


def _event(event_id: str, name: str, data: dict[str, Any]) -> str:
    return f"id: {event_id}\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
