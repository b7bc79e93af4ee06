"""The first page: what is under way, what came of it, what it cost, and what wants somebody."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.job import Job
from flexura.gateway.dashboard.jobs.job_rows import rows_of, title_of
from flexura.gateway.dashboard.jobs.list_page import JOBS, UNDER_WAY
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import page, part
from flexura.gateway.dashboard.shown_files import ShownFile, shown
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import services
from flexura.ports.records import JobFilter
from flexura.services.clock import now_ms

_DAY_MS = 86_400_000
_AT_ONCE = 6
_MOST_NEEDS = 4
_LATEST_JOBS, _LATEST_FILES = 24, 12
_PATIENCE = 0.1
"""Seconds that the page waits for what other machines say of themselves."""
_DONE = ("completed", "published")


@dataclass(frozen=True)
class Need:
    """Something that wants somebody: what, why, and where to go."""

    icon: str
    tone: str
    title: str
    text: str
    link: str
    act: str


async def overview(request: Request, visit: Visit) -> Response:
    """What this workspace has under way, has made last, and has spent."""
    found, feed, mine = services(request), services(request).jobs.feed, visit.workspace.id
    newest = await feed.page(JobFilter(mine, limit=_AT_ONCE))
    known = {standing.job.id for standing in newest}
    # What has been under way for long is not forgotten over what came since.
    wanted, whole = await _needs_at_once(request, visit)
    older = await feed.page(JobFilter(mine, states=UNDER_WAY, limit=_AT_ONCE))
    standings = [*newest, *(one for one in older if one.job.id not in known)]
    return page(
        request,
        visit,
        "overview.html",
        rows=await rows_of(found, visit, standings),
        stream=f"{JOBS}/live?most={_AT_ONCE}",
        latest=await _latest(request, visit),
        wanted=wanted,
        whole=whole,
        **await _figures(request, visit),
    )


async def _figures(request: Request, visit: Visit) -> dict[str, Any]:
    """The figures on top."""
    found, mine = services(request), visit.workspace.id
    return {
        "under_way": await found.jobs.count(JobFilter(mine, states=UNDER_WAY)),
        "waiting": await found.jobs.count(JobFilter(mine, states=("awaiting_approval",))),
        "money": await found.credits.overview(mine),
        "rules": found.credits.rules,
        "left": await found.credits.left(mine, visit.key.id),
    }


async def latest(request: Request, visit: Visit) -> Response:
    """The strip of what was made last, when something new may be in it."""
    return part("overview/_latest.html", visit, latest=await _latest(request, visit))


async def needs(request: Request, visit: Visit) -> Response:
    """What wants somebody; asked for after the page is there, for it may look at other machines."""
    found = [
        *await _jobs_in_need(request, visit),
        *await _gateway_in_need(request, visit),
    ]
    figures = await _figures(request, visit)
    return part("overview/_needs.html", visit, needs=found, wanted=found, **figures)


async def _needs_at_once(request: Request, visit: Visit) -> tuple[list[Need], bool]:
    """What is known without waiting, so that the page does not move later; and whether that is all."""
    found = await _jobs_in_need(request, visit)
    try:
        async with asyncio.timeout(_PATIENCE):
            return [*found, *await _gateway_in_need(request, visit)], True
    except TimeoutError:
        return found, False


async def _latest(request: Request, visit: Visit) -> list[tuple[Job, ShownFile]]:
    found = services(request)
    jobs = await found.jobs.list(JobFilter(visit.workspace.id, states=_DONE, limit=_LATEST_JOBS))
    files = await found.jobs.artifacts_of(jobs)
    made = [
        (job, file)
        for job in jobs
        for file in shown(found.links, files.get(job.id, []))
        if not (file.gone or file.trashed)
        and file.artifact.role == "main"
        and file.artifact.review != "archived"
    ]
    return made[:_LATEST_FILES]


async def _jobs_in_need(request: Request, visit: Visit) -> list[Need]:
    jobs, mine = services(request).jobs, visit.workspace.id
    asking = await jobs.list(JobFilter(mine, states=("awaiting_approval",), limit=_MOST_NEEDS))
    found = [
        Need("check", "wait", title_of(job), "Waits for an approval.", f"{JOBS}/{job.id}", "Review")
        for job in asking
    ]
    failed = await jobs.list(JobFilter(mine, states=("failed",), limit=_MOST_NEEDS))
    for job in failed:
        if (job.finished_at or 0) > now_ms() - _DAY_MS:
            why = " ".join(filter(None, (job.error_message, job.error_next_step)))
            found.append(
                Need("warn", "bad", title_of(job), why, f"{JOBS}/{job.id}", "See what to do")
            )
    return found


async def _gateway_in_need(request: Request, visit: Visit) -> list[Need]:
    found: list[Need] = []
    listing = await services(request).catalog.listing()
    for state in listing.states:
        if state.status != "ok":
            text = state.error or "It does not answer; its last known models are shown."
            link = "/dashboard/providers" if visit.operator else "/dashboard/models"
            found.append(Need("providers", "bad", state.name, text, link, "Look at it"))
    here = (await services(request).agents()).here if visit.workspace.operator else None
    if here is not None and not here.entries and visit.operator:
        text = "flexura is in none of your coding agents yet. It takes one command."
        link = "/dashboard/agents"
        found.append(Need("agents", "idle", "No agent installed", text, link, "Install"))
    return found


PAGES: tuple[Page, ...] = (
    Page("GET", "/dashboard", overview),
    Page("GET", "/dashboard/overview/latest", latest),
    Page("GET", "/dashboard/overview/needs", needs),
)
