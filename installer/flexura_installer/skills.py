"""The skill: one canonical folder, links where an agent looks elsewhere, a line for agents without skills."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flexura_installer.agents.row import Agent, ConfigFile, Scope
from flexura_installer.errors import InstallError
from flexura_installer.formats.document import Slot
from flexura_installer.machine import Machine
from flexura_installer.wishes import EntryWish, FolderWish, Wish

NAME = "flexura"
# Read by Codex, Gemini CLI, Cline, opencode and others; see agentskills.io and the rows' `source`.
CANONICAL = {"user": "~/.agents/skills", "project": ".agents/skills"}
# What an agent without skills reads: how to use the command line.
SHELL_PAGE = "reference/shell.md"


def wishes(agents: Iterable[Agent], scope: Scope, machine: Machine) -> list[Wish]:
    """What these agents need to know of flexura. Agents share the canonical folder; each has a wish for it.

    Raises InstallError when this installation has no skill with it.
    """
    files = packed()
    canonical = machine.path(f"{CANONICAL[scope]}/{NAME}")
    root = machine.home if scope == "user" else machine.project
    found: list[Wish] = []
    for agent in agents:
        folders = [] if agent.reads_agents_folder else _folders(agent, scope, machine)
        told_by = agent.instructions if scope == "user" else agent.instructions_project
        if not (agent.reads_agents_folder or folders or told_by):
            continue
        found.append(FolderWish(agent.name, canonical, files, root))
        links = (folder / NAME for folder in folders if folder / NAME != canonical)
        found += [FolderWish(agent.name, link, files, root, link_to=canonical) for link in links]
        if told_by:
            found.append(_instructions(agent, told_by, canonical, scope, machine))
    return found


def packed() -> dict[str, bytes]:
    """The files of the skill, by their path in it; from the wheel, or from a checkout."""
    here = Path(__file__).resolve().parent
    for place in (here.parent / "flexura" / "_skills", here.parents[1] / "skills"):
        folder = place / NAME
        if (folder / "SKILL.md").is_file():
            return {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            }
    raise InstallError(
        "The skill is not part of this installation.",
        "Install flexura anew from its wheel, or use --no-skills.",
    )


def _folders(agent: Agent, scope: Scope, machine: Machine) -> list[Path]:
    """Where this agent looks for skills: every place of its that is in use, else the first."""
    named = agent.skills_user if scope == "user" else agent.skills_project
    places = [machine.path(template) for template in named]
    if scope == "project":
        return places[:1]
    return [place for place in places if place.parent.is_dir()] or places[:1]


def _instructions(
    agent: Agent, file: ConfigFile, canonical: Path, scope: Scope, machine: Machine
) -> EntryWish:
    """An item that makes the agent read the page about the command line."""
    page = canonical / SHELL_PAGE
    # A project's file is shared: what it names must be right for everybody who has the project.
    named = str(page) if scope == "user" else page.relative_to(machine.project).as_posix()
    slot = Slot(file.under, named, "item", file.identity)
    root = machine.home if scope == "user" else machine.project
    return EntryWish(agent.name, file.at(machine), file.dialect, ((slot, named),), root)
