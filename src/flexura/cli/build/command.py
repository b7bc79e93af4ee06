"""`flexura build`: reads the declaration, looks how everything stands, and does what is to be done."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.cli import exit_codes
from flexura.cli.build import keys, lockfile, reading, show, standing, starter
from flexura.cli.build.declared import FILE, Project
from flexura.cli.main import write_exit_codes
from flexura.cli.screen import Screen
from flexura.local.errors import LocalError

if TYPE_CHECKING:
    from flexura.cli.build.purse import Purse

_HELP = f"""Make the files that {FILE} declares: what is missing or changed, and nothing twice.

Names choose assets; what they start from is made too. What each file was made from is kept in flexura.lock:
commit both. A file that somebody changed by hand is left alone.
"""


@dataclass(frozen=True)
class Asked:
    """What the flags say."""

    names: tuple[str, ...]
    check: bool
    watch: bool
    dry_run: bool
    force: bool
    again: bool
    prune: bool
    yes: bool
    max_cost: float | None
    jobs: int


class BuildCommand(click.Command):
    """A command whose help ends with the exit codes."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_exit_codes(formatter)


@click.command("build", cls=BuildCommand, help=_HELP)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--check", is_flag=True, help="Only tell whether all is up to date: no gateway, exit 1 if not."
)
@click.option("--watch", is_flag=True, help="Build, then again whenever something changes.")
@click.option("--dry-run", is_flag=True, help="Tell what would be made, why and at what price.")
@click.option("--force", is_flag=True, help="Replace also files that were changed by hand.")
@click.option("--again", is_flag=True, help="Make the named assets again though nothing changed.")
@click.option("--prune", is_flag=True, help="Remove files of ours that are no longer declared.")
@click.option(
    "--max-cost", type=click.FloatRange(0), help="USD to spend at most, instead of the budget."
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="So many at once."
)
@click.option(
    "-C", "--directory", type=click.Path(exists=True, file_okay=False), help="Go there first."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask before something that costs money.")
@click.option("--init", is_flag=True, help=f"Write a {FILE} to start from; never over another one.")
@click.option("--schema", is_flag=True, help=f"Print the JSON Schema of {FILE}, for editors.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object; with --watch one per build."
)
def build(directory: str | None, init: bool, schema: bool, as_json: bool, **flags: Any) -> int:
    """Make what a project declares."""
    screen, asked = Screen(as_json), Asked(**flags)
    _refuse_senseless(asked)
    if schema:
        click.echo(json.dumps(keys.json_schema(), indent=2))
        return exit_codes.OK
    with contextlib.chdir(directory or "."):
        if init:
            file = starter.write(Path.cwd())
            screen.data(file.name)
            screen.object({"path": str(file)})
            screen.next("`flexura build --dry-run` tells what it would make.")
            return exit_codes.OK
        root = reading.find(Path.cwd())
        with contextlib.chdir(root):
            return _built(root, asked, screen)


def _refuse_senseless(asked: Asked) -> None:
    if asked.again and not asked.names:
        raise click.UsageError("--again takes the names of the assets to make again.")
    if asked.check and (asked.watch or asked.force or asked.again or asked.prune or asked.dry_run):
        raise click.UsageError("--check only looks; leave the other flags out.")
    if asked.watch and (asked.dry_run or asked.again or asked.force):
        raise click.UsageError("--watch goes without --dry-run, --again and --force.")
    if asked.prune and asked.names:
        raise click.UsageError("--prune is about the whole project; leave the names out.")


def _built(root: Path, asked: Asked, screen: Screen) -> int:
    from flexura.cli.build.journal import Journal

    journal = Journal(root)
    if asked.check:
        project = reading.read(root)
        _know(project, asked.names)
        lock = lockfile.read(root)
        found = standing.look(project, lock, asked.names, journal.placed())
        if asked.names:
            return show.check(screen, found, (), ())
        left = standing.left_behind(project, lock, found)
        stale = [file.name for file in left if file.name not in project.assets]
        return show.check(screen, found, left, stale)
    with contextlib.nullcontext() if asked.dry_run else journal.hold():
        if asked.watch:
            from flexura.cli.build.watching import watched

            return watched(root, asked, screen, journal)
        project = reading.read(root)
        return once(Round(project, journal, _purse(project, asked)), asked, screen)


@dataclass
class Round:
    """One build of a project as it is declared now. `failed` goes in and out: what a watch leaves alone."""

    project: Project
    journal: Any
    purse: Purse
    failed: frozenset[str] = frozenset()


def once(round: Round, asked: Asked, screen: Screen) -> int:
    """One build; the exit code. Raises LocalError, FlexuraError and OSError."""
    from flexura.cli.build.steps import LOCAL, Action, Wishes, decide

    project = round.project
    _know(project, asked.names)
    lock = lockfile.read(project.root)
    found = standing.look(project, lock, asked.names, round.journal.placed())
    left = [] if asked.names else standing.left_behind(project, lock, found)
    wishes = Wishes(asked.force, asked.again, asked.names, round.failed)
    steps = [decide(project, s, round.journal, wishes) for s in found.values()]
    if all(step.action is Action.REUSE for step in steps) and not left:
        # The usual case by far: nothing heavy is imported for it.
        return _nothing_to_do(screen, len(steps), dry_run=asked.dry_run)
    from flexura.cli.build.work import Work, declined

    work = Work(
        project,
        lock,
        round.journal,
        wishes,
        round.purse,
        screen,
        asked.jobs,
        asks=not asked.yes,
        prune=asked.prune,
        left=left,
    )
    steps = work.plan(steps)
    show.plan(screen, steps, left, prune=asked.prune)
    if asked.dry_run:
        cost, orders, unknown = show.total_of(steps)
        screen.say(f"{orders} to order, {cost:.6g} USD{f', {unknown} unknown' if unknown else ''}.")
        screen.object(show.planned(steps, left))
        return exit_codes.OK
    work.check(steps)
    paid = any(s.action not in LOCAL for s in steps)
    agreed = work.agreed(steps) if paid and not asked.watch else None
    if agreed is False:
        return declined(screen)
    code = work.run(steps, agreed=bool(agreed))
    round.failed = round.failed | frozenset(work.failed)
    return code


def _nothing_to_do(screen: Screen, count: int, *, dry_run: bool) -> int:
    screen.say(
        f"{show.assets_are(count)} up to date; nothing {'would be' if dry_run else 'was'} ordered."
    )
    nothing = {"made": 0, "reused": count, "kept": 0, "failed": 0}
    told = {"dry_run": True, "orders": 0} if dry_run else {"ok": True, **nothing}
    screen.object({**told, "cost_usd": 0.0, "assets": [], "undeclared": []})
    return exit_codes.OK


def limit_of(project: Project, asked: Asked) -> float | None:
    """What may be spent: --max-cost stands for the budget of the declaration."""
    return asked.max_cost if asked.max_cost is not None else project.budget


def _purse(project: Project, asked: Asked) -> Purse:
    from flexura.cli.build.purse import Purse

    return Purse(limit_of(project, asked))


def _know(project: Project, names: Sequence[str]) -> None:
    from flexura.cli.build import values

    for name in names:
        if name not in project.assets:
            near = values.nearest(name, project.assets)
            raise LocalError(
                "invalid_request",
                f"{FILE} declares no asset {name[:80]!r}{near}.",
                next_step=f"It declares: {', '.join(list(project.assets)[:30]) or 'nothing'}.",
            )
