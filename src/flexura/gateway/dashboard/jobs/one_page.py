"""The page of one job: how it stands, live, what came of it, and the order as it was sent."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import NotFound
from flexura.domain.job import Job
from flexura.gateway.dashboard.jobs.job_view import PARTS, JobView, view_of
from flexura.gateway.dashboard.jobs.list_page import JOBS
from flexura.gateway.dashboard.jobs.order_lines import command_line, curl_line
from flexura.gateway.dashboard.live import (
    KEEP_ALIVE,
    STILL_HERE,
    end_event,
    live,
    part_event,
    seen_in,
)
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import html, page
from flexura.gateway.dashboard.shown_files import ShownFile, shown
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import base_url, services

_IN_QUEUE = 2.0
"""Seconds between two looks at the queue while a job waits in it."""


async def one_job(request: Request, visit: Visit) -> Response:
    """The page of a job."""
    found = services(request)
    job = await found.jobs.get(visit.workspace.id, request.path_params["job_id"])
    view = await view_of(found, visit, job)
    return page(
        request,
        visit,
        "jobs/one.html",
        view=view,
        parts=PARTS,
        paid_by=await _paid_by(request, job),
        inputs=await _inputs(request, job),
        options=_options(job),
        cli=command_line(job),
        curl=curl_line(job, base_url(request)),
        stream=f"{JOBS}/{job.id}/live",
    )


async def one_job_live(request: Request, visit: Visit) -> Response:
    """The parts of the page that changed, as they do; ends with the job."""
    job = await services(request).jobs.get(visit.workspace.id, request.path_params["job_id"])
    return live(request, visit, _changes(request, visit, job))


async def _changes(request: Request, visit: Visit, job: Job) -> AsyncIterator[str]:
    found = services(request)
    seen = {name.removeprefix("job-"): token for name, token in seen_in(request).items()}
    while True:
        told = False
        view = await view_of(found, visit, job)
        for name in _anew(view, seen):
            told = True
            yield part_event(html("jobs/_part.html", name=name, view=view, visit=visit))
        if job.final:
            yield end_event()
            return
        if not told:
            yield STILL_HERE
        every = _IN_QUEUE if job.state == "queued" else KEEP_ALIVE
        job = await found.jobs.wait(visit.workspace.id, job.id, every, seen_version=job.version)


def _anew(view: JobView, seen: dict[str, str]) -> list[str]:
    tokens = view.tokens
    changed = [name for name in PARTS if seen.get(name) != tokens[name]]
    seen.update(tokens)
    return changed


async def _paid_by(request: Request, job: Job) -> str:
    """The name of the key that ordered it."""
    keys = await services(request).keys.list(job.workspace_id) if job.key_id else []
    return next((key.name or key.id for key in keys if key.id == job.key_id), job.key_id)


async def _inputs(request: Request, job: Job) -> list[tuple[str, ShownFile]]:
    """What it started from: the role and the file."""
    found, made = services(request), list[tuple[str, ShownFile]]()
    for one in job.call.get("inputs", []):
        with contextlib.suppress(NotFound):
            artifact = await found.artifacts.get(job.workspace_id, str(one.get("artifact", "")))
            made.append((str(one.get("role", "")), shown(found.links, [artifact])[0]))
    return made


def _options(job: Job) -> dict[str, Any]:
    """The options with which it was made, or the values that its template was given."""
    options: dict[str, Any] = job.call.get("options") or {}
    values: Any = options.get("inputs")
    return cast("dict[str, Any]", values) if isinstance(values, dict) else options


PAGES: tuple[Page, ...] = (
    Page("GET", f"{JOBS}/{{job_id}}", one_job),
    Page("GET", f"{JOBS}/{{job_id}}/live", one_job_live),
)
