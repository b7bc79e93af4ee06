"""Jobs on the Fluxara surface: create from a pipeline, look, list, outputs, cancel."""

from __future__ import annotations

from typing import Any

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import InvalidRequest, NotFound
from flexura.domain.generation import MAX_OUTPUTS
from flexura.domain.job import Caller, Job, Submitted
from flexura.domain.template import Template
from flexura.gateway.errors import validated
from flexura.gateway.load import waited
from flexura.gateway.rest.artifacts.words import artifact_record
from flexura.gateway.rest.fluxara.words import STATES_OF, STATUS, accepted, job_record
from flexura.gateway.rest.idempotent import accepted_headers, first_answer, ordered_once, origin_of
from flexura.gateway.rest.paging import cut, page_of, states_asked
from flexura.gateway.rest.requests import base_url, caller, json_object, services, wait_seconds
from flexura.gateway.services import Services
from flexura.gateway.words import etag
from flexura.ports.records import JobFilter
from flexura.services.runs.start import Wishes

ROUTE = "v1/jobs"


class CreateJob(pydantic.BaseModel):
    """The body of POST /api/v1/jobs."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    pipeline: str = pydantic.Field("", max_length=100)
    template: str = pydantic.Field("", max_length=120)
    preset: str | None = pydantic.Field(None, max_length=100)
    input: dict[str, Any] = pydantic.Field(default_factory=dict)
    options: dict[str, Any] = pydantic.Field(default_factory=dict)
    model: str = pydantic.Field("", max_length=300)
    publish: tuple[str, ...] = pydantic.Field((), max_length=20)
    staging: pydantic.StrictBool = False
    max_cost: float | None = pydantic.Field(None, ge=0, allow_inf_nan=False, strict=True)
    callback_url: str = pydantic.Field("", max_length=2000)
    dry_run: pydantic.StrictBool = False


async def create_job(request: Request) -> Response:
    """Run a pipeline, or a template, with a preset, an input and options."""
    who = await caller(request, "generate")
    body = await json_object(request)
    asked = validated(CreateJob, body)
    found, wishes = services(request), _wishes(asked)
    origin = origin_of(request, "POST v1/jobs", ROUTE, body, accepted)
    if asked.dry_run:
        template = await _template(found, who, asked)
        return JSONResponse((await found.runs.plan(template, asked.input, who, wishes)).preview())

    async def submit() -> Submitted:
        template = await _template(found, who, asked)
        plan = await found.runs.plan(template, asked.input, who, wishes)
        return await found.runs.start(plan, who, origin)

    submitted = await ordered_once(request, who, origin, submit)
    headers = accepted_headers(submitted, "/api/v1/jobs")
    return JSONResponse(first_answer(submitted, accepted), status_code=202, headers=headers)


async def _template(found: Services, who: Caller, asked: CreateJob) -> Template:
    if bool(asked.pipeline) == bool(asked.template):
        raise InvalidRequest(
            "Name a pipeline or a template, one of the two.",
            field="pipeline",
            next_step="GET /api/v1/pipelines lists them.",
        )
    if asked.template:
        return await found.templates.get(who.workspace_id, asked.template)
    try:
        return (await found.pipelines.get(who.workspace_id, asked.pipeline)).template
    except NotFound as problem:
        # What a body names is a mistake in the body; 404 is for what a path names.
        raise InvalidRequest(
            problem.message, field="pipeline", next_step=problem.next_step
        ) from None


def _wishes(asked: CreateJob) -> Wishes:
    options = dict(asked.options)
    count = options.pop("count", None)
    if count is not None and (isinstance(count, bool) or not _is_whole(count)):
        raise InvalidRequest(
            "options.count is not a whole number.",
            field="options.count",
            next_step=f"Allowed: 1 to {MAX_OUTPUTS}.",
        )
    return Wishes(
        options=options,
        count=None if count is None else int(count),
        model=asked.model,
        preset=asked.preset or "",
        pipeline=asked.pipeline,
        staging=asked.staging,
        publish=asked.publish,
        callback_url=asked.callback_url,
        max_cost=asked.max_cost,
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


async def record_of(request: Request, job: Job) -> dict[str, Any]:
    """A job with its files, in the words of this surface."""
    found = services(request)
    artifacts = await found.jobs.files(job)
    return job_record(job, artifacts, base_url(request), found.links)


async def get_v1_job(request: Request) -> Response:
    """The state of a job; with `wait`, as soon as it ends."""
    who = await caller(request, "read")
    job = await waited(request, who, request.path_params["job_id"], wait_seconds(request))
    return JSONResponse(await record_of(request, job), headers={"ETag": etag(job)})


async def cancel_v1_job(request: Request) -> Response:
    """Cancel; 200 when it is canceled already, 202 while its worker is being asked to stop."""
    who = await caller(request, "generate")
    job = await services(request).jobs.cancel(who.workspace_id, request.path_params["job_id"])
    return JSONResponse(await record_of(request, job), status_code=200 if job.final else 202)


async def job_outputs(request: Request) -> Response:
    """The artifacts of a job; none before it is completed."""
    who = await caller(request, "read")
    found = services(request)
    job = await found.jobs.get(who.workspace_id, request.path_params["job_id"])
    artifacts = await found.jobs.files(job) if job.succeeded else []
    base = base_url(request)
    outputs = [artifact_record(a, job, base, found.links) for a in artifacts]
    return JSONResponse({"job_id": job.id, "status": STATUS[job.state], "outputs": outputs})


async def list_jobs(request: Request) -> Response:
    """Jobs of the workspace, newest first; of one project if asked."""
    who = await caller(request, "read")
    found, page = services(request), page_of(request)
    # Our own clients of the agent surface say processing.
    ours = request.query_params.get("status") == "processing"
    states = STATES_OF["running"] if ours else states_asked(request, STATES_OF)
    project = request.query_params.get("project", "")
    wanted = JobFilter(
        who.workspace_id, project, states, page.limit + 1, page.offset, before=page.before
    )
    jobs, cursor = cut(await found.jobs.list(wanted), page)
    artifacts, base = await found.jobs.artifacts_of(jobs), base_url(request)
    answer = {
        "jobs": [job_record(j, artifacts.get(j.id, []), base, found.links) for j in jobs],
        "total": await found.jobs.count(wanted),
        "limit": page.limit,
        "offset": page.offset,
        "next_cursor": cursor,
    }
    return JSONResponse(answer)
