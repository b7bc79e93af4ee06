"""What tests ask of every coding agent."""

from __future__ import annotations

import re
from typing import Protocol

from agents.desk import Desk
from agents.model import Model

# What a user types to get a picture.
ORDER = "Draw a red fox."
COLORS = re.compile(r"\x1b\[[0-9;]*m")


class Client(Protocol):
    """An agent that comes from a package registry and can be asked without a login."""

    # As our installer calls it.
    name: str
    # The user's file below the home, and the sample in users/ that it is made from.
    config: str
    sample: str
    # Whether it can reach a server by HTTP with a key from the environment.
    http: bool

    def servers(self, desk: Desk) -> dict[str, bool | None]:
        """Its MCP servers; True: connected, False: not, None: the agent does not try without a model."""
        ...

    def skills(self, desk: Desk) -> set[str]:
        """The skills that it found."""
        ...

    def draw(self, desk: Desk, model: Model) -> set[str]:
        """Let it make `art/fox.png` in the project; returns which tools of ours it has."""
        ...


def plain(text: str) -> str:
    """Terminal output without colours."""
    return COLORS.sub("", text)


def marked(text: str, line: str, good: str) -> dict[str, bool | None]:
    """Servers from lines of a listing: the pattern has the groups `name` and `state`."""
    found = re.finditer(line, plain(text), re.MULTILINE)
    return {hit["name"]: hit["state"].strip().lower().startswith(good) for hit in found}
