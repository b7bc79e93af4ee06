"""An entry in a file of an agent's: planned on the bytes that are there, never over what is not ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flexura_installer import diffs, layers, owned, writing
from flexura_installer.changes import Change
from flexura_installer.errors import InstallError
from flexura_installer.formats import prove
from flexura_installer.formats.dialect import Dialect
from flexura_installer.formats.dialects import dialect as dialect_named
from flexura_installer.formats.document import MISSING, Slot, find
from flexura_installer.layers import Values
from flexura_installer.ledger import Ledger, Record
from flexura_installer.records import servers
from flexura_installer.wishes import Action, EntryWish, Outcome
from flexura_installer.writing import Found


@dataclass(frozen=True)
class _View:
    """The file, what it says, and whose it is."""

    wish: EntryWish
    found: Found
    dialect: Dialect
    document: Any
    records: list[Record]
    # The record of just this wish; `living`: its entry is still in the file.
    mine: Record | None
    living: bool
    held: Mapping[Slot, Any]
    # What is wished, with what the client added to ours.
    wanted: Values


def plan(
    wish: EntryWish, ledger: Ledger, *, force: bool, again: Mapping[str, str]
) -> Change | Outcome:
    """What has to be done for the wish. Raises InstallError where it cannot be done."""
    view = _view(wish, ledger)
    right = [owned.matches(value, view.held[slot]) for slot, value in view.wanted]
    if all(right):
        return _recorded(view, again)
    strange = [
        slot for (slot, _), ok in zip(view.wanted, right, strict=True) if _strange(view, slot, ok)
    ]
    if strange and not force:
        return _conflict(view, strange[0])
    return _written(view, again, forced=bool(strange))


def mine_of(records: list[Record], slots: tuple[Slot, ...]) -> Record | None:
    """The record of the same servers."""
    return next((r for r in reversed(records) if servers(slots) & servers(r.slots)), None)


def snippet(wish: EntryWish) -> str:
    """What to paste by hand; empty for a dialect that this version does not know."""
    try:
        dialect = dialect_named(wish.dialect)
        texts = [dialect.snippet(slot, value) for slot, value in wish.values]
    except (InstallError, LookupError, ValueError):
        return ""
    return diffs.without_secrets("\n".join(texts), wish.secrets)


def _view(wish: EntryWish, ledger: Ledger) -> _View:
    found = writing.look(wish.path)
    dialect = dialect_named(wish.dialect)
    document = prove.read(dialect, found.data or b"")
    records = ledger.of(str(found.target))
    held = {slot: find(document, slot) for slot, _ in wish.values}
    wanted = tuple(
        (slot, owned.with_additions(value, _recorded_value(records, slot, held[slot]), held[slot]))
        for slot, value in wish.values
    )
    mine = mine_of(records, tuple(held))
    living = mine is not None and bool(layers.alive([mine], document))
    return _View(wish, found, dialect, document, records, mine, living, held, wanted)


def _recorded_value(records: list[Record], slot: Slot, current: Any) -> Any:
    """The recorded value of ours by which what the slot holds is ours, or MISSING."""
    if current is MISSING:
        return MISSING
    known = [
        value
        for record in reversed(records)
        for at, value in (*record.values, *record.earlier_values)
        if at == slot
    ]
    best = [one for one in known if owned.extends(one, current)]
    best += [one for one in known if owned.is_ours(slot, one, current)]
    return best[0] if best else MISSING


def _strange(view: _View, slot: Slot, right: bool) -> bool:
    current = view.held[slot]
    if right or current is MISSING:
        return False
    return _recorded_value(view.records, slot, current) is MISSING


def _outcome(view: _View, action: Action, after: bytes | None, why: str = "") -> Outcome:
    diff = diffs.unified(view.wish.path, view.found.data, after, view.wish.secrets)
    return Outcome(view.wish.agent, view.wish.path, action, why, diff=diff)


def _conflict(view: _View, slot: Slot) -> Outcome:
    where = ".".join((*slot.under, slot.name))
    why = f"{view.wish.path} already has another `{where}`."
    if view.living:
        why = f"`{where}` in {view.wish.path} was changed until it was no longer recognizable as ours."
    return Outcome(
        view.wish.agent,
        view.wish.path,
        "conflict",
        why,
        "Use another name (--name), or replace it with --force: the old file is saved beside it first.",
        snippet=snippet(view.wish),
    )


def _recorded(view: _View, again: Mapping[str, str]) -> Change:
    """It is there already: at most the record changes."""
    owner = {view.wish.agent: dict(again)}
    values = _hashed(view.wish)
    if view.mine is None:
        record = Record(
            "entry",
            str(view.wish.path),
            owner,
            str(view.wish.root),
            time=writing.now(),
            before=view.found.sha,
            after=view.found.sha,
            mode=view.found.mode,
            adopted=True,
            dialect=view.wish.dialect,
            values=values,
            cuts=(),
        )
        new = [*view.records, record]
    else:
        record = replace(view.mine, owners={**view.mine.owners, **owner})
        if dict(record.values) != dict(values):
            # Somebody wrote by hand what we would have: of what was before it we know nothing any more.
            record = replace(record, values=values, cuts=None, time=writing.now())
        new = [record if one == view.mine else one for one in view.records]
    return Change(
        view.found, view.found.data, view.records, new, _outcome(view, "unchanged", view.found.data)
    )


def _hashed(wish: EntryWish) -> Values:
    return tuple((slot, owned.hashed(value, wish.secrets)) for slot, value in wish.values)


def _written(view: _View, again: Mapping[str, str], *, forced: bool) -> Change:
    change = None
    if view.mine is not None and view.living and not forced:
        change = _exactly(view, view.mine, again)
    if change is None:
        change = _in_place(view, again, forced=forced)
    return change


def _fresh(view: _View, again: Mapping[str, str]) -> Record:
    return Record(
        "entry",
        str(view.mine.path if view.mine else view.wish.path),
        {**(view.mine.owners if view.mine else {}), view.wish.agent: dict(again)},
        str(view.mine.root if view.mine else view.wish.root),
        time=writing.now(),
        directories=view.mine.directories if view.mine else (),
        dialect=view.wish.dialect,
        values=_hashed(view.wish),
    )


def _exactly(view: _View, mine: Record, again: Mapping[str, str]) -> Change | None:
    """The file before us, with the new entry instead of the old one; None where nobody knows that file."""
    chain = layers.alive(view.records, view.document)
    below = layers.lift(view.found.data or b"", view.document, chain, mine)
    if not below.exact:
        return None
    try:
        after, cuts = layers.put_all(view.dialect, below.data, view.wanted, view.wish.secrets)
        if cuts is None:
            return None
        record = replace(
            _fresh(view, again),
            created=below.data is None,
            before=writing.sha(below.data),
            after=writing.sha(after),
            mode=mine.mode,
            cuts=cuts,
        )
        whole, above = layers.put_back(view.dialect, after, below.above)
    except InstallError:
        return None
    new = [record if one == mine else _renewed(one, below, above) for one in view.records]
    return Change(view.found, whole, view.records, new, _outcome(view, "updated", whole))


def _renewed(one: Record, below: layers.Below, above: list[Record]) -> Record:
    for (old, _), new in zip(below.above, above, strict=True):
        if one == old:
            return new
    return one


def _in_place(view: _View, again: Mapping[str, str], *, forced: bool) -> Change:
    """The entry put into the file as it is."""
    data, mine = view.found.data, view.mine if view.living else None
    if mine is not None:
        wished = {slot for slot, _ in view.wanted}
        others = {slot for one in view.records if one != mine for slot in one.slots}
        data = layers.take_all(
            view.dialect, data or b"", [s for s in mine.slots if s not in wished | others]
        )
    after, cuts = layers.put_all(view.dialect, data, view.wanted, view.wish.secrets)
    fresh = mine is None or forced
    directories = (
        []
        if view.found.data is not None
        else writing.missing_directories(view.wish.path, view.wish.root)
    )
    record = replace(
        _fresh(view, again),
        created=view.found.data is None if fresh else mine is not None and mine.created,
        before=view.found.sha if fresh or mine is None else mine.before,
        after=writing.sha(after),
        mode=view.found.mode if fresh or mine is None else mine.mode,
        cuts=cuts if fresh and data == view.found.data else None,
        adopted=mine is not None and mine.adopted and not forced,
    )
    record = record.having_made(directories)
    action: Action = "added" if mine is None and not forced else "updated"
    why = "What stood there before is in the backup." if forced else ""
    return Change(
        view.found,
        after,
        view.records,
        [*(one for one in view.records if one != view.mine), record],
        _outcome(view, action, after, why),
        directories,
        backup_for=record if forced else None,
    )
