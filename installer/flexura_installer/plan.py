"""What an installation consists of: the wishes of every agent, and what each has to be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flexura_installer import choices
from flexura_installer.agents import entries
from flexura_installer.agents.row import Agent
from flexura_installer.formats.document import Slot
from flexura_installer.machine import Machine
from flexura_installer.options import Options
from flexura_installer.records import Kind, Record
from flexura_installer.wishes import EntryWish, Wish

_TYPED = ("scope", "transport", "url", "name", "project")


@dataclass(frozen=True)
class Missing:
    """An agent that gets nothing, or not all: said, and no reason for the others to stop."""

    agent: str
    title: str
    why: str
    next_step: str = ""


@dataclass(frozen=True)
class Plan:
    """Wishes in the order in which they are fulfilled."""

    wishes: tuple[Wish, ...]
    missing: tuple[Missing, ...]


def plan(agents: Iterable[Agent], options: Options, machine: Machine, *, skills: bool) -> Plan:
    """Everything that these agents should have. Raises InstallError when this installation has no skill."""
    agents = tuple(agents)
    found: list[Wish] = []
    taught: list[Wish] = []
    if skills:
        from flexura_installer import skills as skill  # read only when it is wanted

        taught = skill.wishes(agents, options.scope, machine)
    missing: list[Missing] = []
    for agent in agents:
        entered = entries.wishes(agent, options, machine)
        found += [*entered, *(wish for wish in taught if wish.agent == agent.name)]
        if not entered:
            missing += _unentered(agent, options, [w for w in taught if w.agent == agent.name])
    return Plan(tuple(found), tuple(missing))


def _unentered(agent: Agent, options: Options, taught: list[Wish]) -> list[Missing]:
    """Why an agent has no entry of ours; nothing where instructions take that place."""
    if agent.files(options.scope) or (agent.instructions and taught):
        return []
    if agent.instructions:
        why = "has no MCP, and the page that it reads instead was not wanted"
        return [Missing(agent.name, agent.title, f"{agent.title} {why}.", "Leave out --no-skills.")]
    why = "reads no MCP servers from a project"
    return [Missing(agent.name, agent.title, f"{agent.title} {why}.", "Use --scope user for it.")]


def remembered(
    options: Options, machine: Machine, *, skills: bool, launcher: Path | None
) -> dict[str, str]:
    """The options as the ledger keeps them, for `upgrade`; what is as always is left out. No secret."""
    found = {
        "scope": options.scope,
        "transport": options.transport,
        "url": options.url,
        "name": options.name if options.name != "flexura" else "",
        "literal_secret": "yes" if options.literal_secret else "",
        "skills": "" if skills else "no",
        "project": str(machine.project) if options.scope == "project" else "",
        # Only one that was chosen: otherwise the launcher of the day is right.
        "launcher": str(launcher) if launcher else "",
    }
    return {key: value for key, value in found.items() if value}


def typed(again: Mapping[str, str]) -> list[str]:
    """The words after `install` that mean these remembered options."""
    words = [f"--{key}={again[key]}" for key in _TYPED if key in again]
    # One that is gone cannot be asked for: the launcher of the day takes its place.
    if "launcher" in again and choices.runs(Path(again["launcher"])):
        words.append(f"--launcher={again['launcher']}")
    words += ["--literal-secret"] if "literal_secret" in again else []
    return words if wants_skills(again) else [*words, "--no-skills"]


def wants_skills(again: Mapping[str, str]) -> bool:
    """Whether an installation with these remembered options had the skill."""
    return again.get("skills") != "no"


def what(wish: Wish) -> str:
    """In a word, for people."""
    return (
        _what("entry", [slot for slot, _ in wish.values])
        if isinstance(wish, EntryWish)
        else "skill"
    )


def what_recorded(record: Record) -> str:
    """The same of what is recorded."""
    return _what(record.kind, record.slots)


def _what(kind: Kind, slots: Sequence[Slot]) -> str:
    if kind != "entry":
        return "skill"
    if all(slot.kind == "item" and not slot.identity for slot in slots):
        return "instructions"
    return "MCP server" if any(slot.under for slot in slots) else "gateway address"
