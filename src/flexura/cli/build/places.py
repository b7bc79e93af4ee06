"""Which places of a project a declaration may name: inside of it, and nobody's settings."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PurePosixPath

from flexura.bridge import folder, names


def fault(root: Path, path: str, *, hidden: bool = False) -> str:
    """Why a path of a declaration may not be used; empty if it may. Symbolic links must stay inside.

    `hidden` files may be read, and are never written.
    """
    if path.startswith(("/", "~")):
        return "it is not a path below the project"
    parts = PurePosixPath(path).parts
    if not parts:
        return "it names no file"
    for part in parts:
        why = names.fault(part)
        if why and not (hidden and part.startswith(".") and part != ".."):
            return why
    if not folder.is_below(root, os.path.realpath(root.joinpath(*parts[:-1]))):
        return "a symbolic link on the way leads out of the project"
    if hidden and not folder.is_below(root, os.path.realpath(root.joinpath(*parts))):
        return "it is a symbolic link out of the project"
    return ""


def same(path: str) -> str:
    """The same text for two spellings of one file, also where a system does not tell A from a."""
    return unicodedata.normalize("NFC", PurePosixPath(path).as_posix()).casefold()
