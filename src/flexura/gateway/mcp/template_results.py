"""Templates as agents see them in model_catalog: what to write where, in as few tokens as that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

from flexura.domain.template import MAKING, Template, TemplateInput
from flexura.gateway.rest.templates.words import input_record

_ROWS, _MOST_ROWS = 20, 100
_ROW_CHARACTERS = 160
HOW = "Order one with model='template:SLUG' and options.inputs={…} in generate_image, _video or _audio."


def template_rows(templates: Sequence[Template], given: Mapping[str, Any]) -> dict[str, Any]:
    """A page of templates: slug, name, inputs with their types, how many steps order something."""
    words = str(given.get("query", "")).lower().split()
    # A preset is no order of its own.
    found = [t for t in templates if "preset" not in t.views and _fits(t, words)]
    limit = max(1, min(int(given.get("limit", _ROWS)), _MOST_ROWS))
    offset = max(0, int(given.get("offset", 0)))
    page = found[offset : offset + limit]
    answer: dict[str, Any] = {"templates": [_row(t) for t in page], "total": len(found)}
    answer["next"] = (
        HOW if page else "No template has all these words; without query all are listed."
    )
    if offset + len(page) < len(found):
        answer["next"] += f" {len(found) - offset - len(page)} more: offset={offset + len(page)}."
    return answer


def whole_template(template: Template) -> dict[str, Any]:
    """One template with its whole input schema."""
    return {
        "id": f"template:{template.slug}",
        "version": template.version,
        "name": template.name,
        "description": template.description,
        "inputs": [input_record(i) for i in template.inputs],
        "steps": [
            {"id": s.id, "uses": s.uses, "needs_model": s.uses in MAKING} for s in template.steps
        ],
        "next": HOW,
    }


def _row(template: Template) -> dict[str, Any]:
    return {
        "id": f"template:{template.slug}",
        "name": template.name,
        "description": shorten(template.description, _ROW_CHARACTERS, placeholder=" …"),
        "inputs": {i.id: _type(i) for i in template.inputs},
        "orders": sum(s.uses in MAKING for s in template.steps),
    }


def _type(declared: TemplateInput) -> str:
    """`TEXT`, `NUMBER = 4`, `CHOICE calm|happy`, `[TEXT]` for a list, `TEXT?` for one to leave out."""
    text = declared.type + (f" {'|'.join(declared.choices)}" if declared.choices else "")
    if declared.many:
        text = f"[{text}]"
    if declared.default not in (None, ""):
        return shorten(f"{text} = {declared.default}", 80, placeholder=" …")
    return text if declared.required else f"{text}?"


def _fits(template: Template, words: Sequence[str]) -> bool:
    text = f"{template.slug} {template.name} {template.description}".lower()
    return all(word in text for word in words)
