"""Jobs of the AuraFlux surface: submit, look, result, list, cancel, review, schedule, retry."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import Conflict
from flexura.domain.job import Job, Submitted
from flexura.gateway import states
from flexura.gateway.errors import validated
from flexura.gateway.rest.auraflux.bodies import Schedule, SubmitJob
from flexura.gateway.rest.auraflux.words import (
    STATES_OF,
    STATUS,
    accepted,
    outcome_record,
    result_record,
    state_record,
)
from flexura.gateway.rest.idempotent import accepted_headers, first_answer, ordered_once, origin_of
from flexura.gateway.rest.paging import cut, page_of, states_asked
from flexura.gateway.rest.requests import base_url, caller, json_object, services
from flexura.gateway.words import etag
from flexura.ports.records import JobFilter
from flexura.services.production import Productions
from flexura.services.runs.orders import milliseconds_of

_ROUTE = "production/jobs"


async def submit_video_job(request: Request) -> Response:
    """Order a video, or take an uploaded one, and publish it where the order says."""
    who = await caller(request, "generate")
    body = await json_object(request)
    sent = validated(SubmitJob, body)
    asked = sent.asked()
    found = services(request)
    origin = origin_of(request, "POST /v1/jobs", _ROUTE, body, accepted)

    async def submit() -> Submitted:
        productions = Productions(found.templates)
        ordered = await productions.order(who.workspace_id, asked, sent.fromTemplateId or "")
        plan = await found.runs.plan(ordered.template, ordered.values, who, ordered.wishes)
        return await found.runs.start(plan, who, origin)

    submitted = await ordered_once(request, who, origin, submit)
    headers = accepted_headers(submitted, "/v1/jobs")
    return JSONResponse(first_answer(submitted, accepted), status_code=202, headers=headers)


async def get_video_job(request: Request) -> Response:
    """The state of a job."""
    who = await caller(request, "read")
    job = await services(request).jobs.get(who.workspace_id, request.path_params["job_id"])
    return await _answer(request, job)


async def get_video_result(request: Request) -> Response:
    """The full result; 202 until there is one, 409 for a job that will never have one."""
    who = await caller(request, "read")
    found = services(request)
    job = await found.jobs.get(who.workspace_id, request.path_params["job_id"])
    if not job.final:
        waiting = {"jobId": job.id, "status": STATUS[job.state], "phase": states.phase(job)}
        return JSONResponse(waiting, status_code=202, headers={"Retry-After": "5"})
    if not job.succeeded:
        raise Conflict(
            f"The job has no result: {job.error_message or job.state}",
            next_step=job.error_next_step or "Submit the job again.",
            job_error=job.error_code or job.state,
        )
    artifacts = await found.jobs.files(job)
    outcomes = await found.publishing.outcomes(job.id)
    return JSONResponse(result_record(job, artifacts, outcomes, base_url(request), found.links))


async def list_video_jobs(request: Request) -> Response:
    """Jobs of the workspace, newest first."""
    who = await caller(request, "read")
    found, page = services(request), page_of(request)
    wanted = JobFilter(
        workspace_id=who.workspace_id,
        states=states_asked(request, STATES_OF),
        limit=page.limit + 1,
        offset=page.offset,
        before=page.before,
    )
    jobs, cursor = cut(await found.jobs.list(wanted), page)
    artifacts, base = await found.jobs.artifacts_of(jobs), base_url(request)
    rules = found.credits.rules
    answer: dict[str, Any] = {
        "jobs": [state_record(j, artifacts.get(j.id, []), base, found.links, rules) for j in jobs],
        "total": await found.jobs.count(wanted),
        "limit": page.limit,
        "offset": page.offset,
        "nextCursor": cursor,
    }
    return JSONResponse(answer)


async def cancel_video_job(request: Request) -> Response:
    """Cancel; 200 when it is canceled already, 202 while its worker is being asked to stop."""
    who = await caller(request, "generate")
    job = await services(request).jobs.cancel(who.workspace_id, request.path_params["job_id"])
    return await _answer(request, job, 200 if job.final else 202)


async def approve_publish(request: Request) -> Response:
    """Approve a staged job: what it made is published now, or at its time."""
    who = await caller(request, "generate")
    job_id = request.path_params["job_id"]
    return await _answer(request, await services(request).review.approve(who.workspace_id, job_id))


async def schedule_video_job(request: Request) -> Response:
    """Set the publish time of a job that is not published yet; null takes it away."""
    who = await caller(request, "generate")
    sent = validated(Schedule, await json_object(request))
    moment, job_id = milliseconds_of(sent.publishAt, "publishAt"), request.path_params["job_id"]
    job = await services(request).review.schedule(who.workspace_id, job_id, moment)
    return await _answer(request, job)


async def retry_publishing(request: Request) -> Response:
    """Publish to one destination again, after it failed there; its outcome."""
    who = await caller(request, "generate")
    job_id, name = request.path_params["job_id"], request.path_params["destination"]
    row = await services(request).publishing.retry(who.workspace_id, job_id, name)
    return JSONResponse(outcome_record(row))


async def _answer(request: Request, job: Job, status: int = 200) -> Response:
    found = services(request)
    artifacts = await found.jobs.files(job)
    body = state_record(job, artifacts, base_url(request), found.links, found.credits.rules)
    return JSONResponse(body, status_code=status, headers={"ETag": etag(job)})
