"""Moving: out of the own store into a file, out of the file into whatever store the settings name."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from flexura.domain.errors import FlexuraError, InvalidRequest, StoreDamaged
from flexura.ports.portable import Carried
from flexura.runtime.backups import own_database
from flexura.runtime.files import open_files
from flexura.runtime.stores import open_records
from flexura.services.carrying_files import FileCarrier
from flexura.services.clock import now_ms
from flexura.services.importing import BATCH, Importer
from flexura.services.ledger_check import ledger_problems
from flexura.settings import Settings
from flexura.storage.archive_format import EXPORT, Manifest, blob_of
from flexura.storage.archive_reader import Entry, reading
from flexura.storage.export import Exported, export
from flexura.storage.portable import TABLES, carried

Add = Callable[[str, list[Carried]], Awaitable[None]]


@dataclass
class Imported:
    """What came of an import."""

    manifest: Manifest
    importer: Importer
    files_added: int
    files_there: int
    absent: dict[str, int]
    """Records and files of the export that are not in the store afterwards, by kind; empty = all are."""
    ledger: list[str]


def export_store(settings: Settings, target: Path, *, with_webhooks: bool) -> Exported:
    """Write everything that another store can take over to a new file; a running gateway goes on.

    Raises InvalidRequest, NotFound, Conflict, StoreDamaged, OSError.
    """
    database = own_database(settings)
    try:
        return export(
            database, settings.home / "artifacts", target, now_ms(), with_webhooks=with_webhooks
        )
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(
            f"{database} could not be read: {error}.",
            next_step="`flexura doctor` says what is wrong with it.",
        ) from None


async def import_store(settings: Settings, path: Path, workspace: str = "") -> Imported:
    """Bring an export into the store and the files that the settings name; then look for all of it there.

    The whole file is proven before the first record is written. Raises StoreDamaged, InvalidRequest,
    Conflict, DiskFull.
    """
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(open_records(settings))
        blobs = (await stack.enter_async_context(open_files(settings))).blobs
        files = FileCarrier(blobs, now_ms())
        manifest = await _files(path, files)
        importer = Importer(records, workspace)
        await _records(path, importer.add)
        fates = importer.fates
        importer.fates = {}
        await _records(path, importer.look_for)
        absent = {kind: n for kind, found in importer.fates.items() if (n := found["absent"])}
        importer.fates = fates
        again = FileCarrier(blobs, now_ms())
        if gone := await _gone(path, again):
            absent["blobs"] = gone
        problems = await records.transact(ledger_problems)
        return Imported(manifest, importer, files.added, files.there, absent, problems)


async def _files(path: Path, files: FileCarrier) -> Manifest:
    """Prove the whole file, and store the bytes in it on the way: without a row they harm nobody."""
    try:
        with reading(path) as archive:
            for entry in archive.entries():
                if digest := blob_of(entry.name):
                    await files.add(digest, entry.bytes, entry.chunks())
                else:
                    await asyncio.to_thread(entry.digest)
            await files.finish()
            manifest = archive.manifest
    except FlexuraError:
        await files.give_up()
        raise
    if manifest.format != EXPORT:
        raise InvalidRequest(
            f"{path} is a backup, not an export.",
            next_step=f"Bring it back with `flexura restore {path}`, or `flexura export` there.",
        )
    return manifest


async def _gone(path: Path, files: FileCarrier) -> int:
    gone = 0
    with reading(path) as archive:
        for entry in archive.entries():
            if digest := blob_of(entry.name):
                gone += not await files.has(digest)
    return gone


async def _records(path: Path, add: Add) -> None:
    with reading(path) as archive:
        for entry in archive.entries():
            if blob_of(entry.name):
                return
            kind = Path(entry.name).stem
            if kind in TABLES:
                read = _carried(kind, entry)
                while batch := list(islice(read, BATCH)):
                    await add(kind, batch)


def _carried(kind: str, entry: Entry) -> Iterator[Carried]:
    for line in entry.lines():
        yield carried(TABLES[kind], line)
