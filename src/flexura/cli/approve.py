"""`flexura approve`: decide about a job that waits for somebody."""

from __future__ import annotations

import asyncio

import click

from flexura.cli import destination, flags
from flexura.cli.connection import connected
from flexura.cli.running import follow
from flexura.cli.screen import Screen


@click.command(
    cls=flags.WaitCommand,
    help="Let JOB_ID go on: with the candidates that you --pick, or with all. Then waits for the result and"
    " brings it home, as `flexura run` does.",
)
@click.argument("job_id")
@click.option(
    "--pick", multiple=True, type=click.IntRange(1), help="The number of a candidate; repeatable."
)
@click.option(
    "--wait",
    type=flags.Seconds(),
    default=float("inf"),
    help="Give up waiting after so many seconds; the job goes on.  [default: until the end]",
)
@click.option("-o", "--output", default="", help="As for `flexura image`.")
@click.option("--force", is_flag=True, help="Replace a file that exists; else it is named -2, -3 …")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def approve(
    job_id: str, pick: tuple[int, ...], wait: float, output: str, force: bool, as_json: bool
) -> int:
    return asyncio.run(_approve(job_id, pick, wait, (output, force), Screen(as_json)))


async def _approve(
    job_id: str, pick: tuple[int, ...], wait: float, to: tuple[str, bool], screen: Screen
) -> int:
    async with connected() as connection:
        output, force = to
        place = destination.read(output, connection.project, force=force)
        await connection.client.approve(job_id, pick)
        return await follow(connection, job_id, wait, place, screen)
