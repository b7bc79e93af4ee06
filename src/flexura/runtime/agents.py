"""The installer's table of agents, and its record of this machine, for the page that shows them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flexura.domain.agents import AgentRow, Agents, AgentsHere, InstalledEntry, Reach
from flexura.settings import Settings

if TYPE_CHECKING:
    from flexura_installer.agents.row import Agent
    from flexura_installer.machine import Machine


_VARIABLE = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


def agents_of(settings: Settings, *, loopback: bool) -> Callable[[], Awaitable[Agents]]:
    """What looks; it sees the machine only where the gateway is its user's own, and writes nothing."""
    own = loopback and not settings.public_url and not settings.database_url

    async def look() -> Agents:
        # Files of many agents are read.
        return await asyncio.to_thread(_look, own)

    return look


def _look(own: bool) -> Agents:
    # Only here: a gateway whose page nobody opens does not need the rows of all agents.
    from flexura_installer import detect
    from flexura_installer.agents import AGENTS
    from flexura_installer.errors import InstallError
    from flexura_installer.machine import Machine

    # The home as the project: where a gateway happens to have been started is nobody's project.
    machine = Machine.here(Path.home())
    rows = tuple(_row(agent) for agent in AGENTS)
    if not own:
        return Agents(rows)
    found = tuple((agent.name, detect.signs(agent, machine)) for agent in AGENTS)
    found = tuple(pair for pair in found if pair[1])
    try:
        return Agents(rows, AgentsHere(_entries(machine), found))
    except InstallError as error:
        here = AgentsHere((), found, problem=error.message, next_step=error.next_step)
        return Agents(rows, here)


def _row(agent: Agent) -> AgentRow:
    files = (_usual(f.path) for f in (*agent.user, agent.instructions) if f is not None)
    reach: Reach = "http" if agent.http and agent.http.reference else "launcher"
    reach = reach if agent.user else "none"
    skill = bool(agent.skills_user) or bool(agent.reads_agents_folder)
    return AgentRow(
        agent.name,
        agent.title,
        tuple(dict.fromkeys(files)),
        reach,
        skill,
        tuple(agent.notes),
        tried=agent.tried == "client",
    )


def _usual(path: str) -> str:
    """Where it is unless a variable says otherwise: `~/.codex/config.toml`."""
    return _VARIABLE.sub(r"\1", path)


def _entries(machine: Machine) -> tuple[InstalledEntry, ...]:
    """What `flexura install --status` tells. Raises InstallError for a record that cannot be read."""
    from flexura_installer import status
    from flexura_installer.arguments import Arguments
    from flexura_installer.questions import Nobody
    from flexura_installer.report import Report
    from flexura_installer.session import Session

    report = Report("status")
    status.run(Session(Arguments("install", status=True), machine, Nobody(), report))
    told = cast("list[dict[str, Any]]", report.facts["targets"])
    return tuple(
        InstalledEntry(
            agents=tuple(one["agents"]),
            what=one["what"],
            path=machine.short(Path(one["path"])),
            state=one["state"],
            transport=one["transport"],
            since=one["since"],
            why=one["why"],
            next_step=one["next_step"],
        )
        for one in told
    )
