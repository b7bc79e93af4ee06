"""An order as a template: its prompt and its files become inputs, its options stay."""

from __future__ import annotations

from typing import Any

from flexura.domain.errors import Conflict
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.services.catalog import POLICY

_NOT_KEPT = frozenset({"confirm", "again", "inputs"})


def document_from(job: Job, slug: str, name: str) -> dict[str, Any]:
    """The document of a template that orders what a job ordered; another prompt or file can be given.

    A model that was named by its id is left to the workspace's policy: ids come and go, and templates stay.
    Raises Conflict for a job of steps, which has a template already.
    """
    if job.provider == TEMPLATE_PROVIDER:
        raise Conflict(
            "This job consists of steps.", next_step="Open the template that it was made from."
        )
    inputs: list[dict[str, Any]] = [
        {"id": "prompt", "type": "TEXT", "default": job.prompt, "description": "What to make."}
    ]
    starts: list[str] = []
    for number, given in enumerate(job.call.get("inputs", []), 1):
        role, medium = _role(str(given.get("role", "")))
        place = f"{medium}_{number}"
        inputs.append({"id": place, "type": f"{medium.upper()}_URL", "default": given["artifact"]})
        starts.append(f"{role}{{{{ inputs.{place} }}}}")
    options: dict[str, Any] = job.request.get("options") or {}
    step: dict[str, Any] = {
        "id": "make",
        "uses": job.kind,
        "prompt": "{{ inputs.prompt }}",
        "options": {n: v for n, v in options.items() if n not in _NOT_KEPT},
        "n": int(job.request.get("n") or 1),
    }
    model = str(job.request.get("model") or "")
    if model.startswith(POLICY):
        step["model"] = model
    if starts:
        step["inputs"] = starts
    return {"slug": slug, "name": name, "inputs": inputs, "steps": [step]}


def _role(role: str) -> tuple[str, str]:
    """What stands before the expression, and the medium of the file."""
    medium = role if role in ("video", "audio") else "image"
    return ("" if role in ("", "image", "video", "audio") else f"{role}="), medium
