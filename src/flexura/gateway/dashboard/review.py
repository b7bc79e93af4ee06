"""Reviewing: the variants of a job side by side, what differs, one picked, the rest put away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import Conflict, InvalidRequest
from flexura.domain.job import Job
from flexura.gateway.dashboard.gallery.acting import chosen
from flexura.gateway.dashboard.gallery.tiles import here
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.phrases import cost, duration
from flexura.gateway.dashboard.render import go, page, part
from flexura.gateway.dashboard.shown_files import ShownFile, shown, thumbnail
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.paging import cursor_of, read_cursor
from flexura.gateway.rest.requests import services
from flexura.ports.contact import SHEET_MIME
from flexura.ports.records import JobFilter
from flexura.services.comparing import Compared, Comparison
from flexura.services.review_sets import Decision, variants_of

_REVIEW = "/dashboard/review"
_ONE = _REVIEW + "/{job_id}"
_SETS, _BATCH, _MOST_BATCHES = 24, 60, 5
_MADE = ("completed", "published", "scheduled", "publishing")
_PREVIEWS = 4


@dataclass(frozen=True)
class SetRow:
    """A job with several variants, as the list shows it."""

    job: Job
    count: int
    thumbs: tuple[str, ...]
    decided: bool


@dataclass(frozen=True)
class Variant:
    """One variant with its file."""

    cell: Compared
    file: ShownFile
    url: str

    @property
    def number(self) -> int:
        """What picks it, from 1 on."""
        return self.cell.variant or 0

    @property
    def review(self) -> str:
        """What was decided."""
        return self.file.artifact.review

    @property
    def trashed(self) -> bool:
        """Whether it lies in the trash."""
        return self.file.artifact.trashed_at is not None


@dataclass(frozen=True)
class Difference:
    """One line of the comparison."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether it is not the same in all."""
        return len(set(self.values)) > 1


async def sets(request: Request, visit: Visit) -> Response:
    """Jobs with several variants; those that wait for a decision come first."""
    found, mine = services(request), visit.workspace.id
    cursor = request.query_params.get("after", "")
    waiting: list[SetRow] = []
    if not cursor:
        jobs = await found.jobs.list(JobFilter(mine, states=("awaiting_approval",), limit=_BATCH))
        waiting = await _rows(request, jobs, least=1)
    rows: list[SetRow] = []
    place, more = read_cursor(cursor) if cursor else None, True
    for _ in range(_MOST_BATCHES):
        jobs = await found.jobs.list(JobFilter(mine, states=_MADE, limit=_BATCH, before=place))
        rows += await _rows(request, jobs, least=2)
        more = len(jobs) == _BATCH
        if jobs:
            place = (jobs[-1].created_at, jobs[-1].id)
        if not more or len(rows) >= _SETS:
            break
    following = cursor_of(*place) if more and place else ""
    return page(request, visit, "review/list.html", waiting=waiting, rows=rows, following=following)


async def _rows(request: Request, jobs: Sequence[Job], least: int) -> list[SetRow]:
    found = services(request)
    files = await found.jobs.artifacts_of(jobs)
    rows: list[SetRow] = []
    for job in jobs:
        variants = [v for v in variants_of(files.get(job.id, [])) if v.expired_at is None]
        if len(variants) < least:
            continue
        thumbs = (thumbnail(found.links, [one], 320) for one in variants[:_PREVIEWS])
        decided = any(one.review == "selected" for one in variants)
        rows.append(SetRow(job, len(variants), tuple(filter(None, thumbs)), decided))
    return rows


async def one(request: Request, visit: Visit) -> Response:
    """One job's variants."""
    values = await _values(request, visit)
    known = services(request).publishing.known()
    return page(
        request,
        visit,
        "review/one.html",
        destinations=[one for one in known if not one.problem],
        **values,
    )


async def _values(request: Request, visit: Visit) -> dict[str, Any]:
    found, mine = services(request), visit.workspace.id
    job = await found.jobs.get(mine, request.path_params["job_id"])
    comparison = await found.sheets.of_job(mine, job.id)
    variants = _variants(request, comparison)
    kept = [v for v in variants if not v.trashed and not v.file.gone]
    return {
        "job": job,
        "variants": variants,
        "kept": kept,
        "failed": [cell for cell in comparison.cells if cell.artifact is None],
        "left_out": comparison.left_out,
        "differences": differences(variants),
        "selected": next((v for v in variants if v.review == "selected"), None),
        "medium": kept[0].file.medium if kept else "",
    }


def _variants(request: Request, comparison: Comparison) -> list[Variant]:
    links = services(request).links
    cells = [(cell, cell.artifact) for cell in comparison.cells if cell.artifact is not None]
    files = shown(links, [artifact for _, artifact in cells])
    return [Variant(cell, file, here(file)) for (cell, _), file in zip(cells, files, strict=True)]


def differences(variants: Sequence[Variant]) -> list[Difference]:
    """Model, seed, price, time, size, and every option that is not the same in all."""
    names = list(dict.fromkeys(name for v in variants for name in v.cell.differs))
    lines: Mapping[str, list[str]] = {
        "Model": [v.cell.model for v in variants],
        "Seed": ["" if v.cell.seed is None else str(v.cell.seed) for v in variants],
        "Price": [cost(v.cell.cost) for v in variants],
        "Time": [
            duration(None if v.cell.seconds is None else v.cell.seconds * 1000) for v in variants
        ],
        "Size": [_size(v) for v in variants],
        **{name: [_told(v.cell.differs.get(name)) for v in variants] for name in names},
    }
    return [Difference(name, tuple(values)) for name, values in lines.items() if any(values)]


def _size(variant: Variant) -> str:
    artifact = variant.file.artifact
    return f"{artifact.width} by {artifact.height}" if artifact.width and artifact.height else ""


def _told(value: Any) -> str:
    return "" if value is None else str(value)[:200]


async def _again(request: Request, visit: Visit, toast: str) -> Response:
    return part("review/_set.html", visit, toast=toast, **await _values(request, visit))


async def pick(request: Request, visit: Visit) -> Response:
    """Select one variant by its number."""
    number = visit.form.get("number", "")
    if not number.isdecimal() or len(number) > 4:
        raise InvalidRequest("No variant is named.", field="number", next_step="Press its number.")
    job_id = request.path_params["job_id"]
    decision = Decision(select=int(number))
    await services(request).review_sets.decide(visit.workspace.id, job_id, decision)
    return await _again(request, visit, f"Number {int(number)} is picked.")


async def rest(request: Request, visit: Visit) -> Response:
    """Put every variant but the picked one aside, into the trash."""
    found, mine = services(request), visit.workspace.id
    decided = await found.review_sets.decide(
        mine, request.path_params["job_id"], Decision(archive_rest=True)
    )
    away = [v.id for v in decided.variants if v.review != "selected" and v.expired_at is None]
    await found.trash.put(mine, away)
    return await _again(request, visit, f"{len(away)} in the trash. They can be restored here.")


async def restore(request: Request, visit: Visit) -> Response:
    """Bring variants back."""
    found, mine, ids = services(request), visit.workspace.id, chosen(visit)
    await found.trash.restore(mine, ids)
    decision = Decision(restore=tuple(ids))
    await found.review_sets.decide(mine, request.path_params["job_id"], decision)
    return await _again(request, visit, "Restored.")


async def approve(request: Request, visit: Visit) -> Response:
    """Let the job go on with the picked variant."""
    found, mine, job_id = services(request), visit.workspace.id, request.path_params["job_id"]
    looked = await found.review_sets.get(mine, job_id)
    if len(looked.variants) > 1 and not any(v.review == "selected" for v in looked.variants):
        raise Conflict("No variant is picked.", next_step="Pick one, then approve.")
    await found.review.approve(mine, job_id)
    return go(request, f"{_REVIEW}/{job_id}")


async def sheet(request: Request, visit: Visit) -> Response:
    """All variants on one numbered picture."""
    sheets = services(request).sheets
    drawn = await sheets.draw(
        await sheets.of_job(visit.workspace.id, request.path_params["job_id"])
    )
    name = f"{request.path_params['job_id'][:60]}-sheet.jpg"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        # Browsers show a picture alone in a page that they style themselves.
        "Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
    }
    return Response(drawn.content, media_type=SHEET_MIME, headers=headers)


PAGES: tuple[Page, ...] = (
    Page("GET", _REVIEW, sets),
    Page("GET", _ONE, one),
    Page("GET", _ONE + "/sheet", sheet),
    Page("POST", _ONE + "/pick", pick, "generate"),
    Page("POST", _ONE + "/rest", rest, "generate"),
    Page("POST", _ONE + "/restore", restore, "generate"),
    Page("POST", _ONE + "/approve", approve, "generate"),
)
