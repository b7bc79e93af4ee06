"""One file's change carried out: recorded first, then written, then reported done."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from flexura_installer import writing
from flexura_installer.ledger import Ledger, Pending, Record
from flexura_installer.wishes import Outcome
from flexura_installer.writing import Changed, Found, Refused

_TRIES = 3


@dataclass(frozen=True)
class Change:
    """What is to become of one file and its records. `outcome` is what to tell once it has happened."""

    found: Found
    after: bytes | None
    old: list[Record]
    new: list[Record]
    outcome: Outcome
    directories: list[Path] = field(default_factory=list[Path])
    # Put the old file aside first; the record that is to know where.
    backup_for: Record | None = None
    # A record that goes once the file is changed: until then it knows the directories that we made.
    gone: Record | None = None

    @property
    def writes(self) -> bool:
        """Whether the file changes; else only records do."""
        return self.after != self.found.data


def attempt(plan: Callable[[], Change | Outcome], ledger: Ledger, *, dry_run: bool) -> Outcome:
    """Plan and carry out; again when somebody else writes the file in between.

    Raises InstallError; the file and the ledger are as they were then.
    """
    path = None
    for _ in range(_TRIES):
        change = plan()
        if isinstance(change, Outcome):
            return change
        path = change.found.path
        if change.writes:
            writing.check_writable(change.found, change.directories)
        if dry_run:
            return change.outcome
        try:
            return _carry_out(change, ledger)
        except Changed:
            continue
        except OSError as error:
            raise writing.failed(Path(error.filename or path), error) from error
    raise Refused(
        f"{path} was changed by another program each time just before it was to be written.",
        "Close the agent that uses it, then run the same command again.",
    )


def _carry_out(change: Change, ledger: Ledger) -> Outcome:
    target = str(change.found.target)
    if not change.writes:
        _only_records(change, ledger)
        return change.outcome
    backup: Path | None = None
    records = list(change.new)
    made = [one for one in change.directories if not os.path.isdir(one)]
    try:
        if change.backup_for is not None:
            backup = writing.put_aside(change.found.path, change.found.data or b"")
        if backup is not None and change.gone is None:
            records = [
                replace(one, backup=str(backup)) if one is change.backup_for else one
                for one in records
            ]
        announced = Pending(target, change.found.sha, writing.sha(change.after), tuple(change.old))
        ledger.begin(announced, records)
        writing.make_directories(change.directories)
        if change.after is None:
            writing.remove(change.found)
        else:
            writing.replace(change.found, change.after)
    except BaseException:
        _as_it_was(ledger, target, made, backup)
        raise
    _done(change, ledger, target)
    return replace(change.outcome, backup=backup) if backup else change.outcome


def _only_records(change: Change, ledger: Ledger) -> None:
    if change.gone is not None:
        left = writing.remove_directories(change.gone.directories)
        ledger.hand_over(left, change.gone)
        ledger.drop(change.gone)
    elif change.new != change.old:
        ledger.renew(str(change.found.target), change.new)


def _as_it_was(ledger: Ledger, target: str, made: list[Path], backup: Path | None) -> None:
    writing.remove_directories([str(one) for one in made])
    if backup is not None:
        with suppress(OSError):
            os.unlink(backup)
    # Should that fail too, the next run sees by the file's hash that the announced change did not happen.
    with suppress(OSError):
        ledger.give_up(target)


def _done(change: Change, ledger: Ledger, target: str) -> None:
    if change.gone is not None:
        ledger.forget(change.gone)
        if change.after is None:
            left = writing.remove_directories(change.gone.directories)
        else:
            left = list(change.gone.directories)
        ledger.hand_over(left, change.gone)
    # The file has been replaced. Should the ledger not be able to say so, the next run sees it by the hash.
    with suppress(OSError):
        ledger.finish(target)
