"""The operations of templates and their views."""

from __future__ import annotations

from typing import Any, cast

from flexura.domain.model import KINDS
from flexura.domain.template import INPUT_TYPES, VIEWS
from flexura.gateway.rest.idempotent import IDEMPOTENCY_KEY
from flexura.gateway.rest.operation import JSON, Endpoint, Operation
from flexura.gateway.rest.schemas import answer, array, ref
from flexura.gateway.rest.templates import routes
from flexura.gateway.rest.templates.bodies import YAML, PresetForm
from flexura.services.templates.document import TemplateForm
from flexura.services.templates.pipelines import PIPELINE_STATUSES, PIPELINE_TYPES

_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_NUMBER: dict[str, Any] = {"type": "number"}
_YES_NO: dict[str, Any] = {"type": "boolean"}
_OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}
_EXAMPLE: dict[str, Any] = {
    "slug": "hero-variants",
    "name": "Hero variants",
    "inputs": [{"id": "subject", "type": "TEXT", "description": "What the pictures show."}],
    "steps": [
        {"id": "draw", "uses": "image", "prompt": "{{ inputs.subject }}, wide", "n": 3},
        {"id": "pick", "uses": "approve"},
    ],
}


def _documents() -> dict[str, Any]:
    """The schemas of what people send, from the types that read it."""
    whole = TemplateForm.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = cast("dict[str, Any]", whole.pop("$defs"))
    found = {"TemplateForm": {**whole, "example": _EXAMPLE}, **parts}
    found["PresetForm"] = PresetForm.model_json_schema() | {
        "example": {
            "name": "Cinematic wide",
            "model": "policy:best",
            "options": {"size": "21:9", "negative_prompt": "text"},
        }
    }
    return found


_INPUT = answer(
    {
        "id": _TEXT,
        "type": {**_TEXT, "enum": list(INPUT_TYPES)},
        "required": _YES_NO,
        "description": _TEXT,
        "default": {"description": "Taken when no value is given."},
        "choices": array(_TEXT),
        "minimum": _NUMBER,
        "maximum": _NUMBER,
        "many": _YES_NO,
        "most": {**_WHOLE, "description": "Most items of a `many` input."},
    },
    ("id", "type", "required", "description"),
)
_NAMED: dict[str, Any] = {
    "slug": {**_TEXT, "example": "portrait-enhancer"},
    "name": _TEXT,
    "description": _TEXT,
    "inputs": array(ref("TemplateInput")),
    "id": {**_TEXT, "description": "Of this version."},
    "version": _WHOLE,
    "shipped": {**_YES_NO, "description": "Ships with flexura, for every workspace."},
    "created_at": {"type": ["string", "null"], "format": "date-time"},
}
_ROW: dict[str, Any] = {**_NAMED, "views": array({**_TEXT, "enum": list(VIEWS)})}
_TOTAL: dict[str, Any] = {"total": _WHOLE}

SCHEMAS: dict[str, Any] = {
    **_documents(),
    "TemplateInput": _INPUT,
    "TemplateRow": answer(_ROW, tuple(_ROW)),
    "Template": answer(
        {**_ROW, "steps": array(_OPEN), "outputs": array(_TEXT)}, (*_ROW, "steps", "outputs")
    ),
    "TemplateList": answer(
        {"templates": array(ref("TemplateRow")), **_TOTAL}, ("templates", "total")
    ),
    "Technique": answer(_NAMED, tuple(_NAMED)),
    "TechniqueList": answer(
        {"techniques": array(ref("Technique")), **_TOTAL}, ("techniques", "total")
    ),
    "Preset": answer(
        {
            "id": _TEXT,
            "name": _TEXT,
            "kind": {"type": ["string", "null"], "enum": [*KINDS, None]},
            "model": {**_TEXT, "description": "A policy or an alias; empty = the workspace's."},
            "options": _OPEN,
            "description": _TEXT,
            "version": _WHOLE,
            "configured": {**_YES_NO, "description": "The operator's, not the workspace's own."},
        },
        ("id", "name", "kind", "model", "options", "description", "version", "configured"),
    ),
    "PresetList": answer({"presets": array(ref("Preset")), **_TOTAL}, ("presets", "total")),
    "Pipeline": answer(
        {
            "id": {**_TEXT, "example": "text-to-image-basic"},
            "type": {**_TEXT, "enum": list(PIPELINE_TYPES)},
            "status": {**_TEXT, "enum": list(PIPELINE_STATUSES)},
            "name": _TEXT,
            "description": _TEXT,
            "inputs": array(ref("TemplateInput")),
            "cap": {"type": ["integer", "null"], "description": "Most items in one order."},
            "why": {**_TEXT, "description": "Why it is limited."},
            "template": {**_TEXT, "description": "Its template and version, as slug@version."},
            "shipped": _YES_NO,
        },
        ("id", "type", "status", "name", "description", "inputs", "cap", "why", "template"),
    ),
    "PipelineList": answer({"pipelines": array(ref("Pipeline"))}, ("pipelines",)),
}
_DOCUMENT = ref("TemplateForm")
_PRESET: dict[str, Any] = {"anyOf": [ref("PresetForm"), ref("TemplateForm")]}


def _list(path: str, endpoint: Endpoint, summary: str, schema: str) -> Operation:
    return Operation("GET", path, endpoint, summary, {200: (JSON, ref(schema))})


def _get(path: str, endpoint: Endpoint, summary: str, schema: str) -> Operation:
    return Operation("GET", path, endpoint, summary, {200: (JSON, ref(schema))}, errors=(404,))


def _post(
    path: str, endpoint: Endpoint, summary: str, schema: str, body: dict[str, Any], **links: str
) -> Operation:
    return Operation(
        "POST",
        path,
        endpoint,
        summary,
        {201: (JSON, ref(schema))},
        errors=(400, 409, 413, 415, 422, 507),
        body={JSON: body, YAML: body},
        headers=IDEMPOTENCY_KEY,
        links=links,
    )


def _delete(path: str, endpoint: Endpoint, summary: str) -> Operation:
    return Operation("DELETE", path, endpoint, summary, {204: ("", {})}, errors=(404, 409, 507))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/v1/templates",
        routes.list_templates,
        "List templates",
        {200: (JSON, ref("TemplateList"))},
        errors=(400,),
        query={"view": {"type": "string", "enum": ["", *VIEWS]}},
    ),
    _post(
        "/api/v1/templates",
        routes.create_template,
        "Save a template",
        "Template",
        _DOCUMENT,
        template="/slug",
        template_id="/id",
    ),
    _get("/api/v1/templates/{template}", routes.get_template, "Show a template", "Template"),
    _delete("/api/v1/templates/{template}", routes.delete_template, "Delete a template"),
    _list("/api/v1/techniques", routes.list_techniques, "List techniques", "TechniqueList"),
    _post(
        "/api/v1/techniques",
        routes.create_technique,
        "Save a technique",
        "Technique",
        _DOCUMENT,
        slug="/slug",
    ),
    _get("/api/v1/techniques/{slug}", routes.get_technique, "Show a technique", "Technique"),
    _delete("/api/v1/techniques/{slug}", routes.delete_technique, "Delete a technique"),
    _list("/api/v1/pipelines", routes.list_pipelines, "List pipelines", "PipelineList"),
    _post(
        "/api/v1/pipelines",
        routes.create_pipeline,
        "Save a pipeline",
        "Pipeline",
        _DOCUMENT,
        pipeline_id="/id",
    ),
    _get("/api/v1/pipelines/{pipeline_id}", routes.get_pipeline, "Show a pipeline", "Pipeline"),
    _delete("/api/v1/pipelines/{pipeline_id}", routes.delete_pipeline, "Delete a pipeline"),
    _list("/api/v1/presets", routes.list_presets, "List presets", "PresetList"),
    _post(
        "/api/v1/presets", routes.create_preset, "Save a preset", "Preset", _PRESET, preset="/id"
    ),
    _delete("/api/v1/presets/{preset}", routes.delete_preset, "Delete a preset"),
)
