"""`flexura export`: everything of the own store that another one can take over, in one file."""

from __future__ import annotations

import time
from pathlib import Path

import click

from flexura import settings
from flexura.cli import exit_codes, words
from flexura.cli.backup import record, warn
from flexura.cli.screen import Screen
from flexura.runtime.moving import export_store

_HELP = """Write workspaces, keys, templates, ended jobs, files and ledger to a file, for `flexura import`.

Keys go on working there: only their digests are in the file. Jobs that have not ended are left out, since
they would be bought twice; they are named.
"""
_SHOWN = 10


@click.command(help=_HELP)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-webhooks",
    is_flag=True,
    help="Webhook endpoints and their signing secrets, too: keep the file as you keep a key.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(file: Path, with_webhooks: bool, as_json: bool) -> int:
    screen, began = Screen(as_json), time.monotonic()
    file = file.expanduser().absolute()
    done = export_store(settings.load(local=True), file, with_webhooks=with_webhooks)
    size, seconds = file.stat().st_size, round(time.monotonic() - began, 2)
    left = [{"job_id": job.id, "status": job.state, "provider": job.provider} for job in done.left]
    shown = {"file": str(file), "bytes": size, "seconds": seconds, **record(done.manifest)}
    screen.object({**shown, "left": left})
    screen.data(str(file))
    counts = done.manifest.counts
    screen.say(
        f"{words.size(size)}: {counts['jobs']} jobs, {counts['blobs']} files,"
        f" {counts['templates']} templates, {counts['api_keys']} keys, in {seconds} s."
    )
    warn(screen, done.manifest)
    if with_webhooks:
        screen.warn("Signing secrets of webhooks are in this file; only you can read it.")
    for job in done.left[:_SHOWN]:
        screen.warn(f"{job.id} is not in it: it is {job.state}.")
    if done.left:
        screen.warn(f"{len(done.left)} jobs have not ended, so they are not in it.")
        screen.next("wait for them (`flexura status JOB --wait`) or cancel them, then export again")
    else:
        screen.next(f"FLEXURA_DATABASE_URL=… FLEXURA_ARTIFACTS=… flexura import {file}")
    return exit_codes.OK
