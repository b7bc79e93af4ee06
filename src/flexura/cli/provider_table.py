"""Edits [providers] of the configuration file and leaves every other byte as it was."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from flexura.domain.errors import InvalidRequest
from flexura.local import private_file

_HEADER = re.compile(r"^\s*\[\s*providers\s*\]\s*(#.*)?$")
_ANY_HEADER = re.compile(r"^\s*\[")
IN_KEYRING: Mapping[str, bool] = {"keyring": True}
"""What stands in the place of a value that lies in the keyring."""
_KEPT = "{ keyring = true }"


def read(path: Path) -> dict[str, Any]:
    """What stands below [providers]. Raises InvalidRequest for a file that cannot be read."""
    table: Any = _parsed(_read(path), path).get("providers", {})
    return cast("dict[str, Any]", table) if isinstance(table, dict) else {}


def write(path: Path, values: Mapping[str, str | Mapping[str, bool]]) -> None:
    """Set these values, or `IN_KEYRING`.

    Raises InvalidRequest, and changes nothing, when the file cannot be edited safely.
    """
    # The file may be a link into somebody's dotfiles.
    path = Path(os.path.realpath(path))
    text = _read(path)
    before = _parsed(text, path)
    table: Any = before.get("providers", {})
    edited = _edited(text, values)
    if _parsed(edited, path) != {**before, "providers": {**table, **values}}:
        raise _refused(path, "it is written in a way that cannot be edited without risk")
    private_file.replace(path, edited)


def remove(path: Path, names: Iterable[str]) -> list[str]:
    """Take these names out of the table; those that were there. Raises InvalidRequest as `write`."""
    path = Path(os.path.realpath(path))
    text, table = _read(path), read(path)
    found = [name for name in names if name in table]
    if not found:
        return []
    before = _parsed(text, path)
    lines = _lines(text)
    for name in found:
        _drop(lines, name)
    edited = "".join(lines)
    left = {name: value for name, value in table.items() if name not in found}
    if _parsed(edited, path) != {**before, "providers": left}:
        raise _refused(path, "it is written in a way that cannot be edited without risk")
    private_file.replace(path, edited)
    return found


def _read(path: Path) -> str:
    try:
        # Line ends stay as they are.
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise _refused(path, "it is not UTF-8") from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(path, str(error)) from None


def _refused(path: Path, why: str) -> InvalidRequest:
    return InvalidRequest(
        f"{path} is left alone: {why}.",
        next_step='Edit it by hand: keys stand as NAME = "value" below [providers].',
    )


def _lines(text: str) -> list[str]:
    # Not splitlines(): to TOML a form feed or U+2028 is part of a line.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _edited(text: str, values: Mapping[str, str | Mapping[str, bool]]) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    lines = _lines(text)
    start = next((i for i, line in enumerate(lines) if _HEADER.match(line)), None)
    if start is None:
        lines = [*_ended(lines, end), *([end] if lines else []), f"[providers]{end}"]
        start = len(lines) - 1
    for name, value in values.items():
        written = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else _KEPT
        _set(lines, start, f"{name} = {written}{end}", name)
    return "".join(lines)


def _assignment(name: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*(\"{name}\"|'{name}'|{name})\s*=")


def _drop(lines: list[str], name: str) -> None:
    """Remove the line that sets a name below [providers]."""
    same, inside = _assignment(name), False
    for index, line in enumerate(lines):
        if _ANY_HEADER.match(line):
            inside = bool(_HEADER.match(line))
        elif inside and same.match(line):
            del lines[index]
            return


def _ended(lines: list[str], end: str) -> list[str]:
    """The lines, the last one with a line end too."""
    if lines and not lines[-1].endswith(("\n", "\r")):
        return [*lines[:-1], lines[-1] + end]
    return lines


def _set(lines: list[str], start: int, line: str, name: str) -> None:
    same = _assignment(name)
    last = start
    for index in range(start + 1, len(lines)):
        if _ANY_HEADER.match(lines[index]):
            break
        if same.match(lines[index]):
            lines[index] = line
            return
        if lines[index].strip():
            last = index
    lines[: last + 1] = _ended(lines[: last + 1], line[len(line.rstrip("\r\n")) :])
    lines.insert(last + 1, line)
