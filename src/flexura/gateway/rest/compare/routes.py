"""Comparing: the record of what is side by side, and the sheet as a picture."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import InvalidRequest
from flexura.gateway.rest.artifacts.sending import has_tag
from flexura.gateway.rest.compare.words import comparison_body
from flexura.gateway.rest.requests import base_url, caller, services
from flexura.ports.contact import SHEET_MIME
from flexura.services.comparing import Comparison
from flexura.services.sheets import MOST_NAMED

_LONGEST_ID = 80


async def get_comparison(request: Request) -> Response:
    """What is compared: each file or failed order with its number, model, seed, price and time."""
    who = await caller(request, "read")
    jobs, artifacts = _named(request, "jobs"), _named(request, "artifacts")
    found, base = services(request), base_url(request)
    comparison = await found.sheets.of(who.workspace_id, jobs, artifacts)
    named = {"jobs": ",".join(jobs), "artifacts": ",".join(artifacts)}
    asked = urlencode({name: ids for name, ids in named.items() if ids}, safe=",")
    alone = len(jobs) == 1 and not artifacts
    url = (
        f"/api/v1/jobs/{quote(jobs[0], safe='')}/sheet"
        if alone
        else f"/api/v1/compare/sheet?{asked}"
    )
    return JSONResponse(comparison_body(comparison, base + url, base, found.links))


async def get_sheet(request: Request) -> Response:
    """The contact sheet of several jobs and files."""
    who = await caller(request, "read")
    jobs, artifacts = _named(request, "jobs"), _named(request, "artifacts")
    sheets = services(request).sheets
    return await _sent(request, await sheets.of(who.workspace_id, jobs, artifacts))


async def get_job_sheet(request: Request) -> Response:
    """The contact sheet of one job; its numbers are those of the review set and of `pick:N`."""
    who = await caller(request, "read")
    sheets = services(request).sheets
    found = await sheets.of_job(who.workspace_id, request.path_params["job_id"])
    return await _sent(request, found)


async def _sent(request: Request, comparison: Comparison) -> Response:
    drawn = await services(request).sheets.draw(comparison)
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": 'inline; filename="sheet.jpg"',
        # What is on it may change with the next decision or result: asked again each time, sent again seldom.
        "Cache-Control": "private, no-cache",
        "ETag": f'"{drawn.tag}"',
    }
    if has_tag(request.headers.get("if-none-match", ""), drawn.tag):
        return Response(status_code=304, headers=headers)
    return Response(drawn.content, media_type=SHEET_MIME, headers=headers)


def _named(request: Request, field: str) -> list[str]:
    """The ids of the query, parted by commas or repeated. Raises InvalidRequest for too many."""
    texts = request.query_params.getlist(field)
    ids = [one.strip() for text in texts for one in text.split(",") if one.strip()]
    if len(ids) > MOST_NAMED or any(len(one) > _LONGEST_ID for one in ids):
        raise InvalidRequest(
            f"{field} is no list of at most {MOST_NAMED} ids.",
            field=field,
            next_step=f"Name the ids with commas: ?{field}=ID,ID.",
        )
    return ids
