"""From a vendor's live OpenAPI schema to a self-contained JSON Schema 2020-12.

Vendors publish OpenAPI 3.0 (`nullable`, boolean `exclusiveMinimum`, `example`) or 3.1, with `$ref` into their
own document. The result needs no document, has only keywords that we checked, and is bounded: a stranger
wrote it. Patterns are left out: a stranger's regular expression may run for ever. So is every reference that
leads out of the document. Source: OpenAPI 3.0.4 "Schema Object", JSON Schema 2020-12.
"""

from __future__ import annotations

import json
import math
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard, cast

from flexura.providers import vendor_json
from flexura.providers.vendor_errors import tidy

_ROOM = 100_000
"""Characters of the result, about; a schema that inlines to more is no use to an agent either."""
_NODE = 16
_DEPTH = 12
_VALUE = 8_000
_TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_BOUNDS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
_NULL = {"type": "null"}

Json = dict[str, Any]


class _TooLarge(Exception):
    """The schema does not end within its room."""


def schema(node: Any, document: Any = None) -> Json | None:
    """Any schema of the document (for local references) as JSON Schema 2020-12; None where it is junk."""
    try:
        return _Conversion(document).schema(node, 0)
    except (_TooLarge, RecursionError):
        return None


def input_schema(node: Any, document: Any = None) -> Json | None:
    """The same for a model's input: an object, its properties in the vendor's order; None for junk."""
    found = schema(node, document)
    if found is None or ("properties" not in found and found.get("type") != "object"):
        return None
    return {**found, "type": "object", "properties": found.get("properties", {})}


def component(document: Any, name: str) -> Any:
    """The schema of that name among the components of an OpenAPI document, as it stands there."""
    return _at(document, ["components", "schemas", name])


def request_body(document: Any) -> Any:
    """The schema of the JSON that the document's first POST operation takes, as it stands there."""
    paths: Any = _at(document, ["paths"])
    for path in cast("dict[str, Any]", paths).values() if isinstance(paths, dict) else ():
        body = _at(path, ["post", "requestBody", "content", "application/json", "schema"])
        if body is not None:
            return body
    return None


def _at(node: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(node, dict):
            node = cast("Json", node).get(step)
        elif isinstance(node, list) and step.isascii() and step.isdigit() and len(step) < 6:
            rows = cast("list[Any]", node)
            node = rows[int(step)] if int(step) < len(rows) else None
        else:
            return None
    return node


class _Conversion:
    """One schema on its way; counts what it has written."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._room = _ROOM
        self._inside: list[str] = []

    def schema(self, node: Any, depth: int) -> Json | None:
        """None for what is no schema; the empty schema, which takes everything, below the greatest depth."""
        if node is True:
            return {}
        if not isinstance(node, dict):
            return None
        self._spend(_NODE)
        if depth > _DEPTH:
            return {}
        source = cast("Json", node)
        own = self._plain(source)
        self._containers(source, own, depth)
        result = _merged(self._referred(source, depth), own)
        result = self._all_of(source, result, depth)
        for word in ("anyOf", "oneOf"):
            result = self._choice(source, result, word, depth)
        if source.get("nullable") is True:
            result = _nullable(result)
        return _consistent(result)

    def _spend(self, characters: int) -> None:
        self._room -= characters
        if self._room < 0:
            raise _TooLarge

    def _keep(self, value: Any) -> bool:
        """Whether a value may go into the result as it is."""
        try:
            size = len(json.dumps(value, allow_nan=False))
        except (ValueError, RecursionError):
            return False
        if size > _VALUE:
            return False
        self._spend(size)
        return True

    def _plain(self, source: Json) -> Json:
        """The keywords that hold no schema."""
        told, step = _type(source), source.get("multipleOf")
        result: Json = {"type": told} if told else {}
        for word in ("description", "format"):
            if isinstance(source.get(word), str) and (text := tidy(source[word])):
                self._spend(len(text))
                result[word] = text
        options = source.get("enum")
        if isinstance(options, list) and options and self._keep(options):
            result["enum"] = list(cast("list[Any]", options))
        for word in ("const", "default"):
            if word in source and self._keep(source[word]):
                result[word] = source[word]
        if (examples := self._examples(source)) is not None:
            result["examples"] = examples
        for word in _COUNTS:
            if (
                _is_number(source.get(word))
                and source[word] >= 0
                and source[word] == int(source[word])
            ):
                result[word] = int(source[word])
        if _is_number(step) and step > 0:
            result["multipleOf"] = step
        for word in ("uniqueItems", "deprecated"):
            if source.get(word) is True:
                result[word] = True
        return result | dict(_bounds(source))

    def _examples(self, source: Json) -> list[Any] | None:
        told: Any = source.get("examples", [source["example"]] if "example" in source else None)
        rows = cast("list[Any]", told)[:1] if isinstance(told, list) else []
        return rows if rows and self._keep(rows) else None

    def _containers(self, source: Json, result: Json, depth: int) -> None:
        """The keywords for what is inside of objects and lists."""
        properties = source.get("properties")
        if isinstance(properties, dict):
            kept: Json = {}
            for name in _ordered(source, cast("Json", properties)):
                self._spend(len(name))
                inner = self.schema(properties[name], depth + 1)
                if inner is not None:
                    kept[name] = inner
            result["properties"] = kept
        required = source.get("required")
        if isinstance(required, list):
            result["required"] = required
        more = source.get("additionalProperties")
        if more is False:
            result["additionalProperties"] = False
        elif (inner := self.schema(more, depth + 1)) is not None:
            result["additionalProperties"] = inner
        items = source.get("items")
        if (inner := self.schema(items, depth + 1)) is not None:
            result["items"] = inner
        rows = cast("Any", items if isinstance(items, list) else source.get("prefixItems"))
        if isinstance(rows, list) and rows:
            result["prefixItems"] = [
                self.schema(r, depth + 1) or {} for r in cast("list[Any]", rows)
            ]

    def _referred(self, source: Json, depth: int) -> Json:
        """What a local `$ref` leads to; a remote one, one into itself or into nothing takes everything."""
        address = source.get("$ref")
        if not isinstance(address, str) or not address.startswith("#") or address in self._inside:
            return {}
        pointer = urllib.parse.unquote(address[1:]).split("/")[1:]
        steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer]
        self._inside.append(address)
        try:
            return self.schema(_at(self._document, steps), depth + 1) or {}
        finally:
            self._inside.pop()

    def _all_of(self, source: Json, own: Json, depth: int) -> Json:
        """Everything that must hold, in one schema where its parts do not contradict each other."""
        told = source.get("allOf")
        parts = (
            [self.schema(p, depth + 1) for p in cast("list[Any]", told)]
            if isinstance(told, list)
            else []
        )
        together: Json = {}
        apart: list[Json] = []
        for part in filter(None, parts):
            if _agree(together, part):
                together = _merged(together, part)
            else:
                apart.append(part)
        return _merged(together, own) | ({"allOf": apart} if apart else {})

    def _choice(self, source: Json, own: Json, word: str, depth: int) -> Json:
        told = source.get(word)
        rows = vendor_json.rows(told)
        branches = [self.schema(row, depth + 1) for row in rows]
        known = [branch for branch in branches if branch is not None]
        if not known or len(known) < len(branches):
            return own
        real = [branch for branch in known if branch != _NULL]
        if len(real) == 1:
            single = _nullable(real[0]) if len(known) > 1 else real[0]
            # "A string, or null": told in one word, so that whoever reads the type sees it.
            if _agree(single, own):
                return _merged(single, own)
        return {**own, word: known}


def _type(source: Json) -> str | list[str] | None:
    told = source.get("type")
    names = cast("list[Any]", told) if isinstance(told, list) else [told]
    types = [name for name in _TYPES if name in names]
    if len(types) < len(names):
        return "string" if told == "file" else None
    return types[0] if len(types) == 1 else types or None


def _is_number(value: Any) -> TypeGuard[float]:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**64


def _bounds(source: Json) -> Iterator[tuple[str, Any]]:
    """Limits; OpenAPI 3.0 says "exclusive" as a flag beside the number, 2020-12 as the number."""
    for plain, exclusive in _BOUNDS:
        limit, flag = source.get(plain), source.get(exclusive)
        if _is_number(limit):
            yield (exclusive if flag is True else plain), limit
        if _is_number(flag):
            yield exclusive, flag


def _ordered(source: Json, properties: Json) -> list[str]:
    """The properties as the vendor shows them: by `x-fal-order-properties`, `x-order`, or as they stand."""

    def place(name: str) -> float:
        inner = properties[name]
        told: Any = cast("Json", inner).get("x-order") if isinstance(inner, dict) else None
        return float(told) if _is_number(told) else math.inf

    told: Any = source.get("x-fal-order-properties")
    shown = (
        [n for n in cast("list[Any]", told) if isinstance(n, str)] if isinstance(told, list) else []
    )
    first = [name for name in dict.fromkeys(shown) if name in properties]
    return first + sorted((name for name in properties if name not in first), key=place)


def _merged(under: Json, over: Json) -> Json:
    """Both together; where both say something, `over` counts."""
    result = {**under, **over}
    if "properties" in under and "properties" in over:
        result["properties"] = {**under["properties"], **over["properties"]}
    if "required" in under and "required" in over:
        result["required"] = [*under["required"], *over["required"]]
    return result


def _agree(one: Json, other: Json) -> bool:
    """Whether two schemas say nothing that contradicts."""
    spoken = {"description", "default", "examples", "required"}
    both = (one.keys() & other.keys()) - spoken - {"properties"}
    inside: Mapping[str, Any] = one.get("properties", {})
    others: Mapping[str, Any] = other.get("properties", {})
    return all(one[word] == other[word] for word in both) and all(
        inside[name] == others[name] for name in inside.keys() & others.keys()
    )


def _nullable(source: Json) -> Json:
    result = dict(source)
    if "const" in result:
        result["enum"] = [result.pop("const")]
    if "type" in result:
        told: Any = result["type"]
        types: list[str] = [told] if isinstance(told, str) else list(told)
        result["type"] = types if "null" in types else [*types, "null"]
    if "enum" in result and None not in result["enum"]:
        result["enum"] = [*result["enum"], None]
    for word in ("anyOf", "oneOf"):
        if word in result and _NULL not in result[word]:
            result[word] = [*result[word], _NULL]
    return result


def _consistent(source: Json) -> Json:
    """Without a `required` that names nothing, and without a default that the schema itself refuses."""
    result = dict(source)
    told: list[Any] = result.pop("required", [])
    names = [n for n in told if isinstance(n, str) and n in result.get("properties", {})]
    if names:
        result["required"] = list(dict.fromkeys(names))
    if "default" in result and not _takes(result, result["default"]):
        del result["default"]
    return result


def _takes(source: Json, value: Any) -> bool:
    """Whether a value has one of the types and is one of the options; bounds are not looked at."""
    if "enum" in source and value not in source["enum"]:
        return False
    told: Any = source.get("type", list(_TYPES))
    types: list[str] = [told] if isinstance(told, str) else told
    if not any(_has_type(value, name) for name in types):
        return False
    branches: list[Json] = source.get("anyOf", source.get("oneOf", []))
    return not branches or any(_takes(branch, value) for branch in branches)


def _has_type(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    whole = isinstance(value, float) and value.is_integer() and name == "integer"
    return whole or isinstance(value, _PYTHON_TYPES[name])
