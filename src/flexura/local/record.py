"""gateway.json: how to reach the gateway that holds the lock. Nobody may trust it while the lock is free."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from flexura.local import private_file


@dataclass(frozen=True)
class Running:
    """A gateway of this user, as it published itself."""

    url: str
    port: int
    token: str
    version: str
    pid: int
    launcher: str
    started_at: str
    # Answered by /healthz: tells this gateway from a stranger who got its port.
    instance: str
    # Whether bridge or command line started it, and so may stop it. An older gateway does not say.
    on_demand: bool = False

    @property
    def published(self) -> bool:
        """False from the moment the lock is taken until the port is bound."""
        return bool(self.url and self.token)


def read(path: Path) -> Running | None:
    """What was last published, or None when there is nothing that can be read."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        known: dict[str, Any] = {"on_demand": False, **found}
        return Running(**{field.name: known[field.name] for field in fields(Running)})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(path: Path, running: Running) -> None:
    """Replace what is published."""
    private_file.replace(path, json.dumps(asdict(running), separators=(",", ":")))
