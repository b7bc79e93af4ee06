"""Which destinations there are; the outcomes of a job; one of them again."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.publication import Publication
from flexura.gateway.rest.requests import caller, services
from flexura.services.clock import iso


async def list_destinations(request: Request) -> Response:
    """The destinations that the operator configured: names and platforms, never their settings."""
    await caller(request, "read")
    known = services(request).publishing.known()
    found = [{"name": d.name, "platform": d.platform, "usable": not d.problem} for d in known]
    return JSONResponse({"destinations": found, "total": len(found)})


async def list_publications(request: Request) -> Response:
    """What became of a job at each of its destinations."""
    who = await caller(request, "read")
    found, job_id = services(request), request.path_params["job_id"]
    job = await found.jobs.get(who.workspace_id, job_id)
    rows = [publication_record(row) for row in await found.publishing.outcomes(job.id)]
    return JSONResponse({"job_id": job.id, "publications": rows})


async def retry_publication(request: Request) -> Response:
    """Publish to one destination again, after it failed there; its outcome."""
    who = await caller(request, "generate")
    job_id, name = request.path_params["job_id"], request.path_params["destination"]
    row = await services(request).publishing.retry(who.workspace_id, job_id, name)
    return JSONResponse(publication_record(row))


def publication_record(row: Publication) -> dict[str, Any]:
    """One outcome; null where there is nothing."""
    return {
        "destination": row.destination,
        "platform": row.platform,
        "status": row.state,
        "url": row.url or None,
        "error": row.error or None,
        "tries": row.tries,
        "published_at": iso(row.published_at) if row.published_at is not None else None,
    }
