"""A model's options as a table that people read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flexura.gateway.dashboard.schema_form import Field

_MOST_WORDS = 12
_KINDS = {
    "string": "text",
    "integer": "whole numbers",
    "number": "numbers",
    "any": "text or number",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the table."""

    key: str
    takes: str
    default: str
    hint: str
    required: bool


def option_table(fields: Sequence[Field], inside: str = "") -> Iterator[Option]:
    """Every option; what is inside of another one has its name in front."""
    for one in fields:
        key = f"{inside}{one.key}"
        default = one.default if one.widget != "several" else one.default.replace("\n", ", ")
        yield Option(key, _takes(one), default[:80].strip('"'), one.hint, one.required)
        if one.widget == "group":
            yield from option_table(one.parts, f"{key}.")


def _takes(one: Field) -> str:
    if one.widget in ("choice", "radio", "several"):
        words = [choice.label for choice in one.choices[:_MOST_WORDS]]
        more = f" and {len(one.choices) - len(words)} more" if len(one.choices) > len(words) else ""
        some = "any of " if one.widget == "several" else ""
        return f"{some}{', '.join(words)}{more}"
    if one.widget == "number":
        return _number(one)
    if one.widget == "flag":
        return "yes or no"
    if one.widget == "either":
        return " or ".join(dict.fromkeys(_takes(part) for part in one.parts))
    if one.widget == "list":
        most = f", at most {one.most}" if one.most else ""
        return f"a list of {_KINDS.get(one.kind, 'text')}{most}"
    if one.widget in ("text", "area"):
        longest = f", up to {one.longest:,} characters" if one.longest else ""
        return f"{_KINDS.get(one.kind, 'text')}{longest}"
    return "its own values" if one.widget == "group" else "JSON"


def _number(one: Field) -> str:
    kind = "whole number" if one.whole else "number"
    if one.low is not None and one.high is not None:
        return f"{kind}, {one.low:,.12g} to {one.high:,.12g}"
    if one.low is not None:
        return f"{kind}, {one.low:,.12g} or more"
    return f"{kind}, {one.high:,.12g} or less" if one.high is not None else kind
