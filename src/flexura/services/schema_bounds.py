"""A model's input schema as a stranger wrote it, made bounded, local and safe to show and to validate with.

Only keywords of JSON Schema 2020-12 that we know are kept. A regular expression is left out, since a
stranger's one may run for ever; a local `$ref` is replaced by what it leads to; one that leads elsewhere
takes everything.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, cast

from flexura.services.untrusted import clean, cut

MAX_BYTES = 200_000
MAX_DEPTH = 12
MAX_PROPERTIES = 200
MAX_ENUM = 500
_NODES = 20_000
"""Subschemas in all: what references inline to must end."""
_VALUE = 8_000
_NAME, _WORD, _TEXT = 100, 200, 300

_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_FLAGS = ("uniqueItems", "deprecated", "readOnly", "writeOnly")
_WORDS = ("format", "contentMediaType", "contentEncoding")
_ONE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
# Text that `clean` could only fold: the usual case, a hundred times faster.
_HARMLESS = re.compile(r"[\t\n\r !-%'-;=?-Z\\^-~]*")

Json = dict[str, Any]


class Unusable(Exception):
    """Nothing can be done with this schema (or model), for the reason given."""


def plain(text: str, limit: int) -> str:
    """A vendor's words on one line, safe to show."""
    if _HARMLESS.fullmatch(text):
        return cut(" ".join(text.split()), limit)
    return clean(text, limit)


def visible(text: str) -> bool:
    """Whether a text shows all that it holds: no controls, no zero-width or reordering characters."""
    return text.replace("\n", "").replace("\t", "").isprintable()


def bounded(schema: Mapping[str, Any], *, patterns: bool = False) -> Json:
    """The schema within our limits. `patterns` keeps regular expressions, for a schema that we wrote.

    Raises Unusable for what is no object of options, or is larger than can be used.
    """
    walk = _Walk(dict(schema), patterns)
    result = walk.node(schema, 0)
    if result.get("type", "object") != "object":
        raise Unusable("its options are no object")
    missing = [n for n in result.get("required", []) if n not in result.get("properties", {})]
    if missing:
        raise Unusable("an option that it needs cannot be used")
    result |= {"type": "object", "properties": result.get("properties", {})}
    if len(json.dumps(result)) > MAX_BYTES:
        raise Unusable(f"its schema has over {MAX_BYTES} bytes")
    return result


class _Walk:
    """One schema on its way; counts what it has met."""

    def __init__(self, document: Json, patterns: bool) -> None:
        self._document = document
        self._patterns = patterns
        self._left = _NODES
        self._inside: list[str] = []

    def node(self, told: Any, depth: int) -> Json:
        """A subschema; one that is too deep, or none at all, takes everything."""
        self._left -= 1
        if self._left < 0:
            raise Unusable("its schema does not end")
        if not isinstance(told, Mapping) or depth >= MAX_DEPTH:
            return {}
        source = cast("Mapping[str, Any]", told)
        result = self._referred(source, depth)
        result |= _plain_keywords(source)
        if self._patterns and isinstance(source.get("pattern"), str):
            result["pattern"] = source["pattern"]
        self._properties(source, result, depth)
        for word in _ONE:
            if isinstance(source.get(word), bool):
                result[word] = source[word]
            elif isinstance(source.get(word), Mapping):
                result[word] = self.node(source[word], depth + 1)
        for word in _MANY:
            if isinstance(source.get(word), list) and source[word]:
                rows = cast("list[Any]", source[word])[:MAX_ENUM]
                result[word] = [self.node(row, depth + 1) for row in rows]
        return result

    def _referred(self, source: Mapping[str, Any], depth: int) -> Json:
        address = source.get("$ref")
        if not isinstance(address, str) or not address.startswith("#") or address in self._inside:
            return {}
        target: Any = self._document
        for step in address[1:].split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            target = cast("Json", target).get(name) if isinstance(target, Mapping) else None
        self._inside.append(address)
        try:
            return self.node(target, depth + 1)
        finally:
            self._inside.pop()

    def _properties(self, source: Mapping[str, Any], result: Json, depth: int) -> None:
        required: Any = source.get("required")
        listed = cast("list[Any]", required) if isinstance(required, list) else []
        needed = dict.fromkeys(n for n in listed if isinstance(n, str))
        told: Any = source.get("properties")
        if isinstance(told, Mapping):
            named = {n: p for n, p in cast("Mapping[Any, Any]", told).items() if _is_name(n)}
            # Too many: those that must be given stay, then the first ones.
            first = [n for n in named if n in needed] + [n for n in named if n not in needed]
            kept = set(first[:MAX_PROPERTIES])
            result["properties"] = {
                n: self.node(p, depth + 1) for n, p in named.items() if n in kept
            }
        if needed:
            result["required"] = list(needed)


def _plain_keywords(source: Mapping[str, Any]) -> Json:
    """The keywords that hold no schema, each only if it is what it should be."""
    result: Json = {}
    if kind := _type(source.get("type")):
        result["type"] = kind
    for word, limit in (("title", _NAME), ("description", _TEXT)):
        if isinstance(source.get(word), str) and (text := plain(source[word], limit)):
            result[word] = text
    if options := _options(source.get("enum")):
        result["enum"] = options
    for word in ("const", "default"):
        if word in source and _is_value(source[word], _VALUE):
            result[word] = source[word]
    examples: Any = source.get("examples")
    if isinstance(examples, list) and examples and _is_value(examples[0], _WORD):
        result["examples"] = examples[:1]
    result |= {w: source[w] for w in _NUMBERS if _is_number(source.get(w))}
    result |= {w: source[w] for w in _COUNTS if _is_count(source.get(w))}
    result |= {w: True for w in _FLAGS if source.get(w) is True}
    result |= {w: plain(source[w], _NAME) for w in _WORDS if isinstance(source.get(w), str)}
    if result.get("multipleOf", 1) <= 0:
        del result["multipleOf"]
    marks = {k: v for k, v in source.items() if _is_name(k) and k.startswith("x-")}
    return result | {k: v for k, v in marks.items() if _is_value(v, _WORD)}


def _options(enum: Any) -> list[Any]:
    """The values of an enum; none of one that is too long: cut, it would refuse what the vendor takes."""
    values = cast("list[Any]", enum) if isinstance(enum, list) else []
    return [v for v in values if _is_value(v, _WORD)] if len(values) <= MAX_ENUM else []


def _type(told: Any) -> str | list[str] | None:
    if isinstance(told, str):
        return told if told in _TYPES else None
    if not isinstance(told, list):
        return None
    names = cast("list[Any]", told)
    if not names or not all(isinstance(n, str) and n in _TYPES for n in names):
        return None
    return list(dict.fromkeys(names))


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _NAME and name.isprintable()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_value(value: Any, limit: int) -> bool:
    """Whether a value may stand in a schema: JSON, of a bounded size, with nothing hidden in its texts."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= limit and visible(value)
    if isinstance(value, int | float):
        return math.isfinite(value)
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return len(text) <= limit and visible(text)
