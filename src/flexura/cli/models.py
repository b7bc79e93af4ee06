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
from flexura.client import AliasAnswer, ModelEntry, ModelList
from flexura.domain.model import KINDS, SORTS, STATUSES, Model, ModelStats, Price


@click.command(help="List the models that are there now, or all options of one.")
@click.argument("query", nargs=-1)
@click.option("--kind", type=click.Choice(KINDS), help="Only models for this kind of media.")
@click.option("--task", help="Only models for this task, as text-to-video.")
@click.option("--provider", help="Only models of this provider.")
@click.option("--status", type=click.Choice(STATUSES), help="Only models in this state.")
@click.option(
    "--max-price",
    type=click.FloatRange(0),
    help="Only models known to cost at most so many USD for a usual output: 1024x1024, 5 s of video, "
    "30 s of sound, 1,000 characters.",
)
@click.option("--sort", type=click.Choice(SORTS), help="What comes first; else what fits best.")
@click.option("--id", "model_id", default="", help="Show one model with every option it takes.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many."
)
@click.option("--offset", type=click.IntRange(0), default=0, help="Leave out so many at the top.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def models(query: tuple[str, ...], model_id: str, as_json: bool, **filters: Any) -> int:
    screen = Screen(as_json)
    if model_id:
        return asyncio.run(_one(model_id, screen))
    return asyncio.run(_list(" ".join(query), filters, screen))


async def _one(model_id: str, screen: Screen) -> int:
    async with connected() as connection:
        model = await connection.client.model(model_id)
    screen.object(model.model_dump(mode="json"))
    _tell_one(model, screen)
    return exit_codes.OK


async def _list(query: str, filters: Mapping[str, Any], screen: Screen) -> int:
    async with connected() as connection:
        found = await connection.client.models(query, **filters)
    screen.object(found.model_dump(mode="json"))
    _tell_list(found, screen)
    return exit_codes.OK


def _tell_list(found: ModelList, screen: Screen) -> None:
    if terminal.rich_enough(sys.stdout):
        _tell_table(found.models, screen)
    else:
        for entry in found.models:
            screen.data(f"{entry.id}\t{entry.type}\t{_price(entry.price)}\t{entry.description}")
    for name, alias in found.aliases.items():
        screen.say(f"alias {name} = {_means(alias)}")
    for provider in found.providers:
        if provider.status != "ok":
            screen.warn(
                f"{provider.name} is {provider.status}: {provider.error or 'no reason given'}"
            )
    left = found.total - found.offset - len(found.models)
    if found.models and left > 0:
        screen.say(f"{left} more; see --limit and --offset, or search with words.")
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


def _means(alias: AliasAnswer) -> str:
    """`the id`, or `policy:fastest (image …, video …)`, or what is wrong with it."""
    if alias.problem:
        return f"{alias.target} ({alias.problem})"
    now = [
        f"{kind} {model_id}" for kind, model_id in alias.models.items() if model_id != alias.target
    ]
    return f"{alias.target} (now {', '.join(now)})" if now else alias.target


def _tell_one(model: Model, screen: Screen) -> None:
    screen.data(click.style(model.id, bold=True) + f"  {model.name}")
    screen.data(f"{', '.join(model.kinds)}; {', '.join(model.tasks)}; {_price(model.price)}")
    screen.data(model.description)
    if model.stats:
        screen.data(_measured(model.stats))
    required: list[str] = model.input_schema.get("required", [])
    properties: dict[str, dict[str, Any]] = model.input_schema.get("properties", {})
    for name, schema in properties.items():
        about = schema.get("description", "")
        must = " (needed)" if name in required else ""
        screen.data(f"  {click.style(name, fg='cyan')}{must}: {_allowed(schema)}. {about}".rstrip())


def _measured(stats: ModelStats) -> str:
    """`half of its last 40 runs here took at most 4.2 s, 95 % at most 9 s; 5 % failed`."""
    failed = f"{stats.failure_rate:.0%} of its last {stats.runs} runs here failed"
    if stats.p50 is None or stats.p95 is None:
        return failed
    return f"{words.duration(stats.p50)} at the median, {words.duration(stats.p95)} at most in 95 %; {failed}"


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
