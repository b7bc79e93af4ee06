"""The record of what was installed where: what leads every file back to its old bytes.

One JSON file in the state directory (0600). A record is saved before its file is replaced; while the file
does not hold our entry, the record means nothing. No secret and no whole file stands in it: values hold
SHA-256 in the place of secrets, splices hold the bytes that were removed but of the added only the length.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from flexura_installer import ledger_json, writing
from flexura_installer.errors import InstallError
from flexura_installer.records import Cut as Cut
from flexura_installer.records import Kind as Kind
from flexura_installer.records import Pending as Pending
from flexura_installer.records import Record as Record
from flexura_installer.records import target_of as target_of

VERSION = 1
FILE_NAME = "install.json"


class Ledger:
    """All records, oldest first. Whoever changes it holds the lock of the state directory (`lock.held`)."""

    def __init__(self, path: Path, records: Iterable[Record] = ()) -> None:
        self.path = path
        self.records: list[Record] = list(records)
        self._pending: dict[str, Pending] = {}
        self._unknown: dict[str, Any] = {}

    @staticmethod
    def load(state: Path, *, force: bool = False, dry_run: bool = False) -> Ledger:
        """The ledger of a state directory (`Machine.state()`); an empty one when there is none.

        Raises InstallError, with the next step, for a file that a newer flexura wrote (never overwritten) and
        for one that cannot be read, unless `force` moves that one aside.
        """
        path = state / FILE_NAME
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return Ledger(path)
        except OSError as error:
            raise InstallError(
                f"The record of what was installed, {path}, cannot be read ({error.strerror}).",
                "Make it readable for you, then run the same command again.",
            ) from error
        try:
            document: Any = json.loads(raw)
            version = document["version"]
            if not isinstance(version, int) or isinstance(version, bool):
                raise TypeError("its version is no number")
            if version == VERSION:
                records, pending, unknown = ledger_json.decoded(document)
                ledger = Ledger(path, records)
                ledger._settle(pending, unknown)
                return ledger
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            return _broken(path, error, force=force, dry_run=dry_run)
        raise InstallError(
            f"{path} was written by another version of flexura (format {version}; this one knows {VERSION}).",
            "Update flexura (`flexura upgrade`), then run the same command again. The file was not touched.",
        )

    def of(self, target: str) -> list[Record]:
        """The records of entries in one real file, oldest first."""
        return [r for r in self.records if r.kind == "entry" and r.target == target]

    def by(self, agent: str) -> list[Record]:
        """The records that an agent owns, oldest first. Undo goes through them from the end."""
        return [r for r in self.records if r.owned_by(agent)]

    def begin(self, pending: Pending, records: list[Record]) -> None:
        """Save `records` as the new state of the target's, durably, before its file is replaced."""
        old = list(self.records)
        self._set(pending.target, records)
        self._pending[pending.target] = pending
        try:
            self.save()
        except BaseException:
            self.records = old
            del self._pending[pending.target]
            raise

    def finish(self, target: str) -> None:
        """The file was replaced as announced."""
        self._pending.pop(target, None)
        self.save()

    def give_up(self, target: str) -> None:
        """The file could not be replaced: the old records hold."""
        pending = self._pending.pop(target, None)
        if pending is not None:
            self._set(target, list(pending.records))
            self.save()

    def put(self, record: Record, instead_of: Record | None = None) -> None:
        """Set one record, in the place of an older one or at the end, and save."""
        old = list(self.records)
        if instead_of is not None and instead_of in self.records:
            self.records[self.records.index(instead_of)] = record
        else:
            self.records.append(record)
        self._save_or(old)

    def renew(self, target: str, records: list[Record]) -> None:
        """Set the records of one file that itself does not change, and save."""
        old = list(self.records)
        self._set(target, records)
        self._save_or(old)

    def forget(self, record: Record) -> None:
        """Drop one record without saving."""
        self.records = [r for r in self.records if r != record]

    def drop(self, record: Record) -> None:
        """Forget one record, and save."""
        old = list(self.records)
        self.forget(record)
        self._save_or(old)

    def save(self) -> None:
        """Write the file durably: after a crash it holds the old or the new text. Raises OSError."""
        if not self.records and not self._pending and not self._unknown:
            # Nothing is left to remember: no file of ours is to stay behind.
            with suppress(FileNotFoundError):
                os.unlink(self.path)
            return
        text = ledger_json.encoded(self.records, self._pending.values(), self._unknown)
        os.makedirs(self.path.parent, mode=0o700, exist_ok=True)
        writing.replace_unchecked(self.path, text, mode=0o600)

    def _settle(self, pending: Iterable[Pending], unknown: Mapping[str, Any]) -> None:
        """After loading: what a killed run announced has happened (the file has the new bytes) or not."""
        self._unknown = dict(unknown)
        for one in pending:
            found = writing.sha_of(Path(one.target))
            if found == one.after:
                continue
            self._set(one.target, _merged(one, self.of(one.target), undone=found == one.before))

    def hand_over(self, directories: Iterable[str], gone: Record) -> None:
        """Directories of a withdrawn record that others still fill go with the last of those. Not saved."""
        for directory in directories:
            for at, record in enumerate(self.records):
                if record is gone or record == gone or not _within(record.path, directory):
                    continue
                if directory not in record.directories:
                    self.records[at] = record.having_made([directory])
                break

    def _set(self, target: str, records: list[Record]) -> None:
        # Where the target's newest record stood: order among files does not matter, within one file it does.
        others = [r for r in self.records if not (r.kind == "entry" and r.target == target)]
        self.records = [*others, *records]

    def _save_or(self, old: list[Record]) -> None:
        try:
            self.save()
        except BaseException:
            self.records = old
            raise


def _within(path: str, directory: str) -> bool:
    parent = Path(target_of("folder", Path(path))).parent
    return parent.is_relative_to(directory)


def _merged(pending: Pending, new: list[Record], *, undone: bool) -> list[Record]:
    """The records after a change that was killed, or after which somebody else wrote at once.

    The old ones hold, in the second case the new ones with the old values as further ones of ours. Those that
    only the new state knows stay, because they know the directories that were made: without an entry in the
    file they mean nothing.
    """
    merged: list[Record] = []
    for old in pending.records:
        twin = next((r for r in new if set(r.slots) & set(old.slots)), None)
        if twin is None or undone:
            merged.append(old)
        else:
            merged.append(replace(twin, earlier_values=old.values))
    known = {slot for record in merged for slot in record.slots}
    return [*merged, *(r for r in new if not known & set(r.slots))]


def _broken(path: Path, error: Exception, *, force: bool, dry_run: bool) -> Ledger:
    if not force:
        raise InstallError(
            f"{path}, the record of what was installed, cannot be understood ({error}).",
            f"Run again with --force to put it aside as {path.name}.broken-… and begin a new one; "
            "exact undo of what it recorded is lost then, removal by name still works.",
        ) from error
    if not dry_run:
        aside = path.with_name(f"{path.name}.broken-{writing.stamp()}")
        try:
            os.replace(path, aside)
        except OSError as trouble:
            raise InstallError(
                f"{path} cannot be put aside ({trouble.strerror}).",
                f"Move it away yourself: mv '{path}' '{aside}'",
            ) from trouble
    return Ledger(path)
