"""What an asset is made from, as hashes: of the declaration, its parts, and files."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from flexura.cli.build.declared import Asset

PARTS = ("prompt", "model", "options", "inputs")
_VERSION = 1


def parts_of(asset: Asset, contents: Mapping[str, str]) -> dict[str, str]:
    """Short hashes of what an asset is made from. `contents`: the SHA-256 of each input file, by its path.

    A part that is not there has no hash. The path does not count: a file that is moved or wanted in another
    form is not made again for that. Nor does what it may cost.
    """
    inputs = [[given.role, contents.get(given.source, given.source)] for given in asset.inputs]
    made_from: dict[str, Any] = {
        "prompt": asset.prompt,
        "model": [asset.model, asset.preset] if asset.model or asset.preset else "",
        "options": _same(dict(asset.options)),
        "inputs": inputs,
    }
    return {name: _hash(made_from[name])[:16] for name in PARTS if made_from[name]}


def declaration_of(asset: Asset, parts: Mapping[str, str]) -> str:
    """One hash of all that decides about what is made."""
    return _hash({"v": _VERSION, "medium": asset.medium, **parts})[:32]


def file_hash(path: Path) -> tuple[str, int] | None:
    """SHA-256 and size of a regular file; None where there is none. Raises OSError.

    A symbolic link or anything else that is no file of ours has an empty hash.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return "", 0
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return digest, file.tell()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _same(value: Any) -> Any:
    """`5.0` and `5` are one number."""
    if isinstance(value, dict):
        return {n: _same(v) for n, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_same(v) for v in cast("list[Any]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value
