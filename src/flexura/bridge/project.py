"""Which directory is the project: where files come from and where they are saved."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flexura.local import paths
from flexura.local.json_shape import is_list

# How agents tell the processes that they start where the user works. A row per variable; the first one that
# holds a usable directory counts. Cursor's may hold a JSON list or several paths.
VARIABLES = (
    "CLAUDE_PROJECT_DIR",
    "GEMINI_PROJECT_DIR",
    "QWEN_PROJECT_DIR",
    "CURSOR_PROJECT_DIR",
    "WORKSPACE_FOLDER_PATHS",
)
FOLDER = "flexura-out"


@dataclass(frozen=True)
class Project:
    """A directory that may be read and written, with symbolic links resolved."""

    root: Path
    # Where files go when the call names no place, relative to the root.
    folder: str = FOLDER
    # Why this is not where the user works; empty when it is.
    note: str = ""


def find(roots: Iterable[str], environment: Mapping[str, str], working_directory: str) -> Project:
    """The client's first usable root, else what the agent's environment says, else the working directory.

    `/`, the home directory, flexura's own state and what cannot be written are nobody's project: `~/flexura`.
    """
    for place in _candidates(roots, environment, working_directory):
        if place and _is_usable(place):
            return Project(Path(os.path.realpath(place)))
    fallback = Path.home() / "flexura"
    return Project(
        Path(os.path.realpath(fallback)),
        folder="",
        note=f"No project directory is known here, so files are saved in {fallback}.",
    )


def _candidates(
    roots: Iterable[str], environment: Mapping[str, str], working_directory: str
) -> Iterable[str]:
    for uri in roots:
        yield path_of(uri) or ""
    for name in VARIABLES:
        yield from _paths_in(environment.get(name, ""))
    yield working_directory


def _paths_in(value: str) -> list[str]:
    if value.startswith("["):
        try:
            found: Any = json.loads(value)
        except ValueError:
            return []
        return [str(path) for path in found] if is_list(found) else []
    # A path that exists is one path, whatever separators it contains.
    return [value, *value.replace(",", os.pathsep).split(os.pathsep)] if value else []


def path_of(uri: str) -> str | None:
    """The path behind a `file://` URI of this machine, or None."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme.lower() != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    if os.name == "nt":  # pragma: no cover
        path = path.lstrip("/").replace("/", "\\")
    return None if "\0" in path else path


def _is_usable(place: str) -> bool:
    if "\0" in place or not os.path.isabs(place) or not os.path.isdir(place):
        return False
    real = os.path.realpath(place)
    home, state = os.path.realpath(Path.home()), os.path.realpath(paths.home())
    if real in (home, os.path.dirname(real)):
        return False
    inside_state = real == state or real.startswith(state + os.sep)
    return not inside_state and os.access(real, os.W_OK | os.X_OK)
