"""A folder that is ours (a skill): copied, or a relative symbolic link to the copy that another folder is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from flexura_installer import diffs, folder_files, writing
from flexura_installer.ledger import Ledger, Record, target_of
from flexura_installer.wishes import Action, FolderWish, Outcome
from flexura_installer.writing import Refused


@dataclass(frozen=True)
class _View:
    wish: FolderWish
    ledger: Ledger
    # The real place: links on the way followed, the folder itself not.
    place: Path
    mine: Record | None
    # The text of the link that is wished; empty: a copy.
    link: str
    again: Mapping[str, str]


def fulfil(
    wish: FolderWish, ledger: Ledger, *, force: bool, dry_run: bool, again: Mapping[str, str]
) -> Outcome:
    """Put the folder there unless something that is not ours is. Raises InstallError and OSError."""
    view = _view(wish, ledger, again)
    folder_files.check_names(wish.files)
    if _is_there(view):
        return _recorded(view, dry_run=dry_run)
    there = os.path.lexists(view.place)
    strange = there and not _is_ours(view)
    if strange and not force:
        why = f"{wish.path} is already there and is not ours."
        if view.mine is not None:
            why = f"{wish.path} was changed since we wrote it."
        step = "Move it away, or replace it with --force: a copy of it is kept."
        return Outcome(wish.agent, wish.path, "conflict", why, step)
    directories = [] if there else writing.missing_directories(wish.path, wish.root)
    writing.check_directory(directories[0].parent if directories else view.place.parent)
    action: Action = "updated" if there else "added"
    outcome = Outcome(wish.agent, wish.path, action, diff=_diff(view))
    if dry_run:
        return outcome
    backup = folder_files.put_aside(view.place, ledger.path.parent) if strange else None
    _write(view, directories, there=there and not strange, backup=backup)
    why = f"What stood there before is in {backup}." if backup else ""
    return replace(outcome, backup=backup, why=why)


def _view(wish: FolderWish, ledger: Ledger, again: Mapping[str, str]) -> _View:
    place = Path(target_of("folder", wish.path))
    mine = next((r for r in ledger.records if r.kind == "folder" and r.target == str(place)), None)
    link = ""
    if wish.link_to is not None:
        to = target_of("folder", wish.link_to)
        # The agent's folder of skills may itself be a link to the one that holds the copy.
        link = "" if to == str(place) else os.path.relpath(to, place.parent)
    return _View(wish, ledger, place, mine, link, again)


def _is_there(view: _View) -> bool:
    place = view.place
    if place.is_symlink():
        if view.wish.link_to is None:
            # Somebody put the folder elsewhere and linked it here.
            return folder_files.same(place, view.wish.files)
        return os.readlink(place) == view.link or (
            os.path.exists(place) and os.path.realpath(place) == os.path.realpath(view.wish.link_to)
        )
    # Also a copy where a link was wished: the system could not make one, or the user wanted it so.
    return place.is_dir() and folder_files.same(place, view.wish.files)


def _is_ours(view: _View) -> bool:
    """Whether everything there that we wrote is as we wrote it, in this version or the one before."""
    mine = view.mine
    if mine is None:
        return False
    if view.place.is_symlink():
        return bool(mine.link) and os.readlink(view.place) == mine.link
    if mine.link or not view.place.is_dir():
        return False
    return not folder_files.changed(view.place, mine) and not folder_files.in_the_way(
        view.place, mine, view.wish.files
    )


def _record(view: _View) -> Record:
    mine, wish = view.mine, view.wish
    return Record(
        "folder",
        mine.path if mine else str(wish.path),
        {**(mine.owners if mine else {}), wish.agent: dict(view.again)},
        mine.root if mine else str(wish.root),
        time=writing.now(),
        created=True,
        directories=mine.directories if mine else (),
        files=folder_files.hashes(wish.files),
    )


def _recorded(view: _View, *, dry_run: bool) -> Outcome:
    place, mine = view.place, view.mine
    link = os.readlink(place) if place.is_symlink() else ""
    new = replace(_record(view), link=link, files={} if link else _record(view).files)
    if mine is None:
        new = replace(new, adopted=True, created=False)
    elif (mine.link, dict(mine.files), dict(mine.earlier_files)) == (link, dict(new.files), {}):
        new = replace(mine, owners=new.owners)
    if new != mine and not dry_run:
        view.ledger.put(new, instead_of=mine)
    return Outcome(view.wish.agent, view.wish.path, "unchanged")


def _write(view: _View, directories: list[Path], *, there: bool, backup: Path | None) -> None:
    """Record it, then make it: `there` is our own older one, which gives way file by file."""
    made = [str(one) for one in directories if not os.path.isdir(one)]
    mine = view.mine
    earlier = {**mine.files, **mine.earlier_files} if mine and there else {}
    record = replace(
        _record(view).having_made(directories),
        # What --force had replaced comes back whatever we put there since.
        backup=str(backup or (mine.backup if mine and there else "")),
        earlier_files=earlier,
    )
    is_link = view.place.is_symlink()
    if view.link and (not there or is_link):
        record = replace(record, link=view.link)
    view.ledger.put(record, instead_of=mine)
    away: Path | None = None
    try:
        writing.make_directories(directories)
        if backup is not None:
            away = folder_files.move_away(view.place)
        record = _made(view, record, is_link=is_link and not backup)
    except BaseException:
        writing.remove_directories(made)
        with suppress(OSError):
            _as_it_was(view, away)
        raise
    folder_files.sweep(view.place)
    final = replace(record, earlier_files={}, files={} if record.link else record.files)
    with suppress(OSError):
        view.ledger.put(final, instead_of=_current(view))


def _as_it_was(view: _View, away: Path | None) -> None:
    """Nothing was made: what stood there comes back. A half updated folder keeps the record of both."""
    if away is not None and not os.path.lexists(view.place):
        os.rename(away, view.place)
    elif os.path.lexists(view.place):
        return
    current = _current(view)
    if current is not None and view.mine is None:
        view.ledger.drop(current)
    elif current is not None and view.mine is not None:
        view.ledger.put(view.mine, instead_of=current)


def _made(view: _View, record: Record, *, is_link: bool) -> Record:
    place, files = view.place, view.wish.files
    if record.link:
        if not (place.is_symlink() or not os.path.lexists(place)):
            raise Refused(f"{place} is in the way.", "Move it away, then run again.")
        try:
            folder_files.link(place, record.link)
            return record
        except (OSError, NotImplementedError):
            if os.path.lexists(place):
                raise
            # No links here (Windows without the right to, FAT): a copy does as well.
            record = replace(record, link="")
            view.ledger.put(record, instead_of=_current(view))
    if is_link and place.is_symlink():
        os.unlink(place)
    if not os.path.lexists(place):
        folder_files.create(place, files)
    else:
        folder_files.update(place, files, record.earlier_files)
    return record


def _current(view: _View) -> Record | None:
    place = str(view.place)
    return next((r for r in view.ledger.records if r.kind == "folder" and r.target == place), None)


def _diff(view: _View) -> str:
    if view.link and (not view.place.is_dir() or view.place.is_symlink()):
        return f"--- /dev/null\n+++ {view.wish.path}\n@@ symbolic link @@\n+{view.link}\n"
    parts: list[str] = []
    for name, content in sorted(view.wish.files.items()):
        path = view.place / PurePosixPath(name)
        old = None if view.place.is_symlink() else folder_files.content(path)
        parts.append(diffs.unified(view.wish.path / PurePosixPath(name), old, content))
    return "".join(parts)


def withdraw(record: Record, ledger: Ledger, *, agent: str, force: bool, dry_run: bool) -> Outcome:
    """Remove what is ours of the folder; the user's own files in it stay. Raises InstallError, OSError."""
    place = Path(record.target)
    path = Path(record.path)
    outcome = Outcome(agent, path, "restored")
    if not _ours_at(record, place):
        return _finish(record, ledger, replace(outcome, action="absent"), dry_run=dry_run)
    changed = [] if record.link else folder_files.changed(place, record)
    if changed and not force:
        why = f"{path} was changed since we wrote it ({', '.join(changed[:3])})."
        step = "Remove it yourself, or run again with --force: a copy of it is kept."
        return Outcome(agent, path, "kept", why, step)
    writing.check_directory(place.parent)
    if dry_run:
        return outcome
    if changed:
        backup = folder_files.put_aside(place, ledger.path.parent)
        outcome = replace(outcome, backup=backup, why=f"A copy of what was changed is in {backup}.")
    if record.link:
        os.unlink(place)
    elif not folder_files.take_away(place, record):
        outcome = replace(outcome, action="removed", why=f"Your own files in {path} stay.")
    if record.backup and not os.path.lexists(place) and os.path.lexists(record.backup):
        shutil.copytree(record.backup, place, symlinks=True)
    return _finish(record, ledger, outcome, dry_run=False)


def _ours_at(record: Record, place: Path) -> bool:
    """Whether anything of the record is there."""
    if record.link:
        return place.is_symlink() and os.readlink(place) == record.link
    return not place.is_symlink() and bool(folder_files.present(place, record))


def _finish(record: Record, ledger: Ledger, outcome: Outcome, *, dry_run: bool) -> Outcome:
    if not dry_run:
        folder_files.sweep(Path(record.target))
        left = writing.remove_directories(record.directories)
        ledger.hand_over(left, record)
        ledger.drop(record)
    return outcome


def standing(record: Record) -> Literal["installed", "changed", "gone"]:
    """`installed`, `changed` or `gone`. Raises InstallError."""
    place = Path(record.target)
    if record.link:
        if place.is_symlink():
            return (
                "installed" if os.readlink(place) == record.link and place.exists() else "changed"
            )
        return "changed" if os.path.lexists(place) else "gone"
    present = folder_files.present(place, record)
    if not present:
        return "changed" if os.path.lexists(place) else "gone"
    if len(present) < len(record.files) or folder_files.changed(place, record):
        return "changed"
    return "installed"
