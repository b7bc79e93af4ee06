"""Waits for a job and shows how far it is; Ctrl-C leaves the job running."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from flexura.cli import report, terminal
from flexura.cli.connection import Connection
from flexura.cli.screen import Screen
from flexura.client import JobAnswer


async def wait(
    connection: Connection, job_id: str, seconds: float, screen: Screen, output: str = ""
) -> JobAnswer:
    """The job when it ended or the time is up. Raises NotFound."""
    try:
        with _shown(screen) as show:
            job = None
            async for job in connection.client.follow(job_id, seconds):
                show(job)
            assert job is not None, "the first answer always comes"
            return job
    except asyncio.CancelledError:
        detached(screen, connection, job_id, output)
        raise


def detached(screen: Screen, connection: Connection, job_id: str, output: str = "") -> None:
    """Say that the job goes on without us."""
    command = report.resume(job_id, output)
    when = "" if connection.outlives_us else " when flexura runs again"
    screen.say(f"\nNobody waits any more; the job {job_id} goes on{when}.")
    screen.next(command)
    screen.object({"job_id": job_id, "status": "detached", "next": command})


@contextmanager
def _shown(screen: Screen) -> Generator[Callable[[JobAnswer], None]]:
    if screen.as_json or not terminal.live(sys.stderr):
        yield lambda job: None
        return
    # rich takes 100 ms to import, and only somebody at a terminal sees it.
    from flexura.cli.bar import Bar

    with Bar() as bar:
        yield bar.show
