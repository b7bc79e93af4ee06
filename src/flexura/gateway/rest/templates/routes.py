"""Templates and their views: list, look, save, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import Conflict, InvalidRequest, NotFound
from flexura.domain.job import Caller
from flexura.domain.template import VIEWS, Template, View
from flexura.gateway.rest.idempotent import Remember, once
from flexura.gateway.rest.requests import caller, services
from flexura.gateway.rest.templates.bodies import document_in, preset_in, seen_as
from flexura.gateway.rest.templates.words import (
    pipeline_record,
    preset_record,
    technique_record,
    template_record,
    template_row,
)
from flexura.services.templates.presets import saved_preset

Render = Callable[[Template], dict[str, Any]]
_VIEWS: Mapping[str, View] = {view: view for view in VIEWS}


async def list_templates(request: Request) -> Response:
    """Every template of the workspace and every shipped one, in its newest version."""
    who = await caller(request, "read")
    asked = request.query_params.get("view", "")
    view = _VIEWS.get(asked)
    if asked and view is None:
        raise InvalidRequest(
            f"There is no view {asked[:40]!r}.",
            field="view",
            next_step=f"Allowed: {', '.join(VIEWS)}.",
        )
    found = await services(request).templates.list(who.workspace_id, view)
    return JSONResponse({"templates": [template_row(t) for t in found], "total": len(found)})


async def get_template(request: Request) -> Response:
    """One template: by slug, by `slug@version` or by id."""
    who = await caller(request, "read")
    name = request.path_params["template"]
    found = await services(request).templates.get(who.workspace_id, name)
    return JSONResponse(template_record(found))


async def create_template(request: Request) -> Response:
    """Save a template; a slug that is there gets its next version."""
    who = await caller(request, "generate")
    return await _save(request, who, await document_in(request), template_record, "templates")


async def delete_template(request: Request) -> Response:
    """Delete every version of a template; jobs that were made from one go on."""
    who = await caller(request, "generate")
    await services(request).templates.delete(who.workspace_id, request.path_params["template"])
    return Response(status_code=204)


async def list_techniques(request: Request) -> Response:
    """Every technique with its typed inputs."""
    who = await caller(request, "read")
    found = await services(request).templates.list(who.workspace_id, "technique")
    return JSONResponse({"techniques": [technique_record(t) for t in found], "total": len(found)})


async def get_technique(request: Request) -> Response:
    """One technique with its typed inputs, in the order in which a run sends them."""
    who = await caller(request, "read")
    return JSONResponse(technique_record(await _of_view(request, who, "slug", "technique")))


async def create_technique(request: Request) -> Response:
    """Save a template that is a technique."""
    who = await caller(request, "generate")
    document = seen_as(await document_in(request), "technique")
    return await _save(request, who, document, technique_record, "techniques")


async def delete_technique(request: Request) -> Response:
    """Delete a technique; its runs stay as they are."""
    who = await caller(request, "generate")
    found = await _of_view(request, who, "slug", "technique")
    await services(request).templates.delete(who.workspace_id, found.slug)
    return Response(status_code=204)


async def list_presets(request: Request) -> Response:
    """Every preset: the workspace's own and the operator's."""
    who = await caller(request, "read")
    found = await services(request).presets.list(who.workspace_id)
    return JSONResponse({"presets": [preset_record(p) for p in found], "total": len(found)})


async def create_preset(request: Request) -> Response:
    """Save a preset: a model policy and options under a name."""
    who = await caller(request, "generate")
    document = preset_in(await document_in(request))
    if document["views"] != ["preset"]:
        raise InvalidRequest(
            "views is not [preset].", field="views", next_step="Leave views out: it is a preset."
        )
    return await _save(request, who, document, lambda t: preset_record(saved_preset(t)), "presets")


async def delete_preset(request: Request) -> Response:
    """Delete a preset of the workspace."""
    who = await caller(request, "generate")
    await services(request).presets.delete(who.workspace_id, request.path_params["preset"])
    return Response(status_code=204)


async def list_pipelines(request: Request) -> Response:
    """Every pipeline that can be ordered now, and why where it is limited."""
    who = await caller(request, "read")
    found = await services(request).pipelines.list(who.workspace_id)
    return JSONResponse({"pipelines": [pipeline_record(p) for p in found]})


async def get_pipeline(request: Request) -> Response:
    """One pipeline with its inputs."""
    who = await caller(request, "read")
    name = request.path_params["pipeline_id"]
    found = await services(request).pipelines.get(who.workspace_id, name)
    return JSONResponse(pipeline_record(found))


async def create_pipeline(request: Request) -> Response:
    """Save a template that is a pipeline."""
    who = await caller(request, "generate")
    document = seen_as(await document_in(request), "pipeline")
    judge = await services(request).pipelines.judge()
    return await _save(request, who, document, lambda t: pipeline_record(judge(t)), "pipelines")


async def delete_pipeline(request: Request) -> Response:
    """Delete a saved pipeline; that of a task goes with the last model that does it."""
    who = await caller(request, "generate")
    found = services(request)
    pipeline = await found.pipelines.get(who.workspace_id, request.path_params["pipeline_id"])
    if pipeline.of_task:
        raise Conflict(
            f"The pipeline {pipeline.id} comes from the live catalog and cannot be deleted.",
            next_step="It leaves by itself when no live model does that task any more.",
        )
    await found.templates.delete(who.workspace_id, pipeline.id)
    return Response(status_code=204)


async def _of_view(request: Request, who: Caller, parameter: str, view: View) -> Template:
    name = request.path_params[parameter]
    found = await services(request).templates.get(who.workspace_id, name)
    if view not in found.views:
        raise NotFound(
            f"{found.slug} is no {view}.", next_step=f"GET /api/v1/{view}s lists every {view}."
        )
    return found


async def _save(
    request: Request, who: Caller, document: dict[str, Any], render: Render, route: str
) -> Response:
    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        kept = await services(request).templates.save(
            who.workspace_id, document, lambda tx, t: remember(tx, 201, render(t))
        )
        return 201, render(kept)

    return await once(request, who, f"v1/{route}", document, make)
