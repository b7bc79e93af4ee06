"""Tells what became of jobs: paths on stdout, facts on stderr, or the record as JSON."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import click

from flexura.cli import destination, exit_codes, words
from flexura.cli.homecoming import Brought
from flexura.cli.screen import Screen
from flexura.client import JobAnswer


def record(brought: Brought) -> dict[str, Any]:
    """A job as `--json` shows it: always the same keys."""
    job = brought.job
    places = list(brought.paths) or [None] * len(job.files)
    return {
        "job_id": job.job_id,
        "status": job.status,
        "type": job.type,
        "model": job.model,
        "seed": job.seed,
        "cost": job.cost.model_dump() if job.cost else None,
        "progress": job.progress,
        "phase": job.phase,
        "eta_seconds": job.eta_seconds,
        "prompt": job.prompt,
        "created_at": job.created_at,
        "files": [
            {
                "path": path,
                "url": asset.url,
                "mime": asset.mime,
                "w": asset.width,
                "h": asset.height,
                "seconds": asset.seconds,
                "bytes": asset.bytes,
                # Of a job by several models each file has its own.
                "model": asset.model or job.model,
                "seed": job.seed + index if asset.seed is None else asset.seed,
            }
            for index, (path, asset) in enumerate(zip(places, job.files, strict=True))
        ],
        "warnings": [warned.model_dump() for warned in job.warnings],
        "error": _error(job),
        "next": _next(job),
    }


def _next(job: JobAnswer) -> str:
    if job.phase == "awaiting_approval":
        return approval(job.job_id)
    return "" if job.ended else _later(job)


def _later(job: JobAnswer, output: str = "") -> str:
    """The command to come back with; nobody sits waiting for a publish time."""
    if job.phase == "scheduled":
        return f"flexura status {job.job_id}{_where(output)}"
    return resume(job.job_id, output)


def _error(job: JobAnswer) -> dict[str, str] | None:
    if not job.error_code:
        return None
    return {"code": job.error_code, "message": job.error, "next_step": job.next_step}


def resume(job_id: str, output: str = "") -> str:
    """The command that waits for a job and brings its files home."""
    return f"flexura status {job_id} --wait{_where(output)}"


def tell(screen: Screen, brought: Brought, output: str = "") -> None:
    """One job for a person; its record is the caller's to print."""
    if screen.as_json:
        return
    job = brought.job
    for warned in job.warnings:
        screen.warn(warned.message)
    if job.error_code:
        screen.failure({"message": job.error, "next_step": job.next_step})
        return
    if job.phase == "awaiting_approval":
        _tell_candidates(screen, brought, output)
        return
    if not job.ended:
        screen.say(f"{job.job_id} is {_state(job)}.")
        screen.next(_later(job, output))
        return
    for path in brought.paths:
        screen.data(near(path))
    screen.say(_facts(job), dim=True)
    if "," in job.model and len(brought.paths) > 1:
        screen.next(f"flexura compare {job.job_id}")
    if job.budget:
        screen.say(job.budget, dim=True)


def _tell_candidates(screen: Screen, brought: Brought, output: str) -> None:
    # Whoever pipes the result on gets the result there and nothing else.
    tell = screen.say if output == destination.STDOUT else screen.data
    for number, path in enumerate(brought.paths, 1):
        tell(f"{number}  {near(path)}")
    screen.say(f"{brought.job.job_id} waits until you pick.")
    screen.next(approval(brought.job.job_id, output))


def approval(job_id: str, output: str = "") -> str:
    """The command that lets a job that waits go on."""
    return f"flexura approve {job_id} --pick 1{_where(output)}"


def _where(output: str) -> str:
    return f" -o {shlex.quote(output)}" if output else ""


def _facts(job: JobAnswer) -> str:
    total = sum(asset.bytes for asset in job.files)
    shape = words.shape(job.files[0]) if job.files else ""
    # A run of several steps has no seed of its own.
    seed = f"seed {job.seed}" if job.seed else ""
    facts = [shape, words.size(total), job.model, seed, words.price(job.cost)]
    return " · ".join(fact for fact in facts if fact)


def _state(job: JobAnswer) -> str:
    if job.phase == "scheduled":
        return f"scheduled: {job.note or 'it waits for its publish time'}".rstrip(".")
    share = f" ({job.progress:.0%})" if job.progress else ""
    left = f", about {words.duration(job.eta_seconds)} left" if job.eta_seconds else ""
    return f"{job.status}{share}{left}"


def near(path: str) -> str:
    """The path from here if it lies below, else the whole one."""
    try:
        return str(Path(path).relative_to(os.path.realpath(os.getcwd())))
    except (ValueError, OSError):
        return path


def outcome(job: JobAnswer) -> int:
    """The exit code that a job comes to."""
    if job.error_code:
        return exit_codes.of(job.error_code)
    return exit_codes.OK if job.ended else exit_codes.PENDING


def table(screen: Screen, jobs: list[Brought]) -> None:
    """Many jobs, one line each."""
    colors = {"completed": "green", "failed": "red", "processing": "cyan", "queued": "yellow"}
    waits = {"awaiting_approval": "to approve", "scheduled": "scheduled"}
    for job in (brought.job for brought in jobs):
        state = waits.get(job.phase, job.status)
        state = "canceled" if job.error_code == "canceled" else state
        state = click.style(f"{state:<10}", fg=colors.get(job.status))
        made = f"{job.type:<5}  {words.age(job.created_at):>10}"
        screen.data(f"{job.job_id}  {state}  {made}  {words.cut(job.prompt, 50)}")


def left(job_id: str, output: str, screen: Screen) -> int:
    """Say that a job goes on by itself, and how to come back to it."""
    command = resume(job_id, output)
    screen.data(job_id)
    screen.next(command)
    screen.object({"job_id": job_id, "status": "queued", "next": command})
    return exit_codes.OK
