"""Makes a wish true, and takes it back: the door to everything that writes into other programs' files.

Neither `fulfil` nor `withdraw` raises for trouble with a file: what came of it is the Outcome. The caller
holds `lock.held(state)` around loading the ledger and all calls; a dry run needs no lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from flexura_installer import (
    changes,
    entries,
    folders,
    layers,
    owned,
    redact,
    undoing,
    writing,
)
from flexura_installer.errors import InstallError, Unproven, Unreadable
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect as dialect_named
from flexura_installer.formats.document import MISSING
from flexura_installer.ledger import Ledger, Record
from flexura_installer.wishes import Action, EntryWish, Outcome, Wish

Standing = Literal["installed", "changed", "gone"]


def fulfil(
    wish: Wish, ledger: Ledger, *, force: bool, dry_run: bool, again: Mapping[str, str]
) -> Outcome:
    """Write what is wished, with proof, and record it; nothing is written when it is there already.

    `again` are the options that `upgrade` needs to wish the same again; they are kept per agent in the
    record's `owners`. With `dry_run` nothing at all is written, neither files nor the ledger.
    """
    if isinstance(wish, EntryWish):

        def act() -> Outcome:
            if not dry_run:
                writing.sweep(Path(os.path.realpath(wish.path)))
            return changes.attempt(
                lambda: entries.plan(wish, ledger, force=force, again=again),
                ledger,
                dry_run=dry_run,
            )

        outcome = _told(act, wish.agent, wish.path, wish.secrets)
        if outcome.action in {"refused", "failed"}:
            return replace(outcome, snippet=entries.snippet(wish))
        return outcome
    return _told(
        lambda: folders.fulfil(wish, ledger, force=force, dry_run=dry_run, again=again),
        wish.agent,
        wish.path,
    )


def withdraw(
    record: Record, ledger: Ledger, *, agent: str | None, force: bool, dry_run: bool
) -> Outcome:
    """Take a recorded thing back: the old bytes where nothing changed since, else only our part.

    `agent`: only for that owner (the thing itself goes with the last owner); None: for all. Go through a
    copy of `reversed(ledger.records)`, newest first. The record leaves the ledger unless the outcome is
    `kept`, `refused` or `failed`.
    """
    name = agent or next(iter(record.owners), "")
    path = Path(record.path)

    def act() -> Outcome:
        current = _current(record, ledger)
        if current is None or (agent is not None and not current.owned_by(agent)):
            return Outcome(name, path, "absent", "It is not recorded any more.")
        others = [one for one in current.owners if one != agent]
        if agent is not None and others:
            left = {one: again for one, again in current.owners.items() if one != agent}
            if not dry_run:
                ledger.put(replace(current, owners=left), instead_of=current)
            return Outcome(name, path, "removed", f"It stays there for {', '.join(others)}.")
        if current.kind == "folder":
            return folders.withdraw(current, ledger, agent=name, force=force, dry_run=dry_run)
        if not dry_run:
            writing.sweep(Path(current.target))
        return changes.attempt(
            lambda: undoing.plan(current, ledger, agent=name, force=force), ledger, dry_run=dry_run
        )

    return _told(act, name, path)


def standing(record: Record) -> Standing:
    """Whether what was recorded is still there: as we wrote it (members that the client added do not count),
    changed by somebody, or gone.
    """
    try:
        if record.kind == "folder":
            return folders.standing(record)
        found = undoing.look_for_undo(Path(record.path))
        if found.data is None:
            return "gone"
        document = prove.read(dialect_named(record.dialect), found.data)
    except (InstallError, LookupError, OSError):
        return "changed"
    held = [(layers.holds(document, slot), value) for slot, value in record.values]
    if all(current is MISSING for current, _ in held):
        return "gone"
    return (
        "installed" if all(owned.extends(value, current) for current, value in held) else "changed"
    )


def _current(record: Record, ledger: Ledger) -> Record | None:
    """The record as it is now: changes of others on the same file give it new bytes and hashes."""
    for one in ledger.records:
        same_place = one.kind == record.kind and one.target == record.target
        if same_place and (one.kind != "entry" or entries.mine_of([one], record.slots)):
            return one
    return None


def _told(
    act: Callable[[], Outcome], agent: str, path: Path, secrets: frozenset[str] = frozenset()
) -> Outcome:
    """Whatever goes wrong with a file, as an outcome."""
    try:
        return act()
    except Unreadable as error:
        return _refusal(
            agent,
            path,
            f"{path} cannot be read: {error.message}",
            secrets,
            "Repair the file, then run the same command again; nothing in it was changed.",
        )
    except Unproven as error:
        return _refusal(
            agent,
            path,
            f"{path} cannot be edited with proof: {error.message}",
            secrets,
            "Edit it yourself; nothing in it was changed.",
        )
    except writing.Failed as error:
        return _refusal(agent, path, error.message, secrets, error.next_step, "failed")
    except InstallError as error:
        return _refusal(agent, path, error.message, secrets, error.next_step)
    except OSError as error:
        trouble = writing.failed(Path(error.filename or path), error)
        return _refusal(agent, path, trouble.message, secrets, trouble.next_step, "failed")
    except (LookupError, ValueError, TypeError, RecursionError, MemoryError) as error:
        return _refusal(
            agent,
            path,
            f"{path} cannot be edited ({type(error).__name__}: {error}).",
            secrets,
            "Edit it yourself, and report this as a bug; nothing in it was changed.",
        )


def _refusal(
    agent: str,
    path: Path,
    why: str,
    secrets: frozenset[str],
    next_step: str,
    action: Action = "refused",
) -> Outcome:
    return Outcome(agent, path, action, redact.given(why, secrets), next_step)
