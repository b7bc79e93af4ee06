"""Agents: what is installed where on this machine, and the commands to install into each of them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.agents import AgentRow, Agents, InstalledEntry
from flexura.gateway.dashboard.commands import hand_over, install
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import page
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import base_url, services


@dataclass(frozen=True)
class Row:
    """One agent: how to install into it, and what is known of it here."""

    agent: AgentRow
    command: str
    entries: tuple[InstalledEntry, ...]
    found: str

    @property
    def worst(self) -> InstalledEntry | None:
        """What is wrong before what is well."""
        return min(self.entries, key=_order, default=None)


def _order(one: InstalledEntry) -> int:
    wrong = one.state == "installed" and one.why
    return 0 if wrong else ("gone", "changed", "installed", "unrecorded").index(one.state) + 1


async def listed(request: Request, visit: Visit) -> Response:
    """Every agent. Only whoever runs the gateway on their own machine sees what is on it."""
    agents = await services(request).agents()
    here = agents.here if visit.workspace.operator else None
    http = request.query_params.get("transport") == "http"
    base = base_url(request)
    return page(
        request,
        visit,
        "agents/list.html",
        rows=_rows(agents, base, http=http, shown=here is not None),
        here=here,
        http=http,
        hand_over=hand_over(request),
    )


def _rows(agents: Agents, base: str, *, http: bool, shown: bool) -> list[Row]:
    here = agents.here if shown else None
    found = dict(here.found) if here else {}
    rows: list[Row] = []
    for agent in agents.rows:
        words = ["--target", agent.name]
        if http and agent.reach == "http":
            words += ["--transport", "http", "--url", base]
        # Whoever runs the gateway has the program already; others take it from the gateway.
        command = " ".join(["flexura install", *words]) if here else install(base, *words)
        entries = tuple(one for one in (here.entries if here else ()) if agent.name in one.agents)
        rows.append(Row(agent, command, entries, found.get(agent.name, "")))
    # What is here comes first, as the installer orders the rest.
    return sorted(rows, key=lambda row: (not row.entries, not row.found))


PAGES: tuple[Page, ...] = (Page("GET", "/dashboard/agents", listed),)
