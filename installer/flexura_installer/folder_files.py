"""The files in a folder of ours: compared by hash, removed only when they are as we wrote them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from flexura_installer import writing
from flexura_installer.errors import InstallError
from flexura_installer.records import Record
from flexura_installer.writing import Refused

_MODE = 0o644


def check_names(files: Mapping[str, bytes]) -> None:
    """Raise Refused for a name that leads out of the folder."""
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name:
            raise Refused(f"{name!r} is no name of a file in a folder.", "Report this as a bug.")


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """Relative name → SHA-256."""
    return {name: writing.sha(content) for name, content in sorted(files.items())}


def content(path: Path) -> bytes | None:
    """A file's bytes; None when there is none that can be read. A link in a folder of ours is not ours."""
    if path.is_symlink():
        return None
    try:
        return writing.look(path).data
    except InstallError:
        return None


def same(place: Path, files: Mapping[str, bytes]) -> bool:
    """Whether all these files are there with just these bytes; others may be there too."""
    return all(content(place / PurePosixPath(name)) == data for name, data in files.items())


def present(place: Path, record: Record) -> list[str]:
    """The recorded files of which something is there."""
    names = {**record.earlier_files, **record.files}
    return [name for name in names if os.path.lexists(place / PurePosixPath(name))]


def changed(place: Path, record: Record) -> list[str]:
    """The recorded files that are there with other bytes than we wrote."""
    return [
        name
        for name in present(place, record)
        if writing.sha(content(place / PurePosixPath(name)))
        not in {record.files.get(name, "-"), record.earlier_files.get(name, "-")}
    ]


def in_the_way(place: Path, record: Record, files: Mapping[str, bytes]) -> list[str]:
    """Files of the user's that have the names of new ones of ours."""
    known = {*record.files, *record.earlier_files}
    return [
        name
        for name, data in files.items()
        if name not in known
        and os.path.lexists(place / PurePosixPath(name))
        and content(place / PurePosixPath(name)) != data
    ]


def create(place: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder with all its files at once: nobody sees it half filled. Raises OSError."""
    temp = writing.temporary(place)
    sweep(place)
    os.mkdir(temp)
    try:
        for name, data in files.items():
            _write(temp / PurePosixPath(name), data)
        os.rename(temp, place)
    except BaseException:
        sweep(place)
        raise
    writing.sync_directory(place.parent)


def update(place: Path, files: Mapping[str, bytes], earlier: Mapping[str, str]) -> None:
    """Write what differs, file by file, and remove what is no longer part of it. Raises OSError."""
    for name, data in files.items():
        path = place / PurePosixPath(name)
        if content(path) != data:
            _write(path, data)
    _remove(place, {name: {sha} for name, sha in earlier.items() if name not in files})


def link(place: Path, text: str) -> None:
    """Make a symbolic link, or turn ours to another target, in one step. Raises OSError."""
    if not os.path.lexists(place):
        os.symlink(text, place, target_is_directory=True)
        return
    temp = writing.temporary(place)
    sweep(place)
    os.symlink(text, temp, target_is_directory=True)
    os.replace(temp, place)


def take_away(place: Path, record: Record) -> bool:
    """Remove every recorded file, then empty directories: whether the folder went too. Raises OSError."""
    names = {**record.earlier_files, **record.files}
    _remove(place, dict.fromkeys(names))
    with suppress(OSError):
        os.rmdir(place)
    return not os.path.lexists(place)


def _remove(place: Path, names: Mapping[str, set[str] | None]) -> None:
    above: set[str] = set()
    for name, shas in names.items():
        path = place / PurePosixPath(name)
        writing.sweep(path)
        if shas is None or writing.sha(content(path)) in shas:
            with suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(path)
        above.update(str(place / one) for one in PurePosixPath(name).parents if one.parts)
    writing.remove_directories(above)


def put_aside(place: Path, state: Path) -> Path:
    """A copy of what is there, in the state directory: beside it an agent would take it for another skill.

    Raises OSError.
    """
    folder = state / "backups"
    os.makedirs(folder, mode=0o700, exist_ok=True)
    name = f"{place.name}.flexura-backup-{writing.stamp()}"
    number = 1
    backup = folder / name
    while os.path.lexists(backup):
        number += 1
        backup = folder / f"{name}-{number}"
    if place.is_symlink() or not place.is_dir():
        shutil.copy2(place, backup, follow_symlinks=False)
    else:
        shutil.copytree(place, backup, symlinks=True)
        os.chmod(backup, 0o700)
    return backup


def move_away(place: Path) -> Path:
    """Rename what is there, after `put_aside`, until the new folder is made. Raises OSError."""
    away = _away(place)
    _remove_whole(away)
    os.rename(place, away)
    return away


def _away(place: Path) -> Path:
    return writing.temporary(place).with_suffix(".flexura-old")


def _remove_whole(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            os.unlink(path)


def sweep(place: Path) -> None:
    """Remove what a killed run left unfinished beside the folder."""
    _remove_whole(writing.temporary(place))
    _remove_whole(_away(place))


def _write(path: Path, data: bytes) -> None:
    _directories(path.parent)
    writing.replace_unchecked(path, data, mode=_MODE)


def _directories(path: Path) -> None:
    os.makedirs(path, exist_ok=True)
