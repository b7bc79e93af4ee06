"""What an agent's file says about our server now, in whichever words that agent has for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from flexura_installer.errors import InstallError
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.formats.document import MISSING, find
from flexura_installer.records import Record

# A command line, and the variables that are set for it.
Start = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]


def now(record: Record) -> Any:
    """A map or a text; None when there is nothing, InstallError when the file cannot be read."""
    try:
        document = prove.read(dialect(record.dialect), Path(record.path).read_bytes())
        found = find(document, record.slots[-1])
    except InstallError as error:
        return error
    except FileNotFoundError:
        return None
    except OSError as error:
        return InstallError(error.strerror or str(error))
    return None if found is MISSING else found


def start(found: Any) -> Start | None:
    """How an entry starts a program; None for one that does not."""
    held = _server(found)
    command: Any = held.get("command") or held.get("cmd")
    if not command:
        return None
    more: Any = held.get("args") or []
    argv: list[Any] = (
        [*cast("list[Any]", command)] if isinstance(command, list) else [command, *more]
    )
    variables = _map(held.get("env") or held.get("environment") or held.get("envs"))
    return tuple(map(str, argv)), tuple(sorted((k, str(v)) for k, v in variables.items()))


def by_http(found: Any) -> bool:
    """Whether an entry names an address."""
    held = _server(found)
    return any(held.get(word) for word in ("url", "uri", "serverUrl", "httpUrl"))


def _server(found: Any) -> dict[str, Any]:
    held = _map(found)
    # Cline writes its own entries one level deeper.
    return _map(held["transport"]) if isinstance(held.get("transport"), dict) else held


def _map(found: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
