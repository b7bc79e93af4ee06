"""Runs: start, approve, schedule, and the steps of a job. The answers speak the words of `/api/v1/jobs`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.job import Submitted
from flexura.gateway import states
from flexura.gateway.errors import validated
from flexura.gateway.load import waited_if_room
from flexura.gateway.rest.fluxara.routes import record_of
from flexura.gateway.rest.fluxara.words import accepted
from flexura.gateway.rest.idempotent import accepted_headers, first_answer, ordered_once, origin_of
from flexura.gateway.rest.requests import (
    caller,
    checked_wait,
    json_object,
    services,
    wait_seconds,
)
from flexura.gateway.rest.runs.bodies import Approve, SetSchedule, StartRun
from flexura.gateway.words import etag
from flexura.services.jobs import rests
from flexura.services.runs.orders import milliseconds_of
from flexura.services.runs.progress import finished_order, steps_of


async def start_run(request: Request) -> Response:
    """Run a template; 202 at once, or 200 when it ended or waits for somebody while the caller waits."""
    who = await caller(request, "generate")
    body = await json_object(request)
    asked = validated(StartRun, body)
    wishes = asked.wishes()
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
    headers = accepted_headers(submitted, "/api/v1/jobs")
    if wait > 0:
        headers["Preference-Applied"] = f"wait={wait:g}"
        job = await waited_if_room(request, who, submitted.job, wait)
        if rests(job):
            return JSONResponse(await record_of(request, job), headers=headers)
    return JSONResponse(first_answer(submitted, accepted), status_code=202, headers=headers)


async def approve_job(request: Request) -> Response:
    """Approve the candidates of a job that waits, or those that are picked."""
    who = await caller(request, "generate")
    pick = validated(Approve, await json_object(request)).pick
    job_id = request.path_params["job_id"]
    job = await services(request).review.approve(who.workspace_id, job_id, pick)
    return JSONResponse(await record_of(request, job), headers={"ETag": etag(job)})


async def schedule_job(request: Request) -> Response:
    """Set the publish time of an unfinished job, or take it back with null."""
    who = await caller(request, "generate")
    asked = validated(SetSchedule, await json_object(request))
    moment = milliseconds_of(asked.publish_at, "publish_at")
    job_id = request.path_params["job_id"]
    job = await services(request).review.schedule(who.workspace_id, job_id, moment)
    return JSONResponse(await record_of(request, job), headers={"ETag": etag(job)})


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
