"""From a step to the orders that it makes: its texts rendered with what is there now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pydantic

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import MAX_OUTPUTS, MAX_PROMPT, GenerationRequest
from flexura.domain.model import Kind
from flexura.domain.template import MAX_ITEMS, Step, Template
from flexura.services.runs.steps import Flow
from flexura.services.templates.expressions import as_text, render, sources


def leading_text(template: Template, values: Mapping[str, Any]) -> str:
    """What a run is about, in words: the first text that was given, else the template's name."""
    texts = (values.get(i.id) for i in template.inputs if i.type == "TEXT" and not i.many)
    return next((t for t in texts if isinstance(t, str) and t.strip()), template.name)


def items_of(step: Step, scope: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The scopes in which a step runs: one, or one for each of its items. Raises InvalidRequest."""
    if not step.each:
        return [scope]
    items: Any = render(step.each, scope)
    if not isinstance(items, list | tuple):
        raise InvalidRequest(
            f"The step {step.id} runs once for each of {step.each}, which is no list.",
            field=f"steps.{step.id}.each",
            next_step="Name an input that is `many`, or the outputs of a step.",
        )
    found = list(cast("list[Any]", items))
    if not 1 <= len(found) <= MAX_ITEMS:
        raise InvalidRequest(
            f"The step {step.id} would run {len(found)} times.",
            field=f"steps.{step.id}.each",
            next_step=f"Give it 1 to {MAX_ITEMS} items.",
        )
    return [{**scope, "item": item} for item in found]


def inputs_of(flow: Flow, step: Step, scope: Mapping[str, Any]) -> list[str]:
    """What a step starts from: ids of artifacts, each with its role if it has one. Raises InvalidRequest."""
    return sources(flow.sources(step), scope)


def request_of(
    flow: Flow, step: Step, scope: Mapping[str, Any], kind: Kind, subject: str
) -> GenerationRequest:
    """One order of a making step; `subject` stands in for a prompt that is empty. Raises InvalidRequest."""
    prompt = as_text(render(step.prompt, scope)).replace("\x00", "")[:MAX_PROMPT]
    body = {
        "kind": kind,
        "prompt": prompt if prompt.strip() else subject,
        "model": as_text(render(step.model, scope)),
        "n": _count(step, scope),
        "inputs": inputs_of(flow, step, scope),
        "options": render(step.options, scope),
    }
    try:
        return GenerationRequest.model_validate(body)
    except pydantic.ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidRequest(
            f"The step {step.id} cannot be ordered: {field}: {first['msg']}.",
            field=f"steps.{step.id}.{field}",
            next_step="Correct the inputs of the run, or the template.",
        ) from None


def _count(step: Step, scope: Mapping[str, Any]) -> int:
    asked: Any = render(step.n, scope)
    if asked in (None, ""):
        return 1
    try:
        count = int(float(asked))
    except (TypeError, ValueError):
        count = 0
    if not 1 <= count <= MAX_OUTPUTS:
        raise InvalidRequest(
            f"The step {step.id} cannot make {as_text(asked)[:20]!r} variants.",
            field=f"steps.{step.id}.n",
            next_step=f"Allowed: 1 to {MAX_OUTPUTS}.",
        )
    return count
