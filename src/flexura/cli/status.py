"""`flexura status`: look at jobs, wait for them, bring their files home, cancel them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import click

from flexura.cli import destination, exit_codes, flags, homecoming, report
from flexura.cli import sidecar as sidecar_file
from flexura.cli.connection import Connection, connected
from flexura.cli.homecoming import Brought
from flexura.cli.screen import Screen
from flexura.cli.waiting import wait
from flexura.domain.errors import Conflict


@dataclass(frozen=True)
class _Asked:
    job_ids: tuple[str, ...]
    wait: float
    cancel: bool
    output: str
    force: bool
    sidecar: bool


_HELP = (
    "Look at jobs. With ids: wait for them (--wait), bring their files home, or cancel them; "
    "without: this project's recent jobs."
)


@click.command(cls=flags.WaitCommand, help=_HELP)
@click.argument("job_ids", nargs=-1)
@click.option(
    "--wait", type=flags.Seconds(), default=0.0, help="Wait until they end, or so many seconds."
)
@click.option("--cancel", is_flag=True, help="Cancel them.")
@click.option("--all", "everywhere", is_flag=True, help="Without ids: the jobs of all projects.")
@click.option("-o", "--output", default="", help="As for `flexura image`.")
@click.option("--force", is_flag=True, help="Replace a file that exists; else it is named -2, -3 …")
@click.option("--sidecar", is_flag=True, help=sidecar_file.ABOUT)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(job_ids: tuple[str, ...], everywhere: bool, as_json: bool, **asked: Any) -> int:
    screen, these = Screen(as_json), _Asked(job_ids, **asked)
    if not job_ids:
        if these.cancel or these.output:
            raise click.UsageError("Name the jobs that you mean.")
        return asyncio.run(_recent(everywhere, screen))
    return asyncio.run(_these(these, screen))


async def _recent(everywhere: bool, screen: Screen) -> int:
    async with connected() as connection:
        project = "" if everywhere else connection.project_id
        found = await connection.client.jobs(project=project)
    jobs = [Brought(job) for job in found.jobs]
    screen.object({"jobs": [report.record(job) for job in jobs], "total": found.total})
    report.table(screen, jobs)
    if not jobs:
        where = "here" if everywhere else f"of {connection.project.root}"
        screen.say(f"There are no jobs {where} yet.")
    elif any(job.job.status == "completed" for job in jobs):
        screen.say("`flexura status JOB_ID` brings the files of a job home.", dim=True)
    return exit_codes.OK


async def _these(asked: _Asked, screen: Screen) -> int:
    async with connected() as connection:
        if asked.cancel:
            return await _cancel(asked.job_ids, screen, connection)
        place = destination.read(
            asked.output, connection.project, force=asked.force, sidecar=asked.sidecar
        )
        loop = asyncio.get_running_loop()
        deadline = loop.time() + asked.wait
        found: list[Brought] = []
        for job_id in asked.job_ids:
            left = max(0.0, deadline - loop.time())
            job = await wait(connection, job_id, left, screen, asked.output)
            found.append(await homecoming.bring(job, place, connection))
            report.tell(screen, found[-1], asked.output)
    _show(found, screen)
    return next((code for brought in found if (code := report.outcome(brought.job))), exit_codes.OK)


async def _cancel(job_ids: tuple[str, ...], screen: Screen, connection: Connection) -> int:
    found: list[Brought] = []
    refused = exit_codes.OK
    for job_id in job_ids:
        try:
            job = await connection.client.cancel(job_id)
            screen.say(f"{job_id} is {'canceled' if job.ended else 'being canceled'}.")
        except Conflict as error:
            screen.warn(f"{job_id}: {error.message}")
            job, refused = await connection.client.job(job_id), exit_codes.FAILED
        found.append(Brought(job))
    _show(found, screen)
    return refused


def _show(found: list[Brought], screen: Screen) -> None:
    records = [report.record(brought) for brought in found]
    screen.object(records[0] if len(records) == 1 else {"jobs": records, "total": len(records)})
