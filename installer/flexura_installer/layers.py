"""Several records on one file are layers: each leads from the bytes below it to the bytes above it.

Where the hashes fit, a layer in the middle is taken out or changed exactly: those above are lifted off in
memory, the change is made, and they are put on again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flexura_installer import writing
from flexura_installer.errors import InstallError, Unproven
from flexura_installer.formats import prove
from flexura_installer.formats.dialect import Dialect
from flexura_installer.formats.document import MISSING, Slot, find, same
from flexura_installer.formats.splice import Splice
from flexura_installer.formats.splice import undo as undo_splices
from flexura_installer.records import Cut, Record

Values = tuple[tuple[Slot, Any], ...]
Cuts = tuple[tuple[Cut, ...], ...]


@dataclass(frozen=True)
class Below:
    """The bytes under a record (None: no file), and the layers that were lifted off it, oldest first."""

    data: bytes | None
    above: tuple[tuple[Record, Values], ...]
    # Whether the record itself was lifted off; else `data` still has its entry in it.
    exact: bool


def alive(records: Iterable[Record], document: Any) -> list[Record]:
    """Those whose entries the file holds, in part at least; the others mean nothing."""
    return [r for r in records if any(holds(document, slot) is not MISSING for slot in r.slots)]


def holds(document: Any, slot: Slot) -> Any:
    """What the slot holds; MISSING also where the way to it is blocked by something else."""
    try:
        return find(document, slot)
    except Unproven:
        return MISSING


def lift(data: bytes, document: Any, records: Sequence[Record], record: Record) -> Below:
    """Lift off every layer above `record`, and it too, as far as the file is the recorded one."""
    current: bytes | None = data
    above: list[tuple[Record, Values]] = []
    for one in reversed(records):
        found, below = step_back(one, current)
        if one == record:
            return Below(below if found else current, tuple(above), found)
        if not found:
            break
        current = below
        above.insert(0, (one, tuple((slot, holds(document, slot)) for slot in one.slots)))
    return Below(data, (), exact=False)


def step_back(record: Record, data: bytes | None) -> tuple[bool, bytes | None]:
    """Whether these bytes are the ones that the record left, and if so those before it."""
    if data is None or writing.sha(data) != record.after:
        return False, None
    if record.cuts is not None:
        try:
            for group in reversed(record.cuts):
                data = _uncut(data, group)
        except Unproven:
            return False, None
        if record.created:
            return (True, None) if not data else (False, None)
        return (True, data) if writing.sha(data) == record.before else (False, None)
    if record.backup and record.before:
        try:
            old = writing.look(Path(record.backup)).data
        except InstallError:
            return False, None
        return (True, old) if writing.sha(old) == record.before else (False, None)
    return False, None


def _uncut(after: bytes, group: tuple[Cut, ...]) -> bytes:
    """The bytes before one group of splices; which bytes we added is known from where they lie."""
    splices: list[Splice] = []
    shift = 0
    for cut in sorted(group, key=lambda one: one.offset):
        at = cut.offset + shift
        splices.append(Splice(cut.offset, cut.removed, after[at : at + cut.length]))
        shift += cut.length - len(cut.removed)
    return undo_splices(after, splices)


def put_all(
    dialect: Dialect, base: bytes | None, values: Values, secrets: Iterable[str] = ()
) -> tuple[bytes, Cuts | None]:
    """The file with every value in its slot, and the way back to `base`.

    No way back (None) where something else was replaced: its bytes are not kept in a record. Raises
    Unreadable or Unproven.
    """
    data = base or b""
    hidden = [secret.encode() for secret in secrets if secret]
    groups: list[tuple[Cut, ...]] = []
    exact = True
    for slot, value in values:
        old = find(prove.read(dialect, data), slot)
        edit = prove.put(dialect, data, slot, value)
        if old is not MISSING and edit.splices:
            exact = False
        groups.append(tuple(Cut(s.offset, s.removed, len(s.added)) for s in edit.splices))
        exact = exact and not any(s in cut.removed for s in hidden for cut in groups[-1])
        data = edit.after
    if not exact:
        return data, None
    back = data
    for group in reversed(groups):
        back = _uncut(back, group)
    if back != (base or b""):
        raise Unproven("the old bytes would not come back")
    return data, tuple(groups)


def take_all(dialect: Dialect, data: bytes, slots: Iterable[Slot]) -> bytes:
    """The file with every one of these slots empty. Raises Unreadable or Unproven."""
    for slot in slots:
        data = prove.take(dialect, data, slot).after
    return data


def put_back(
    dialect: Dialect, base: bytes | None, above: Iterable[tuple[Record, Values]]
) -> tuple[bytes | None, list[Record]]:
    """Put the lifted layers on again, on what is now below them: the file, and their new records."""
    data = base
    records: list[Record] = []
    for record, values in above:
        held = tuple((slot, value) for slot, value in values if value is not MISSING)
        after, cuts = put_all(dialect, data, held)
        records.append(
            replace(
                record,
                created=data is None,
                before=writing.sha(data),
                after=writing.sha(after),
                cuts=cuts,
            )
        )
        data = after
    return data, records


def nothing_left(dialect: Dialect, data: bytes, values: Values) -> bool:
    """Whether a file that we created holds no more than our entry would leave behind."""
    try:
        alone, _ = put_all(dialect, None, values)
        bare = take_all(dialect, alone, [slot for slot, _ in values])
        empty = prove.read(dialect, bare)
        # opencode writes its `$schema` into a file that has none.
        data = prove.take(dialect, data, Slot((), "$schema")).after
        if not same(prove.read(dialect, data) or {}, empty or {}):
            return False
    except InstallError:
        return False
    return not data.strip() or _bones(data) == _bones(bare)


def _bones(data: bytes) -> bytes:
    # Without white space: a client that reformatted the file added nothing to it.
    return b"".join(data.removeprefix(b"\xef\xbb\xbf").split())
