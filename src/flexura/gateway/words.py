"""A job in the words of the agent surface (the documented Flexura page)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.gateway import states
from flexura.gateway.links import Links
from flexura.services.clock import iso_ms
from flexura.services.generation import warnings_of

STATUS = states.words(running="processing")
STATES_OF = states.states_of(STATUS)


def etag(job: Job) -> str:
    """Changes whenever the job does."""
    return f'"{job.id}-{job.version}"'


def asset(artifact: Artifact, base: str, links: Links) -> dict[str, Any]:
    """One file of a job."""
    return {
        "artifact_id": artifact.id,
        "url": links.asset(base, artifact),
        "signed_url": links.signed(base, artifact),
        "name": artifact.name,
        "mime": artifact.mime,
        "role": artifact.role,
        "bytes": artifact.bytes,
        "sha256": artifact.sha256,
        "width": artifact.width,
        "height": artifact.height,
        "seconds": artifact.seconds,
        **_maker(artifact),
    }


def _maker(artifact: Artifact) -> dict[str, Any]:
    """For the file of a step: the model and seed that made it; those of the job are not its own."""
    if "copy_of" not in artifact.metadata:
        return {}
    own = artifact.metadata
    return {name: own[name] for name in ("model", "seed") if name in own}


def job_body(
    job: Job, artifacts: Sequence[Artifact], base: str, links: Links, eta: float | None = None
) -> dict[str, Any]:
    """The documented fields first, ours after them."""
    body: dict[str, Any] = {"job_id": job.id, "status": STATUS[job.state], "type": job.kind}
    files = [asset(a, base, links) for a in artifacts]
    if files:
        body["asset_url"] = files[0]["url"]
    if job.error_code:
        body["error"] = job.error_message
        body["error_code"] = job.error_code
        if job.error_next_step:
            body["next_step"] = job.error_next_step
    return body | {
        "prompt": job.prompt,
        "created_at": iso_ms(job.created_at),
        "updated_at": iso_ms(job.updated_at),
        "model": job.model_id,
        "seed": job.seed,
        "options": job.call["options"],
        "progress": round(job.progress, 3),
        "phase": states.phase(job),
        "note": job.note,
        "eta_seconds": eta,
        "why": job.call.get("why", ""),
        "cost": job.cost,
        "warnings": warnings_of(job),
        "assets": files,
    }
