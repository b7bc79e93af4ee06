"""What is done with one file, and how it is judged: by readers that are not ours, and byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flexura_installer.errors import InstallError
from flexura_installer.formats import prove
from flexura_installer.formats.dialect import Dialect
from flexura_installer.formats.dialects import dialect as dialect_named
from flexura_installer.formats.prove import Edit
from flexura_installer.formats.splice import Splice, undo
from installer.fuzz.cases import Case
from installer.fuzz.foreign import edited_by_others
from installer.fuzz.oracles import BROKEN, NOTHING, cut, frozen, said, settled

# What may stand where a map or a list was emptied or filled.
_NOTHING_MUCH = b" \t\r\n,[]{}"


@dataclass(frozen=True)
class Verdict:
    """What became of a case that broke no rule."""

    accepted: bool
    well_formed: bool
    # After a foreign edit our entry could be taken out; None where there was none to try.
    taken: bool | None = None
    why: str = ""


class Broken(AssertionError):
    """A rule was broken."""


def require(holds: bool, rule: str) -> None:
    """Raises Broken."""
    if not holds:
        raise Broken(rule)


def judge(case: Case) -> Verdict:
    """Put, put again, undo, update, edit, take. Raises Broken, or whatever else goes wrong in the program."""
    dialect = dialect_named(case.dialect)
    before = said(case.dialect, case.data)
    try:
        edit = prove.put(dialect, case.data, case.slot, case.value)
    except InstallError as error:
        return Verdict(False, before != BROKEN, why=str(error))
    require(before != BROKEN, "a broken file was edited")
    if case.dialect == "yaml" and before != NOTHING:
        require(frozen(prove.read(dialect, case.data)) == before, "our reader reads something else")
    require(edit.before == case.data, "the edit is of another file")
    old, _ = cut(before, case.slot)
    if old == [frozen(case.value)]:
        require(edit.splices == () and edit.after == case.data, "bytes were changed for nothing")
        return Verdict(True, True)
    _holds(case, case.data, edit.after, case.value)
    if case.kind == "huge":
        _undone(edit)
        return Verdict(True, True)
    _only_splices(edit.before, edit.after, edit.splices)
    if not old:
        for splice in edit.splices:
            # One string that becomes the first item of a list may move to another line.
            moved = splice.removed.strip(_NOTHING_MUCH)
            require(moved in splice.added, f"bytes of others were removed: {moved!r}")
        _notes_left(case, edit.after)
    _undone(edit)
    again = prove.put(dialect, edit.after, case.slot, case.value)
    require(again.splices == (), "a second run changed bytes")
    _updated(case, dialect, edit.after)
    taken = _taken(case, dialect, edit.after, fresh=not old)
    if isinstance(taken, str):
        return Verdict(True, True, False, f"take: {taken}")
    return Verdict(True, True, taken)


def _holds(case: Case, before: bytes, after: bytes, value: Any) -> None:
    found = said(case.dialect, after)
    require(found != BROKEN, "the file does not parse any more")
    ours, others = cut(settled(case.dialect, found), case.slot)
    require(
        ours == [settled(case.dialect, frozen(value))], "the entry is not the one that was wished"
    )
    _, old = cut(settled(case.dialect, said(case.dialect, before)), case.slot)
    require(others == old, "something of others changed")


def _only_splices(before: bytes, after: bytes, splices: Sequence[Splice]) -> None:
    """Walk both files side by side: outside the splices they are one."""
    here = there = 0
    for splice in sorted(splices, key=lambda s: s.offset):
        same = splice.offset - here
        require(
            before[here : splice.offset] == after[there : there + same], "a byte of others changed"
        )
        here, there = splice.offset, there + same
        require(
            before[here : here + len(splice.removed)] == splice.removed,
            "a splice removes what is not there",
        )
        require(
            after[there : there + len(splice.added)] == splice.added,
            "a splice adds what is not there",
        )
        here, there = here + len(splice.removed), there + len(splice.added)
    require(before[here:] == after[there:], "a byte of others changed at the end")


def _undone(edit: Edit) -> None:
    require(undo(edit.after, edit.splices) == edit.before, "the old bytes did not come back")


def _notes_left(case: Case, data: bytes) -> None:
    lost = [note for note in case.notes if note.encode() in case.data and note.encode() not in data]
    require(not lost, f"comments got lost: {lost}")


def _updated(case: Case, dialect: Dialect, after: bytes) -> None:
    newer = prove.put(dialect, after, case.slot, case.later)
    _holds(case, case.data, newer.after, case.later)
    _undone(newer)


def _taken(case: Case, dialect: Dialect, after: bytes, *, fresh: bool) -> bool | str | None:
    others = edited_by_others(case, after)
    was = said(case.dialect, others)
    if was == BROKEN:
        return None
    ours, rest = cut(settled(case.dialect, was), case.slot)
    if len(ours) != 1:
        return None
    try:
        edit = prove.take(dialect, others, case.slot)
    except InstallError as error:
        return str(error)
    left = said(case.dialect, edit.after)
    require(left != BROKEN, "the file does not parse any more without our entry")
    found, remains = cut(settled(case.dialect, left), case.slot)
    require(found == [] and remains == rest, "something of others changed when our entry was taken")
    _only_splices(edit.before, edit.after, edit.splices)
    added = b"".join(splice.added for splice in edit.splices)
    require(not added.strip(_NOTHING_MUCH), f"bytes were added when our entry was taken: {added!r}")
    _undone(edit)
    if fresh:
        lost = [n for n in case.notes if n.encode() in others and n.encode() not in edit.after]
        require(not lost, f"comments got lost when our entry was taken: {lost}")
    return True
