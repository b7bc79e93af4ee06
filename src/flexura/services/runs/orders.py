"""A run that is ordered where a model could be named: `model="template:<slug>"` with `options.inputs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from flexura.domain.errors import InputValidationError, InvalidRequest
from flexura.domain.generation import GenerationRequest, split_role
from flexura.domain.template import Template
from flexura.services.runs.start import Wishes

PREFIX = "template:"
_SAID_IN_OPTIONS = ("inputs", "staging", "publish", "publish_at")


@dataclass(frozen=True)
class RunOrder:
    """The values for a template's inputs, and the wishes."""

    values: Mapping[str, Any]
    wishes: Wishes


def slug_in(model: str) -> str:
    """The template that a model's name stands for; empty if it is a model's own."""
    return model.removeprefix(PREFIX) if model.startswith(PREFIX) else ""


def run_order(request: GenerationRequest, template: Template) -> RunOrder:
    """The run that an order means.

    `options.inputs` holds values by name; the prompt is the first text that is not among them, and the files
    of the order go into the inputs for files, in their order. `options.publish`, `.staging` and `.publish_at`
    (ISO 8601) say where the result goes. Raises InvalidRequest.
    """
    options = dict(request.options)
    asked = {name: options.pop(name, None) for name in _SAID_IN_OPTIONS}
    values = dict(_object(asked["inputs"]))
    texts = [i for i in template.inputs if i.type == "TEXT" and i.id not in values]
    for wanted in sorted(texts, key=lambda i: not i.required)[:1]:
        values[wanted.id] = [request.prompt] if wanted.many else request.prompt
    _place_files(template, values, request.inputs)
    wishes = Wishes(
        options=options,
        count=request.n if "n" in request.model_fields_set else None,
        preset=request.preset,
        staging=_flag(asked["staging"]),
        publish=_names(asked["publish"]),
        publish_at=milliseconds_of(asked["publish_at"], "options.publish_at"),
        callback_url=request.callback_url,
        max_cost=request.max_cost,
        dry_run=request.dry_run,
    )
    return RunOrder(values, wishes)


def milliseconds_of(text: Any, field: str) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 time with a zone; None for none. Raises InvalidRequest."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return max(1, int(moment.astimezone(UTC).timestamp() * 1000))
    except (ValueError, OverflowError, TypeError):
        pass
    raise InvalidRequest(
        f"{field} is no time in ISO 8601 with a time zone.",
        field=field,
        next_step="Write it as 2031-05-01T09:00:00Z.",
    )


def _object(inputs: Any) -> Mapping[str, Any]:
    if inputs is None or isinstance(inputs, Mapping):
        return cast("Mapping[str, Any]", inputs or {})
    raise InvalidRequest(
        "options.inputs is not an object.",
        field="options.inputs",
        next_step="Send the values by the names of the template's inputs: {…}.",
    )


def _place_files(template: Template, values: dict[str, Any], files: Sequence[str]) -> None:
    left = [split_role(file)[1] for file in files]
    for wanted in template.inputs:
        if not left or not wanted.type.endswith("_URL") or wanted.id in values:
            continue
        if wanted.many:
            values[wanted.id], left = left, []
        else:
            values[wanted.id] = left.pop(0)
    if left:
        raise InputValidationError(
            f"The template {template.slug} has no input for {len(left)} of the files.",
            field="inputs",
            next_step="Send fewer, or name each with its input in options.inputs.",
        )


def _flag(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise InvalidRequest(
        "options.staging is not true or false.", field="options.staging", next_step="Send true."
    )


def _names(value: Any) -> tuple[str, ...]:
    found: Any = [value] if isinstance(value, str) else value or []
    if isinstance(found, list):
        names = cast("list[Any]", found)
        if len(names) <= 20 and all(isinstance(name, str) for name in names):
            return tuple(names)
    raise InvalidRequest(
        "options.publish is not a list of names.",
        field="options.publish",
        next_step='Send the names of the operator\'s destinations: ["press"].',
    )
