"""A file that is wholly ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from flexura_installer import diffs, writing
from flexura_installer.ledger import Ledger, Record
from flexura_installer.undoing import look_for_undo
from flexura_installer.wishes import Action, FileWish, Outcome
from flexura_installer.writing import Found

_WHOLE = ""  # the name of the file in the record's list of files


def fulfil(
    wish: FileWish, ledger: Ledger, *, force: bool, dry_run: bool, again: Mapping[str, str]
) -> Outcome:
    """Write the file unless something that is not ours is there. Raises InstallError, OSError, Changed."""
    found = writing.look(wish.path)
    mine = _mine(ledger, str(found.target))
    wished = writing.sha(wish.content)
    ours = _shas(mine)
    if found.sha == wished:
        return _recorded(wish, found, mine, ledger, dry_run=dry_run, again=again)
    strange = found.data is not None and found.sha not in ours
    if strange and not force:
        why = f"{wish.path} is already there and is not ours."
        if mine is not None:
            why = f"{wish.path} was changed since we wrote it."
        step = "Move it away, or replace it with --force: the old file is saved beside it first."
        return Outcome(wish.agent, wish.path, "conflict", why, step)
    directories = (
        [] if found.data is not None else writing.missing_directories(wish.path, wish.root)
    )
    writing.check_writable(found, directories)
    action: Action = "added" if found.data is None else "updated"
    outcome = Outcome(
        wish.agent, wish.path, action, diff=diffs.unified(wish.path, found.data, wish.content)
    )
    if dry_run:
        return outcome
    record = _record(wish, mine, again)
    known = {*record.directories, *(str(one) for one in directories)}
    record = replace(record, directories=tuple(sorted(known, key=len)))
    if found.data is not None and not strange:
        record = replace(record, earlier_files={_WHOLE: found.sha})
    backup = _write(wish, ledger, found, record, mine, backed_up=strange)
    why = "What stood there before is in the backup." if backup else ""
    return replace(outcome, backup=backup, why=why)


def _write(
    wish: FileWish,
    ledger: Ledger,
    found: Found,
    record: Record,
    mine: Record | None,
    *,
    backed_up: bool,
) -> Path | None:
    """Record it, then write it: where the old file of somebody else's was put."""
    writing.sweep(found.target)
    backup = writing.put_aside(wish.path, found.data or b"") if backed_up else None
    if backup is not None:
        record = replace(
            record, created=False, before=found.sha, backup=str(backup), mode=found.mode
        )
    made = [Path(one) for one in record.directories if not os.path.isdir(one)]
    try:
        ledger.put(record, instead_of=mine)
        writing.make_directories(made)
        writing.replace(found, wish.content, wish.mode)
    except BaseException:
        writing.remove_directories(str(one) for one in made)
        with suppress(OSError):
            if backup is not None:
                os.unlink(backup)
            _back(ledger, record, mine)
        raise
    if record.earlier_files:
        with suppress(OSError):
            ledger.put(replace(record, earlier_files={}), instead_of=record)
    return backup


def _back(ledger: Ledger, record: Record, mine: Record | None) -> None:
    if record not in ledger.records:
        return
    if mine is None:
        ledger.drop(record)
    else:
        ledger.put(mine, instead_of=record)


def _mine(ledger: Ledger, target: str) -> Record | None:
    return next((r for r in ledger.records if r.kind == "file" and r.target == target), None)


def _shas(record: Record | None) -> set[str]:
    return {*record.files.values(), *record.earlier_files.values()} if record else set()


def _record(wish: FileWish, mine: Record | None, again: Mapping[str, str]) -> Record:
    wished = writing.sha(wish.content)
    return Record(
        "file",
        mine.path if mine else str(wish.path),
        {**(mine.owners if mine else {}), wish.agent: dict(again)},
        mine.root if mine else str(wish.root),
        time=writing.now(),
        created=True,
        directories=mine.directories if mine else (),
        # What --force had replaced comes back whatever we put there since.
        before=mine.before if mine and mine.backup else "",
        backup=mine.backup if mine else "",
        mode=mine.mode if mine else None,
        after=wished,
        files={_WHOLE: wished},
    )


def _recorded(
    wish: FileWish,
    found: Found,
    mine: Record | None,
    ledger: Ledger,
    *,
    dry_run: bool,
    again: Mapping[str, str],
) -> Outcome:
    record = replace(
        _record(wish, mine, again),
        created=False,
        before=found.sha,
        mode=found.mode,
        adopted=True,
    )
    if mine is not None:
        record = replace(
            mine, owners=record.owners, files=record.files, after=record.after, earlier_files={}
        )
    if record != mine and not dry_run:
        ledger.put(record, instead_of=mine)
    return Outcome(wish.agent, wish.path, "unchanged")


def withdraw(record: Record, ledger: Ledger, *, agent: str, force: bool, dry_run: bool) -> Outcome:
    """Remove the file if it is still ours; put back what --force replaced. Raises like `fulfil`."""
    path = Path(record.path)
    found = look_for_undo(path)
    ours = found.sha in _shas(record)
    if found.data is not None and not ours and not force:
        if found.sha == record.before:
            return _gone(record, ledger, Outcome(agent, path, "absent"), dry_run=dry_run)
        step = "Remove it yourself, or run again with --force: it is saved beside it first."
        return Outcome(agent, path, "kept", f"{path} was changed since we wrote it.", step)
    if found.data is None:
        return _gone(record, ledger, Outcome(agent, path, "absent"), dry_run=dry_run)
    old = _old(record)
    outcome = Outcome(agent, path, "restored", diff=diffs.unified(path, found.data, old))
    writing.check_writable(found, [])
    if dry_run:
        return outcome
    writing.sweep(found.target)
    if not ours:
        backup = writing.put_aside(path, found.data)
        outcome = replace(outcome, backup=backup, why="What stood there is in the backup.")
    if old is None:
        writing.remove(found)
    else:
        writing.replace(found, old)
    return _gone(record, ledger, outcome, dry_run=False)


def _old(record: Record) -> bytes | None:
    if not record.backup:
        return None
    data = look_for_undo(Path(record.backup)).data
    return data if writing.sha(data) == record.before else None


def _gone(record: Record, ledger: Ledger, outcome: Outcome, *, dry_run: bool) -> Outcome:
    if not dry_run:
        left = writing.remove_directories(record.directories)
        ledger.hand_over(left, record)
        ledger.drop(record)
    return outcome


def standing(record: Record) -> Literal["installed", "changed", "gone"]:
    """`installed`, `changed` or `gone`. Raises InstallError."""
    found = look_for_undo(Path(record.path))
    if found.data is None:
        return "gone"
    return "installed" if found.sha in _shas(record) else "changed"
