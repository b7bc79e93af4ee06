"""What the user asked for, settled: the same for every agent of one run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flexura_installer.agents.row import Scope, Transport


@dataclass(frozen=True)
class Options:
    """How the entry of every agent shall be. Checked by `choices.py`: nothing in here can be wrong."""

    # The program that an entry starts: absolute, symlinks not resolved.
    launcher: Path
    scope: Scope = "user"
    transport: Transport = "stdio"
    # The gateway without `/mcp` and without a last slash; empty: this user's own. Never empty with http.
    url: str = ""
    # The name of the server in the agents' files.
    name: str = "flexura"
    # Write `key` itself instead of the agent's reference to MEDIA_GATEWAY_API_KEY; never in project scope.
    literal_secret: bool = False
    # The key of the gateway; empty unless `literal_secret`. A secret: never shown, never in the ledger.
    key: str = field(default="", repr=False)
