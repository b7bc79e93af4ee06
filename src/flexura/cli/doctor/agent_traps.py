"""What keeps an agent from using an entry that is right: approvals, trust, files that win over ours."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flexura.cli.doctor.entry import held, members
from flexura.cli.doctor.finding import Finding, note
from flexura_installer.agents.row import Agent
from flexura_installer.errors import InstallError
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.formats.document import MISSING, Slot, same
from flexura_installer.machine import Machine
from flexura_installer.records import Record


def first(agent: Agent, entries: Iterable[Record], machine: Machine) -> Finding | None:
    """The first trap of this agent, seen from the present directory."""
    ours = list(entries)
    for look in (_shadowed, _shadowed_instructions, *_OF_ONE.get(agent.name, ())):
        if (found := look(agent, ours, machine)) is not None:
            return found
    return None


def _shadowed(agent: Agent, entries: list[Record], machine: Machine) -> Finding | None:
    """A project's entry of the same name that is another server wins over the user's."""
    mine = [r for r in entries if r.owners and not _of_project(r, machine)]
    for record in mine:
        wanted = record.values[-1][1]
        for file in agent.project:
            slot = Slot(file.under, record.slots[-1].name, file.kind, file.identity)
            path = file.at(machine)
            found = _held(path, file.dialect, slot)
            if str(path) != record.path and found is not MISSING and not same(found, wanted):
                step = f"Look into {machine.short(path)}: rename that server, or remove it."
                about = (
                    f"{machine.short(path)} has another `{slot.name}`, which wins in this project"
                )
                return note(agent.name, about, step)
    return None


def _shadowed_instructions(agent: Agent, entries: list[Record], machine: Machine) -> Finding | None:
    """Aider takes `read` of the nearest file and forgets the others."""
    file = agent.instructions_project
    if file is None or any(_of_project(record, machine) for record in entries):
        return None
    path = file.at(machine)
    wins = _held(path, file.dialect, Slot(file.under[:-1], file.under[-1]))
    if str(path) in {r.path for r in entries} or wins in (MISSING, None, []):
        return None
    step = f"flexura install --target {agent.name} --scope project"
    about = f"`{file.under[-1]}` of {machine.short(path)} replaces the user's here"
    return note(agent.name, about, step)


def _claude_waits(agent: Agent, entries: list[Record], machine: Machine) -> Finding | None:
    """Servers of a project's .mcp.json start only when the user trusts the project and agreed to them."""
    project = [r for r in entries if _of_project(r, machine)]
    own = _claude_project(machine)
    for record in project:
        name = record.slots[-1].name
        settings = [
            *(_json(machine.path(f".claude/{file}")) for file in _CLAUDE_SETTINGS),
            *(_json(machine.path(f"~/.claude/{file}")) for file in _CLAUDE_SETTINGS),
            own,
        ]
        agreed = own.get("hasTrustDialogAccepted") is True and any(
            found.get("enableAllProjectMcpServers") is True
            or name in (found.get("enabledMcpjsonServers") or ())
            for found in settings
        )
        if not agreed:
            step = "Start `claude` in this project and agree to the server, once."
            return note(agent.name, f"`{name}` of .mcp.json waits for your approval", step)
    return None


def _codex_distrusts(agent: Agent, entries: list[Record], machine: Machine) -> Finding | None:
    """Codex reads a project's configuration only where the project is trusted."""
    if not any(_of_project(record, machine) for record in entries):
        return None
    try:
        text = machine.path("${CODEX_HOME:-~/.codex}/config.toml").read_text(encoding="utf-8-sig")
        found: dict[str, Any] = tomllib.loads(text)
    except (OSError, ValueError):
        found = {}
    place = machine.project
    trusted = any(
        _member(_member(found, "projects"), str(at)).get("trust_level") == "trusted"
        for at in (place, *place.parents)
    )
    if trusted:
        return None
    step = "Start `codex` in this project and trust it, once."
    return note(agent.name, "Codex does not trust this project, so its entry is not read", step)


def _gemini_distrusts(agent: Agent, entries: list[Record], machine: Machine) -> Finding | None:
    """With folder trust on, Gemini CLI starts no server in an unknown folder."""
    settings = _json(machine.path("~/.gemini/settings.json"))
    trust = _member(_member(settings, "security"), "folderTrust").get("enabled")
    trusted = _json(machine.path("~/.gemini/trustedFolders.json"))
    known = [trusted.get(str(at)) for at in (machine.project, *machine.project.parents)]
    if trust is not True or "TRUST_FOLDER" in known or "TRUST_PARENT" in known:
        return None
    step = "Start `gemini` here and trust the folder, once."
    return note(agent.name, "Gemini CLI does not trust this folder, so it starts no server", step)


def _of_project(record: Record, machine: Machine) -> bool:
    return record.root == str(machine.project) != str(machine.home)


def _held(path: Path, named: str, slot: Slot) -> Any:
    """What a file that may be missing or broken holds in a slot."""
    try:
        return held(path, named, slot)
    except InstallError:
        return MISSING


def _json(path: Path) -> dict[str, Any]:
    try:
        return members(prove.read(dialect("jsonc-commas"), path.read_bytes()))
    except (InstallError, OSError):
        return {}


def _claude_project(machine: Machine) -> dict[str, Any]:
    """What Claude Code keeps about this project itself."""
    try:
        found: Any = json.loads(machine.path("~/.claude.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return _member(_member(members(found), "projects"), str(machine.project))


def _member(found: dict[str, Any], name: str) -> dict[str, Any]:
    return members(found.get(name))


_CLAUDE_SETTINGS = ("settings.json", "settings.local.json")
_Look = Callable[[Agent, list[Record], Machine], Finding | None]
_OF_ONE: dict[str, tuple[_Look, ...]] = {
    "claude-code": (_claude_waits,),
    "codex": (_codex_distrusts,),
    "gemini-cli": (_gemini_distrusts,),
}
