"""The same order again, as a new job: its price first, then a yes."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import BudgetExceeded, Conflict, InvalidRequest, NotFound
from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Job
from flexura.domain.template import Template
from flexura.gateway.dashboard.jobs.list_page import JOBS
from flexura.gateway.dashboard.once import FIELD, fresh
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, part
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.ordering import planned, submitted
from flexura.gateway.rest.requests import services
from flexura.gateway.services import Services
from flexura.services.generation import Plan
from flexura.services.idempotency import body_sha256, check_key
from flexura.services.production import plain_template
from flexura.services.runs.start import RunPlan, Wishes
from flexura.services.transitions import Origin

_OF_ONE_ORDER = ("confirm", "again")
_ROUTE = "dashboard/jobs/again"


async def ask(request: Request, visit: Visit) -> Response:
    """What the same would cost now, and the question."""
    job = await _job(request, visit)
    plan = await _planned(services(request), visit, job, request.query_params.get("seed", ""))
    return _question(request, visit, job, plan, "")


async def order(request: Request, visit: Visit) -> Response:
    """Order it; above the limit of the workspace it is asked once more."""
    job, form = await _job(request, visit), visit.form
    confirm = form.get("confirm", "")
    plan = await _planned(services(request), visit, job, form.get("seed", ""), confirm=confirm)
    key = check_key(form.get(FIELD, ""))
    sent = body_sha256([job.id, form.get("seed", "")])
    origin = Origin("dashboard", idempotency_key=key, body_sha256=sent, route=_ROUTE)
    try:
        made = await submitted(services(request), plan, visit.caller, origin)
    except BudgetExceeded as problem:
        token = str(problem.details.get("confirm", ""))
        if not token:
            raise
        return _question(request, visit, job, plan, token, problem.message)
    return go(request, f"{JOBS}/{made.job.id}")


def _question(
    request: Request, visit: Visit, job: Job, plan: Plan | RunPlan, token: str, why: str = ""
) -> Response:
    seed = (visit.form or request.query_params).get("seed", "")
    return part(
        "jobs/_again.html",
        visit,
        job=job,
        plan=plan.preview(),
        seed=seed,
        seeded=not isinstance(plan, RunPlan) and bool(job.seed),
        confirm=token,
        asks=why,
        once=visit.form.get(FIELD, "") or fresh(),
    )


async def _job(request: Request, visit: Visit) -> Job:
    job = await services(request).jobs.get(visit.workspace.id, request.path_params["job_id"])
    if not job.final:
        raise Conflict(
            "The job has not ended yet.",
            next_step="Wait for it, or cancel it, then order it again.",
        )
    return job


async def _planned(
    found: Services, visit: Visit, job: Job, seed: str, *, confirm: str | None = None
) -> Plan | RunPlan:
    """The plan of the same order. Without `confirm` only to be shown."""
    if job.template and "inputs" in job.request:
        template = await template_of(found, job)
        wishes = _wishes(job, confirm)
        given = {n: v for n, v in job.request["inputs"].items() if v is not None and v != []}
        return await found.runs.plan(template, given, visit.caller, wishes)
    return await planned(found, _request(job, seed, confirm), visit.caller)


def _request(job: Job, seed: str, confirm: str | None) -> GenerationRequest:
    kept = {n: v for n, v in job.request.items() if n in GenerationRequest.model_fields}
    options = {n: v for n, v in kept.get("options", {}).items() if n not in _OF_ONE_ORDER}
    if seed == "same" and job.seed:
        options["seed"] = job.seed
    if confirm:
        options["confirm"] = confirm
    more: dict[str, Any] = {"kind": job.kind, "options": options, "dry_run": confirm is None}
    return GenerationRequest.model_validate({**kept, **more})


def _wishes(job: Job, confirm: str | None) -> Wishes:
    options = {n: v for n, v in job.request.get("options", {}).items() if n not in _OF_ONE_ORDER}
    return Wishes(
        options=options,
        count=job.request.get("n"),
        model=job.request.get("model", ""),
        preset=job.preset,
        pipeline=job.pipeline,
        staging=job.staging,
        publish=job.publish,
        callback_url=job.callback_url,
        max_cost=job.request.get("max_cost"),
        confirm=confirm or "",
        dry_run=confirm is None,
        publish_copy=job.request.get("publish_copy"),
    )


async def template_of(found: Services, job: Job) -> Template:
    """The template that a run was made from, in that version. Raises InvalidRequest where it is gone."""
    try:
        return await found.templates.get(job.workspace_id, job.template, deleted=True)
    except NotFound:
        made = plain_template(job.template)
    if made is None and job.pipeline:
        made = (await found.pipelines.get(job.workspace_id, job.pipeline)).template
    if made is None:
        raise InvalidRequest(
            f"The template {job.template} is no longer there.",
            next_step="Run another template, or save this one again.",
        )
    return made


PAGES: tuple[Page, ...] = (
    Page("GET", f"{JOBS}/{{job_id}}/again", ask, "generate"),
    Page("POST", f"{JOBS}/{{job_id}}/again", order, "generate"),
)
