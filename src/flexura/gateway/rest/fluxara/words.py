"""A job in the words of the Fluxara page: queued, running, completed, failed; times in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.gateway import states
from flexura.gateway.links import Links
from flexura.gateway.words import asset
from flexura.services.clock import iso
from flexura.services.generation import warnings_of

STATUS = states.words()
STATES_OF = states.states_of(STATUS)


def accepted(job: Job) -> dict[str, Any]:
    """The answer to an order."""
    body: dict[str, Any] = {
        "job_id": job.id,
        "status": STATUS[job.state],
        "created_at": iso(job.created_at),
    }
    if job.warnings:
        body["warnings"] = warnings_of(job)
    return body


def job_record(job: Job, artifacts: Sequence[Artifact], base: str, links: Links) -> dict[str, Any]:
    """The documented fields first, ours after them."""
    body: dict[str, Any] = {
        "job_id": job.id,
        "status": STATUS[job.state],
        "pipeline": job.pipeline or None,
        "preset": job.preset or None,
        "created_at": iso(job.created_at),
        "updated_at": iso(job.updated_at),
        "finished_at": iso(job.finished_at) if job.finished_at else None,
        "type": job.kind,
        "prompt": job.prompt,
        "template": job.template or None,
        "model": job.model_id,
        "seed": job.seed,
        "progress": round(job.progress, 3),
        "phase": states.phase(job),
        "note": job.note,
        "cost": job.cost,
        "publish_at": iso(job.publish_at) if job.publish_at else None,
        "parent_id": job.parent_id or None,
        "warnings": warnings_of(job),
        "assets": [asset(a, base, links) for a in artifacts],
    }
    if job.error_code:
        body["error"] = {
            "code": job.error_code,
            "message": job.error_message,
            "next_step": job.error_next_step,
        }
    return body
