"""Review sets: the variants of a job side by side, decisions about them, and their export."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest
from flexura.domain.job import Job
from flexura.gateway.errors import validated
from flexura.gateway.load import SlotStream
from flexura.gateway.rest.artifacts.sending import form_of
from flexura.gateway.rest.artifacts.words import artifact_metadata, artifact_record, seed_of
from flexura.gateway.rest.artifacts.zip_stream import Entry, zipped
from flexura.gateway.rest.fluxara.words import STATUS
from flexura.gateway.rest.requests import base_url, caller, json_object, services
from flexura.services.review_sets import Decision, Named, ReviewSet
from flexura.services.sniff import extension_of

MOST_NAMED = 100
ONLY = ("all", "selected")
_COMPARED = ("prompt", "model", "resolution", "steps", "seed", "format", "step")


def _named(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number or an artifact id is needed")
    return value


_Variant = Annotated[
    Annotated[int, pydantic.Field(ge=1)] | Annotated[str, pydantic.Field(max_length=80)],
    pydantic.BeforeValidator(_named),
]
_Variants = Annotated[tuple[_Variant, ...], pydantic.Field(max_length=MOST_NAMED)]


class Reviewed(pydantic.BaseModel):
    """The body of POST /api/v1/jobs/{job_id}/review."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    select: _Variant | None = None
    archive: Literal["rest"] | _Variants = ()
    restore: _Variants = ()

    def decision(self) -> Decision:
        """As the service takes it."""
        rest = self.archive == "rest"
        archive: tuple[Named, ...] = () if isinstance(self.archive, str) else self.archive
        return Decision(self.select, archive, rest, self.restore)


async def get_review(request: Request) -> Response:
    """The variants of a job side by side: what they share, what differs, what was decided."""
    who = await caller(request, "read")
    sets = services(request).review_sets
    found = await sets.get(who.workspace_id, request.path_params["job_id"])
    return JSONResponse(_body(request, found))


async def review_job(request: Request) -> Response:
    """Select one variant, put others aside or bring them back. The same decision again changes nothing."""
    who = await caller(request, "generate")
    body = await json_object(request)
    asked = validated(Reviewed, body)
    sets = services(request).review_sets
    job_id = request.path_params["job_id"]
    return JSONResponse(
        _body(request, await sets.decide(who.workspace_id, job_id, asked.decision()))
    )


def _body(request: Request, found: ReviewSet) -> dict[str, Any]:
    base, links = base_url(request), services(request).links
    told = [artifact_metadata(v, found.job) for v in found.variants]
    differing = [name for name in _COMPARED if len({str(one.get(name)) for one in told}) > 1]
    first = told[0] if told else {}
    return {
        "job_id": found.job.id,
        "status": STATUS[found.job.state],
        "selected": next((v.id for v in found.variants if v.review == "selected"), None),
        "shared": {n: first.get(n) for n in _COMPARED if n in first and n not in differing},
        "variants": [
            {
                "number": number,
                "review": variant.review,
                "seed": seed_of(variant, found.job),
                "cost": _share(found.job, len(told)),
                "differs": {name: metadata.get(name) for name in differing},
                "artifact": artifact_record(variant, found.job, base, links),
            }
            for number, (variant, metadata) in enumerate(
                zip(found.variants, told, strict=True), start=1
            )
        ],
    }


def _share(job: Job, variants: int) -> dict[str, Any] | None:
    """What one variant cost, of what the job did."""
    if not job.cost or "amount" not in job.cost:
        return None
    return {**job.cost, "amount": round(float(job.cost["amount"]) / variants, 6)}


async def export_job(request: Request) -> Response:
    """A ZIP file of the selected variant or of all, with `metadata.json`; streamed as it is read."""
    who = await caller(request, "read")
    only = request.query_params.get("only") or "all"
    if only not in ONLY:
        raise InvalidRequest(
            f"only is {only[:30]!r}.", field="only", next_step=f"Allowed: {', '.join(ONLY)}."
        )
    found, (format, width) = services(request), form_of(request)
    review = await found.review_sets.chosen(
        who.workspace_id, request.path_params["job_id"], selected=only == "selected"
    )
    entries: list[Entry] = []
    for variant in review.variants:
        served = await found.artifacts.served(variant, format, width)
        name = f"{review.job.id}-{len(entries) + 1}.{extension_of(served.mime)}"
        entries.append(Entry(name, partial(found.artifacts.local, served), variant.created_at))
    about = _about(request, review.job, review.variants, entries)
    headers = {
        "Content-Disposition": f'attachment; filename="{review.job.id}.zip"',
        "Cache-Control": "private, no-store",
    }
    archive, slots = zipped(entries, about), found.load.exports
    return SlotStream(archive, slots, who.key_id, media_type="application/zip", headers=headers)


def _about(
    request: Request, job: Job, variants: Sequence[Artifact], entries: Sequence[Entry]
) -> bytes:
    base, links = base_url(request), services(request).links
    files: list[dict[str, Any]] = []
    for variant, entry in zip(variants, entries, strict=True):
        record = artifact_record(variant, job, base, links)
        # An archive outlives links, and may be passed on.
        del record["signed_url"]
        files.append({"file": entry.name, **record})
    body = {"job_id": job.id, "prompt": job.prompt, "artifacts": files}
    return json.dumps(body, indent=2, ensure_ascii=False).encode()
