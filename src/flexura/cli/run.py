"""`flexura run`: run a template, tell its steps, bring the result home."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import click

from flexura.bridge import names
from flexura.bridge.saved import SavedFiles, Wish
from flexura.cli import (
    confirming,
    destination,
    exit_codes,
    flags,
    report,
    sidecar,
    terminal,
    words,
)
from flexura.cli.connection import Connection, connected
from flexura.cli.generate import GenerateCommand, sent
from flexura.cli.running import follow
from flexura.cli.screen import Screen
from flexura.client import Accepted, RunPlanAnswer, TemplateAnswer, TemplateInputAnswer
from flexura.client.answers import Cost
from flexura.domain.errors import InputValidationError


@dataclass(frozen=True)
class Asked:
    """What the flags say."""

    template: str
    inputs: tuple[tuple[str, str], ...]
    body: Mapping[str, Any]
    output: str
    force: bool
    wait: float
    detach: bool
    dry_run: bool
    yes: bool
    sidecar: bool


class InputValue(click.ParamType[tuple[str, str]]):
    """`name=value`, the value as it is written; the template says what it is."""

    name = "name=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        name, equals, text = str(value).partition("=")
        if not name.strip() or not equals:
            self.fail(f"{value!r} is not written as name=value.", param, ctx)
        return name.strip(), text


class Moment(click.ParamType[str]):
    """A time: ISO 8601; without a zone it is the local one."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return datetime.fromisoformat(str(value)).astimezone().isoformat()
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time; write it as 2031-05-01T09:00.", param, ctx)


_WAIT = "Give up waiting after so many seconds; the run goes on.  [default: until the end]"


@click.command(
    cls=GenerateCommand,
    help="Run a template: NAME is a slug, slug@version or an id (`flexura templates list`). Prints the paths"
    " of the files, or the candidates if somebody has to approve.",
)
@click.argument("template", metavar="NAME")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    type=InputValue(),
    help="A value for an input of the template; repeat it for a list. A local file is uploaded.",
)
@click.option("--n", type=click.IntRange(1), help="How many variants the first steps make.")
@click.option("--model", help="The model of the first steps.  [default: the template's policy]")
@click.option("--preset", help="A bundle of model and options.")
@click.option("--option", multiple=True, type=flags.NamedValue(), help="An option of the steps.")
@click.option("--publish", multiple=True, help="A destination of the operator's for the result.")
@click.option("--staging", is_flag=True, help="Wait for an approval before publishing.")
@click.option("--at", "publish_at", type=Moment(), help="Do not publish before this time.")
@click.option("--max-cost", type=click.FloatRange(0), help="Refuse the run above this price.")
@click.option("-o", "--output", default="", help="As for `flexura image`.")
@click.option("--force", is_flag=True, help="Replace a file that exists; else it is named -2, -3 …")
@click.option("--sidecar", is_flag=True, help=sidecar.ABOUT)
@click.option("--wait", type=flags.Seconds(), default=float("inf"), help=_WAIT)
@click.option("--detach", is_flag=True, help="Print the job's id and leave.")
@click.option("--dry-run", is_flag=True, help="Tell steps, models and prices; order nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before something that costs money.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def run(**given: Any) -> int:
    screen = Screen(given["as_json"])
    body = {n: given[n] for n in ("n", "model", "preset", "publish_at", "max_cost")}
    body |= {"options": dict(given["option"]), "publish": list(given["publish"])}
    body |= {"staging": given["staging"]}
    kept = ("template", "inputs", "output", "force", "wait", "detach", "dry_run", "yes", "sidecar")
    sent_body = {name: value for name, value in body.items() if value not in (None, [], {}, False)}
    asked = Asked(**{name: given[name] for name in kept}, body=sent_body)
    if asked.output == destination.STDOUT and (asked.detach or screen.as_json):
        raise click.UsageError("-o - pipes the file itself; leave --detach and --json out.")
    if asked.dry_run:
        _, plan = asyncio.run(_planned(asked))
        return _tell_plan(plan, screen)
    values, agreed = None, None
    if not asked.yes and not screen.as_json and terminal.asks():
        values, plan = asyncio.run(_planned(asked))
        if not _agreed(plan):
            return exit_codes.DECLINED
        agreed = plan.cost or plan.known_cost
    return asyncio.run(_run(asked, values, agreed, screen))


async def _values(asked: Asked, connection: Connection) -> dict[str, Any]:
    """The values as the gateway takes them: local files are uploaded, lists are put together."""
    template = await connection.client.template(asked.template)
    declared = {wanted.id: wanted for wanted in template.inputs}
    values: dict[str, Any] = {}
    for name, text in asked.inputs:
        wanted = declared.get(name)
        if wanted is None:
            raise _unknown(name, template)
        value = await _value(wanted, text, connection)
        if not wanted.many:
            values[name] = value
        elif isinstance(value, list):
            values[name] = [*values.get(name, []), *cast("list[Any]", value)]
        else:
            values[name] = [*values.get(name, []), value]
    return values


def _unknown(name: str, template: TemplateAnswer) -> InputValidationError:
    known = ", ".join(wanted.id for wanted in template.inputs) or "none"
    return InputValidationError(
        f"{template.slug} has no input {name!r}. It takes: {known}.",
        field=f"inputs.{name}",
        next_step=f"`flexura templates show {template.slug}` describes them.",
    )


async def _value(wanted: TemplateInputAnswer, text: str, connection: Connection) -> Any:
    if wanted.type.endswith("_URL"):
        return await sent(text, connection)
    if wanted.type == "NUMBER" or (wanted.many and text.lstrip()[:1] in ("[", "{")):
        try:
            return json.loads(text)
        except ValueError:
            # The gateway says what it takes.
            return text
    return text


async def _planned(asked: Asked) -> tuple[dict[str, Any], RunPlanAnswer]:
    async with connected() as connection:
        values = await _values(asked, connection)
        order = {**asked.body, "inputs": values}
        return values, await connection.client.plan_run(asked.template, order)


async def _run(
    asked: Asked, values: Mapping[str, Any] | None, agreed: Cost | None, screen: Screen
) -> int:
    async with connected() as connection:
        place = destination.read(
            asked.output, connection.project, force=asked.force, sidecar=asked.sidecar
        )
        inputs = await _values(asked, connection) if values is None else values
        order = {**asked.body, "inputs": inputs}

        def submit(body: Mapping[str, Any]) -> Awaitable[Accepted]:
            return connection.client.run(asked.template, body, uuid.uuid4().hex)

        try:
            made = await confirming.ordered(order, agreed, submit)
        except asyncio.CancelledError:
            screen.say("\nInterrupted while ordering; the run may have been taken.")
            screen.next("flexura status")
            screen.object({"job_id": None, "status": "unknown", "next": "flexura status"})
            raise
        stem = names.stem_from(_subject(inputs) or asked.template)
        SavedFiles(connection.project_id).add(Wish(made.job_id, save_to="", stem=stem))
        if asked.detach:
            return report.left(made.job_id, asked.output, screen)
        screen.say(f"job {made.job_id}", dim=True)
        return await follow(connection, made.job_id, asked.wait, place, screen)


def _subject(values: Mapping[str, Any]) -> str:
    """The first text among the values, for naming the files."""
    return next((v for v in values.values() if isinstance(v, str) and " " in v), "")


def _tell_plan(plan: RunPlanAnswer, screen: Screen) -> int:
    screen.object({"dry_run": True, **plan.model_dump()})
    for step in plan.steps or ({"id": "make", "model": plan.model, "orders": 1},):
        screen.data(_step_line(step))
    if plan.unknown_costs:
        known = words.price(plan.known_cost)
        screen.data(
            f"{'price':<12} {known}, and {plan.unknown_costs} orders whose price is unknown"
        )
    else:
        screen.data(f"{'price':<12} {words.price(plan.cost)}")
    for warned in plan.warnings:
        screen.warn(warned.message)
    if plan.confirm_needed:
        screen.say("It has to be confirmed: ordering it is refused once, with the token to send.")
    return exit_codes.OK


def _step_line(step: Mapping[str, Any]) -> str:
    orders = int(step.get("orders", 0))
    times = f"  {orders} x" if orders > 1 else ""
    return f"{step['id']:<12} {step.get('model') or step.get('uses', '')}{times}"


def _agreed(plan: RunPlanAnswer) -> bool:
    """Whether the person wants to spend that; nobody is asked about what is free."""
    cost = plan.cost or plan.known_cost
    if cost is None or not cost.amount:
        return True
    return click.confirm(f"It costs about {words.price(cost)}. Run it?", default=True, err=True)
