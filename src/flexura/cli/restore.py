"""`flexura restore`: prove a backup, or bring it back."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from flexura import settings
from flexura.cli import exit_codes
from flexura.cli.backup import record
from flexura.cli.screen import Screen
from flexura.domain.errors import Conflict
from flexura.local import lock, paths
from flexura.runtime.backups import Restored, check_backup, restore_backup

_HELP = """Bring a backup back into an empty FLEXURA_HOME, or look at it with --check.

Jobs that were waiting or under way when the backup was made may have been bought since: they end as
outcome_unknown and are not ordered again. An order that its vendor had taken goes on. With --resume
everything goes on: say it only if no gateway has run since the backup was made.
"""


@click.command(help=_HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Prove every byte of it; nothing is changed.")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Another FLEXURA_HOME."
)
@click.option("--force", is_flag=True, help="Move the store that is there aside first.")
@click.option("--resume", is_flag=True, help="Nothing has run since: let waiting jobs run.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def restore(
    file: Path, check: bool, folder: Path | None, force: bool, resume: bool, as_json: bool
) -> int:
    screen, found = Screen(as_json), settings.load(local=True)
    if check:
        return _told(screen, asyncio.run(check_backup(found, file)), file)
    home = (folder or paths.default_home()).expanduser().absolute()
    with _alone(home):
        work = restore_backup(replace(found, home=home), file, resume=resume, force=force)
        done = asyncio.run(work)
    screen.object({**_record(done), "home": str(home)})
    screen.data(str(home))
    if done.aside:
        screen.say(f"The store that was there lies in {done.aside} now.")
    _tell_fates(screen, done)
    _tell_lost(screen, done)
    return exit_codes.OK


@contextmanager
def _alone(home: Path) -> Generator[None]:
    """No gateway runs on this home, and none starts. Raises Conflict."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = lock.acquire(home / "gateway.lock", 1.0)
    if held is None:
        raise Conflict(
            f"A gateway runs on {home}.", next_step="`flexura gateway stop`, then repeat this."
        )
    with held:
        yield


def _told(screen: Screen, found: Restored, file: Path) -> int:
    sound = not found.problems and not found.lost_count
    screen.object({"ok": sound, **_record(found)})
    counts = found.manifest.counts
    made = record(found.manifest)["created_at"]
    screen.data(f"{file}: {'sound' if sound else 'not sound'}")
    screen.say(
        f"Made {made} by flexura {found.manifest.made_by}, schema {found.manifest.schema}:"
        f" {counts.get('jobs', 0)} jobs, {found.artifacts} files."
    )
    for problem in found.problems:
        screen.say(problem, fg="red")
    _tell_lost(screen, found)
    if counts.get("unfinished_jobs"):
        screen.say(
            f"{counts['unfinished_jobs']} jobs had not ended; `flexura restore --help` says more."
        )
    return exit_codes.OK if sound else exit_codes.FAILED


def _record(done: Restored) -> dict[str, Any]:
    return {
        **record(done.manifest),
        "problems": done.problems,
        "lost": done.lost,
        "lost_count": done.lost_count,
        "artifacts": done.artifacts,
        "jobs": dict(done.fates),
        "aside": str(done.aside) if done.aside else None,
    }


def _tell_fates(screen: Screen, done: Restored) -> None:
    if unknown := done.fates["outcome_unknown"]:
        screen.warn(
            f"{unknown} jobs ended as outcome_unknown: they may have been bought after the backup was made."
        )
        screen.next(
            "flexura status shows them; look at the vendors' accounts before ordering again"
        )
    if goes_on := done.fates["goes_on"]:
        screen.say(f"{goes_on} jobs go on when the gateway starts.")


def _tell_lost(screen: Screen, done: Restored) -> None:
    if done.lost_count:
        screen.warn(
            f"{done.lost_count} files are missing or damaged in it, and were when it was made or since:"
            f" {', '.join(done.lost[:3])}{' …' if done.lost_count > 3 else ''}"
        )
