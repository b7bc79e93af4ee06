"""`flexura models`: the live catalog."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any, cast

import click

from flexura.cli import exit_codes, terminal, words
from flexura.cli.connection import connected
from flexura.cli.screen import Screen
from flexura.client import ModelEntry, ModelList
from flexura.domain.model import KINDS, Model, Price


@click.command(help="List the models that are there now, or all options of one.")
@click.argument("query", nargs=-1)
@click.option("--kind", type=click.Choice(KINDS), help="Only models for this kind of media.")
@click.option("--id", "model_id", default="", help="Show one model with every option it takes.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def models(
    query: tuple[str, ...], kind: str | None, model_id: str, limit: int, as_json: bool
) -> int:
    screen = Screen(as_json)
    if model_id:
        return asyncio.run(_one(model_id, screen))
    return asyncio.run(_list(" ".join(query), kind or "", limit, screen))


async def _one(model_id: str, screen: Screen) -> int:
    async with connected() as connection:
        model = await connection.client.model(model_id)
    screen.object(model.model_dump(mode="json"))
    _tell_one(model, screen)
    return exit_codes.OK


async def _list(query: str, kind: str, limit: int, screen: Screen) -> int:
    async with connected() as connection:
        found = await connection.client.models(query=query, kind=kind, limit=limit)
    screen.object(found.model_dump(mode="json"))
    _tell_list(found, screen)
    return exit_codes.OK


def _tell_list(found: ModelList, screen: Screen) -> None:
    if terminal.rich_enough(sys.stdout):
        _tell_table(found.models, screen)
    else:
        for entry in found.models:
            screen.data(f"{entry.id}\t{entry.type}\t{_price(entry.price)}\t{entry.description}")
    for name, model_id in found.aliases.items():
        screen.say(f"alias {name} = {model_id}")
    for provider in found.providers:
        if provider.status != "ok":
            screen.warn(
                f"{provider.name} is {provider.status}: {provider.error or 'no reason given'}"
            )
    if found.total > len(found.models):
        screen.say(f"{found.total - len(found.models)} more; see --limit, or search with words.")
    if not found.models:
        screen.say("No model matches; `flexura models` without words lists all.")


def _tell_table(entries: tuple[ModelEntry, ...], screen: Screen) -> None:
    width = max((len(entry.id) for entry in entries), default=0)
    for entry in entries:
        model = click.style(f"{entry.id:<{width}}", bold=True)
        kind = click.style(f"{entry.type:<5}", fg="cyan")
        screen.data(
            f"{model}  {kind}  {_price(entry.price):<18}  {words.cut(entry.description, 70)}"
        )


def _tell_one(model: Model, screen: Screen) -> None:
    screen.data(click.style(model.id, bold=True) + f"  {model.name}")
    screen.data(f"{', '.join(model.kinds)}; {', '.join(model.tasks)}; {_price(model.price)}")
    screen.data(model.description)
    required: list[str] = model.input_schema.get("required", [])
    properties: dict[str, dict[str, Any]] = model.input_schema.get("properties", {})
    for name, schema in properties.items():
        about = schema.get("description", "")
        must = " (needed)" if name in required else ""
        screen.data(f"  {click.style(name, fg='cyan')}{must}: {_allowed(schema)}. {about}".rstrip())


def _allowed(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "any")
    text = " or ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(kind)
    if "enum" in schema:
        text = ", ".join(str(value) or "(empty)" for value in schema["enum"])
    if "minimum" in schema or "maximum" in schema:
        text += f" {schema.get('minimum', '…')} to {schema.get('maximum', '…')}"
    return text + (
        f", default {schema['default']}" if schema.get("default") not in (None, "") else ""
    )


def _price(price: Price | None) -> str:
    if price is None:
        return "price unknown"
    return f"{price.amount:g} {price.currency}/{price.unit}" if price.amount else "free"
