"""Tool results: the same facts in the text block and in `structuredContent`, never base64 in either.

Some clients show the model only one of the two, and on errors only the text (claude-code #55677, #86032).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from textwrap import shorten
from typing import Any, cast

import mcp_types as types

from flexura.domain.artifact import Artifact
from flexura.domain.errors import FlexuraError
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.domain.model import Model, ModelStats
from flexura.gateway import states
from flexura.gateway.words import STATUS
from flexura.services.generation import warnings_of
from flexura.services.model_search import Found
from flexura.services.review_sets import variants_of

_WAIT_MORE = "Still running: call job_status with this job_id and wait=45. Do not order again."
_PICK = (
    "The files are candidates, numbered from 1. Ask which one to take, then call job_status("
    "job_ids=['{}'], action='pick:1'), or action='approve' for all."
)
_NUMBERED = "job_status with action='pick:N' keeps file N."
_MOST_BYTES = 256 * 1024
_ROW_CHARACTERS = 160
_MOST_SCHEMA = 30_000
"""Characters of a schema that some clients still take; they cut off answers of 25,000 tokens."""


def compact(value: object) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def told(
    structured: dict[str, Any], *, links: Sequence[types.ResourceLink] = ()
) -> types.CallToolResult:
    """A successful result."""
    return types.CallToolResult(
        content=[types.TextContent(text=compact(structured)), *links], structured_content=structured
    )


def refusal(error: FlexuraError, job_id: str = "") -> types.CallToolResult:
    """An error, complete in the text block: code, reason, next step and job."""
    body = error.body()
    if job_id:
        body["job_id"] = job_id
    structured = {"error": body}
    return types.CallToolResult(
        content=[types.TextContent(text=compact(structured))],
        structured_content=structured,
        is_error=True,
    )


def file_of(artifact: Artifact, url: str) -> dict[str, Any]:
    """One file, without what does not apply."""
    facts = {
        "url": url,
        "mime": artifact.mime,
        "w": artifact.width,
        "h": artifact.height,
        "seconds": artifact.seconds,
        "bytes": artifact.bytes,
    }
    return {name: value for name, value in facts.items() if value is not None}


def record(
    job: Job, files: Sequence[tuple[Artifact, str]], *, deduplicated: bool = False
) -> dict[str, Any]:
    """A job as agents see it: about a hundred tokens."""
    cost = job.cost["amount"] if job.cost else None
    found: dict[str, Any] = {"job_id": job.id, "status": STATUS[job.state], "model": job.model_id}
    if job.final:
        found["cost"] = "unknown" if cost is None else cost
    if not job.final:
        found["phase"], found["progress"] = states.phase(job), round(job.progress, 2)
    found["files"] = _files_of(job, files)
    if job.kind != "audio" and job.succeeded and job.provider != TEMPLATE_PROVIDER:
        found["seed"] = job.seed
    if deduplicated:
        found["deduplicated"] = True
    if job.warnings:
        found["warnings"] = [f"{w['code']}: {w['message']}" for w in warnings_of(job)]
    if job.error_code:
        found["error"] = {"code": job.error_code, "message": job.error_message}
    found["next"] = next_step(job)
    if job.succeeded and len(found["files"]) > 1:
        found["next"] = _NUMBERED
    return found


def _files_of(job: Job, files: Sequence[tuple[Artifact, str]]) -> list[dict[str, Any]]:
    """The result: of several files each with its number, and with what made it where that differs."""
    urls, several = {a.id: url for a, url in files}, len(variants_of([a for a, _ in files])) > 1
    told: list[dict[str, Any]] = []
    for number, variant in _result(files):
        file = file_of(variant, urls[variant.id])
        if several:
            file["number"] = number
        if job.provider == TEMPLATE_PROVIDER and job.kind != "audio" and "seed" in variant.metadata:
            file["seed"] = variant.metadata["seed"]
        if "," in job.model_id and "model" in variant.metadata:
            file["model"] = variant.metadata["model"]
        told.append(file)
    return told


def _result(files: Sequence[tuple[Artifact, str]]) -> list[tuple[int, Artifact]]:
    """The files of the result with their numbers; what was put aside when one was picked is none of it."""
    variants = variants_of([artifact for artifact, _ in files])
    aside = "archived" if any(v.review == "selected" for v in variants) else None
    numbered = enumerate(variants, 1)
    return [(n, v) for n, v in numbered if v.role == "main" and v.review != aside]


def next_step(job: Job) -> str:
    """What the agent should do now; empty if nothing."""
    if job.state == "canceled":
        return "Order it again if it is still wanted."
    if job.error_code:
        return job.error_next_step or "Correct the order, or try another model."
    if job.state == "awaiting_approval":
        return _PICK.format(job.id)
    if job.state == "scheduled":
        return job.note
    return "" if job.final else _WAIT_MORE


def links_of(files: Sequence[tuple[Artifact, str]]) -> list[types.ResourceLink]:
    """One resource link per file of the result."""
    urls = {artifact.id: url for artifact, url in files}
    return [
        types.ResourceLink(uri=urls[a.id], name=a.name, mime_type=a.mime, size=a.bytes)
        for _, a in _result(files)
    ]


def preview_block(jpeg: bytes | None) -> list[types.ImageContent]:
    """A small picture for the model to look at, if it is small enough."""
    if jpeg is None or len(jpeg) * 4 / 3 > _MOST_BYTES:
        return []
    return [types.ImageContent(data=base64.b64encode(jpeg).decode(), mime_type="image/jpeg")]


def catalog(found: Found) -> dict[str, Any]:
    """What a search in the catalog found, without what does not apply."""
    total, page = len(found.positions), found.page
    answer: dict[str, Any] = {
        "models": [catalog_row(m, found.stats.get(m.id)) for m in page],
        "total": total,
    }
    if found.aliases:
        answer["aliases"] = {
            n: dict(a.models) or f"{a.target}: {a.problem}" for n, a in found.aliases.items()
        }
    troubled = [s for s in found.listing.states if s.status != "ok"]
    if troubled:
        answer["providers"] = [
            {"name": s.name, "status": s.status, "error": s.error} for s in troubled
        ]
    after = found.wanted.offset + len(page)
    if page and after < total:
        answer["next"] = f"{total - after} more: offset={after}, or narrow the query."
    return answer


def catalog_row(model: Model, stats: ModelStats | None) -> dict[str, Any]:
    """One model in a list; the full schema comes by its id."""
    price = model.price
    row: dict[str, Any] = {
        "id": model.id,
        "kinds": list(model.kinds),
        "tasks": list(model.tasks),
        "description": shorten(model.description, _ROW_CHARACTERS, placeholder=" …"),
        "price": f"{price.amount:g} {price.currency}/{price.unit}" if price else "unknown",
    }
    if model.status != "active":
        row["status"] = model.status
    if model.stale:
        row["stale"] = True
    if stats:
        row["stats"] = stats.model_dump(exclude_none=True)
    return row


def whole_model(model: Model) -> dict[str, Any]:
    """One model with its schema; what a very long schema says in words is left out of it."""
    told = model.model_dump(mode="json", exclude_none=True)
    if len(compact(told["input_schema"])) > _MOST_SCHEMA:
        told["input_schema"] = _terse(told["input_schema"])
    return told


def _terse(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_terse(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    fields = cast("dict[str, Any]", schema)
    # A property may be called `description`; its schema is an object, and stays.
    return {
        name: _terse(value)
        for name, value in fields.items()
        if name not in ("description", "title", "examples") or isinstance(value, dict)
    }
