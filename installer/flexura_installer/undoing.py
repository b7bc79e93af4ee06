"""An entry taken out again: the bytes before us where nothing changed since, else only what is ours."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flexura_installer import diffs, layers, owned, writing
from flexura_installer.changes import Change
from flexura_installer.errors import InstallError, Unreadable
from flexura_installer.formats import prove
from flexura_installer.formats.dialect import Dialect
from flexura_installer.formats.dialects import dialect as dialect_named
from flexura_installer.formats.document import MISSING, Slot
from flexura_installer.ledger import Ledger, Record
from flexura_installer.wishes import Action, Outcome
from flexura_installer.writing import Found

_KEPT_STEP = "Remove it yourself, or run again with --force: the file is saved beside it first."


@dataclass(frozen=True)
class _Scene:
    agent: str
    record: Record
    found: Found
    records: list[Record]


def plan(record: Record, ledger: Ledger, *, agent: str, force: bool) -> Change | Outcome:
    """What has to be done to take the entry out. Raises InstallError where it cannot be done."""
    found = look_for_undo(Path(record.path))
    scene = _Scene(agent, record, found, ledger.of(str(found.target)))
    if found.data is None:
        return _changed(scene, None, [], "absent")
    dialect = dialect_named(record.dialect)
    try:
        document = prove.read(dialect, found.data)
    except Unreadable:
        # Nobody touched it since: it is not needed to understand it.
        back, old = layers.step_back(record, found.data)
        if back and not record.adopted and scene.records[-1:] == [record]:
            return _changed(scene, old, [], "restored")
        raise
    chain = layers.alive(scene.records, document)
    if record not in chain:
        return _nothing_there(scene, dialect, found.data)
    below = layers.lift(found.data, document, chain, record)
    if below.exact and not record.adopted and not (record.created and os.path.islink(record.path)):
        try:
            whole, above = layers.put_back(dialect, below.data, below.above)
            return _changed(scene, whole, _pairs(below, above), "restored")
        except InstallError:
            pass  # by key, on the file as it is
    return _by_key(scene, dialect, document, below, force=force)


def look_for_undo(path: Path) -> Found:
    """What is there; a link that leads nowhere is no file any more."""
    if os.path.islink(path) and not os.path.exists(path):
        return Found(path, Path(os.path.realpath(path)), None)
    return writing.look(path)


def _pairs(below: layers.Below, above: list[Record]) -> list[tuple[Record, Record]]:
    return [(old, new) for (old, _), new in zip(below.above, above, strict=True)]


def _changed(
    scene: _Scene,
    after: bytes | None,
    renewed: list[tuple[Record, Record]],
    action: Action,
    why: str = "",
) -> Change:
    """The change; the record itself stays until the file is written, see Change.gone."""
    new: list[Record] = []
    for one in scene.records:
        new.append(next((later for old, later in renewed if old == one), one))
    path = Path(scene.record.path)
    outcome = Outcome(
        scene.agent, path, action, why, diff=diffs.unified(path, scene.found.data, after)
    )
    return Change(scene.found, after, scene.records, new, outcome, gone=scene.record)


def _nothing_there(scene: _Scene, dialect: Dialect, data: bytes) -> Change:
    record = scene.record
    alone = len(scene.records) == 1 and not os.path.islink(record.path)
    if record.created and alone and layers.nothing_left(dialect, data, record.values):
        return _changed(scene, None, [], "restored")
    return _changed(scene, data, [], "absent")


def _by_key(
    scene: _Scene, dialect: Dialect, document: Any, below: layers.Below, *, force: bool
) -> Change | Outcome:
    record = scene.record
    held = _held(scene, document)
    forced = False
    if any(not _ours(record, slot, value) for slot, value in held):
        if not force:
            return _kept(scene)
        forced = True
    slots = [slot for slot, _ in held]
    # Lifting off what we adopted changes nothing, so it is still in there.
    usable = below.data is not None and (record.adopted or not below.exact)
    start = below.data if usable and below.data is not None else scene.found.data or b""
    try:
        after: bytes | None = layers.take_all(dialect, start, slots)
        after = _or_no_file(scene, dialect, after, alone=len(scene.records) == 1)
        lifted = below.above if start is below.data else ()
        whole, above = layers.put_back(dialect, after, lifted)
        renewed = _pairs(below, above) if lifted else []
    except InstallError:
        # Without the layers above: they are found by their keys from now on.
        renewed = []
        after = layers.take_all(dialect, scene.found.data or b"", slots)
        whole = _or_no_file(scene, dialect, after, alone=len(scene.records) == 1)
    why = "The file was changed since, so only our entry was taken out."
    if record.adopted:
        why = "The entry stood there before the first install, so only it was taken out."
    if record.backup and os.path.lexists(record.backup):
        why += f" What --force had replaced is in {record.backup}."
    change = _changed(scene, whole, renewed, "restored" if whole is None else "removed", why)
    return replace(change, backup_for=record) if forced else change


def _held(scene: _Scene, document: Any) -> list[tuple[Slot, Any]]:
    """What the record's slots hold, but for those that another record needs too."""
    others = {
        slot
        for one in layers.alive(scene.records, document)
        if one != scene.record
        for slot in one.slots
    }
    held = [(slot, layers.holds(document, slot)) for slot in scene.record.slots]
    return [(slot, value) for slot, value in held if value is not MISSING and slot not in others]


def _ours(record: Record, slot: Slot, current: Any) -> bool:
    known = [value for at, value in (*record.values, *record.earlier_values) if at == slot]
    return any(owned.is_ours(slot, one, current) for one in known)


def _or_no_file(scene: _Scene, dialect: Dialect, after: bytes, *, alone: bool) -> bytes | None:
    """No file, when we made it and nothing of anybody's is left in it."""
    record = scene.record
    if not (record.created and alone) or os.path.islink(record.path):
        return after
    return None if layers.nothing_left(dialect, after, record.values) else after


def _kept(scene: _Scene) -> Outcome:
    slot = scene.record.slots[-1]
    where = ".".join((*slot.under, slot.name))
    return Outcome(
        scene.agent,
        Path(scene.record.path),
        "kept",
        f"`{where}` was changed until it was no longer recognizable as ours.",
        _KEPT_STEP,
    )
