"""Publishing from the page of a job: its time, a destination again, and results as a job of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest
from flexura.gateway.dashboard.jobs.acting import done
from flexura.gateway.dashboard.jobs.list_page import JOBS
from flexura.gateway.dashboard.once import FIELD, fresh
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, part, told
from flexura.gateway.dashboard.shown_files import shown
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import services
from flexura.services.clock import now_ms
from flexura.services.idempotency import body_sha256, check_key
from flexura.services.production import published
from flexura.services.runs.orders import milliseconds_of
from flexura.services.transitions import Origin

_ROUTE = "dashboard/jobs/publish"


def moment(visit: Visit, field: str = "at") -> int | None:
    """The time in a form, in milliseconds: ISO 8601 as our script writes it, else the clock of UTC.

    Raises InvalidRequest.
    """
    exact, typed = visit.form.get(f"{field}_exact", ""), visit.form.get(field, "").strip()
    if not typed:
        return None
    if exact:
        return milliseconds_of(exact, field)
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return milliseconds_of(typed, field)
    return milliseconds_of((at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat(), field)


async def schedule(request: Request, visit: Visit) -> Response:
    """Set the publish time, take it back, or publish now."""
    job_id, wanted = request.path_params["job_id"], visit.form.get("when", "at")
    review = services(request).review
    if wanted == "now":
        await review.schedule(visit.workspace.id, job_id, now_ms())
        return done(request, job_id, "It is published as soon as it is made.")
    if wanted == "never":
        await review.schedule(visit.workspace.id, job_id, None)
        return done(request, job_id, "Its publish time is taken back.")
    at = moment(visit)
    if at is None:
        raise InvalidRequest("There is no time.", field="at", next_step="Say when to publish.")
    await review.schedule(visit.workspace.id, job_id, at)
    return done(request, job_id, "The publish time is set.")


async def retry(request: Request, visit: Visit) -> Response:
    """Publish to one destination again, after it failed there."""
    job_id, name = request.path_params["job_id"], request.path_params["destination"]
    row = await services(request).publishing.retry(visit.workspace.id, job_id, name)
    if row.state != "published":
        text = f"{row.destination} refused it again: {row.error}"
        return told(Response(status_code=204), text, "bad")
    return go(request, f"{JOBS}/{job_id}")


async def ask(request: Request, visit: Visit) -> Response:
    """Where a result can go, and which of its files."""
    found, job_id = services(request), request.path_params["job_id"]
    job = await found.jobs.get(visit.workspace.id, job_id)
    return part(
        "jobs/_publish.html",
        visit,
        job=job,
        files=shown(found.links, _kept(await found.jobs.files(job))),
        destinations=found.publishing.known(),
        once=fresh(),
    )


async def publish(request: Request, visit: Visit) -> Response:
    """Publish files of a job, now or at a time: a job of its own, which makes nothing and costs nothing."""
    found, job_id, form = services(request), request.path_params["job_id"], visit.form
    job = await found.jobs.get(visit.workspace.id, job_id)
    files = {artifact.id: artifact for artifact in _kept(await found.jobs.files(job))}
    chosen = [files[one] for one in form.getlist("file") if one in files]
    names = tuple(form.getlist("destination"))
    if not chosen or not names:
        raise InvalidRequest(
            "No file is chosen." if not chosen else "No destination is chosen.",
            field="file" if not chosen else "destination",
            next_step="Tick at least one.",
        )
    ordered = published(chosen, job.prompt, names, moment(visit))
    plan = await found.runs.plan(ordered.template, ordered.values, visit.caller, ordered.wishes)
    origin = Origin(
        "dashboard",
        idempotency_key=check_key(form.get(FIELD, "")),
        body_sha256=body_sha256([job.id, form.multi_items()]),
        route=_ROUTE,
    )
    made = await found.runs.start(plan, visit.caller, origin)
    return go(request, f"{JOBS}/{made.job.id}")


def _kept(artifacts: Sequence[Artifact]) -> list[Artifact]:
    here = [a for a in artifacts if a.expired_at is None and a.trashed_at is None]
    return [a for a in here if a.role == "main"]


PAGES: tuple[Page, ...] = (
    Page("POST", f"{JOBS}/{{job_id}}/schedule", schedule, "generate"),
    Page("POST", f"{JOBS}/{{job_id}}/publications/{{destination}}", retry, "generate"),
    Page("GET", f"{JOBS}/{{job_id}}/publish", ask, "generate"),
    Page("POST", f"{JOBS}/{{job_id}}/publish", publish, "generate"),
)
