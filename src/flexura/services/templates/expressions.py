"""Expressions in the texts of a template: `{{ inputs.subject }}`, `{{ steps.draw.outputs.0 }}`, `{{ item }}`.

They name values and nothing else: there is no code, and what a value holds is never read as an expression,
so text from outside cannot reach other values. `| default("…")` stands in for a value that is not given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import split_role

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.S)
_NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"
_INSIDE = re.compile(
    rf"\s*({_NAME}(?:\.(?:{_NAME}|\d{{1,3}})){{0,4}})\s*"
    r'(?:\|\s*default\(\s*("(?:[^"\\]|\\.)*"|-?\d{1,9}(?:\.\d{1,9})?)\s*\)\s*)?'
)
HOW = (
    "Write {{ inputs.NAME }}, {{ steps.ID.outputs }}, {{ steps.ID.outputs.0 }}, {{ steps.ID.text }},"
    ' {{ item }} or {{ item.NAME }}, with | default("…") behind it if the value may be missing.'
)


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression: `steps.draw.outputs.0` as its parts, and what stands in for a missing value."""

    path: tuple[str, ...]
    default: Any = None
    has_default: bool = False

    @property
    def root(self) -> str:
        """inputs, steps, item, or a mistake."""
        return self.path[0]

    def __str__(self) -> str:
        return ".".join(self.path)


def parse(inside: str) -> Expression:
    """The expression between the braces. Raises InvalidRequest for one that cannot be read."""
    found = _INSIDE.fullmatch(inside)
    if found is None:
        raise InvalidRequest(f"The expression {{{{{inside[:60]}}}}} cannot be read.", next_step=HOW)
    path, default = found[1], found[2]
    try:
        value = json.loads(default) if default else None
    except ValueError:
        raise InvalidRequest(
            f"The default of {{{{{inside[:60]}}}}} cannot be read.", next_step=HOW
        ) from None
    return Expression(tuple(path.split(".")), value, bool(default))


def expressions(value: Any) -> Iterator[Expression]:
    """Every expression in a text, or in the texts of a list or an object."""
    if isinstance(value, str):
        if value.count("{{") != len(_HOLE.findall(value)):
            raise InvalidRequest("A {{ has no }} that closes it.", next_step=HOW)
        for inside in _HOLE.findall(value):
            yield parse(inside)
    elif isinstance(value, Mapping):
        for part in cast("Mapping[str, Any]", value).values():
            yield from expressions(part)
    elif isinstance(value, Sequence):
        for part in cast("Sequence[Any]", value):
            yield from expressions(part)


def whole(text: str) -> Expression | None:
    """The expression that a text consists of, or None if it holds more or none."""
    found = _HOLE.fullmatch(text.strip())
    return parse(found[1]) if found and "{{" not in found[1] else None


def references(value: Any) -> set[str]:
    """The ids of the steps that a text, a list or an object names."""
    return {e.path[1] for e in expressions(value) if e.root == "steps" and len(e.path) > 1}


def render(value: Any, scope: Mapping[str, Any]) -> Any:
    """The value with its expressions replaced by what they name.

    A text that is one expression gets the value itself, with its type; elsewhere values become text. Lists
    and objects are rendered part by part. `scope` holds `inputs`, `steps` (id → `outputs`, `text`), `item`.
    Raises InvalidRequest for something that is not there and has no default.
    """
    if isinstance(value, str):
        alone = whole(value)
        if alone is not None:
            return _look_up(alone, scope)
        return _HOLE.sub(lambda hole: as_text(_look_up(parse(hole[1]), scope)), value)
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value)
        return {name: render(part, scope) for name, part in parts.items()}
    if isinstance(value, list | tuple):
        return [render(part, scope) for part in cast("Sequence[Any]", value)]
    return value


def sources(inputs: Sequence[str], scope: Mapping[str, Any]) -> list[str]:
    """What a step starts from, rendered: a list gives several sources, a missing value none.

    A role (`mask={{ inputs.mask }}`) goes to each of them. Raises as `render`.
    """
    found: list[str] = []
    for text in inputs:
        role, source = split_role(text)
        value = render(source, scope)
        several = cast("list[Any]", value) if isinstance(value, list) else [value]
        head = f"{role}=" if role else ""
        found += [f"{head}{as_text(part)}" for part in several if part not in (None, "")]
    return found


def as_text(value: Any) -> str:
    """A value inside a text: a list with commas, a missing one as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return ", ".join(as_text(part) for part in cast("Sequence[Any]", value))
    if isinstance(value, Mapping):
        named = ", ".join(map(str, list(cast("Mapping[str, Any]", value))[:8]))
        raise InvalidRequest(
            "An object cannot stand inside a text.",
            next_step=f"Name one of its fields: {named}.",
        )
    return str(value)


def _look_up(expression: Expression, scope: Mapping[str, Any]) -> Any:
    value: Any = scope
    for depth, part in enumerate(expression.path):
        value = _part(value, part)
        if value is None:
            # An input that may be left out is empty; anything else has to be there.
            optional = expression.root == "inputs" and depth == 1
            if expression.has_default:
                return expression.default
            if optional and len(expression.path) == 2:
                return None
            raise InvalidRequest(
                f"There is no {'.'.join(expression.path[: depth + 1])} here.",
                next_step=f'Give it a value, or write {{{{ {expression} | default("…") }}}}.',
            )
    return expression.default if value == "" and expression.has_default else value


def _part(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value).get(name)
    if isinstance(value, list | tuple) and name.isdecimal():
        items = cast("Sequence[Any]", value)
        return items[int(name)] if int(name) < len(items) else None
    return None
