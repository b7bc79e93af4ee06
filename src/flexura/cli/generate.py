"""`flexura image`, `flexura video`, `flexura audio`: order, wait, bring the files home."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from flexura.bridge import media_types, names
from flexura.bridge.project import path_of
from flexura.bridge.saved import SavedFiles, Wish
from flexura.bridge.uploads import LARGEST, PASSED_ON, split_role
from flexura.cli import (
    confirming,
    destination,
    exit_codes,
    flags,
    homecoming,
    report,
    sidecar,
    terminal,
    words,
)
from flexura.cli.compare import show_job
from flexura.cli.connection import Connection, connected
from flexura.cli.destination import Destination
from flexura.cli.main import write_exit_codes
from flexura.cli.screen import Screen
from flexura.cli.waiting import detached, wait
from flexura.client import Accepted, JobAnswer, Plan
from flexura.client.answers import Cost
from flexura.domain.model import Kind

_MAKES = {
    "image": "Make a picture from words, or change the picture given with --input.",
    "video": "Make a video from words, or from the pictures and clips given with --input.",
    "audio": "Make music, a sound effect or speech from words.",
}


@dataclass(frozen=True)
class Manner:
    """What the flags say besides the order itself: how to wait, and where the files go."""

    output: str
    force: bool
    wait: float
    detach: bool
    dry_run: bool
    yes: bool
    preview: bool = False
    sidecar: bool = False


class GenerateCommand(flags.WaitCommand):
    """A command whose help ends with the exit codes."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_exit_codes(formatter)


def _house_flags() -> list[click.Parameter]:
    """The flags that are about this command, not about what is made."""
    return [
        click.Option(
            ["--option"],
            multiple=True,
            type=flags.NamedValue(),
            help="A model's own option; JSON values.",
        ),
        click.Option(
            ["--preset"], help="A bundle of model and options that the operator configured."
        ),
        click.Option(
            ["--max-cost"], type=click.FloatRange(0), help="Refuse the order above this price."
        ),
        click.Option(["-o", "--output"], default="", help=_OUTPUT),
        click.Option(
            ["--force"], is_flag=True, help="Replace a file that exists; else it is named -2, -3 …"
        ),
        click.Option(["--sidecar"], is_flag=True, help=sidecar.ABOUT),
        click.Option(["--wait"], type=flags.Seconds(), default=float("inf"), help=_WAIT),
        click.Option(
            ["--detach"],
            is_flag=True,
            help="Print the job's id and leave; like --wait 0, but exit 0.",
        ),
        click.Option(
            ["--dry-run"], is_flag=True, help="Tell model, options and price; order nothing."
        ),
        click.Option(
            ["--preview"], is_flag=True, help="Show the result in this terminal, where it can."
        ),
        click.Option(
            ["-y", "--yes"], is_flag=True, help="Do not ask before something that costs money."
        ),
        flags.json_flag(),
    ]


_OUTPUT = (
    "FILE, FOLDER/, a template of {job} {index} {slug} {model} {ext} {seed}, or - for stdout. "
    "Default: flexura-out/ of the project."
)
_WAIT = "Give up waiting after so many seconds; the job goes on.  [default: until the end]"


def _command(kind: Kind) -> click.Command:
    def run(**values: Any) -> int:
        return _run(kind, values)

    return GenerateCommand(
        kind,
        callback=run,
        help=f"{_MAKES[kind]} A PROMPT of - is read from stdin. Prints the paths of the files.",
        params=[
            click.Argument(["prompt"], nargs=-1, required=True),
            *flags.generation_flags(kind),
            *_house_flags(),
        ],
    )


image, video, audio = _command("image"), _command("video"), _command("audio")


def _run(kind: Kind, values: dict[str, Any]) -> int:
    screen = Screen(values.pop("as_json"))
    given = " ".join(values.pop("prompt"))
    prompt = sys.stdin.read().strip() if given == "-" else given
    about = ("output", "force", "wait", "detach", "dry_run", "yes", "preview", "sidecar")
    manner = Manner(**{name: values.pop(name) for name in about})
    order: dict[str, Any] = {**flags.order_of(kind, values), "prompt": prompt}
    order["options"] |= dict[str, Any](values["option"])
    order |= {name: values[name] for name in ("preset", "max_cost") if values[name] is not None}
    return order_as(kind, order, manner, screen)


def order_as(kind: Kind, order: dict[str, Any], manner: Manner, screen: Screen) -> int:
    """Order it, ask before what costs money, bring the files home; the exit code."""
    _check(screen, manner)
    if manner.dry_run:
        _, plan = asyncio.run(_planned(kind, order, manner))
        return _tell_plan(plan, screen)
    if not manner.yes and not screen.as_json and terminal.asks():
        # Asked between two runs of the event loop: inside of one, Ctrl-C would not reach the question.
        order, plan = asyncio.run(_planned(kind, order, manner))
        if not _agreed(plan):
            return exit_codes.DECLINED
        return asyncio.run(_generate(kind, order, manner, screen, plan.cost))
    return asyncio.run(_generate(kind, order, manner, screen))


def _check(screen: Screen, manner: Manner) -> None:
    if manner.output != destination.STDOUT:
        return
    if manner.detach or screen.as_json:
        raise click.UsageError("-o - pipes the file itself; leave --detach and --json out.")
    if sys.stdout.isatty():
        raise click.UsageError(
            "-o - would print the file into this terminal; pipe it on, or name a file."
        )


async def _prepared(
    kind: Kind, order: dict[str, Any], manner: Manner, connection: Connection
) -> tuple[dict[str, Any], Destination]:
    """The order as the gateway takes it, and where its files go."""
    place = destination.read(
        manner.output, connection.project, force=manner.force, sidecar=manner.sidecar
    )
    options = order["options"]
    if wanted := place.format(kind):
        options = {"format": wanted, **options}
    inputs = [await sent(source, connection) for source in order.get("inputs", [])]
    return {**order, "options": options, "inputs": inputs}, place


async def _planned(
    kind: Kind, order: dict[str, Any], manner: Manner
) -> tuple[dict[str, Any], Plan]:
    async with connected() as connection:
        order, _ = await _prepared(kind, order, manner, connection)
        return order, await connection.client.plan(kind, order)


async def _generate(
    kind: Kind, order: dict[str, Any], manner: Manner, screen: Screen, agreed: Cost | None = None
) -> int:
    async with connected() as connection:
        order, place = await _prepared(kind, order, manner, connection)
        job_id = await _ordered(kind, order, agreed, screen, connection)
        # Whoever brings the files home later, an agent of this project say, gives them the same name.
        stem = names.stem_from(order["prompt"])
        SavedFiles(connection.project_id).add(Wish(job_id, save_to="", stem=stem))
        if manner.detach:
            return report.left(job_id, manner.output, screen)
        screen.say(f"job {job_id}", dim=True)
        job = await wait(connection, job_id, manner.wait, screen, manner.output)
        return await _finish(job, place, screen, connection, show=manner.preview)


async def _finish(
    job: JobAnswer, place: Destination, screen: Screen, connection: Connection, *, show: bool
) -> int:
    try:
        brought = await homecoming.bring(job, place, connection)
    except asyncio.CancelledError:
        detached(screen, connection, job.job_id, place.text)
        raise
    if connection.project.note and brought.paths and not place.text:
        screen.say(connection.project.note, dim=True)
    report.tell(screen, brought, place.text)
    if show and brought.paths and not screen.as_json:
        await show_job(connection, job.job_id, brought.paths)
    screen.object(report.record(brought))
    return report.outcome(job)


async def _ordered(
    kind: Kind,
    order: dict[str, Any],
    agreed: Cost | None,
    screen: Screen,
    connection: Connection,
) -> str:
    def submit(body: Mapping[str, Any]) -> Awaitable[Accepted]:
        return connection.client.submit(kind, body, uuid.uuid4().hex)

    try:
        return (await confirming.ordered(order, agreed, submit)).job_id
    except asyncio.CancelledError:
        screen.say("\nInterrupted while ordering; the job may have been taken.")
        screen.next("flexura status")
        screen.object({"job_id": None, "status": "unknown", "next": "flexura status"})
        raise


def _tell_plan(plan: Plan, screen: Screen) -> int:
    screen.object({"dry_run": True, **plan.model_dump()})
    options = {n: v for n, v in plan.request.get("options", {}).items() if v not in (None, "")}
    wide = max(8, *map(len, options)) if options else 8
    screen.data(f"{'model':<{wide}} {plan.model}")
    if plan.why:
        screen.say(plan.why, dim=True)
    source = f"  ({plan.cost.source})" if plan.cost and plan.cost.source else ""
    screen.data(f"{'price':<{wide}} {words.price(plan.cost)}{source}")
    for one in plan.models:
        screen.data(f"{'':<{wide}} {one.model}  {words.price(one.cost)}")
    for name, value in options.items():
        screen.data(f"{name:<{wide}} {value}")
    for given in plan.request.get("inputs", []):
        screen.data(f"{given['slot'] or given['role']:<{wide}} {given['artifact']}")
    for warned in plan.warnings:
        screen.warn(warned.message)
    if plan.confirm_needed:
        screen.say("It has to be confirmed: ordering it is refused once, with the token to send.")
    return exit_codes.OK


def _agreed(plan: Plan) -> bool:
    """Whether the person wants to spend that; nobody is asked about what is free."""
    if plan.cost is None or not plan.cost.amount:
        return True
    question = f"{plan.model} costs about {words.price(plan.cost)}. Order it?"
    return click.confirm(question, default=True, err=True)


async def sent(source: str, connection: Connection) -> str:
    """An input as the gateway can read it: a local file is uploaded first; its role stays before it."""
    role, named = split_role(source)
    if named.lower().startswith(PASSED_ON):
        return source
    local = path_of(named) if named.lower().startswith("file:") else None
    path = Path(os.path.expanduser(local or named))
    if not path.is_file():
        raise click.UsageError(f"--input {source}: there is no such file, and it is no URL or id.")
    mime = media_types.type_of(path.name)
    if not media_types.is_input(mime):
        raise click.UsageError(
            f"--input {source}: its name does not end like that of an image, video or sound."
        )
    if path.stat().st_size > LARGEST:
        raise click.UsageError(f"--input {source}: it is larger than {LARGEST >> 20} MB.")
    with path.open("rb") as file:
        return role + (await connection.client.upload(file, path.name, mime or "")).artifact_id
