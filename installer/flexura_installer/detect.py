"""Which coding agents are on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flexura_installer.agents import AGENTS
from flexura_installer.agents.row import Agent
from flexura_installer.machine import Machine


def detected(machine: Machine) -> tuple[Agent, ...]:
    """The agents that left a sign, in the order of the table."""
    return tuple(row for row in AGENTS if signs(row, machine))


def signs(agent: Agent, machine: Machine) -> str:
    """What was found of this agent, for people: `codex on the PATH, ~/.codex`. Empty: nothing."""
    found = [f"{name} on the PATH" for name in agent.signs.commands if machine.command(name)]
    places = agent.signs.places(machine.system)
    paths = (path for template in places for path in _matching(machine, template))
    found += [machine.short(path) for path in paths if inhabited(path, agent.signs.foreign)]
    return ", ".join(dict.fromkeys(found))


def inhabited(path: Path, foreign: tuple[str, ...] = ()) -> bool:
    """Whether there is a file, an empty folder, or a folder with more in it than skills and foreign names."""
    try:
        if not path.is_dir():
            return path.exists()
        inside = list(path.iterdir())
        own = [one for one in inside if one.name not in ("skills", *foreign)]
        # `~/.gemini` with nothing but `antigravity/skills` in it is as bare as one with `skills`.
        return not inside or any(not one.is_dir() or inhabited(one) for one in own)
    except OSError:
        # Somebody's folder that we may not look into: it is there.
        return True


def _matching(machine: Machine, template: str) -> Iterator[Path]:
    path = machine.path(template)
    yield from sorted(path.parent.glob(path.name)) if "*" in path.name else (path,)
