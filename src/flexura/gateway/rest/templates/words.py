"""Templates, techniques, presets and pipelines as records."""

from __future__ import annotations

from typing import Any

from flexura.domain.template import MAX_ITEMS, Template, TemplateInput
from flexura.services.clock import iso_ms
from flexura.services.templates.pipelines import Pipeline
from flexura.services.templates.presets import NamedPreset
from flexura.services.templates.reading import document_of


def input_record(declared: TemplateInput) -> dict[str, Any]:
    """One declared input, with what applies to its type."""
    record: dict[str, Any] = {
        "id": declared.id,
        "type": declared.type,
        "required": declared.required,
        "description": declared.description,
    }
    if declared.default is not None:
        record["default"] = declared.default
    if declared.choices:
        record["choices"] = list(declared.choices)
    bounds = {"minimum": declared.minimum, "maximum": declared.maximum}
    record |= {name: bound for name, bound in bounds.items() if bound is not None}
    if declared.many:
        record |= {"many": True, "most": declared.most or MAX_ITEMS}
    return record


def template_row(template: Template) -> dict[str, Any]:
    """A template in a list, without its steps."""
    return {
        "id": template.id,
        "slug": template.slug,
        "version": template.version,
        "name": template.name,
        "description": template.description,
        "views": list(template.views),
        "inputs": [input_record(i) for i in template.inputs],
        "shipped": not template.workspace_id,
        "created_at": iso_ms(template.created_at) if template.workspace_id else None,
    }


def template_record(template: Template) -> dict[str, Any]:
    """A whole template."""
    document = document_of(template)
    return template_row(template) | {"steps": document["steps"], "outputs": document["outputs"]}


def technique_record(template: Template) -> dict[str, Any]:
    """A technique: what it is called by and its typed inputs, in their order."""
    record = template_row(template)
    order = ("slug", "name", "description", "inputs", "id", "version", "shipped", "created_at")
    return {name: record[name] for name in order}


def preset_record(preset: NamedPreset) -> dict[str, Any]:
    """A preset: the operator's have no id."""
    template = preset.template
    return {
        "id": template.id if template else "",
        "name": preset.name,
        "kind": preset.kind,
        "model": preset.model,
        "options": dict(preset.options),
        "description": preset.description,
        "version": template.version if template else 1,
        "configured": template is None,
    }


def pipeline_record(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline: the documented fields first, ours after them."""
    template = pipeline.template
    return {
        "id": pipeline.id,
        "type": pipeline.type,
        "status": pipeline.status,
        "name": template.name,
        "description": template.description,
        "inputs": [input_record(i) for i in template.inputs],
        "cap": pipeline.cap,
        "why": pipeline.why,
        "template": template.pinned,
        "shipped": not template.workspace_id,
    }
