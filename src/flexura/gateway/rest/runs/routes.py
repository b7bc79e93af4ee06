"""Runs: start, approve, schedule, and the steps of a job. The answers speak the words of `/api/v1/jobs`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.job import Job, Submitted
from flexura.gateway import states
from flexura.gateway.rest.fluxara.words import accepted, job_record
from flexura.gateway.rest.idempotent import REPLAYED, first_answer, ordered_once, origin_of
from flexura.gateway.rest.requests import (
    base_url,
    caller,
    checked_wait,
    json_object,
    services,
    wait_seconds,
)
from flexura.gateway.rest.runs.bodies import pick_in, schedule_in, start_in
from flexura.gateway.words import etag
from flexura.services.jobs import rests
from flexura.services.runs.progress import finished_order, steps_of


async def start_run(request: Request) -> Response:
    """Run a template; 202 at once, or 200 when it ended or waits for somebody while the caller waits."""
    who = await caller(request, "generate")
    body = await json_object(request)
    asked, wishes = start_in(body), start_in(body).wishes()
    wait = wait_seconds(request) if asked.wait is None else checked_wait(asked.wait)
    found, name = services(request), request.path_params["template"]
    sent = {key: value for key, value in body.items() if key != "wait"}
    route = "v1/templates/runs"
    origin = origin_of(request, f"POST {route}", route, [name, sent], accepted)
    if asked.dry_run:
        template = await found.templates.get(who.workspace_id, name)
        plan = await found.runs.plan(template, asked.inputs, who, wishes)
        return JSONResponse(plan.preview())

    async def submit() -> Submitted:
        template = await found.templates.get(who.workspace_id, name)
        plan = await found.runs.plan(template, asked.inputs, who, wishes)
        return await found.runs.start(plan, who, origin)

    submitted = await ordered_once(request, who, origin, submit)
    headers = {"Location": f"/api/v1/jobs/{submitted.job.id}"}
    if submitted.replayed:
        headers |= REPLAYED
    if wait > 0:
        headers["Preference-Applied"] = f"wait={wait:g}"
        job = await found.jobs.wait(who.workspace_id, submitted.job.id, wait)
        if rests(job):
            return JSONResponse(await _record(request, job), headers=headers)
    answer = first_answer(submitted, accepted)
    return JSONResponse(answer, status_code=202, headers=headers)


async def approve_job(request: Request) -> Response:
    """Approve the candidates of a job that waits, or those that are picked."""
    who = await caller(request, "generate")
    pick = pick_in(await json_object(request))
    job_id = request.path_params["job_id"]
    job = await services(request).review.approve(who.workspace_id, job_id, pick)
    return JSONResponse(await _record(request, job), headers={"ETag": etag(job)})


async def schedule_job(request: Request) -> Response:
    """Set the publish time of an unfinished job, or take it back with null."""
    who = await caller(request, "generate")
    moment = schedule_in(await json_object(request))
    job_id = request.path_params["job_id"]
    job = await services(request).review.schedule(who.workspace_id, job_id, moment)
    return JSONResponse(await _record(request, job), headers={"ETag": etag(job)})


async def job_steps(request: Request) -> Response:
    """The steps of a job in order, and the order in which they ended."""
    who = await caller(request, "read")
    job = await services(request).jobs.get(who.workspace_id, request.path_params["job_id"])
    body = {
        "job_id": job.id,
        "state": job.state,
        "phase": states.phase(job),
        "progress": round(job.progress, 3),
        "template": job.template or None,
        "steps": steps_of(job),
        "finished": finished_order(job),
    }
    return JSONResponse(body)


async def _record(request: Request, job: Job) -> dict[str, Any]:
    found = services(request)
    artifacts = (await found.jobs.artifacts_of([job])).get(job.id, [])
    return job_record(job, artifacts, base_url(request), found.links)
