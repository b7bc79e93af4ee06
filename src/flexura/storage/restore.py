"""Reads a backup: proves every byte of it, and puts it into a folder of its own."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flexura.domain.errors import Conflict, InvalidRequest
from flexura.storage.archive_format import (
    BACKUP,
    CONFIGURATION,
    DATABASE,
    Manifest,
    blob_of,
    damaged,
)
from flexura.storage.archive_reader import ArchiveReader, Entry, reading
from flexura.storage.backup import named
from flexura.storage.files import sync_folder
from flexura.storage.integrity import integrity, look_into, schema_of
from flexura.storage.migrate import HEAD

_MOST_TOLD = 100


@dataclass
class Unpacked:
    """What was found in a backup; the database lies in the folder that was named."""

    manifest: Manifest
    problems: list[str] = field(default_factory=list[str])
    """What makes the database or the ledger unusable."""
    lost: list[str] = field(default_factory=list[str])
    """Digests of files that the database promises and that are missing or damaged, at most 100."""
    lost_count: int = 0
    artifacts: int = 0


def unpack(path: Path, folder: Path, *, with_blobs: bool) -> Unpacked:
    """Prove a backup and put its database (and its files) into an empty folder.

    Raises StoreDamaged, Conflict for a schema that this release does not know, InvalidRequest for an export,
    OSError.
    """
    with reading(path) as archive:
        unpacking = _Unpacking(archive, folder, with_blobs)
        unpacking.run()
        manifest = archive.manifest
    if manifest.format != BACKUP:
        raise InvalidRequest(
            f"{path} is an export, not a backup.",
            next_step=f"Bring it in with `flexura import {path}`.",
        )
    problems = integrity(folder / DATABASE)
    if not problems:
        _check_schema(manifest.schema, schema_of(folder / DATABASE))
    # A file that lacked already when the backup was made is not the backup's fault, and told all the same.
    lost = unpacking.lost
    return Unpacked(
        manifest,
        problems,
        lost[:_MOST_TOLD],
        len(lost),
        unpacking.blobs,
    )


def _check_schema(told: str, found: str) -> None:
    if told != found:
        raise damaged(f"its manifest says schema {told}, its database {found or 'none'}")
    if not "0001" <= found <= HEAD:
        raise Conflict(
            f"The backup has schema {found}; this flexura knows up to {HEAD}.",
            next_step="Upgrade flexura (`flexura upgrade`), then restore it.",
        )


class _Unpacking:
    """Goes through the members; the database comes first, then its files in the order of their digests."""

    def __init__(self, archive: ArchiveReader, folder: Path, with_blobs: bool) -> None:
        self._archive, self._folder, self._with_blobs = archive, folder, with_blobs
        self._holds_database = False
        self._wanted: Iterator[str] = iter(())
        self._next: str | None = None
        self.lost: list[str] = []
        self.blobs = 0

    def run(self) -> None:
        with contextlib.ExitStack() as stack:
            for entry in self._archive.entries():
                if entry.name == DATABASE:
                    self._write(self._folder / DATABASE, entry)
                    self._holds_database = True
                    self._begin(stack)
                elif entry.name == CONFIGURATION:
                    self._write(self._folder / CONFIGURATION, entry)
                elif digest := blob_of(entry.name):
                    self._blob(digest, entry)
            while self._next is not None:
                self._miss()
        _ = self._archive.manifest
        if not self._holds_database and self._archive.manifest.format == BACKUP:
            raise damaged("it holds no database")

    def _begin(self, stack: contextlib.ExitStack) -> None:
        # A damaged database is told of by its check, which says more.
        with contextlib.suppress(sqlite3.DatabaseError):
            database = contextlib.closing(look_into(self._folder / DATABASE))
            self._wanted = named(stack.enter_context(database))
        self._advance()

    def _advance(self) -> None:
        try:
            self._next = next(self._wanted, None)
        except sqlite3.DatabaseError:
            self._next = None

    def _miss(self) -> None:
        assert self._next is not None
        self.lost.append(self._next)
        self._advance()

    def _blob(self, digest: str, entry: Entry) -> None:
        while self._next is not None and self._next < digest:
            self._miss()
        if self._with_blobs:
            place = self._folder / "artifacts" / digest[:2] / digest[2:]
            place.parent.mkdir(parents=True, exist_ok=True)
            self._write(place, entry, synced=False)
            whole = entry.digest() == digest
            if not whole:
                place.unlink()
        else:
            whole = entry.digest() == digest
        self.blobs += whole
        if self._next == digest:
            if whole:
                self._advance()
            else:
                self._miss()

    @staticmethod
    def _write(place: Path, entry: Entry, *, synced: bool = True) -> None:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            entry.copy_to(file)
            if synced:
                file.flush()
                os.fsync(file.fileno())


def put_in_place(folder: Path, home: Path) -> None:
    """Move what was unpacked into a home without a database, durably; the database last.

    Until then a gateway finds nothing there. Raises OSError.
    """
    # Thousands of files at once: one order to the system instead of one for each.
    os.sync()
    with contextlib.suppress(FileNotFoundError):
        (home / "artifacts").rmdir()
    if (folder / "artifacts").exists():
        (folder / "artifacts").rename(home / "artifacts")
    sync_folder(home)
    # What was decided about its jobs may still lie in the journal, where closing it could not move that over.
    with contextlib.suppress(FileNotFoundError):
        (folder / f"{DATABASE}-wal").rename(home / f"{DATABASE}-wal")
    (folder / DATABASE).rename(home / DATABASE)
    sync_folder(home)
