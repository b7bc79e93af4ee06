"""The configuration file without its secrets, as a backup carries it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

SECRET_TABLES = ("providers", "destinations")
"""Keys of vendors, and what destinations are reached with."""
_HEADER = re.compile(r"\s*\[\[?\s*([^\].]+?)\s*[\].]")


def without_secrets(path: Path) -> tuple[bytes, str]:
    """The text of a configuration file without the tables that hold secrets, and a note about it.

    It counts only when it parses to the old content without those tables; else nothing is taken. Empty where
    there is no file.
    """
    left_out = (
        f"[{'] and ['.join(SECRET_TABLES)}] of {path.name} are not in it: they may hold secrets."
    )
    try:
        text = path.read_text(encoding="utf-8")
        wanted = tomllib.loads(text)
    except FileNotFoundError:
        return b"", ""
    except (OSError, ValueError):
        return b"", f"{path} cannot be read, so it is not in it."
    wanted = {name: value for name, value in wanted.items() if name not in SECRET_TABLES}
    kept: list[str] = []
    dropping = False
    for line in text.splitlines(keepends=True):
        if header := _HEADER.match(line):
            dropping = header[1].strip("\"'") in SECRET_TABLES
        if not dropping:
            kept.append(line)
    plain = "".join(kept)
    try:
        proven = tomllib.loads(plain) == wanted
    except tomllib.TOMLDecodeError:
        proven = False
    if not proven:
        return (
            b"",
            f"{path.name} is not in it: its secrets cannot be told from the rest. Copy it yourself.",
        )
    return plain.encode(), left_out
