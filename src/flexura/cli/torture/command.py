"""`flexura torture`: the command."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.cli import exit_codes
from flexura.cli.screen import Screen
from flexura.cli.torture.plan import KEYED, UNKEYED

if TYPE_CHECKING:
    from flexura.cli.torture.run import Options

_UPSTREAMS = {"keyed": (KEYED,), "unkeyed": (UNKEYED,), "both": (KEYED, UNKEYED)}
_SECONDS_PER_KILL, _SECONDS_PER_JOB, _SECONDS_MORE = 2.0, 0.25, 120.0
_HELP = """Kill this program again and again while it works, and prove that nothing is lost or bought twice.

A store of its own, an upstream of its own on loopback that counts what it sells, real gateways and bridges:
nothing that you have is touched, and nothing leaves this machine. Ends by 0 only if nothing was found.
"""


@click.command(help=_HELP)
@click.option("--kills", default=100, show_default=True, type=click.IntRange(0, 100_000))
@click.option("--jobs", default=1000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option(
    "--upstream",
    default="both",
    show_default=True,
    type=click.Choice(list(_UPSTREAMS)),
    help="One that recognises a repeated order by its key, one that does not, or half of each.",
)
@click.option(
    "--seed", type=int, help="Replay the orders and blows of a run; timing never replays."
)
@click.option(
    "--database",
    default="",
    metavar="URL",
    help="postgresql://… of a server where a database of its own is made, and dropped afterwards.",
)
@click.option("--deadline", type=float, help="Seconds after which what has not ended hangs.")
@click.option("--keep", metavar="DIR", default="", help="Keep store and logs there in any case.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--nursery", is_flag=True, hidden=True, help="Be the process that is forked from.")
def torture(
    kills: int, jobs: int, seed: int | None, keep: str, as_json: bool, nursery: bool, **more: Any
) -> int:
    if sys.platform == "win32":
        raise click.ClickException("Windows has no fork and no SIGSTOP: run it in WSL.")
    if nursery:
        from flexura.cli.torture.nursery import main

        return main()
    from flexura.cli.torture.database import Server
    from flexura.cli.torture.run import Options

    bound: float = (
        more["deadline"] or _SECONDS_MORE + kills * _SECONDS_PER_KILL + jobs * _SECONDS_PER_JOB
    )
    options = Options(
        kills=kills,
        jobs=jobs,
        seed=secrets.randbelow(1_000_000) if seed is None else seed,
        upstreams=_UPSTREAMS[more["upstream"]],
        deadline=bound,
        database=Server(more["database"]) if more["database"] else None,
    )
    return _run(options, keep, Screen(as_json))


def _run(options: Options, keep: str, screen: Screen) -> int:
    from flexura.cli.torture.run import Run, summary
    from flexura.cli.torture.show import Show

    folder = _folder(keep)
    ok = False
    with ExitStack() as stack:
        if options.database:
            stack.enter_context(options.database.fresh(keep=bool(keep)))
        with Show(screen).live() as show:
            report = asyncio.run(Run(options, folder, show.progress).whole())
        ok = report.ok
        show.report(report)
        kept = bool(keep) or not ok
        screen.object({**summary(report), "kept": str(folder) if kept else None})
    if kept:
        screen.say(f"The store and the logs are in {folder}.")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    if report.interrupted:
        return exit_codes.INTERRUPTED
    return exit_codes.OK if ok else exit_codes.FAILED


def _folder(keep: str) -> Path:
    if not keep:
        return Path(tempfile.mkdtemp(prefix="flexura-torture-"))
    folder = Path(keep).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Name a folder that is, or a new one.")
    return folder
