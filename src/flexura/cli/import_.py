"""`flexura import`: take over what was exported, into the store that is configured."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import click

from flexura import settings
from flexura.cli import exit_codes
from flexura.cli.backup import record
from flexura.cli.screen import Screen
from flexura.domain.workspace import OPERATOR
from flexura.runtime.moving import Imported, import_store

_HELP = """Take over an export into the store that FLEXURA_DATABASE_URL and FLEXURA_ARTIFACTS name.

Without them it goes into FLEXURA_HOME. Interrupt and repeat it as you like: what is there is not added again.
Afterwards all of it is looked for in the store. Keys of a workspace called `default` are the operator's there
as well: use --workspace for somebody who is to be one of many.
"""


@click.command("import", help=_HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--workspace",
    default="",
    help="Put all of it into this one, made if need be (default: the same names).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_(file: Path, workspace: str, as_json: bool) -> int:
    screen, began = Screen(as_json), time.monotonic()
    done = asyncio.run(import_store(settings.load(), file, workspace))
    seconds = round(time.monotonic() - began, 2)
    whole = not done.absent and not done.ledger
    screen.object({"ok": whole, "seconds": seconds, **_record(done)})
    _tell(screen, done, seconds)
    if not workspace and done.manifest.counts.get("api_keys"):
        screen.say(f"Keys of the workspace `{OPERATOR}` are the operator's here as well.", dim=True)
    return exit_codes.OK if whole else exit_codes.FAILED


def _record(done: Imported) -> dict[str, Any]:
    return {
        **record(done.manifest),
        "records": {kind: dict(fates) for kind, fates in done.importer.fates.items()},
        "files": {"added": done.files_added, "there": done.files_there},
        "kept": done.importer.kept,
        "absent": done.absent,
        "ledger": done.ledger,
    }


def _tell(screen: Screen, done: Imported, seconds: float) -> None:
    for kind, fates in done.importer.fates.items():
        if fates:
            told = ", ".join(f"{count} {_WORDS[fate]}" for fate, count in fates.items())
            screen.data(f"{kind.replace('_', ' '):<17} {told}")
    screen.data(f"{'files':<17} {done.files_added} added, {done.files_there} there already")
    for kept in done.importer.kept:
        screen.warn(f"Not taken over, since there is another one here: {kept}.")
    for problem in done.ledger:
        screen.say(problem, fg="red")
    for kind, count in done.absent.items():
        screen.say(f"{count} {kind} of the export are not in the store.", fg="red")
    if done.absent:
        screen.next("run the same command again")
    elif not done.ledger:
        screen.say(f"All of it is there; the ledger adds up. {seconds} s.")


_WORDS = {"added": "added", "there": "there already", "kept": "not taken over", "absent": "absent"}
