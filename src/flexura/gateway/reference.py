"""The API as a reader meets it: surfaces, operations, fields, made from the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

_DEEPEST = 3
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Field:
    """One field of a body or one parameter."""

    name: str
    type: str
    required: bool
    about: str


@dataclass(frozen=True)
class Answer:
    """What one status brings."""

    status: str
    about: str
    kinds: tuple[str, ...]
    fields: tuple[Field, ...]
    example: str


@dataclass(frozen=True)
class Entry:
    """One operation."""

    anchor: str
    method: str
    path: str
    summary: str
    needs_key: bool
    parameters: tuple[Field, ...]
    body_kinds: tuple[str, ...]
    body: tuple[Field, ...]
    body_example: str
    answers: tuple[Answer, ...]
    errors: tuple[tuple[str, tuple[str, ...]], ...]
    """Status and the codes behind it."""


@dataclass(frozen=True)
class Chapter:
    """One surface."""

    title: str
    about: str
    entries: tuple[Entry, ...]


def chapters(document: Mapping[str, Any]) -> list[Chapter]:
    """Every surface with its operations, in the order of the document."""
    reader = _Reader(document)
    return [
        Chapter(tag["name"], tag["description"], tuple(reader.entries(tag["name"])))
        for tag in document["tags"]
    ]


class _Reader:
    """Reads one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._paths: Mapping[str, Any] = document["paths"]
        self._schemas: Mapping[str, Any] = document["components"]["schemas"]
        self._errors: Mapping[str, Any] = document["components"]["responses"]

    def entries(self, tag: str) -> Iterator[Entry]:
        for path, methods in self._paths.items():
            for method, operation in methods.items():
                if tag in operation["tags"]:
                    yield self._entry(method, path, operation)

    def _entry(self, method: str, path: str, operation: Mapping[str, Any]) -> Entry:
        body: Mapping[str, Mapping[str, Any]] = operation.get("requestBody", {}).get("content", {})
        first = next(iter(body.values()), _NOTHING)
        answers = {s: a for s, a in operation["responses"].items() if "$ref" not in a}
        return Entry(
            anchor=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            needs_key=operation.get("security") != [],
            parameters=tuple(map(self._parameter, operation.get("parameters", ()))),
            body_kinds=tuple(body),
            body=tuple(self._fields(first.get("schema", _NOTHING))),
            body_example=_shown(first),
            answers=tuple(self._answer(s, a) for s, a in answers.items()),
            errors=tuple(
                (status, tuple(self._codes(status)))
                for status, answer in operation["responses"].items()
                if "$ref" in answer
            ),
        )

    def _codes(self, status: str) -> list[str]:
        content: Mapping[str, Any] = self._errors[f"Error{status}"]["content"]
        return list(content["application/json"]["examples"])

    def _parameter(self, parameter: Mapping[str, Any]) -> Field:
        schema: Mapping[str, Any] = parameter["schema"]
        where = {"query": "query", "header": "header", "path": "path"}[parameter["in"]]
        return Field(
            parameter["name"],
            f"{_type_of(schema)}, {where}",
            bool(parameter.get("required")),
            _about(schema),
        )

    def _answer(self, status: str, answer: Mapping[str, Any]) -> Answer:
        content: Mapping[str, Mapping[str, Any]] = answer.get("content", {})
        first = next(iter(content.values()), _NOTHING)
        fields = tuple(self._fields(first.get("schema", _NOTHING)))
        return Answer(status, answer["description"], tuple(content), fields, _shown(first))

    def _fields(self, schema: Mapping[str, Any], prefix: str = "", depth: int = 0) -> list[Field]:
        schema = self._resolved(schema)
        found: list[Field] = []
        properties: Mapping[str, Any] = schema.get("properties", {})
        for name, about in properties.items():
            target = self._resolved(about)
            required = name in schema.get("required", ())
            text = _about(about) or _about(target)
            found.append(Field(f"{prefix}{name}", _type_of(target), required, text))
            if depth + 1 < _DEEPEST:
                items = self._resolved(target.get("items", _NOTHING))
                inner = items if target.get("type") == "array" else target
                dots = "[]." if target.get("type") == "array" else "."
                found += self._fields(inner, f"{prefix}{name}{dots}", depth + 1)
        return found

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" in schema:
            return self._schemas[str(schema["$ref"]).rpartition("/")[2]]
        for name in ("anyOf", "allOf", "oneOf"):
            if schema.get(name):
                return self._resolved(schema[name][0])
        return schema


def _shown(content: Mapping[str, Any]) -> str:
    if "example" not in content:
        return ""
    return json.dumps(content["example"], indent=2, ensure_ascii=False)


def _type_of(schema: Mapping[str, Any]) -> str:
    named: Any = schema.get("type", "any")
    text = " or ".join(cast("list[str]", named)) if isinstance(named, list) else str(named)
    if named == "array":
        text = f"array of {_type_of(schema.get('items', {}))}"
    return text


def _about(schema: Mapping[str, Any]) -> str:
    parts = [str(schema.get("description", ""))]
    if choices := [str(v) for v in schema.get("enum", ()) if v not in ("", None)]:
        parts.append(f"One of {', '.join(choices)}.")
    limits = [
        f"{word} {schema[name]}"
        for name, word in (
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("maxLength", "characters: at most"),
            ("maxItems", "entries: at most"),
        )
        if name in schema
    ]
    if limits:
        parts.append(f"{', '.join(limits).capitalize()}.")
    if schema.get("default") not in (None, "", [], {}):
        parts.append(f"Default: {json.dumps(schema['default'])}.")
    return " ".join(part for part in parts if part)
