"""What a file says of itself, whatever its name. All of it is a claim, and a stranger may have written it."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flexura.provenance import c2pa, xmp
from flexura.provenance import record as records
from flexura.provenance.containers import Container, container_of
from flexura.provenance.pieces import Carried, Source, Unmarkable
from flexura.provenance.record import Record

_START, _END = b"<x:xmpmeta", b"</x:xmpmeta>"
_MOST_SCANNED = 64 << 20
_MOST_PACKETS = 16


@dataclass(frozen=True)
class Told:
    """What a file says: our record, if it has one, and whether there is a C2PA manifest."""

    container: str
    record: Record | None = None
    manifest: bool = False
    generator: str = ""
    """Who made the manifest, as it says itself."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    trouble: str = ""
    """Why the container could not be read to its end."""


def read(path: Path) -> Told:
    """What the file says. Raises OSError when it cannot be read; anything else is told as it is."""
    with path.open("rb") as file:
        source = Source(file)
        container = container_of(source.head(512))
        if container is None:
            return Told("", record=_scanned(file.fileno(), source.size))
        try:
            carried = carried_by(container, source)
        except Unmarkable as why:
            found = _scanned(file.fileno(), source.size)
            return Told(container.name, found, trouble=str(why))
        record = xmp.record_of(carried)
        if record is None and carried.manifest is None:
            record = _scanned(file.fileno(), source.size)
    manifest = carried.manifest
    generator = records.shortened(c2pa.generator(manifest), 200) if manifest else ""
    return Told(container.name, record, manifest is not None, generator, carried.tags)


def record_in(path: Path) -> Record | None:
    """The record that a file carries, or None. Raises OSError when it cannot be read."""
    return read(path).record


def carried_by(container: Container, source: Source) -> Carried:
    """What a container holds, with a manifest that lies elsewhere as an empty one. Raises Unmarkable."""
    carried = container.read(source)
    if carried.manifest is None and xmp.binds_elsewhere(carried.xmp):
        return Carried(carried.xmp, carried.tags, b"")
    return carried


def _scanned(descriptor: int, size: int) -> Record | None:
    """The first packet of ours among the bytes, as the XMP standard's packet scanning goes."""
    if not 0 < size <= _MOST_SCANNED:
        return None
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as content:
        start = content.find(_START)
        for _ in range(_MOST_PACKETS):
            if start < 0:
                return None
            end = content.find(_END, start, start + xmp.MOST_FOREIGN)
            if end >= 0 and (found := xmp.record_in(content[start : end + len(_END)])):
                return found
            start = content.find(_START, start + 1)
    return None
