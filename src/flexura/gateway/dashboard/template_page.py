"""Templates: the list, one of them with its form, a new version, and an end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import FlexuraError
from flexura.domain.template import MAKING, VIEWS, Template, View
from flexura.gateway.dashboard.once import FIELD, fresh
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, page, part
from flexura.gateway.dashboard.template_form import controls_of
from flexura.gateway.dashboard.template_samples import Samples
from flexura.gateway.dashboard.template_view import (
    gives,
    run_line,
    short_document,
    step_lines,
    views_of,
    yaml_of,
)
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.errors import STATUS
from flexura.gateway.rest.requests import services
from flexura.services.templates.reading import read_yaml

TEMPLATES = "/dashboard/templates"
_TITLES: Mapping[str, str] = {
    "": "All",
    "pipeline": "Pipelines",
    "technique": "Techniques",
    "preset": "Presets",
}
_samples = Samples()


async def named(request: Request, visit: Visit) -> Template:
    """The template in the path: a slug, `slug@version` or an id. Raises NotFound."""
    name = request.path_params["name"]
    return await services(request).templates.get(visit.workspace.id, name)


async def template_list(request: Request, visit: Visit) -> Response:
    """Every template that can be run here."""
    told = request.query_params.get("view", "")
    view: View | None = next((one for one in VIEWS if one == told and one in _TITLES), None)
    found = services(request)
    templates = await found.templates.list(visit.workspace.id, view)
    kept = {template.slug for template in templates}
    presets = await found.presets.list(visit.workspace.id) if view in (None, "preset") else []
    limited = {p.id: p.why for p in await found.pipelines.list(visit.workspace.id) if p.why}
    return page(
        request,
        visit,
        "templates/list.html",
        view=view or "",
        titles=_TITLES,
        # What the workspace saved itself comes first.
        templates=sorted(templates, key=lambda t: not t.workspace_id),
        configured=[p for p in presets if p.template is None and p.name not in kept],
        limited=limited,
        views_of=views_of,
        gives=gives,
    )


async def prices(request: Request, visit: Visit) -> Response:
    """What a usual run of each of them costs, for the list, after it is there."""
    found = services(request)
    templates = await found.templates.list(visit.workspace.id)
    usual = [(t, await _samples.price(found, t, visit.caller)) for t in templates]
    return part("templates/_prices.html", visit, prices=usual)


async def one_template(request: Request, visit: Visit) -> Response:
    """One template: what it does, and the form that runs it."""
    return await shown_page(request, visit, await named(request, visit))


async def shown_page(
    request: Request,
    visit: Visit,
    template: Template,
    *,
    problems: Mapping[str, str] | None = None,
    refusal: FlexuraError | None = None,
    confirm: str = "",
) -> Response:
    """The page of a template, with what was typed and what is wrong with it."""
    found = services(request)
    status = STATUS[refusal.code] if refusal else 400 if problems else 200
    versions = await found.templates.versions(visit.workspace.id, template.slug)
    return page(
        request,
        visit,
        "templates/one.html",
        status=status,
        kept=template,
        preset="preset" in template.views,
        making=any(step.uses in MAKING for step in template.steps),
        versions=versions,
        views=views_of(template),
        gives=gives(template),
        steps=step_lines(template),
        document=short_document(template),
        yaml=yaml_of(template),
        command=run_line(template),
        controls=controls_of(template, visit.form),
        typed=visit.form,
        problems=problems or {},
        refusal=refusal,
        confirm=confirm,
        destinations=found.publishing.known(),
        once=visit.form.get(FIELD, "") or fresh(),
    )


async def delete(request: Request, visit: Visit) -> Response:
    """Delete every version; jobs that were made from one go on."""
    await services(request).templates.delete(visit.workspace.id, request.path_params["name"])
    return go(request, TEMPLATES)


async def write(request: Request, visit: Visit) -> Response:
    """A new template, or the next version of one, as text."""
    name = request.query_params.get("from", "")
    text = ""
    if name:
        template = await services(request).templates.get(visit.workspace.id, name)
        text = yaml_of(template)
    return _written(request, visit, text)


async def save(request: Request, visit: Visit) -> Response:
    """Save what was written."""
    text = visit.form.get("document", "").replace("\r\n", "\n")
    try:
        document: dict[str, Any] = await read_yaml(text.encode())
        template = await services(request).templates.save(visit.workspace.id, document)
    except FlexuraError as refusal:
        if STATUS[refusal.code] >= 500:
            raise
        return _written(request, visit, text, refusal)
    return go(request, f"{TEMPLATES}/{template.slug}")


def _written(
    request: Request, visit: Visit, text: str, refusal: FlexuraError | None = None
) -> Response:
    status = STATUS[refusal.code] if refusal else 200
    return page(request, visit, "templates/write.html", status=status, text=text, refusal=refusal)


PAGES: tuple[Page, ...] = (
    Page("GET", TEMPLATES, template_list),
    Page("GET", "/dashboard/template-prices", prices),
    Page("GET", "/dashboard/template-text", write, "generate"),
    Page("POST", "/dashboard/template-text", save, "generate"),
    Page("GET", f"{TEMPLATES}/{{name}}", one_template),
    Page("POST", f"{TEMPLATES}/{{name}}/delete", delete, "generate"),
)
