"""From tool arguments to requests. The low-level SDK validates nothing, so it is done here."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import jsonschema

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import GenerationRequest, fields_of
from flexura.domain.model import Kind
from flexura.gateway.errors import validated
from flexura.gateway.mcp.tools import SCHEMAS

DEFAULT_WAIT = 25.0
MOST_WAIT = 45.0
_VALIDATORS: dict[str, Any] = {
    name: jsonschema.Draft202012Validator(schema) for name, schema in SCHEMAS.items()
}


@dataclass(frozen=True)
class GenerateCall:
    """A generate tool's arguments: the order, and what concerns only this call."""

    order: GenerationRequest
    wait: float
    preview: bool
    save_to: str


def checked(tool: str, arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    """The arguments, if they fit the tool's schema. Raises InvalidRequest naming what is allowed."""
    given = {k: v for k, v in (arguments or {}).items() if v is not None}
    known: dict[str, Any] = SCHEMAS[tool]["properties"]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, list(known), n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise InvalidRequest(
                f"{tool} has no parameter {name[:60]!r}.",
                field=name[:60],
                next_step=f"{hint}Parameters: {', '.join(known)}.",
            )
    problem = next(iter(_VALIDATORS[tool].iter_errors(given)), None)
    if problem is not None:
        field = ".".join(str(p) for p in problem.absolute_path)
        raise InvalidRequest(
            f"{tool}: {problem.message[:200]}.",
            field=field,
            next_step=f"Correct {field or 'the arguments'} and call again.",
        )
    return given


def wait_of(arguments: Mapping[str, Any]) -> float:
    """How long this call may take, in seconds. Raises InvalidRequest."""
    wait = float(arguments.get("wait", DEFAULT_WAIT))
    if not wait >= 0:
        raise InvalidRequest(
            "wait is negative.", field="wait", next_step="Allowed: 0 to 45 seconds."
        )
    return min(wait, MOST_WAIT)


def generate_call(tool: str, kind: Kind, arguments: Mapping[str, Any] | None) -> GenerateCall:
    """The order in a generate tool's arguments. Raises InvalidRequest."""
    given = checked(tool, arguments)
    options = dict(cast("dict[str, Any]", given.get("options", {})))
    order: dict[str, Any] = {"kind": kind}
    for field in fields_of(kind):
        if field.mcp in given:
            if field.place == "options":
                options[field.name] = given[field.mcp]
            else:
                order[field.name] = given[field.mcp]
    order |= {name: given[name] for name in ("max_cost", "dry_run") if name in given}
    extra_inputs = options.pop("inputs", None)
    if isinstance(extra_inputs, list):
        order["inputs"] = [*order.get("inputs", []), *cast("list[Any]", extra_inputs)]
    elif extra_inputs is not None:
        # A template's values by name.
        options["inputs"] = extra_inputs
    order["options"] = options
    request = validated(GenerationRequest, order, SCHEMAS[tool]["properties"])
    return GenerateCall(
        order=request,
        wait=wait_of(given),
        preview=bool(given.get("preview", False)),
        save_to=str(given.get("save_to", "")),
    )
