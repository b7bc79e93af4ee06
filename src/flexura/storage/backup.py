"""A backup of a SQLite store: one consistent copy of the database and every file that this copy names.

The copy is made from one read transaction, so it shows the store at one moment however long it takes; in WAL
mode the writer of a running gateway goes on meanwhile. It is made in steps with pauses, so that it leaves the
disk to the gateway, and kept beside the target until it is in the file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flexura import __version__
from flexura.storage.archive_format import (
    BACKUP,
    CONFIGURATION,
    DATABASE,
    Manifest,
)
from flexura.storage.archive_writer import ArchiveWriter, beside, writing
from flexura.storage.integrity import look_into, schema_of

_PAGES = 256
_PAUSE = 0.002
"""Seconds between steps of a megabyte: some 300 MB/s at most."""
_MOST_TOLD = 1000
NAMED = "SELECT DISTINCT sha256 FROM artifacts WHERE expired_at IS NULL ORDER BY sha256"
"""The files that a database names and whose bytes it promises."""
_COUNTED = {
    "workspaces": "SELECT count(*) FROM workspaces",
    "api_keys": "SELECT count(*) FROM api_keys",
    "jobs": "SELECT count(*) FROM jobs",
    "unfinished_jobs": "SELECT count(*) FROM jobs WHERE state NOT IN"
    " ('completed', 'published', 'failed', 'canceled')",
    "artifacts": "SELECT count(*) FROM artifacts",
    "templates": "SELECT count(*) FROM templates",
    "credit_entries": "SELECT count(*) FROM credit_entries",
}


@dataclass(frozen=True)
class Sources:
    """What a backup is made of."""

    database: Path
    artifacts: Path
    configuration: bytes = b""
    """Without secrets; empty = there is none."""
    notes: tuple[str, ...] = ()


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of a database that others use, durable, in one file. Raises sqlite3.Error."""
    with contextlib.closing(look_into(source)) as reader:
        reader.execute("BEGIN")
        # The transaction begins with its first read; from here on the copy shows this moment.
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous=OFF")
            copy.execute("PRAGMA journal_mode=OFF")
            reader.backup(copy, pages=_PAGES, progress=_pausing)
            # The header says WAL, as it does in the source.
            copy.execute("PRAGMA journal_mode=DELETE")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _pausing(status: int, remaining: int, total: int) -> None:
    """Python sleeps only when SQLite is busy; the pause between steps is made here."""
    if remaining:
        time.sleep(_PAUSE)


def backup(sources: Sources, target: Path, at: int) -> Manifest:
    """Write a backup of a store to a new file; what is in it. `at` is now, in ms since 1970.

    Raises OSError, sqlite3.Error; then nothing is left of it.
    """
    with writing(target, at) as archive:
        with beside(target.parent) as (copy, _):
            copy_database(sources.database, copy)
            archive.add_file(DATABASE, copy)
            schema = schema_of(copy)
            with contextlib.closing(look_into(copy)) as database:
                if sources.configuration:
                    archive.add_bytes(CONFIGURATION, sources.configuration)
                missing, damaged = add_blobs(
                    archive, named(database), lambda digest: _place(sources.artifacts, digest)
                )
                counts = {name: _number(database, text) for name, text in _COUNTED.items()}
        counts |= {"missing": len(missing), "damaged": len(damaged)}
        told = [*missing, *damaged][:_MOST_TOLD]
        return archive.finish(
            Manifest(
                BACKUP,
                schema,
                __version__,
                at,
                0,
                "",
                counts=counts,
                missing=told,
                notes=list(sources.notes),
            )
        )


def add_blobs(
    archive: ArchiveWriter, digests: Iterator[str], place: Callable[[str], Path]
) -> tuple[list[str], list[str]]:
    """Put files into an archive; the digests of those that are missing and of those that are damaged."""
    missing: list[str] = []
    damaged: list[str] = []
    for digest in digests:
        member = archive.add_blob(digest, place(digest))
        if member is None:
            missing.append(digest)
        elif member.sha256 != digest:
            damaged.append(digest)
    return missing, damaged


def named(database: sqlite3.Connection) -> Iterator[str]:
    """The digests of all files that a database promises, ascending."""
    for (digest,) in database.execute(NAMED):
        yield str(digest)


def _place(root: Path, sha256: str) -> Path:
    return root / sha256[:2] / sha256[2:]


def _number(database: sqlite3.Connection, text: str) -> int:
    return int(database.execute(text).fetchone()[0])
