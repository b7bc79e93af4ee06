"""What somebody filled in, as the options of an order. What stays at its default is left to the model."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flexura.gateway.dashboard.schema_form import Field
from flexura.gateway.dashboard.visit import Form

_MOST_JSON = 20_000
_ABSENT: Any = object()


@dataclass
class Read:
    """The options that were read, and by the name of its control what cannot be."""

    options: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: dict[str, str] = field(default_factory=dict[str, str])


def read_options(fields: Sequence[Field], form: Form) -> Read:
    """The options of a form. Whether the model takes them, its schema decides later."""
    reader = _Reader(form)
    options = reader.object(fields)
    return Read(options, reader.problems)


class _Reader:
    def __init__(self, form: Form) -> None:
        self._form = form
        self.problems: dict[str, str] = {}

    def object(self, fields: Sequence[Field]) -> dict[str, Any]:
        """The properties that were filled in."""
        found: dict[str, Any] = {}
        for one in fields:
            value = self._value(one)
            if value is not _ABSENT:
                found[one.key] = value
        return found

    def _value(self, one: Field) -> Any:
        if one.widget == "group":
            return self.object(one.parts) or _ABSENT
        if one.widget == "either":
            return self._either(one)
        if one.widget == "flag":
            return self._flag(one)
        if one.widget == "several":
            return self._several(one)
        text = self._form.get(one.name, "")
        if not text.strip() or _same(text, one.default):
            return _ABSENT
        try:
            return _READ[one.widget](one, text)
        except ValueError as problem:
            self.problems[one.name] = str(problem)
            return _ABSENT

    def _flag(self, one: Field) -> Any:
        # The control says that it was there: a box that is not ticked sends nothing.
        if f"{one.name}?" not in self._form:
            return _ABSENT
        ticked = one.name in self._form
        return _ABSENT if ticked == (one.default == "true") else ticked

    def _several(self, one: Field) -> Any:
        if f"{one.name}?" not in self._form:
            return _ABSENT
        known = {choice.token for choice in one.choices}
        chosen = [token for token in self._form.getlist(one.name) if token in known]
        if "\n".join(chosen) == one.default:
            return _ABSENT
        return [json.loads(token) for token in chosen]

    def _either(self, one: Field) -> Any:
        chosen = self._form.get(f"{one.name}?", "")
        if not chosen.isdecimal() or int(chosen[:4]) >= len(one.parts):
            return _ABSENT
        return self._value(one.parts[int(chosen[:4])])


def _same(text: str, default: str) -> bool:
    return bool(default) and text.replace("\r\n", "\n").strip() == default.strip()


def _number(one: Field, text: str) -> int | float:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("This is not a number.")
    if one.whole and not number.is_integer():
        raise ValueError("This is not a whole number.")
    if (one.low is not None and number < one.low) or (one.high is not None and number > one.high):
        raise ValueError(f"Allowed: {_bounds(one)}.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _bounds(one: Field) -> str:
    if one.low is None:
        return f"at most {one.high:.12g}"
    return f"at least {one.low:.12g}" if one.high is None else f"{one.low:.12g} to {one.high:.12g}"


def _text(one: Field, text: str) -> Any:
    text = text.replace("\r\n", "\n")
    if one.longest is not None and len(text) > one.longest:
        raise ValueError(f"This is longer than {one.longest} characters.")
    if one.kind != "any":
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text


def _choice(one: Field, text: str) -> Any:
    if text not in {choice.token for choice in one.choices}:
        raise ValueError("The model does not offer this any more. Choose another one.")
    return json.loads(text)


def _lines(one: Field, text: str) -> list[Any]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if one.most is not None and len(lines) > one.most:
        raise ValueError(f"At most {one.most} lines.")
    if one.kind == "string":
        return lines
    item = Field(one.name, one.key, one.title, "number", whole=one.kind == "integer")
    return [_number(item, line) for line in lines]


def _json(one: Field, text: str) -> Any:
    if len(text) > _MOST_JSON:
        raise ValueError(f"This is longer than {_MOST_JSON} characters.")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError('This is not JSON, such as {"a": 1}, [1, 2] or "a word".') from None
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_READ: dict[str, Any] = {
    "number": _number,
    "text": _text,
    "area": _text,
    "choice": _choice,
    "radio": _choice,
    "list": _lines,
    "json": _json,
}
