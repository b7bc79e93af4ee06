"""The list of jobs, newest first: by state and project, page by page, and live."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from flexura.gateway.dashboard.jobs.job_rows import rows_of
from flexura.gateway.dashboard.live import KEEP_ALIVE, STILL_HERE, live, part_event, seen_in
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import html, page
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.paging import cursor_of, read_cursor
from flexura.gateway.rest.requests import page_number, services
from flexura.ports.records import JobFilter

JOBS = "/dashboard/jobs"
UNDER_WAY = ("queued", "running", "scheduled", "publishing")
TABS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "": ("All", ()),
    "active": ("Under way", UNDER_WAY),
    "approval": ("Awaiting approval", ("awaiting_approval",)),
    "failed": ("Failed", ("failed", "canceled")),
    "done": ("Done", ("completed", "published")),
}
"""What can be looked at: the name in the URL, the title, the states."""
_COUNTED = ("active", "approval")
_ON_A_PAGE = 25
_MOST_PROJECT = 200


@dataclass(frozen=True)
class Asked:
    """Which part of the list is looked at."""

    tab: str
    project: str
    cursor: str

    def filter(self, workspace_id: str, more: int = 0) -> JobFilter:
        """It as the store is asked. Raises InvalidRequest for a cursor that is none of ours."""
        return JobFilter(
            workspace_id,
            project=self.project,
            states=TABS[self.tab][1],
            limit=_ON_A_PAGE + more,
            before=read_cursor(self.cursor) if self.cursor else None,
        )

    def url(self, path: str = JOBS, **other: str) -> str:
        """The way to it, or to the same with something else in it."""
        said = {"tab": self.tab, "project": self.project, "cursor": self.cursor, **other}
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{path}?{query}" if query else path


def asked_in(request: Request) -> Asked:
    """What the query string asks for; a tab that is none is the first."""
    told = request.query_params
    tab = told.get("tab", "")
    return Asked(
        tab=tab if tab in TABS else "",
        project=told.get("project", "").strip()[:_MOST_PROJECT],
        cursor=told.get("cursor", ""),
    )


async def job_list(request: Request, visit: Visit) -> Response:
    """One page of the list."""
    asked, jobs = asked_in(request), services(request).jobs
    found = await jobs.feed.page(asked.filter(visit.workspace.id, more=1))
    standings, more = found[:_ON_A_PAGE], len(found) > _ON_A_PAGE
    last = standings[-1].job if standings else None
    counts = {
        tab: await jobs.count(JobFilter(visit.workspace.id, asked.project, TABS[tab][1]))
        for tab in _COUNTED
    }
    return page(
        request,
        visit,
        "jobs/list.html",
        asked=asked,
        tabs=TABS,
        counts=counts,
        rows=await rows_of(services(request), visit, standings),
        older=asked.url(cursor=cursor_of(last.created_at, last.id)) if last and more else "",
        stream=asked.url(f"{JOBS}/live"),
    )


async def job_list_live(request: Request, visit: Visit) -> Response:
    """What changes on a page of the list, as it happens."""
    asked = asked_in(request)
    most = page_number(request, "most", _ON_A_PAGE, 1, _ON_A_PAGE)
    wanted = replace(asked.filter(visit.workspace.id), limit=most)
    return live(request, visit, _changes(request, visit, wanted))


async def _changes(request: Request, visit: Visit, wanted: JobFilter) -> AsyncIterator[str]:
    found = services(request)
    seen = seen_in(request)
    async for news in found.jobs.feed.follow(wanted, seen, KEEP_ALIVE):
        if not news:
            yield STILL_HERE
            continue
        rows = await rows_of(found, visit, news)
        yield part_event(html("jobs/_rows.html", rows=rows, visit=visit))


PAGES: tuple[Page, ...] = (
    Page("GET", JOBS, job_list),
    Page("GET", f"{JOBS}/live", job_list_live),
)
