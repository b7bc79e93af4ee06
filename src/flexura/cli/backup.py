"""`flexura backup`: one file with everything that the own gateway keeps, made while it runs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from flexura import settings
from flexura.cli import exit_codes, words
from flexura.cli.screen import Screen
from flexura.local import paths
from flexura.runtime.backups import Manifest, back_up

_NAME = "flexura-{:%Y%m%dT%H%M%SZ}.tar"
_NAMES = "flexura-????????T??????Z.tar*"
_HELP = """Write one file with the database and every file that it names, while the gateway goes on.

TARGET is a file, or a folder for a file named after the time; without it, the file comes into this folder.
A name that ends in .gz is packed. Keys in the keyring and secrets of config.toml are not in it.
"""


@click.command(help=_HELP)
@click.argument("target", default=".")
@click.option("--keep", type=click.IntRange(1), help="Keep so many in the folder; older ones go.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def backup(target: str, keep: int | None, as_json: bool) -> int:
    screen, began = Screen(as_json), time.monotonic()
    found = settings.load(local=True)
    file, rotates = _file(target)
    if keep and not rotates:
        raise click.UsageError("--keep is for a folder; name one.")
    manifest = back_up(found, paths.config_file(), file)
    removed = _rotate(file, keep) if keep else []
    size, seconds = file.stat().st_size, round(time.monotonic() - began, 2)
    shown = {
        "file": str(file),
        "bytes": size,
        "seconds": seconds,
        **record(manifest),
        "removed": [str(path) for path in removed],
    }
    screen.object(shown)
    screen.data(str(file))
    counts = manifest.counts
    screen.say(
        f"{words.size(size)}: {counts['jobs']} jobs, {counts['artifacts']} files,"
        f" schema {manifest.schema}, in {seconds} s."
    )
    warn(screen, manifest)
    screen.next(f"flexura restore {file} --check")
    return exit_codes.OK


def record(manifest: Manifest) -> dict[str, Any]:
    """What a backup or an export is, for `--json`."""
    return {
        "format": manifest.format,
        "version": manifest.version,
        "schema": manifest.schema,
        "made_by": manifest.made_by,
        "created_at": f"{datetime.fromtimestamp(manifest.created_at // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "members": manifest.members,
        "counts": manifest.counts,
        "missing": manifest.missing,
        "notes": manifest.notes,
    }


def warn(screen: Screen, manifest: Manifest) -> None:
    """Files that a row names and that were missing or damaged on the disk."""
    for how in ("missing", "damaged"):
        if count := manifest.counts.get(how):
            screen.warn(
                f"{count} files that the database names are {how} here ({manifest.missing[0]} …)."
            )
    for note in manifest.notes:
        screen.say(note, dim=True)


def _file(target: str) -> tuple[Path, bool]:
    """The file to write, and whether it lies in a folder of backups."""
    path = Path(target).expanduser().absolute()
    if path.is_dir() or target.endswith("/"):
        return path / _NAME.format(datetime.now(UTC)), True
    return path, False


def _rotate(newest: Path, keep: int) -> list[Path]:
    """Remove the oldest backups of a folder; names of ours are in the order of time."""
    found = sorted(newest.parent.glob(_NAMES), reverse=True)
    removed = [path for path in found[keep:] if path != newest]
    for path in removed:
        path.unlink(missing_ok=True)
    return removed
