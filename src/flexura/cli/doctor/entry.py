"""What an agent's file says about our server now, in whichever words that agent has for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flexura.local.json_shape import is_object
from flexura_installer import owned
from flexura_installer.errors import InstallError
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.formats.document import MISSING, Slot, find
from flexura_installer.records import Record

# A command line, and the variables that are set for it.
Start = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]


def held(path: Path, named: str, slot: Slot) -> Any:
    """What a file of that dialect holds in a slot; MISSING also without the file. Raises InstallError."""
    try:
        return find(prove.read(dialect(named), path.read_bytes()), slot)
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        raise InstallError(error.strerror or str(error)) from error


def now(record: Record) -> Any:
    """A map or a text; None when there is nothing, InstallError when the file cannot be read."""
    try:
        found = held(Path(record.path), record.dialect, record.slots[-1])
    except InstallError as error:
        return error
    return None if found is MISSING else found


def start(found: Any) -> Start | None:
    """How an entry starts a program; None for one that does not."""
    server = _server(found)
    words = owned.program(server)
    if not words:
        return None
    argv = (*words, *map(str, server.get("args") or ()))
    variables = members(server.get("env") or server.get("environment") or server.get("envs"))
    return argv, tuple(sorted((name, str(value)) for name, value in variables.items()))


def by_http(found: Any) -> bool:
    """Whether an entry names an address."""
    server = _server(found)
    return any(server.get(word) for word in owned.ADDRESSES)


def members(found: Any) -> dict[str, Any]:
    """A map as it is; empty for everything else."""
    return found if is_object(found) else {}


def _server(found: Any) -> dict[str, Any]:
    # Cline writes its own entries one level deeper.
    return members(members(found).get("transport")) or members(found)
