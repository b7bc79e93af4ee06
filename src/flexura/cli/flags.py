"""Command-line flags, made from the tables in `domain/` that REST and MCP are made from too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import click
from pydantic.fields import FieldInfo

from flexura.domain.generation import RequestField, fields_of, models_in
from flexura.domain.model import Kind
from flexura.domain.search import SearchRequest

_SEARCH_FLAGS = {
    "max_results": "--max-results",
    "recency": "--recency",
    "sites": "--site",
    "kind": "--kind",
    "fetch": "--fetch",
    "max_chars": "--max-chars",
}


class Seconds(click.ParamType[float]):
    """A waiting time."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1.0
        if seconds >= 0:
            return seconds
        self.fail(f"{value!r} is not a number of seconds.", param, ctx)


class NamedValue(click.ParamType[tuple[str, Any]]):
    """`name=value`; the value is read as JSON if it is JSON, else as text."""

    name = "name=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        name, equals, text = str(value).partition("=")
        if not name.strip() or not equals:
            self.fail(f"{value!r} is not written as name=value.", param, ctx)
        try:
            return name.strip(), json.loads(text)
        except ValueError:
            return name.strip(), text


class WaitCommand(click.Command):
    """A command whose `--wait` may stand alone: then it waits until the end."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        read: list[str] = []
        for position, word in enumerate(args):
            if word == "--":
                return super().parse_args(ctx, [*read, *args[position:]])
            alone = word == "--wait" and not _is_number(args[position + 1 : position + 2])
            read.append("--wait=inf" if alone else word)
        return super().parse_args(ctx, read)


def _is_number(words: list[str]) -> bool:
    try:
        return bool(words) and float(words[0]) >= 0
    except ValueError:
        return False


def json_flag() -> click.Option:
    """`--json`, which every command has."""
    return click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object.")


def generation_flags(kind: Kind) -> list[click.Parameter]:
    """One flag for each request field that the command line offers for this kind of media."""
    return [_flag(field) for field in fields_of(kind) if field.cli]


def _flag(field: RequestField) -> click.Option:
    # Only here: the gateway never opens a path, so the command line sends the file first.
    more = " A local file is uploaded." if field.name == "inputs" else ""
    return _option([field.cli, field.name], field.schema, field.doc + more)


def order_of(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """The order in the words of REST, of the flags that were given."""
    options: dict[str, Any] = {}
    body: dict[str, Any] = {"options": options}
    for field in fields_of(kind):
        value = values.get(field.name)
        if value is None or value == ():
            continue
        place = body if field.place == "body" else options
        place[field.name] = (
            list(cast("tuple[str, ...]", value)) if field.schema["type"] == "array" else value
        )
    _settle_models(body)
    return body


def _settle_models(body: dict[str, Any]) -> None:
    """One `--model` is the model of the order, which may hold commas; several are compared."""
    named: list[str] = body.pop("models", [])
    if len(named) == 1:
        body["model"] = named[0]
    elif named:
        body["models"] = list(dict.fromkeys(one for text in named for one in models_in(text)))


def search_flags() -> list[click.Parameter]:
    """One flag for each field of a search but the query."""
    properties = SearchRequest.model_json_schema()["properties"]
    return [
        _option([flag, name], properties[name], _about(SearchRequest.model_fields[name]))
        for name, flag in _SEARCH_FLAGS.items()
    ]


def _about(field: FieldInfo) -> str:
    return field.description or ""


def _option(names: list[str], schema: Mapping[str, Any], about: str) -> click.Option:
    many = schema["type"] == "array"
    return click.Option(names, type=_type(schema), multiple=many, default=None, help=about)


def _type(schema: Mapping[str, Any]) -> click.ParamType[Any]:
    if choices := [value for value in schema.get("enum", []) if value]:
        return click.Choice(choices)
    low, high = schema.get("minimum"), schema.get("maximum")
    if schema["type"] == "integer":
        return click.IntRange(low, high)
    if schema["type"] == "number":
        return click.FloatRange(low, high)
    return click.STRING
