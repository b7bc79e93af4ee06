"""What was brought home: JSON lines in `saved/<project>.jsonl`, shared by all agents of a project."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flexura.local import lock, paths
from flexura.local.json_shape import is_object

TURN_SECONDS = 5.0


@dataclass(frozen=True)
class SavedFile:
    """A file of a job that is in the project, or was until somebody moved it."""

    # The gateway's name for it: the last part of its URL.
    asset: str
    path: str
    bytes: int
    sha256: str
    # The `save_to` under which it was saved; empty for the usual folder.
    save_to: str


@dataclass(frozen=True)
class Wish:
    """Where the files of a job shall go once it is finished."""

    job_id: str
    save_to: str
    stem: str


@dataclass(frozen=True)
class Order:
    """The same for a call whose answer, with the job's id, may never arrive."""

    # What was ordered, so that the job can be recognised by its kind and prompt.
    order: str
    save_to: str
    stem: str


def order_name(kind: str, prompt: str) -> str:
    """The same name for the same kind and prompt; says nothing about the prompt."""
    return hashlib.sha256(f"{kind}\n{prompt}".encode("utf-8", "replace")).hexdigest()[:32]


class SavedFiles:
    """The record of one project."""

    def __init__(self, project_id: str) -> None:
        self._file = paths.saved_file(project_id)

    def find(self, asset: str, save_to: str) -> SavedFile | None:
        """Where a file was saved last, for a call with this `save_to`; one that has none takes any."""
        found = [line for line in self._lines() if line.get("asset") == asset]
        if save_to:
            found = [line for line in found if line.get("save_to") == save_to]
        with contextlib.suppress(TypeError):
            return SavedFile(**found[-1]) if found else None
        return None

    def wish(self, job_id: str) -> Wish | None:
        """What the call that made this job asked for."""
        found = [line for line in self._lines() if line.get("job_id") == job_id]
        with contextlib.suppress(TypeError):
            return Wish(**found[-1]) if found else None
        return None

    def order(self, name: str) -> Order | None:
        """What the last call of that kind and prompt asked for."""
        found = [line for line in self._lines() if line.get("order") == name]
        with contextlib.suppress(TypeError):
            return Order(**found[-1]) if found else None
        return None

    def add(self, entry: SavedFile | Wish | Order) -> None:
        """Remember; a state directory that is full or read-only costs only the memory."""
        line = json.dumps(asdict(entry), separators=(",", ":")).encode("ascii") + b"\n"
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(fd, line)
            finally:
                os.close(fd)

    @contextmanager
    def turn(self) -> Generator[None]:
        """Keep other bridges of this project from giving a name to the same file at the same time."""
        held = None
        with contextlib.suppress(OSError):
            held = lock.acquire(self._file.with_suffix(".lock"), patience=TURN_SECONDS)
        try:
            yield
        finally:
            if held is not None:
                held.release()

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            text = self._file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        for line in text.splitlines():
            with contextlib.suppress(ValueError):
                found: Any = json.loads(line)
                if is_object(found):
                    yield found


def is_there(saved: SavedFile) -> bool:
    """Whether the file is still where it was saved."""
    return Path(saved.path).is_file()
