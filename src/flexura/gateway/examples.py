"""Examples for the OpenAPI document and the reference page, made from the schemas themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

_DEEPEST = 8
_TEXTS = {
    "date-time": "2026-03-27T08:00:00Z",
    "uri": "https://gateway.example/api/assets/5m3k9q.png",
    "binary": "",
}
_MOST_EXAMPLE_FIELDS = 40


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that fits a schema: what it gives as its example, its default, or the plainest there is.

    Optional fields are left out unless they have an example of their own.
    """
    if "$ref" in schema:
        schema = schemas[str(schema["$ref"]).rpartition("/")[2]]
    for name in ("example", "const"):
        if name in schema:
            return schema[name]
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return example_of(schema[name][0], schemas, depth + 1)
    if choices := [value for value in schema.get("enum", ()) if value not in ("", None)]:
        return choices[0]
    return _of_type(schema, schemas, depth)


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Any:
    named: Any = schema.get("type", "object")
    kind: str = cast("list[str]", named)[0] if isinstance(named, list) else str(named)
    if kind == "object":
        return _object(schema, schemas, depth)
    if kind == "array":
        items: Any = schema.get("items")
        return [example_of(items, schemas, depth + 1)] if items and depth < _DEEPEST else []
    if schema.get("default") is not None:
        return schema["default"]
    if kind == "string":
        return _text(schema)
    if kind == "boolean":
        return False
    if kind in ("integer", "number"):
        return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
    return None


def _text(schema: Mapping[str, Any]) -> str:
    text = _TEXTS.get(str(schema.get("format", "")), "text")
    return text.ljust(int(schema.get("minLength", 0)), "x")[: int(schema.get("maxLength", 1000))]


def _object(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> dict[str, Any]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    required: list[str] = schema.get("required", [])
    shown = {
        name: example_of(about, schemas, depth + 1)
        for name, about in list(properties.items())[:_MOST_EXAMPLE_FIELDS]
        if name in required or "example" in about
    }
    return shown if depth < _DEEPEST else {name: shown[name] for name in required if name in shown}
