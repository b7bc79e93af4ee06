"""How each asset stands, told from the declaration, the lock, the journal and the disk: nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from flexura.cli.build import digest, places
from flexura.cli.build.declared import Asset, Project
from flexura.cli.build.lockfile import Entry


class State(StrEnum):
    """In the words that people and programs read."""

    CURRENT = "up to date"
    MOVED = "moved"
    """The file is right and lies elsewhere than the lock says, or under another name."""
    MISSING = "missing"
    """No file is noted; lock or journal may know how to get it without an order."""
    CHANGED = "changed"
    """What it is made from is no longer what it was made from."""
    WAITS = "waits"
    """One of its inputs is to be made first."""
    EDITED = "edited"
    """The file is not as it was made."""
    FOREIGN = "not ours"
    """A file lies there that flexura build did not make."""


_NOTHING: Mapping[str, str] = MappingProxyType({})
KEPT = (State.EDITED, State.FOREIGN)
"""Files that are somebody's own work: they are replaced only with --force."""


@dataclass(frozen=True)
class Standing:
    """How one asset stands."""

    asset: Asset
    state: State
    why: str = ""
    declaration: str = ""
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    entry: Entry | None = None
    on_disk: str | None = None
    """SHA-256 of the file that lies at the path; None = nothing does."""
    was: str = ""
    """The name under which the lock has it, where that is another one."""

    @property
    def same_order(self) -> bool:
        """Whether the lock knows a file that was made from just this."""
        return self.entry is not None and self.entry.declaration == self.declaration


@dataclass(frozen=True)
class Left:
    """A file of ours that nothing declares any more."""

    name: str
    path: str
    entry: Entry
    on_disk: str | None

    @property
    def unchanged(self) -> bool:
        """Whether it is as we made it."""
        return self.on_disk == self.entry.sha256


def look(
    project: Project,
    lock: Mapping[str, Entry],
    names: Sequence[str] = (),
    placed: Mapping[str, str] = _NOTHING,
) -> dict[str, Standing]:
    """How the chosen assets stand, in the order of their making. Reads every file of theirs; OSError.

    `placed` are the SHA-256 of files that a build put to their places and may not have noted any more.
    """
    found: dict[str, Standing] = {}
    orphans = {n: e for n, e in lock.items() if n not in project.assets}
    for asset in project.chosen(names):
        standing = look_at(project, asset, lock.get(asset.name), found, placed)
        if standing.entry is None and standing.declaration:
            standing = _renamed(project, standing, orphans, found)
        found[asset.name] = standing
    return found


def look_at(
    project: Project,
    asset: Asset,
    entry: Entry | None,
    others: Mapping[str, Standing],
    placed: Mapping[str, str] = _NOTHING,
) -> Standing:
    """How one asset stands, when those that it needs stand as `others` say."""
    file = digest.file_hash(project.root / asset.path)
    on_disk = None if file is None else file[0]
    first = [n for n in asset.needs if n in others and _is_to_be_made(others[n])]
    if first:
        why = f"its input {first[0]} is {others[first[0]].state}"
        return Standing(asset, State.WAITS, why, entry=entry, on_disk=on_disk)
    contents = contents_of(project, asset)
    parts = digest.parts_of(asset, contents)
    declaration = digest.declaration_of(asset, parts)
    if on_disk is not None and placed.get(asset.name) == on_disk:
        state = State.MISSING if entry is None else State.CHANGED
        why = "a build was ended before it could note the file"
    else:
        state, why = _state(asset, entry, parts, declaration, on_disk)
    return Standing(asset, state, why, declaration, parts, entry, on_disk)


def contents_of(project: Project, asset: Asset) -> dict[str, str]:
    """The SHA-256 of each input that is a file here, by its source; "" for one that is gone. OSError."""
    found: dict[str, str] = {}
    for given in asset.inputs:
        if given.of != "elsewhere":
            file = digest.file_hash(source_path(project, given.source).resolve())
            found[given.source] = file[0] if file is not None else ""
    return found


def source_path(project: Project, source: str) -> Path:
    """Where an input lies: the file of an asset, or the file itself."""
    asset = project.assets.get(source)
    return project.root / (asset.path if asset is not None else source)


def _state(
    asset: Asset,
    entry: Entry | None,
    parts: Mapping[str, str],
    declaration: str,
    on_disk: str | None,
) -> tuple[State, str]:
    changed = entry is not None and entry.declaration != declaration
    if entry is None:
        if on_disk is None:
            return State.MISSING, "never made"
        return State.FOREIGN, "a file lies there that flexura build did not make"
    if on_disk is not None and on_disk != entry.sha256:
        if entry.path != asset.path:
            return State.FOREIGN, "a file lies there that flexura build did not make"
        also = f", and {_difference(entry, parts)}" if changed else ""
        return State.EDITED, f"the file was changed by hand{also}"
    if changed:
        return State.CHANGED, _difference(entry, parts)
    if on_disk is None:
        moved = entry.path != asset.path
        return State.MISSING, f"it was made as {entry.path}" if moved else "the file is gone"
    if entry.path != asset.path:
        return State.MOVED, f"it lay at {entry.path}"
    return State.CURRENT, ""


def _difference(entry: Entry, parts: Mapping[str, str]) -> str:
    names = [n for n in digest.PARTS if entry.made_from.get(n) != parts.get(n)]
    return f"other {' and '.join(names)}" if names else "it is made in another way now"


def _is_to_be_made(standing: Standing) -> bool:
    return standing.state in (State.MISSING, State.CHANGED, State.WAITS)


def _renamed(
    project: Project,
    standing: Standing,
    orphans: Mapping[str, Entry],
    others: Mapping[str, Standing],
) -> Standing:
    """The same asset under another name: what the lock knows under the old one is taken over."""
    taken = {s.was for s in others.values()}
    for name, entry in orphans.items():
        if entry.declaration == standing.declaration and name not in taken:
            known = look_at(project, standing.asset, entry, others)
            state, why = known.state, known.why
            if state is State.CURRENT:
                state, why = State.MOVED, f"it was called {name}"
            return Standing(
                known.asset,
                state,
                why,
                known.declaration,
                known.parts,
                entry,
                known.on_disk,
                name,
            )
    return standing


def hash_of(root: Path, path: str) -> str | None:
    """The hash of a file that the lock names; None for a path that leads out of the project. OSError."""
    file = None if places.fault(root, path) else digest.file_hash(root / path)
    return None if file is None else file[0]


def left_behind(
    project: Project, lock: Mapping[str, Entry], standings: Mapping[str, Standing]
) -> list[Left]:
    """Entries of the lock that nothing declares, and files at paths that assets no longer have. OSError."""
    paths = {asset.path for asset in project.assets.values()}
    taken = {s.was for s in standings.values()}
    found: list[Left] = []
    for name, entry in lock.items():
        gone = name not in project.assets and name not in taken
        if gone or entry.path not in paths:
            # Whoever took the asset out to keep the file as it is may still start from it.
            read = entry.path in project.reads
            on_disk = None if read else hash_of(project.root, entry.path)
            if gone or on_disk is not None:
                found.append(Left(name, entry.path, entry, on_disk))
    return found
