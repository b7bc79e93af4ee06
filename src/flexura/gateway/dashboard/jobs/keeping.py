"""An order that went well, kept as a template."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import FlexuraError, InvalidRequest
from flexura.gateway.dashboard.jobs.list_page import JOBS
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, part
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import services
from flexura.services.templates.from_job import document_from
from flexura.services.templates.presets import slug_of


async def ask(request: Request, visit: Visit) -> Response:
    """What it is to be called."""
    job = await services(request).jobs.get(visit.workspace.id, request.path_params["job_id"])
    name = " ".join(job.prompt.split()[:4])[:60]
    return part("jobs/_keep.html", visit, job=job, name=name, slug=slug_of(name), refusal=None)


async def keep(request: Request, visit: Visit) -> Response:
    """Save it; a slug that is there gets its next version."""
    found, form = services(request), visit.form
    job = await found.jobs.get(visit.workspace.id, request.path_params["job_id"])
    name, slug = form.get("name", "").strip(), form.get("slug", "").strip()
    try:
        if not name:
            raise InvalidRequest("It has no name.", field="name", next_step="Give it one.")
        document = document_from(job, slug or slug_of(name), name)
        template = await found.templates.save(visit.workspace.id, document)
    except FlexuraError as refusal:
        return part("jobs/_keep.html", visit, job=job, name=name, slug=slug, refusal=refusal)
    return go(request, f"/dashboard/templates/{template.slug}")


PAGES: tuple[Page, ...] = (
    Page("GET", f"{JOBS}/{{job_id}}/keep", ask, "generate"),
    Page("POST", f"{JOBS}/{{job_id}}/keep", keep, "generate"),
)
