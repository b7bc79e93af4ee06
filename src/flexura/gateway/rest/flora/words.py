"""A job in the words of the FLORA page: pending, running, completed, failed; progress from 0 to 100."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.gateway import states
from flexura.gateway.links import Links

STATUS = states.words(queued="pending")
STATUSES = tuple(dict.fromkeys(STATUS.values()))


def output(artifact: Artifact, base: str, links: Links) -> dict[str, str]:
    """One file of a run; the link opens by itself for a while."""
    medium = artifact.mime.partition("/")[0].upper()
    return {
        "id": artifact.id,
        "type": f"{medium}_URL",
        "url": links.signed(base, artifact),
    }


def run_record(job: Job, artifacts: Sequence[Artifact], base: str, links: Links) -> dict[str, Any]:
    """A run as the page has it."""
    status = STATUS[job.state]
    shown = artifacts if job.succeeded else ()
    body: dict[str, Any] = {
        "runId": job.id,
        "status": status,
        "progress": 100 if status == "completed" else int(job.progress * 100),
        "outputs": [output(a, base, links) for a in shown if a.role == "main"],
    }
    if job.error_code:
        body["errorCode"] = job.error_code
        if job.error_message:
            body["errorMessage"] = job.error_message
    return body
