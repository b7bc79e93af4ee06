"""The values that somebody gives to the inputs of a template, checked against what it declares."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from flexura.domain.errors import InputValidationError
from flexura.domain.generation import MAX_PROMPT
from flexura.domain.template import MAX_ITEMS, Template, TemplateInput
from flexura.services.templates.expressions import expressions, whole

MAX_DATA_URI = 8 * 2**20
"""Characters; larger files are uploaded and named by their artifact id."""
_URL = re.compile(r"https://[^\s/?#@]+(?:[/?#]\S*)?", re.I)
_ID = re.compile(r"(?:art|job|run)_[0-9A-Za-z]{1,40}")
_LARGEST = 1e15
"""Beyond it a JSON number is no longer exact."""


def bind(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each declared input, in their order; None for one that was left out.

    Raises InputValidationError that names the input, what is wrong and what is allowed.
    """
    declared = {i.id: i for i in template.inputs}
    for name in values:
        if name not in declared:
            raise _unknown(str(name), declared)
    return {i.id: _bound(template, i, values.get(i.id)) for i in template.inputs}


def check_value(wanted: TemplateInput, value: Any, field: str) -> Any:
    """One value as the input's type has it. Raises InputValidationError naming `field`."""
    if wanted.type == "NUMBER":
        return _number(wanted, value, field)
    if not isinstance(value, str):
        raise _wrong(field, f"is {_kind(value)}", f"Send {_allowed(wanted)}")
    if "\x00" in value:
        raise _wrong(field, "has a NUL character", "Remove it")
    if wanted.type == "CHOICE":
        if value not in wanted.choices:
            hint = nearest(value, wanted.choices)
            raise _wrong(field, f"does not take {value[:60]!r}", f"{hint}Send {_allowed(wanted)}")
    elif wanted.type == "TEXT":
        _check_text(wanted, value, field)
    elif not is_source(value):
        raise _wrong(field, f"does not take {value[:60]!r}", f"Send {_allowed(wanted)}")
    return value


def is_source(value: str) -> bool:
    """Whether a text names a file: an https URL, a data URI, or the id of an artifact or a job."""
    if value.startswith("data:"):
        return len(value) <= MAX_DATA_URI and "," in value
    return len(value) <= 4_000 and bool(_URL.fullmatch(value) or _ID.fullmatch(value))


def nearest(name: str, known: Iterable[str]) -> str:
    """`Did you mean …? ` if one of the known names looks like it, else nothing."""
    close = difflib.get_close_matches(name[:100], list(known), n=1)
    return f"Did you mean {close[0]}? " if close else ""


def _bound(template: Template, wanted: TemplateInput, value: Any) -> Any:
    field = f"inputs.{wanted.id}"
    if value is None:
        if wanted.default is not None:
            return wanted.default
        if wanted.required:
            raise _wrong(field, "is missing", f"Send {_allowed(wanted)}")
        return [] if wanted.many else None
    if not wanted.many:
        return check_value(wanted, value, field)
    return _items(template, wanted, value, field)


def _items(template: Template, wanted: TemplateInput, value: Any, field: str) -> list[Any]:
    most = wanted.most or MAX_ITEMS
    if not isinstance(value, list | tuple):
        raise _wrong(field, f"is {_kind(value)}", f"Send a list of 1 to {most} items")
    items = list(cast("Sequence[Any]", value))
    if not 1 <= len(items) <= most:
        raise _wrong(field, f"has {len(items)} items", f"Send 1 to {most} of them in one order")
    fields = item_fields(template, wanted.id)
    return [_item(wanted, fields, item, f"{field}[{i}]") for i, item in enumerate(items)]


def _item(wanted: TemplateInput, fields: frozenset[str], item: Any, field: str) -> Any:
    """One item: a value of the input's type; an object where the steps name fields of it."""
    if not isinstance(item, Mapping):
        if fields:
            raise _wrong(field, f"is {_kind(item)}", f"Send an object with {_list(fields)}")
        return check_value(wanted, item, field)
    given = cast("Mapping[str, Any]", item)
    if not fields:
        if wanted.type == "TEXT" and set(given) == {"prompt"}:
            return check_value(wanted, given["prompt"], f"{field}.prompt")
        raise _wrong(field, "is an object", f"Send {_allowed(wanted)}, or an object with prompt")
    for name, part in given.items():
        if name not in fields:
            hint = nearest(str(name), fields)
            raise _wrong(f"{field}.{str(name)[:40]}", "is unknown", f"{hint}Send {_list(fields)}")
        if not isinstance(part, str | int | float) or (isinstance(part, str) and "\x00" in part):
            raise _wrong(f"{field}.{name}", f"is {_kind(part)}", "Send a text or a number")
        if isinstance(part, str) and len(part) > MAX_PROMPT:
            raise _wrong(f"{field}.{name}", "is too long", f"Send at most {MAX_PROMPT} characters")
    return dict(given)


def item_fields(template: Template, input_id: str) -> frozenset[str]:
    """The fields that the steps which run once for each item of this input name: `{{ item.title }}`."""
    fields: set[str] = set()
    for step in template.steps:
        over = whole(step.each) if step.each else None
        if over is not None and over.path == ("inputs", input_id):
            texts = (step.prompt, step.inputs, step.options)
            fields |= {e.path[1] for e in expressions(texts) if e.root == "item" and e.path[1:]}
    return frozenset(fields)


def _number(wanted: TemplateInput, value: Any, field: str) -> float:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    low = -math.inf if wanted.minimum is None else wanted.minimum
    high = math.inf if wanted.maximum is None else wanted.maximum
    if not fits or not -_LARGEST <= value <= _LARGEST:
        raise _wrong(field, f"is {_kind(value)}", f"Send {_allowed(wanted)}")
    if not low <= value <= high:
        raise _wrong(field, f"is {value:g}", f"Send {_allowed(wanted)}")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_text(wanted: TemplateInput, value: str, field: str) -> None:
    if len(value) > MAX_PROMPT:
        raise _wrong(field, f"has {len(value)} characters", f"Send at most {MAX_PROMPT}")
    if wanted.required and not value.strip():
        raise _wrong(field, "is empty", f"Send {_allowed(wanted)}")


def _allowed(wanted: TemplateInput) -> str:
    """What the input takes, in words."""
    if wanted.type == "CHOICE":
        return f"one of {_list(wanted.choices)}"
    if wanted.type == "NUMBER":
        bounds = (("at least", wanted.minimum), ("at most", wanted.maximum))
        said = " and ".join(f"{word} {limit:g}" for word, limit in bounds if limit is not None)
        return f"a number{f', {said}' if said else ''}"
    if wanted.type == "TEXT":
        return f"text of 1 to {MAX_PROMPT} characters"
    medium = wanted.type.partition("_")[0].lower()
    return f"the {medium} as an artifact id, a job id, an https URL or a data URI"


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)[:300]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds = {"str": "text", "int": "a number", "float": "a number", "list": "a list"}
    return kinds.get(type(value).__name__, "null" if value is None else "an object")


def _wrong(field: str, what: str, step: str) -> InputValidationError:
    return InputValidationError(f"{field} {what}.", field=field, next_step=f"{step.rstrip('.?')}.")


def _unknown(name: str, declared: Mapping[str, TemplateInput]) -> InputValidationError:
    known = f"It takes: {_list(declared)}." if declared else "It takes no inputs."
    return InputValidationError(
        f"The template has no input {name[:60]!r}.",
        field=f"inputs.{name[:60]}",
        next_step=f"{nearest(name, declared)}{known}",
    )
