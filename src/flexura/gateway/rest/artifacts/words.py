"""An artifact in the words of the Fluxara output page, ours after them; times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.gateway.links import Links
from flexura.services.clock import iso
from flexura.services.mapping import NUMBERS
from flexura.services.sniff import extension_of

_STEPS = NUMBERS["steps"]
"""How the schemas of models name the inference step count."""


def artifact_record(artifact: Artifact, job: Job | None, base: str, links: Links) -> dict[str, Any]:
    """One file; `job` is the one that made it, None for an upload. Documented fields come first."""
    made_by = job.id if job else artifact.job_id
    record: dict[str, Any] = {
        "artifact_id": artifact.id,
        "type": artifact.mime,
        "width": artifact.width,
        "height": artifact.height,
        "download_url": f"/api/v1/artifacts/{artifact.id}",
        "created_at": iso(artifact.created_at),
        "job_id": made_by or None,
        "job_url": f"/api/v1/jobs/{made_by}" if made_by else None,
        "metadata": artifact_metadata(artifact, job),
        "name": artifact.name,
        "role": artifact.role,
        "bytes": artifact.bytes,
        "seconds": artifact.seconds,
        "sha256": artifact.sha256,
        "review": artifact.review,
        "expires_at": _maybe(artifact.expires_at),
        "signed_url": links.signed(base, artifact),
    }
    if artifact.trashed_at is not None:
        record["trashed_at"] = iso(artifact.trashed_at)
    if artifact.expired_at is not None:
        record["expired_at"] = iso(artifact.expired_at)
    return record


def artifact_metadata(artifact: Artifact, job: Job | None) -> dict[str, Any]:
    """How a file was made; null where it is not known. A cost is that of the whole job."""
    own = artifact.metadata
    options: Mapping[str, Any] = {} if job is None else job.call.get("options") or {}
    found: dict[str, Any] = {
        "prompt": own.get("prompt") or (job.prompt if job else None),
        "preset": (job and job.preset) or None,
        "pipeline": (job and (job.pipeline or job.template)) or None,
        "model": own.get("model") or (job.model_id if job else None),
        "resolution": _resolution(artifact),
        "steps": own.get("steps", _first(options, _STEPS)),
        "seed": seed_of(artifact, job),
        "format": extension_of(artifact.mime),
        "cost": job.cost if job else None,
        "job_created_at": _maybe(job.created_at if job else None),
        "job_completed_at": _maybe(job.finished_at if job else None),
    }
    if own.get("step"):
        found["step"] = own["step"]
    return found


def seed_of(artifact: Artifact, job: Job | None) -> int | None:
    """The seed that makes it again: seeds count up over the main files of a job."""
    own = artifact.metadata.get("seed")
    if isinstance(own, int):
        return own
    if job is None or "seed" not in job.call or artifact.role != "main":
        return None
    return job.seed + artifact.position


def _resolution(artifact: Artifact) -> str | None:
    return f"{artifact.width}x{artifact.height}" if artifact.width and artifact.height else None


def _first(options: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((options[name] for name in names if name in options), None)


def _maybe(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)
