"""Checks a payload against a schema that a stranger wrote: in bounded time, and never leaving the machine.

The validator is jsonschema's for Draft 2020-12 with the parts replaced that a hostile schema could use:
`pattern` runs in a linear-time engine (Rust's, which pydantic brings; a pattern that it cannot read, such as
one with look-around, constrains nothing), remote references are refused, and every keyword counts against a
budget. A keyword that cannot be read constrains nothing: the vendor checks again anyway, this is to find
mistakes before money is spent.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import jsonschema
import jsonschema.validators
from jsonschema.exceptions import ValidationError
from pydantic_core import SchemaError, SchemaValidator, core_schema
from referencing import Registry

BUDGET = 10_000
"""Keyword evaluations for one check: a large real schema needs a few hundred."""
DEEPEST = 40
"""Keywords inside of keywords, through references too; what lies deeper constrains nothing."""
LONGEST_PATTERN = 1000
_MOST_ERRORS = 10


@dataclass
class _Meter:
    left: int = BUDGET
    depth: int = 0


_meter: ContextVar[_Meter] = ContextVar("_meter")
_Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]


class _Spent(Exception):
    """The budget is used up."""


@dataclass(frozen=True)
class Problem:
    """Why a payload does not fit: where, and which properties are missing if that is it."""

    path: tuple[str | int, ...]
    keyword: str
    missing: tuple[str, ...] = ()


def problems(schema: Mapping[str, Any], payload: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the payload, at most 10 things; empty if nothing is known to be wrong."""
    token = _meter.set(_Meter())
    found: list[Problem] = []
    try:
        for error in _validator(schema).iter_errors(payload):
            found.append(_problem(error))
            if len(found) >= _MOST_ERRORS:
                break
    except _Spent:
        pass  # what was found so far is still true
    except Exception:
        return found  # the schema itself cannot be read
    finally:
        _meter.reset(token)
    return found


def _problem(error: ValidationError) -> Problem:
    path = tuple(error.absolute_path)
    keyword = str(error.validator)
    if keyword in ("required", "dependentRequired"):
        return Problem(path, "required", _missing(error))
    if keyword in ("anyOf", "oneOf") and not path:
        for inner in error.context or ():
            if inner.validator == "required":
                return Problem((), "required", _missing(inner))
            if inner.absolute_path:
                return Problem(tuple(inner.absolute_path), str(inner.validator))
    return Problem(path, keyword)


def _missing(error: ValidationError) -> tuple[str, ...]:
    wanted, instance = cast("Any", error.validator_value), cast("Any", error.instance)
    if isinstance(wanted, dict):
        needs = cast("dict[str, list[Any]]", wanted)
        wanted = [n for name, needed in needs.items() if name in instance for n in needed]
    return tuple(n for n in wanted if isinstance(n, str) and n not in instance)


_validators: OrderedDict[int, tuple[Mapping[str, Any], Any]] = OrderedDict()


def _validator(schema: Mapping[str, Any]) -> Any:
    known = _validators.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    made = _Bounded(schema, registry=_NOWHERE)
    _validators[id(schema)] = (schema, made)
    if len(_validators) > 256:
        _validators.popitem(last=False)
    return made


def _bounded(keyword: _Keyword) -> _Keyword:
    def run(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        meter = _meter.get()
        size = len(cast("Any", value)) if isinstance(value, list | dict | str) else 0
        meter.left -= 1 + size // 16
        if meter.left < 0:
            raise _Spent
        if meter.depth >= DEEPEST:
            return
        meter.depth += 1
        try:
            yield from keyword(validator, value, instance, schema) or ()
        except _Spent:
            raise
        except Exception:
            return
        finally:
            meter.depth -= 1

    return run


@lru_cache(1024)
def _expression(pattern: str) -> SchemaValidator | None:
    if len(pattern) > LONGEST_PATTERN:
        return None
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError:
        return None


def _matches(pattern: object, text: str) -> bool:
    """Whether the pattern is found in the text; also if it is one that is not used."""
    found = _expression(pattern) if isinstance(pattern, str) else None
    return found is None or found.isinstance_python(text)


def _pattern(_: Any, value: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(value, instance):
        yield ValidationError("does not match the pattern")


def _pattern_properties(
    validator: Any, value: Any, instance: Any, _: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, part in value.items():
            for name, item in cast("dict[str, Any]", instance).items():
                if _matches(pattern, name):
                    yield from validator.descend(item, part, path=name, schema_path=pattern)


def _additional(
    validator: Any, value: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, item in cast("dict[str, Any]", instance).items():
        if name in known or any(_matches(p, name) for p in patterns):
            continue
        if value is False:
            error = ValidationError(f"has no property {name[:60]}")
            error.path.appendleft(name)
            yield error
        elif isinstance(value, dict):
            yield from validator.descend(item, value, path=name)


def _unique(_: Any, value: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if value is True and isinstance(instance, list):
        items = cast("list[Any]", instance)
        if len({json.dumps(item, sort_keys=True) for item in items}) < len(items):
            yield ValidationError("has an item twice")


def _enum(_: Any, value: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    same = [v for v in value if v == instance]
    if not any(isinstance(v, bool) == isinstance(instance, bool) for v in same):
        yield ValidationError("is not one of the allowed values")


def _nothing(_: Any, __: Any, ___: Any, ____: Any) -> None:
    return None


def _beyond(name: str) -> _Keyword:
    """OpenAPI 3.0 wrote `exclusiveMinimum: true`; to Python that is the number 1."""
    original = cast("_Keyword", jsonschema.Draft202012Validator.VALIDATORS[name])

    def run(
        validator: Any, value: Any, instance: Any, schema: Any
    ) -> Iterable[ValidationError] | None:
        return None if isinstance(value, bool) else original(validator, value, instance, schema)

    return run


_REPLACED: dict[str, _Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
    "enum": _enum,
    "exclusiveMinimum": _beyond("exclusiveMinimum"),
    "exclusiveMaximum": _beyond("exclusiveMaximum"),
}
# They look at patterns in their own way, and no vendor's payload needs them.
_LEFT_OUT = ("unevaluatedProperties", "unevaluatedItems")
_KEYWORDS: dict[str, _Keyword] = {
    **cast("dict[str, _Keyword]", jsonschema.Draft202012Validator.VALIDATORS),
    **_REPLACED,
    **dict.fromkeys(_LEFT_OUT, _nothing),
}
_Bounded: Any = cast("Any", jsonschema.validators).extend(
    jsonschema.Draft202012Validator,
    validators={name: _bounded(keyword) for name, keyword in _KEYWORDS.items()},
)
# Knows nothing but what a schema holds itself, and fetches nothing.
_NOWHERE: Any = cast("Any", Registry)()
