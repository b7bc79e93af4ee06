"""The coding agents that flexura can be written into, and where it stands on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reach = Literal["http", "launcher", "none"]


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent, as the installer knows it."""

    name: str
    title: str
    files: tuple[str, ...]
    """Where it lists its MCP servers, in this user's home."""
    reach: Reach
    """`http`: it can talk to a gateway by itself; `launcher`: only to the program; `none`: it has no MCP."""
    skill: bool
    notes: tuple[str, ...] = ()
    tried: bool = False
    """Whether the entry was tried with the program itself, not only written by its documentation."""


@dataclass(frozen=True, slots=True)
class InstalledEntry:
    """One thing of ours in an agent's files."""

    agents: tuple[str, ...]
    what: str
    path: str
    state: Literal["installed", "changed", "gone", "unrecorded"]
    transport: str = ""
    since: str = ""
    why: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class AgentsHere:
    """What is on the machine of the gateway's own user. `found`: the signs of an agent, by its name."""

    entries: tuple[InstalledEntry, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Agents:
    """Every agent there is; `here` is None for a gateway that others share."""

    rows: tuple[AgentRow, ...]
    here: AgentsHere | None = None
