"""Writes the record into a file: a new file, piece by piece; pixels and samples stay as they are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from flexura.provenance.containers import container_of
from flexura.provenance.pieces import Piece, Source, Span, Unmarkable
from flexura.provenance.reading import carried_by
from flexura.provenance.record import Record

_CHUNK = 1 << 20
SIGNED = "it has a C2PA manifest, which any change would break"


@dataclass(frozen=True)
class Marking:
    """Whether the record is in the file, and if not, why."""

    done: bool
    why: str = ""
    signed: bool = False


def mark(path: Path, to: Path, record: Record) -> Marking:
    """Write the file with the record to `to`, whole or not at all. Raises OSError.

    What cannot be marked safely, or has a C2PA manifest, is not written.
    """
    try:
        with path.open("rb") as file:
            return _mark(Source(file), file, to, record)
    except BaseException:
        to.unlink(missing_ok=True)
        raise


def mark_in_place(path: Path, record: Record) -> Marking:
    """Replace the file by one with the record, at once. Raises OSError; then the file is as it was."""
    part = path.with_name(f"{path.name}.marked")
    marking = mark(path, part, record)
    if marking.done:
        os.replace(part, path)
    return marking


def _mark(source: Source, file: BinaryIO, to: Path, record: Record) -> Marking:
    container = container_of(source.head(512))
    if container is None:
        return Marking(False, "its format has no place for a record")
    try:
        carried = carried_by(container, source)
        if carried.manifest is not None:
            return Marking(False, SIGNED, signed=True)
        pieces = container.marked(source, record, carried)
    except Unmarkable as why:
        return Marking(False, str(why))
    with to.open("wb") as out:
        _write(file, pieces, out)
    return Marking(True)


def _write(file: BinaryIO, pieces: Sequence[Piece], out: BinaryIO) -> None:
    for piece in pieces:
        if isinstance(piece, bytes):
            out.write(piece)
        else:
            _copy(file, piece, out)


def _copy(file: BinaryIO, span: Span, out: BinaryIO) -> None:
    file.seek(span.start)
    left = span.stop - span.start
    while left:
        data = file.read(min(left, _CHUNK))
        if not data:
            raise OSError("the file became shorter while it was read")
        out.write(data)
        left -= len(data)
