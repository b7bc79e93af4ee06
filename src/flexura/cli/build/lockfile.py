"""`flexura.lock`: what each file was made from, and by whom. To be committed: sorted, one fact per line."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flexura.bridge.folder import Place, opened
from flexura.cli.build.declared import LOCK
from flexura.local.errors import LocalError
from flexura.local.json_shape import is_object

VERSION = 1


@dataclass(frozen=True)
class Entry:
    """How one asset came to be."""

    path: str
    declaration: str
    """Hash of what it was made from; `made_from` has it by parts, to tell which one changed."""
    sha256: str
    """Of the file as it lies in the project."""
    bytes: int
    artifact: str
    job: str
    model: str
    """The one that really made it."""
    seed: int = 0
    cost: float | None = None
    """In USD; None = unknown."""
    generation: int = 1
    """How often this asset was ordered; part of the idempotency key."""
    made_from: Mapping[str, str] = field(default_factory=dict[str, str])


def read(root: Path) -> dict[str, Entry]:
    """What was made; empty where nothing was. Raises LocalError for a file that is broken, and OSError."""
    try:
        text = (root / LOCK).read_bytes()
    except FileNotFoundError:
        return {}
    try:
        found: Any = json.loads(text)
        if found["version"] != VERSION:
            raise _unreadable(f"it has version {found['version']}, made by another flexura")
        entries = {str(name): Entry(**fields) for name, fields in found["assets"].items()}
        if all(map(_is_whole, entries.values())):
            return entries
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if b"<<<<<<<" in text:
            raise _unreadable("it has conflict marks of a merge") from error
        raise _unreadable("it is not what flexura build writes") from error
    raise _unreadable("it is not what flexura build writes")


def _is_whole(entry: Entry) -> bool:
    """Whether each field is of its type: the file came from a disk, and maybe from a stranger."""
    fields: dict[str, Any] = asdict(entry)
    made_from, cost = fields.pop("made_from"), fields.pop("cost")
    if not is_object(made_from) or not (cost is None or type(cost) in (int, float)):
        return False
    numbers = ("bytes", "seed", "generation")
    texts = [*(v for n, v in fields.items() if n not in numbers), *made_from.values()]
    return all(type(t) is str for t in texts) and all(type(fields[n]) is int for n in numbers)


def _unreadable(why: str) -> LocalError:
    return LocalError(
        "invalid_request",
        f"{LOCK} cannot be read: {why}. Nothing was made.",
        next_step=f"Take one side of it from version control, `git checkout --ours {LOCK}` say. Without it "
        "every file would count as not made by flexura build.",
    )


def text_of(entries: Mapping[str, Entry]) -> str:
    """The file: the same for the same entries, with small differences for small changes."""
    assets = {name: _fields(entry) for name, entry in entries.items()}
    return json.dumps({"version": VERSION, "assets": assets}, indent=2, sort_keys=True) + "\n"


def _fields(entry: Entry) -> dict[str, Any]:
    return {n: v for n, v in asdict(entry).items() if v is not None}


def write(root: Path, entries: Mapping[str, Entry]) -> None:
    """Replace the file in one step, whole and on the disk; untouched when it says that already."""
    text = text_of(entries).encode()
    try:
        if (root / LOCK).read_bytes() == text:
            return
    except FileNotFoundError:
        pass
    put(Place(root, ()), LOCK, text)


def put(place: Place, name: str, content: bytes) -> None:
    """A file in a folder of the project, replaced in one step. Raises OSError."""
    with opened(place) as folder, folder.new_part() as (part, file):
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        os.replace(folder.name(part), folder.name(name), src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
