"""Checks one value of `flexura.toml` against its row in the table of keys."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list of texts",
    "object": "a table",
}


def fault(schema: Mapping[str, Any], value: object) -> str:
    """What is wrong with a value, as the end of a sentence that begins with its name; empty if nothing is."""
    declared: Any = schema["type"]
    kinds = cast("list[str]", declared if isinstance(declared, list) else [declared])
    if not any(_is_a(kind, value) for kind in kinds):
        return f"has to be {' or '.join(_WORDS[kind] for kind in kinds)}, and is {_shown(value)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"has to be one of {', '.join(schema['enum'])}{nearest(str(value), schema['enum'])}"
    if isinstance(value, str):
        return _fault_of_text(schema, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _fault_of_number(schema, value)
    if isinstance(value, list):
        return _fault_of_list(schema, cast("list[object]", value))
    return ""


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean "prompt"?` where a known name is near, else nothing."""
    found = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def _is_a(kind: str, value: object) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and not -1e15 < value < 1e15:
        return False
    return isinstance(value, _TYPES[kind])


def _fault_of_text(schema: Mapping[str, Any], value: str) -> str:
    if len(value.strip()) < schema.get("minLength", 0):
        return "is empty"
    if len(value) > schema.get("maxLength", 20_000):
        return f"is longer than {schema.get('maxLength', 20_000)} characters"
    if "\0" in value:
        return "contains a NUL"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return f"cannot be read: {_shown(value)}"
    return ""


def _fault_of_number(schema: Mapping[str, Any], value: float) -> str:
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    if low <= value <= high:
        return ""
    limits = f"{low} to {high}" if "maximum" in schema else f"{low} or more"
    return f"has to be {limits}, and is {value}"


def _fault_of_list(schema: Mapping[str, Any], value: list[object]) -> str:
    if len(value) > schema["maxItems"]:
        return f"has more than {schema['maxItems']} items"
    faults = (fault(schema["items"], item) for item in value)
    return next((f"has an item that {why}" for why in faults if why), "")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
