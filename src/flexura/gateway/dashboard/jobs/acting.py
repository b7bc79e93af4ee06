"""What is decided about a job: stop it, let it go on with what was picked, or not."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import InvalidRequest
from flexura.gateway.dashboard.jobs.list_page import JOBS
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import Tone, go, told
from flexura.gateway.dashboard.visit import Visit, is_htmx
from flexura.gateway.rest.requests import services


def done(request: Request, job_id: str, text: str, tone: Tone = "good") -> Response:
    """Said in passing; the page shows by itself what became of it."""
    if not is_htmx(request):
        return go(request, f"{JOBS}/{job_id}")
    return told(Response(status_code=204), text, tone)


async def cancel(request: Request, visit: Visit) -> Response:
    """Stop a job, or reject what it asks about."""
    job_id = request.path_params["job_id"]
    before = await services(request).jobs.get(visit.workspace.id, job_id)
    job = await services(request).jobs.cancel(visit.workspace.id, job_id)
    if not job.final:
        return done(request, job_id, "It is being stopped.", "info")
    rejected = before.state == "awaiting_approval"
    return done(request, job_id, "Rejected." if rejected else "Canceled.")


async def approve(request: Request, visit: Visit) -> Response:
    """Let a job go on with the candidates that were picked."""
    job_id = request.path_params["job_id"]
    numbers = visit.form.getlist("pick")
    if visit.form.get("which") == "picked" and not numbers:
        raise InvalidRequest(
            "No candidate is picked.", field="pick", next_step="Tick at least one of them."
        )
    if not all(n.isascii() and n.isdecimal() and len(n) < 6 for n in numbers):
        raise InvalidRequest(
            "That is no candidate.", field="pick", next_step="Load the page again."
        )
    await services(request).review.approve(visit.workspace.id, job_id, [int(n) for n in numbers])
    return done(request, job_id, "Approved; it goes on.")


PAGES: tuple[Page, ...] = (
    Page("POST", f"{JOBS}/{{job_id}}/cancel", cancel, "generate"),
    Page("POST", f"{JOBS}/{{job_id}}/approve", approve, "generate"),
)
