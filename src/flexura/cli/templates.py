"""`flexura templates`: saved pieces of work; `flexura run` runs them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from flexura.cli import exit_codes, terminal, words
from flexura.cli.connection import connected
from flexura.cli.screen import Screen
from flexura.client import TemplateAnswer, TemplateInputAnswer
from flexura.domain.template import VIEWS

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(help="List, show, save and delete templates. `flexura run NAME` runs one.")
def templates() -> None:
    """Everything goes through the gateway."""


@templates.command(
    "list", help="List the templates that there are, with the inputs that they take."
)
@click.option("--view", type=click.Choice(VIEWS), help="Only those that are seen as this.")
@_JSON
def list_templates(view: str | None, as_json: bool) -> int:
    return asyncio.run(_list(view or "", Screen(as_json)))


@templates.command(help="Show one template: NAME is a slug, slug@version or an id.")
@click.argument("name")
@click.option("--document", is_flag=True, help="Print the document, to change it and save it.")
@_JSON
def show(name: str, document: bool, as_json: bool) -> int:
    return asyncio.run(_show(name, document, Screen(as_json)))


@templates.command(
    help="Save a template from a YAML or JSON file (- = stdin). A slug that is there gets its next version."
)
@click.argument("file", type=click.File("rb"))
@_JSON
def save(file: BinaryIO, as_json: bool) -> int:
    document = file.read()
    named = Path(str(getattr(file, "name", ""))).suffix.lower()
    is_json = named == ".json" or (named not in (".yaml", ".yml") and document.lstrip()[:1] == b"{")
    return asyncio.run(_save(document, "json" if is_json else "yaml", Screen(as_json)))


@templates.command(help="Delete a template in every version. Jobs that were made from it stay.")
@click.argument("name")
@_JSON
def delete(name: str, as_json: bool) -> int:
    return asyncio.run(_delete(name, Screen(as_json)))


async def _list(view: str, screen: Screen) -> int:
    async with connected() as connection:
        found = await connection.client.templates(view)
    screen.object(found.model_dump(mode="json", exclude={"templates": {"__all__": {"steps"}}}))
    wide = terminal.rich_enough(sys.stdout)
    width = max((len(t.slug) for t in found.templates), default=0)
    for template in found.templates:
        takes = " ".join(_short(i) for i in template.inputs)
        if wide:
            slug = click.style(f"{template.slug:<{width}}", bold=True)
            screen.data(f"{slug}  {words.cut(template.description, 90)}")
            screen.data(f"{'':<{width}}  {click.style(takes, fg='cyan')}")
        else:
            screen.data(f"{template.slug}\t{takes}\t{template.description}")
    if not found.templates:
        screen.say("There is no template of this view; `flexura templates save FILE` makes one.")
    return exit_codes.OK


async def _show(name: str, document: bool, screen: Screen) -> int:
    async with connected() as connection:
        template = await connection.client.template(name)
    if document:
        screen.object(_document(template))
        screen.data(json.dumps(_document(template), ensure_ascii=False, indent=2))
        return exit_codes.OK
    screen.object(template.model_dump(mode="json"))
    _tell(template, screen)
    return exit_codes.OK


async def _save(document: bytes, form: str, screen: Screen) -> int:
    async with connected() as connection:
        template = await connection.client.save_template(document, f"application/{form}")
    screen.object(template.model_dump(mode="json"))
    screen.data(f"{template.slug}@{template.version}")
    screen.say(f"Saved. `flexura run {template.slug}` runs it.")
    return exit_codes.OK


async def _delete(name: str, screen: Screen) -> int:
    async with connected() as connection:
        await connection.client.delete_template(name)
    screen.object({"deleted": name})
    screen.say(f"{name} is deleted.")
    return exit_codes.OK


def _document(template: TemplateAnswer) -> dict[str, Any]:
    """What `save` takes: without what the gateway adds."""
    written = ("slug", "name", "description", "views", "steps", "outputs")
    inputs = [
        declared.model_dump(mode="json", exclude_defaults=True) for declared in template.inputs
    ]
    return template.model_dump(mode="json", include={*written}) | {"inputs": inputs}


def _tell(template: TemplateAnswer, screen: Screen) -> None:
    screen.data(f"{click.style(template.slug, bold=True)}@{template.version}  {template.name}")
    if template.description:
        screen.data(template.description)
    for declared in template.inputs:
        name = click.style(declared.id, fg="cyan")
        screen.data(f"  {name}: {_takes(declared)}. {declared.description}".rstrip())
    steps = ", ".join(f"{step['id']} ({step['uses']})" for step in template.steps)
    screen.data(f"Steps: {steps}")


def _short(declared: TemplateInputAnswer) -> str:
    """`subject`, `[count]` for one that may be left out, `items…` for a list."""
    name = f"{declared.id}…" if declared.many else declared.id
    return name if declared.required else f"[{name}]"


def _takes(declared: TemplateInputAnswer) -> str:
    text = declared.type
    if declared.choices:
        text = f"one of {', '.join(declared.choices)}"
    if declared.minimum is not None or declared.maximum is not None:
        low, high = (
            "…" if bound is None else f"{bound:g}" for bound in (declared.minimum, declared.maximum)
        )
        text += f" {low} to {high}"
    if declared.many:
        text += f", 1 to {declared.most} of them"
    if declared.default not in (None, ""):
        return f"{text}, default {declared.default}"
    return text if declared.required else f"{text}, may be left out"
