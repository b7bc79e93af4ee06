"""Fits what was asked to what a model takes: its own JSON Schema decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import jsonschema

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import CANONICAL_OPTIONS
from flexura.domain.job import JobWarning
from flexura.domain.model import Model

_CARRIED_ELSEWHERE = frozenset({"seed", "again", "kind", "confirm"})
_PIXELS = re.compile(r"^\s*(\d{1,5})\s*[x\u00d7*]\s*(\d{1,5})\s*$")
_RATIO = re.compile(r"^\s*(\d{1,3}(?:\.\d+)?)\s*:\s*(\d{1,3}(?:\.\d+)?)\s*$")


def _unset(name: str, value: Any) -> bool:
    """Canonical options say "not given" by the zero of their type: every face can send plain types."""
    schema = CANONICAL_OPTIONS.get(name)
    if value is None or schema is None or isinstance(value, bool):
        return value is None
    types: Any = schema["type"]  # one word or a list of them; "in" reads both
    if isinstance(value, str):
        return value == "" and "string" in types
    return value == 0 and ("number" in types or "integer" in types)


@dataclass(frozen=True)
class Fitted:
    """Options that the model's schema accepts, defaults filled in."""

    options: dict[str, Any]
    warnings: tuple[JobWarning, ...]


def fit(model: Model, options: Mapping[str, Any], *, strict: bool = False) -> Fitted:
    """Map canonical options onto the model's schema, pass its own ones through, fill defaults.

    A canonical option that the model lacks becomes a warning (an error if `strict`).
    Raises InvalidRequest naming the option and what is allowed.
    """
    properties = cast("dict[str, dict[str, Any]]", model.input_schema.get("properties", {}))
    asked = {k: v for k, v in options.items() if k not in _CARRIED_ELSEWHERE}
    asked = _with_size(asked, properties)
    taken: dict[str, Any] = {}
    lacking: list[str] = []
    for name, value in asked.items():
        if name in properties:
            if not _unset(name, value):
                taken[name] = _as_integer(value, properties[name])
        elif name not in CANONICAL_OPTIONS:
            raise InvalidRequest(
                f"The option {name[:60]!r} is unknown to {model.id}.",
                field=f"options.{name[:60]}",
                next_step=f"Allowed options: {', '.join(sorted(properties)) or 'none'}.",
            )
        elif not _unset(name, value):
            lacking.append(name)
    # Left out is only what would have been a good value elsewhere; nonsense is told.
    left_out = {n: v for n, v in asked.items() if n not in taken and v is not None}
    _check("every model", CANONICAL_OPTIONS, left_out)
    if lacking and strict:
        raise InvalidRequest(
            f"{model.id} has no option {', '.join(lacking)}.",
            field=f"options.{lacking[0]}",
            next_step="Leave it out, or send it without `strict`.",
        )
    _check(model.id, properties, taken)
    required = [n for n in model.input_schema.get("required", []) if n not in taken]
    if required:
        raise InvalidRequest(
            f"{model.id} needs the option {required[0]}.",
            field=f"options.{required[0]}",
            next_step=f"Allowed: {allowed(properties.get(required[0], {}))}.",
        )
    defaults = {n: p["default"] for n, p in properties.items() if "default" in p}
    warnings = tuple(
        JobWarning("option_not_supported", f"{model.id} has no option {name}; it was left out.")
        for name in lacking
    )
    return Fitted(defaults | taken, warnings)


def _as_integer(value: Any, schema: Mapping[str, Any]) -> Any:
    """1024.0 is an integer to JSON Schema and to JavaScript; Python's makers want 1024."""
    whole = isinstance(value, float) and value.is_integer() and schema.get("type") == "integer"
    return int(value) if whole else value


def _with_size(asked: dict[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    given: Any = asked.get("size")
    if given in (None, "") or "size" in properties:
        return asked
    size = given if isinstance(given, str) else repr(given)
    rest = {k: v for k, v in asked.items() if k != "size"}
    if pixels := _PIXELS.match(size):
        return {"width": int(pixels[1]), "height": int(pixels[2])} | rest
    ratio = _RATIO.match(size)
    if not ratio or not float(ratio[1]) or not float(ratio[2]):
        raise InvalidRequest(
            f"The size {size[:40]!r} is neither pixels nor an aspect ratio.",
            field="options.size",
            next_step="Write it as 1024x768 or as 16:9.",
        )
    if "aspect_ratio" in properties:
        return {"aspect_ratio": size.replace(" ", "")} | rest
    return _pixels_of_ratio(float(ratio[1]) / float(ratio[2]), properties) | rest


def _pixels_of_ratio(ratio: float, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sides of that ratio with about as many pixels as the model's default, in steps of 8."""
    width = float(properties.get("width", {}).get("default") or 1024)
    height = float(properties.get("height", {}).get("default") or 1024)
    side = (width * height) ** 0.5
    return {
        "width": max(16, round(side * ratio**0.5 / 8) * 8),
        "height": max(16, round(side / ratio**0.5 / 8) * 8),
    }


_validators: dict[tuple[str, str], tuple[dict[str, Any], Any]] = {}


def _validator(owner: str, name: str, schema: dict[str, Any]) -> Any:
    """The validator of one option, made once for each schema that a provider sent."""
    known = _validators.get((owner, name))
    if known is None or known[0] is not schema:
        known = (schema, jsonschema.Draft202012Validator(schema))
        _validators[owner, name] = known
    return known[1]


def _check(owner: str, properties: Mapping[str, dict[str, Any]], taken: Mapping[str, Any]) -> None:
    for name, value in taken.items():
        validator = _validator(owner, name, properties[name])
        problem = next(iter(validator.iter_errors(value)), None)
        if problem is not None:
            raise InvalidRequest(
                f"The option {name} of {owner} does not take {str(value)[:60]!r}.",
                field=f"options.{name}",
                next_step=f"Allowed: {allowed(properties[name])}.",
            )


def allowed(schema: Mapping[str, Any]) -> str:
    """What a property takes, in words."""
    if "enum" in schema:
        return "one of " + ", ".join(str(v) for v in schema["enum"][:40])
    parts = [str(schema.get("type", "any value"))]
    if "minimum" in schema:
        parts.append(f"from {schema['minimum']}")
    if "maximum" in schema:
        parts.append(f"to {schema['maximum']}")
    if "maxLength" in schema:
        parts.append(f"at most {schema['maxLength']} characters")
    return " ".join(parts)
