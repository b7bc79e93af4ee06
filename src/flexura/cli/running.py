"""Follows a run: says which steps have ended, and brings what there is home."""

from __future__ import annotations

import asyncio

from flexura.cli import exit_codes, homecoming, report
from flexura.cli.connection import Connection
from flexura.cli.destination import Destination
from flexura.cli.screen import Screen
from flexura.cli.waiting import detached
from flexura.client import JobAnswer, StepsAnswer

_MARKS = {"done": "done", "failed": "failed", "skipped": "left out"}


async def follow(
    connection: Connection, job_id: str, seconds: float, place: Destination, screen: Screen
) -> int:
    """Wait for a run, tell it, bring its files (or the candidates) home. The exit code."""
    try:
        job, steps = await _watched(connection, job_id, seconds, screen)
        brought = await homecoming.bring(job, place, connection)
    except asyncio.CancelledError:
        detached(screen, connection, job_id, place.text)
        raise
    report.tell(screen, brought, place.text)
    found = report.record(brought)
    screen.object(found | {"steps": [step.model_dump() for step in steps.steps]})
    # Candidates are what a run with an approval comes to first: nothing went wrong.
    return exit_codes.OK if job.waits else report.outcome(job)


async def _watched(
    connection: Connection, job_id: str, seconds: float, screen: Screen
) -> tuple[JobAnswer, StepsAnswer]:
    job, steps, told = None, None, set[str]()
    async for update in connection.client.follow(job_id, seconds):
        job = update
        steps = await connection.client.steps(job_id)
        for name in steps.finished:
            if name not in told:
                told.add(name)
                status = next(s.status for s in steps.steps if s.id == name)
                screen.say(f"  {name}: {_MARKS.get(status, status)}", dim=status != "failed")
    assert job is not None and steps is not None, "the first answer always comes"
    return job, steps
