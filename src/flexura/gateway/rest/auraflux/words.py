"""A job in the words of the AuraFlux page: queued, running, complete, published, failed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import in_credits
from flexura.domain.job import Job
from flexura.domain.publication import Publication
from flexura.domain.template import Template
from flexura.gateway import states
from flexura.gateway.links import Links
from flexura.ports.conversion import Variant
from flexura.services.clock import iso_ms
from flexura.services.generation import warnings_of
from flexura.services.production import saved_in
from flexura.services.publish_copy import copy_for
from flexura.services.runs.state import UNSCHEDULED

STATUS = states.words(completed="complete") | {"published": "published"}
STATES_OF = states.states_of(STATUS) | {"completed": ("completed",), "canceled": ("canceled",)}
"""What `?status=` takes; answers say complete for completed, and failed for canceled."""
_THUMBNAIL = Variant("webp", 640)
_SHOWN = frozenset({"awaiting_approval", "scheduled", "publishing", "completed", "published"})
"""Whoever reviews a job has to see it before it is complete."""


def accepted(job: Job) -> dict[str, Any]:
    """The answer to an order; credits are those that were deducted for it."""
    return {"jobId": job.id, "status": STATUS[job.state], "credits": in_credits(job.reserved)}


def state_record(
    job: Job, artifacts: Sequence[Artifact], base: str, links: Links, rules: CreditRules
) -> dict[str, Any]:
    """The documented fields first, ours after them; null where there is nothing."""
    body: dict[str, Any] = {"jobId": job.id, "status": STATUS[job.state]}
    files = output_files(artifacts) if job.state in _SHOWN else []
    if files:
        body["outputUrl"] = links.signed(base, files[0])
    body |= {
        "credits": in_credits(rules.micro(job.cost) or 0 if job.final else job.reserved),
        "type": job.kind,
        "prompt": job.prompt,
        "phase": states.phase(job),
        "progress": round(job.progress, 3),
        "note": job.note,
        "staging": job.staging,
        "publish": list(job.publish),
        "publishAt": None if job.publish_at == UNSCHEDULED else _maybe(job.publish_at),
        "template": job.template or None,
        "createdAt": iso_ms(job.created_at),
        "updatedAt": iso_ms(job.updated_at),
        "finishedAt": _maybe(job.finished_at),
        "warnings": warnings_of(job),
        "files": [_file(a, base, links) for a in files],
    }
    if job.error_code:
        problem = {
            "code": job.error_code,
            "message": job.error_message,
            "next_step": job.error_next_step,
        }
        body["error"] = {name: text for name, text in problem.items() if text}
    return body


def result_record(
    job: Job,
    artifacts: Sequence[Artifact],
    outcomes: Sequence[Publication],
    base: str,
    links: Links,
) -> dict[str, Any]:
    """The result of a complete job: the documented fields first, ours after them."""
    files = output_files(artifacts)
    video = next((a for a in files if a.mime.startswith("video/")), None)
    words = copy_for(job)
    return {
        "videoUrl": links.signed(base, video) if video else None,
        "thumbnailUrl": _thumbnail(video or (files[0] if files else None), base, links),
        "publishCopy": {
            "title": words.title,
            "caption": words.caption,
            "hashtags": list(words.hashtags),
        },
        "publishResults": [outcome_record(found) for found in outcomes],
        "jobId": job.id,
        "status": STATUS[job.state],
        "outputUrl": links.signed(base, files[0]) if files else None,
        "files": [_file(a, base, links) for a in files],
    }


def outcome_record(found: Publication) -> dict[str, Any]:
    """What became of one destination."""
    return {
        "platform": found.platform,
        "destination": found.destination,
        "status": found.state,
        "url": found.url or None,
        "error": found.error or None,
        "tries": found.tries,
        "publishedAt": _maybe(found.published_at),
    }


def template_record(template: Template) -> dict[str, Any]:
    """A saved template, as the configuration that it was saved from where it is one."""
    body: dict[str, Any] = {"id": template.id, "name": template.name}
    saved = saved_in(template)
    if saved is not None:
        options = dict(saved.options)
        body |= {
            "prompt": saved.prompt,
            "entry": saved.entry,
            "fileId": saved.file_id,
            "aspectRatio": options.pop("size", None),
            "duration": options.pop("seconds", None),
            "model": saved.model,
            "options": options,
            "staging": bool(saved.staging),
            "publish": list(saved.publish or ()),
            "publishCopy": None if saved.publish_copy is None else dict(saved.publish_copy),
            "callbackUrl": saved.callback_url,
        }
    return body | {
        "slug": template.slug,
        "version": template.version,
        "description": template.description,
        "steps": [step.uses for step in template.steps],
        "createdAt": iso_ms(template.created_at),
    }


def output_files(artifacts: Sequence[Artifact]) -> list[Artifact]:
    """The files of a result, best first; what a reviewer put away or what has expired is none of it."""
    return [
        a for a in artifacts if a.role == "main" and a.review != "archived" and a.expired_at is None
    ]


def _file(artifact: Artifact, base: str, links: Links) -> dict[str, Any]:
    return {
        "artifactId": artifact.id,
        "url": links.signed(base, artifact),
        "type": artifact.mime,
        "bytes": artifact.bytes,
        "sha256": artifact.sha256,
        "width": artifact.width,
        "height": artifact.height,
        "seconds": artifact.seconds,
    }


def _thumbnail(artifact: Artifact | None, base: str, links: Links) -> str | None:
    """A picture of what was made: its first frame, or itself."""
    if artifact is None or not artifact.mime.startswith(("image/", "video/")):
        return None
    day = 86_400
    until = int(time.time()) // day * day + 31 * day
    return links.until(base, artifact, until, _THUMBNAIL)


def _maybe(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso_ms(milliseconds)
