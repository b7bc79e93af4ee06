"""An edit counts only when parsing shows that nothing but our entry changed, and undo gives the old bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flexura_installer.errors import InstallError, Unproven, Unreadable
from flexura_installer.formats.dialect import Dialect
from flexura_installer.formats.document import (
    MISSING,
    Slot,
    find,
    ours_last,
    pruned,
    same,
    with_value,
    without,
)
from flexura_installer.formats.splice import Splice, apply, undo

# A document so deep or so strange that a reader gives up is left alone like one that does not parse.
_GIVES_UP = (RecursionError, ValueError, MemoryError)


@dataclass(frozen=True)
class Edit:
    """A proven change of one file's bytes. No splices: nothing to do."""

    before: bytes
    after: bytes
    splices: tuple[Splice, ...]


def read(dialect: Dialect, data: bytes) -> Any:
    """What the file says. Raises Unreadable, whatever trips over it."""
    try:
        return dialect.read(data)
    except InstallError:
        raise
    except _GIVES_UP as error:
        raise Unreadable(f"it cannot be parsed ({type(error).__name__}: {error})") from error


def put(dialect: Dialect, before: bytes, slot: Slot, value: Any) -> Edit:
    """The proven edit after which the slot holds `value`. Raises Unreadable or Unproven."""
    document = read(dialect, before)
    if same(find(document, slot), value):
        return Edit(before, before, ())
    wanted = [with_value(document, slot, value)]
    return _proven(dialect, before, dialect.put(before, slot, value), slot, wanted)


def take(dialect: Dialect, before: bytes, slot: Slot) -> Edit:
    """The proven edit after which the slot is empty. Raises Unreadable or Unproven."""
    document = read(dialect, before)
    if find(document, slot) is MISSING:
        return Edit(before, before, ())
    left = without(document, slot)
    # In TOML a table without members may not exist at all.
    wanted = [left, pruned(left, slot)]
    return _proven(dialect, before, dialect.take(before, slot), slot, wanted)


def _proven(
    dialect: Dialect, before: bytes, splices: tuple[Splice, ...], slot: Slot, wanted: list[Any]
) -> Edit:
    after = apply(before, splices)
    try:
        found = read(dialect, after)
    except Unreadable as error:
        raise Unproven(f"the file would not parse with our entry in it ({error})") from error
    settled = ours_last(found or {}, slot.way)
    if not any(same(settled, ours_last(one or {}, slot.way)) for one in wanted):
        raise Unproven("something besides our entry would change")
    if undo(after, splices) != before:
        raise Unproven("the old bytes would not come back")
    return Edit(before, after, splices)
