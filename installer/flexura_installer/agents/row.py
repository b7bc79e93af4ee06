"""What is known of one coding agent: a row of data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flexura_installer.machine import Machine

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


@dataclass(frozen=True)
class Signs:
    """What shows that an agent is installed: any command on the PATH, any path that exists."""

    commands: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    macos: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()


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
    # Written only when this directory exists: an agent with an old and a new place has two rows of these.
    only_beside: str = ""
    # Instead of the agent's own template, where this file wants another one (Windsurf's old `serverUrl`).
    http: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Http:
    """How an agent reaches a server by HTTP."""

    entry: Mapping[str, Any]
    # How `Bearer <key>` is written without the key: `Bearer ${env:MEDIA_GATEWAY_API_KEY}`. Empty: it cannot.
    reference: str
    # The entry with the key itself, where that needs other members (Codex). None: the same entry.
    literal: Mapping[str, Any] | None = None
    # Items for other lists of the same file: (keys to the list, identity, item) (VS Code's `inputs`).
    beside: tuple[tuple[tuple[str, ...], str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True)
class Agent:
    """A coding agent. `source` are the pages that the row was written from."""

    name: str
    title: str
    signs: Signs
    user: tuple[ConfigFile, ...]
    project: tuple[ConfigFile, ...]
    stdio: Mapping[str, Any]
    http: Http | None
    # Folders that hold skills, beside `~/.agents/skills` if the agent reads that one itself.
    skills_user: tuple[str, ...] = ()
    skills_project: tuple[str, ...] = ()
    reads_agents_folder: bool = True
    # One line each: what a user has to know or to do (restart, approve, trust the folder).
    notes: tuple[str, ...] = ()
    tried: Tried = "documentation"
    source: tuple[str, ...] = ()
    # Makes the finished entry odder than a template can.
    finish: Callable[[dict[str, Any], Machine], dict[str, Any]] | None = field(
        default=None, repr=False
    )
