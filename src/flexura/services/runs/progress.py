"""How far a job is, step by step, for whoever looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.domain.template import MAKING
from flexura.services.runs.state import RunState, state_of
from flexura.services.runs.steps import Flow, flow_from

PLAIN = "make"
"""The one step of a job that was not made from a template."""
_LIGHT = 0.1
"""What a step weighs that makes nothing, beside 1 for one that does."""


def flow_in(job: Job) -> Flow:
    """The steps that a job of steps keeps."""
    return flow_from(job.call["steps"], job.call["outputs"])


def steps_of(job: Job) -> list[dict[str, Any]]:
    """Each step in order: `{id, uses, status, progress, jobs}`; a plain job is one step, itself."""
    if job.provider != TEMPLATE_PROVIDER:
        return [_itself(job)]
    flow = flow_in(job)
    state = state_of(job, flow.ids)
    return [
        {
            "id": step.id,
            "uses": step.uses,
            "status": state.steps[step.id].status,
            "progress": round(1.0 if found.ended else found.progress, 3),
            "jobs": list(found.jobs),
        }
        for step in flow.steps
        for found in (state.steps[step.id],)
    ]


def finished_order(job: Job) -> list[str]:
    """The ids of the steps that have ended, in the order in which they did."""
    if job.provider != TEMPLATE_PROVIDER:
        return [job.step or PLAIN] if job.final else []
    return list(state_of(job, flow_in(job).ids).ended)


def _itself(job: Job) -> dict[str, Any]:
    status = {"queued": "waiting", "failed": "failed", "canceled": "failed"}
    done = "done" if job.succeeded else "running"
    progress = 1.0 if job.final else round(job.progress, 3)
    shown = status.get(job.state, done)
    return {
        "id": job.step or PLAIN,
        "uses": job.kind,
        "status": shown,
        "progress": progress,
        "jobs": [job.id],
    }


def overall(flow: Flow, state: RunState) -> float:
    """The share of the whole that is done, 0 to 1; making weighs more than everything else."""
    done = whole = 0.0
    for step in flow.steps:
        weight = 1.0 if step.uses in MAKING else _LIGHT
        found = state.steps[step.id]
        whole += weight
        done += weight * (1.0 if found.ended else min(found.progress, 1.0))
    return done / whole if whole else 0.0


def at_work(flow: Flow, state: RunState) -> str:
    """The steps that are at work, in words."""
    return _words([i for i in flow.ids if state.steps[i].status == "running"])


def _words(ids: Sequence[str]) -> str:
    return ", ".join(ids)[:120]
