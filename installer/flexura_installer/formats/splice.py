"""A change of a few bytes in a file, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flexura_installer.errors import Unproven


@dataclass(frozen=True)
class Splice:
    """At `offset` the bytes `removed` give way to `added`. Offsets of a sequence count in the old file."""

    offset: int
    removed: bytes
    added: bytes


def apply(before: bytes, splices: Sequence[Splice]) -> bytes:
    """The file with every splice made. Raises Unproven when the file does not hold what they remove."""
    parts: list[bytes] = []
    at = 0
    for splice in sorted(splices, key=lambda s: s.offset):
        end = splice.offset + len(splice.removed)
        if splice.offset < at or before[splice.offset : end] != splice.removed:
            raise Unproven("The file is not the one that the change was made for.")
        parts += [before[at : splice.offset], splice.added]
        at = end
    return b"".join([*parts, before[at:]])


def undo(after: bytes, splices: Sequence[Splice]) -> bytes:
    """The file as it was before `apply`. Raises Unproven when it does not hold what was added."""
    shift = 0
    back: list[Splice] = []
    for splice in sorted(splices, key=lambda s: s.offset):
        back.append(Splice(splice.offset + shift, splice.added, splice.removed))
        shift += len(splice.added) - len(splice.removed)
    return apply(after, back)
