"""What one record of the ledger says: what we did at one path, and the way back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from flexura_installer.formats.document import Slot

Kind = Literal["entry", "folder", "file"]


def servers(slots: Iterable[Slot]) -> frozenset[Slot]:
    """The servers, without what stands beside them: an input of VS Code's may serve several records."""
    found = tuple(slots)
    return frozenset(slot for slot in found if slot.kind == "member") or frozenset(found)


@dataclass(frozen=True)
class Cut:
    """A splice as it is kept: at `offset` of the old file `removed` gave way to `length` other bytes."""

    offset: int
    removed: bytes
    length: int


@dataclass(frozen=True)
class Record:
    """What we did at one path, and the way back."""

    kind: Kind
    # As it was wished; the file that was written is what it resolves to.
    path: str
    # Who asked for it, and with which options `upgrade` asks again.
    owners: Mapping[str, Mapping[str, str]]
    # Directories above the path may be made up to here.
    root: str
    # UTC, ISO 8601, of the last change.
    time: str = ""
    # Whether nothing was at the path before us, and the directories that we made for it, outermost first.
    created: bool = False
    directories: tuple[str, ...] = ()
    # SHA-256 of the whole file before and after our change; empty: there was no file.
    before: str = ""
    after: str = ""
    # Permission bits before us; None: there was no file.
    mode: int | None = None
    # What --force put aside, holding exactly the bytes of `before`.
    backup: str = ""
    # It stood there, exactly as we would have written it, before we came.
    adopted: bool = False

    # Of an entry: the dialect, the slots with what was written (secrets as SHA-256), the recorded values
    # before an interrupted change, and the change of bytes, one group per slot in the order in which they
    # were made. None: there is no exact way back, only removal by key.
    dialect: str = ""
    values: tuple[tuple[Slot, Any], ...] = ()
    earlier_values: tuple[tuple[Slot, Any], ...] = ()
    cuts: tuple[tuple[Cut, ...], ...] | None = None

    # Of a folder or file of ours: relative POSIX path → SHA-256 ("" is the path itself), and the same before
    # an interrupted change. `link`: it is a symbolic link with this text.
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    earlier_files: Mapping[str, str] = field(default_factory=dict[str, str])
    link: str = ""

    # Members of the saved form that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def target(self) -> str:
        """The real path: every symbolic link followed for a file, all but the last part for a folder."""
        return target_of(self.kind, Path(self.path))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places in the file that the record speaks of."""
        return tuple(slot for slot, _ in self.values)

    def having_made(self, directories: Iterable[Path | str]) -> Record:
        """The record with these directories among those that we made."""
        known = {*self.directories, *map(str, directories)}
        return replace(self, directories=tuple(sorted(known, key=len)))

    def owned_by(self, agent: str) -> bool:
        """Whether this agent asked for it."""
        return agent in self.owners


@dataclass(frozen=True)
class Pending:
    """A change of a file that was announced and not yet reported done, with the records before it."""

    target: str
    # SHA-256 of the file before and after the change; empty: no file.
    before: str
    after: str
    records: tuple[Record, ...]


def target_of(kind: Kind, path: Path) -> str:
    """Where a path really leads; a link that is itself ours is not followed."""
    if kind == "folder":
        return os.path.join(os.path.realpath(path.parent), path.name)
    return os.path.realpath(path)
