"""What is known of one coding agent: a row of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flexura_installer.machine import Machine, System

Scope = Literal["user", "project"]
Transport = Literal["stdio", "http"]
Tried = Literal["client", "documentation"]

# In the templates of entries these strings, as whole values, are replaced.
COMMAND, ARGS, ARGV, URL, BEARER, NAME = (
    "<command>",
    "<args>",
    "<argv>",
    "<url>",
    "<bearer>",
    "<name>",
)
# What an agent starts, in the words of its own file; most agents share this one.
STDIO: Mapping[str, Any] = {"command": COMMAND, "args": ARGS}
HEADERS: Mapping[str, Any] = {"Authorization": BEARER}
KEY = "MEDIA_GATEWAY_API_KEY"


@dataclass(frozen=True)
class Signs:
    """What shows that an agent is installed: any command on the PATH, any path (with `*`) that exists.

    A folder that holds nothing but `skills` shows nothing: a skills installer makes those for every agent.
    """

    commands: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    macos: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    # Names inside of those folders that belong to another agent, and so show nothing either.
    foreign: tuple[str, ...] = ()

    def places(self, system: System) -> tuple[str, ...]:
        """The templates of all paths that count on this system."""
        return self.paths + {"macos": self.macos, "windows": self.windows, "linux": ()}[system]


@dataclass(frozen=True)
class ConfigFile:
    """A file of the agent's in which our entry belongs. Paths are templates, see `Machine.path`."""

    path: str
    dialect: str
    # The keys from the top to the map (or list) of servers.
    under: tuple[str, ...]
    kind: Literal["member", "item"] = "member"
    identity: str = ""
    macos: str = ""
    windows: str = ""
    # A variable of the environment that names the whole file, where the agent knows one.
    variable: str = ""
    # Other names of the same file: the first that exists is the one that is written.
    alternatives: tuple[str, ...] = ()
    # Written only when this folder or file exists: an agent with an old and a new place has two of these.
    only_with: str = ""
    only_with_windows: str = ""
    # Instead of the agent's own templates, where this file wants others (Windsurf's old `serverUrl`).
    # An `http` without members: from this file the agent cannot reach a server by HTTP.
    stdio: Mapping[str, Any] | None = None
    http: Mapping[str, Any] | None = None

    def template(self, system: System) -> str:
        """The path as it is written for this system."""
        return {"macos": self.macos, "windows": self.windows, "linux": ""}[system] or self.path

    def at(self, machine: Machine) -> Path:
        """Where the file is, or is to be made."""
        named = machine.environment.get(self.variable, "") if self.variable else ""
        if named:
            return machine.path(named)
        first = machine.path(self.template(machine.system))
        others = (machine.path(template) for template in self.alternatives)
        return next((path for path in (first, *others) if path.exists()), first)

    def needs(self, machine: Machine) -> Path | None:
        """What has to exist for this file to be for this machine."""
        windows = machine.system == "windows" and self.only_with_windows
        template = windows or self.only_with
        return machine.path(template) if template else None


@dataclass(frozen=True)
class Http:
    """How an agent reaches a server by HTTP."""

    entry: Mapping[str, Any]
    # What stands for the secret in the entry, without the key: `Bearer ${env:MEDIA_GATEWAY_API_KEY}`.
    # Empty: the agent has no such form, or its editions disagree about it.
    reference: str
    # The entry with the key itself, where that needs other members (Codex). None: the same entry.
    literal: Mapping[str, Any] | None = None
    # Items for other lists of the same file, needed by the reference: (keys to the list, identity, item).
    beside: tuple[tuple[tuple[str, ...], str, Mapping[str, Any]], ...] = ()
    # Where the key that the reference means has to be. Empty: in the environment that the agent starts in.
    note: str = ""


@dataclass(frozen=True, eq=False)
class Agent:
    """A coding agent. `source` are the pages that the row was written from."""

    name: str
    title: str
    signs: Signs
    user: tuple[ConfigFile, ...]
    project: tuple[ConfigFile, ...]
    stdio: Mapping[str, Any]
    http: Http | None
    aliases: tuple[str, ...] = ()
    # The member of a stdio entry that holds variables of the environment.
    environment: str = "env"
    # Starts servers without the user's environment, so a key that is only set there never arrives …
    scrubs: bool = False
    # … unless the entry has these members too, which pass it on by name.
    passes_key: Mapping[str, Any] = field(default_factory=dict[str, Any])
    # Folders that hold skills, beside `~/.agents/skills` if the agent reads that one itself.
    skills_user: tuple[str, ...] = ()
    skills_project: tuple[str, ...] = ()
    reads_agents_folder: bool = True
    # Where an agent without MCP and skills lists the files that it reads first.
    instructions: ConfigFile | None = None
    instructions_project: ConfigFile | None = None
    # One line each: what a user has to know or to do (restart, approve, trust the folder).
    notes: tuple[str, ...] = ()
    # The same, where the entry is in a project's files.
    notes_project: tuple[str, ...] = ()
    tried: Tried = "documentation"
    source: tuple[str, ...] = ()

    def files(self, scope: Scope) -> tuple[ConfigFile, ...]:
        """The files of that scope."""
        return self.user if scope == "user" else self.project
