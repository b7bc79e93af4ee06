"""A file on this machine, what it says of itself and what the gateway knows of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from flexura.cli.connection import Connection, connected
from flexura.client.provenance import ProvenanceAnswer, of_bytes
from flexura.domain.errors import FlexuraError
from flexura.local.errors import LocalError
from flexura.provenance import reading
from flexura.provenance.reading import Told
from flexura.provenance.record import Record, of_json


@dataclass(frozen=True)
class KnownFile:
    """`known` is the newest artifact with the same bytes; `apart` why the gateway could not be asked."""

    path: Path
    sha256: str
    bytes: int
    told: Told
    known: ProvenanceAnswer | None = None
    apart: str = ""

    @property
    def record(self) -> Record | None:
        """The record to go by: the gateway's own, else what the file claims."""
        return (of_json(self.known.record) if self.known else None) or self.told.record


async def look(paths: Sequence[Path], *, offline: bool) -> list[KnownFile]:
    """Read the files and ask the gateway about them. Raises click.UsageError, OSError."""
    files = [await asyncio.to_thread(_read, path) for path in paths]
    if offline:
        return [_apart(file, "it was not asked") for file in files]
    try:
        async with connected() as connection:
            return [await asked(file, connection) for file in files]
    except (FlexuraError, LocalError) as problem:
        return [_apart(file, problem.message) for file in files]


async def asked(file: KnownFile, connection: Connection) -> KnownFile:
    """The file with what the gateway knows of its bytes."""
    found = await of_bytes(connection.client, file.sha256)
    made = [one for one in found if one.record is not None]
    best = next(iter(made or found), None)
    return KnownFile(file.path, file.sha256, file.bytes, file.told, best)


def _read(path: Path) -> KnownFile:
    if not path.is_file():
        raise click.UsageError(f"{path}: there is no such file.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return KnownFile(path, digest, path.stat().st_size, reading.read(path))


def _apart(file: KnownFile, why: str) -> KnownFile:
    return KnownFile(file.path, file.sha256, file.bytes, file.told, None, why)
