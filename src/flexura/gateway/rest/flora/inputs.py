"""The body of a run, matched with what the technique declares: count, ids in order, and types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flexura.domain.errors import FlexuraError, InputValidationError
from flexura.domain.template import INPUT_TYPES, TemplateInput

MODES = ("async", "stream")
FIELDS = ("inputs", "mode", "callback_url", "idempotency_key")
_KEYS = {"id", "type", "value"}
_LONGEST = {"callback_url": 2000, "idempotency_key": 255}


def _refused(message: str, field: str, next_step: str) -> FlexuraError:
    return InputValidationError(message, field=field, next_step=next_step)


def checked_body(body: dict[str, Any]) -> dict[str, Any]:
    """The body, with its fields of the documented types. Raises InputValidationError naming the field."""
    for name in body:
        if name not in FIELDS:
            raise _refused(
                f"The field {name[:60]!r} is unknown.", name[:60], f"Fields: {', '.join(FIELDS)}."
            )
    if body.get("mode") not in MODES:
        raise _refused("mode is neither async nor stream.", "mode", 'Send "mode": "async".')
    for name, most in _LONGEST.items():
        value = body.get(name, "")
        if not isinstance(value, str) or len(value) > most:
            raise _refused(
                f"{name} is not a text of at most {most} characters.", name, "Correct or omit it."
            )
    if not isinstance(body.get("inputs"), list):
        raise _refused(
            "inputs is not an array.", "inputs", 'Send "inputs": [{"id", "type", "value"}].'
        )
    return body


def values_of(sent: Sequence[Any], declared: Sequence[TemplateInput]) -> dict[str, Any]:
    """The values by input id. What is not required may be left out; what is there keeps the order.

    Raises InputValidationError naming the index of the first input that does not match.
    """
    given = [_entry(entry, index) for index, entry in enumerate(sent)]
    required = sum(one.required for one in declared)
    if not required <= len(given) <= len(declared):
        count = str(required) if required == len(declared) else f"{required} to {len(declared)}"
        raise _refused(
            f"The technique takes {count} inputs, not {len(given)}.",
            f"inputs[{min(len(given), len(declared))}]",
            f"Send in this order: {_signature(declared)}.",
        )
    values: dict[str, Any] = {}
    position = 0
    for index, entry in enumerate(given):
        while position < len(declared) and not _fits(entry, declared[position]):
            if declared[position].required:
                _mismatch(entry, index, declared[position], declared)
            position += 1
        if position == len(declared):
            _mismatch(entry, index, declared[-1], declared)
        values[declared[position].id] = entry["value"]
        position += 1
    missing = [one for one in declared[position:] if one.required]
    if missing:
        raise _refused(
            f"The input {missing[0].id} is missing.",
            f"inputs[{len(given)}]",
            f"Send in this order: {_signature(declared)}.",
        )
    return values


def _entry(entry: Any, index: int) -> dict[str, Any]:
    field = f"inputs[{index}]"
    if not isinstance(entry, dict) or set(cast("dict[str, Any]", entry)) != _KEYS:
        raise _refused(f"{field} is not {{id, type, value}}.", field, "Send exactly these three.")
    named = cast("dict[str, Any]", entry)
    if not isinstance(named["id"], str) or named["type"] not in INPUT_TYPES:
        raise _refused(
            f"{field} has no proper id or type.",
            f"{field}.type",
            f"Types: {', '.join(INPUT_TYPES)}.",
        )
    return named


def _fits(entry: dict[str, Any], declared: TemplateInput) -> bool:
    return entry["id"] == declared.id and entry["type"] == declared.type


def _mismatch(
    entry: dict[str, Any], index: int, expected: TemplateInput, declared: Sequence[TemplateInput]
) -> None:
    what = "type" if entry["id"] == expected.id else "id"
    raise _refused(
        f"inputs[{index}] is {entry['id'][:60]!r} of type {entry['type']}; expected is"
        f" {expected.id!r} of type {expected.type}.",
        f"inputs[{index}].{what}",
        f"Send in this order: {_signature(declared)}.",
    )


def _signature(declared: Sequence[TemplateInput]) -> str:
    return ", ".join(f"{i.id} ({i.type}{'' if i.required else ', optional'})" for i in declared)
