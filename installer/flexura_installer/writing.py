"""Files replaced so that whoever looks sees the old bytes or the new ones, and nothing in between, ever."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flexura_installer.errors import InstallError

LIMIT = 32 * 2**20  # bytes; no configuration is larger, and a mistaken path may be
NEW_FILE = 0o600

_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY: int = getattr(os, "O_BINARY", 0)


class Refused(InstallError):
    """What is at the path is nothing that we edit."""


class Failed(InstallError):
    """The system does not let us; nothing was changed."""


class Changed(Exception):
    """Somebody else wrote the file between our look and our replacing it."""


@dataclass(frozen=True)
class Found:
    """What is at a path: its bytes, or None when there is no file."""

    path: Path
    # The file itself, symbolic links followed.
    target: Path
    data: bytes | None
    mode: int | None = None

    @property
    def sha(self) -> str:
        """SHA-256 in hexadecimal; empty when there is no file."""
        return sha(self.data)


def sha(data: bytes | None) -> str:
    """SHA-256 in hexadecimal; empty for None, which stands for no file."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def sha_of(path: Path) -> str:
    """The SHA-256 of a file; empty when there is none, `?` when it cannot be read."""
    try:
        return sha(look(path).data)
    except InstallError:
        return "?"


def stamp() -> str:
    """The UTC time for the name of a file."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def now() -> str:
    """The UTC time for a record."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def look(path: Path) -> Found:
    """Read what is there. Raises Refused for what is no file of a sane size, Failed if it is unreadable."""
    target = Path(os.path.realpath(path))
    try:
        os.lstat(path)
    except FileNotFoundError:
        return Found(path, target, None)
    except OSError as error:
        raise _odd(path, error) from error
    try:
        found = os.stat(path)
    except FileNotFoundError as error:
        raise Refused(
            f"{path} is a symbolic link to {target}, which does not exist.",
            f"Create {target} or remove the link, then run the same command again.",
        ) from error
    except OSError as error:
        raise _odd(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        what = "a directory" if stat.S_ISDIR(found.st_mode) else "no ordinary file"
        raise Refused(f"{path} is {what}.", f"Move it away, then run again: mv '{path}' …")
    if found.st_size > LIMIT:
        raise Refused(
            f"{path} has {found.st_size} bytes; files over {LIMIT >> 20} MiB are not edited.",
            "Add the entry yourself (it is shown below).",
        )
    try:
        data = target.read_bytes()
    except FileNotFoundError:
        return Found(path, target, None)
    except OSError as error:
        raise failed(path, error) from error
    return Found(path, target, data, stat.S_IMODE(found.st_mode))


def _odd(path: Path, error: OSError) -> InstallError:
    if error.errno in {errno.ENOTDIR, errno.ELOOP}:
        why = "something on the way to it is no directory"
        if error.errno == errno.ELOOP:
            why = "it is a symbolic link that leads back to itself"
        return Refused(f"{path} cannot be a file: {why}.", "Repair that, then run again.")
    return failed(path, error)


def failed(path: Path, error: OSError) -> Failed:
    """What the system said, with what to do about it."""
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    next_step = {
        errno.ENOSPC: "Make room on that disk, then run the same command again.",
        errno.EDQUOT: "Make room within your quota, then run the same command again.",
        errno.EROFS: "The file system is read-only: make it writable, then run the same command again.",
        errno.EACCES: f"Make it and its directory writable for you (ls -ld '{path.parent}'), then run again.",
        errno.EPERM: f"Make it writable for you (ls -ld '{path}'; lsattr '{path}'), then run again.",
    }.get(error.errno or 0, "See to that, then run the same command again.")
    return Failed(f"{path}: {reason}. Nothing was changed.", next_step)


def check_writable(found: Found, directories: Sequence[Path]) -> None:
    """Raise Failed when the file, or where it or its first new directory is to lie, is read-only."""
    if found.mode is not None and not found.mode & stat.S_IWUSR:
        raise Failed(
            f"{found.target} is read-only (mode {found.mode:04o}). Nothing was changed.",
            f"chmod u+w '{found.target}', then run the same command again.",
        )
    check_directory(directories[0].parent if directories else found.target.parent)


def check_directory(directory: Path) -> None:
    """Raise Failed when nothing can be put into it or taken out of it."""
    if not os.access(directory, os.W_OK | os.X_OK):
        raise failed(directory, OSError(errno.EACCES, "not writable"))


def missing_directories(path: Path, root: Path) -> list[Path]:
    """The real directories that must be made for `path`, outermost first.

    Raises Failed when one of them is not below `root`, or `root` itself does not exist.
    """
    missing: list[Path] = []
    above = path.parent
    while not os.path.isdir(above):
        if above == root or not above.is_relative_to(root):
            raise Failed(
                f"{above} does not exist. Nothing was changed.",
                f"If it should: mkdir -p '{above}', then run the same command again.",
            )
        if os.path.lexists(above):
            raise Refused(f"{above} is no directory.", "Move it away, then run again.")
        missing.append(above)
        above = above.parent
    real = Path(os.path.realpath(above))
    return [real / one.relative_to(above) for one in reversed(missing)]


def make_directories(directories: Iterable[Path]) -> None:
    """Make them, outermost first, with the modes that the user's umask gives. Raises OSError."""
    for directory in directories:
        with suppress(FileExistsError):
            os.mkdir(directory)


def remove_directories(directories: Iterable[str]) -> list[str]:
    """Remove those that are empty, innermost first; the others are returned."""
    left: list[str] = []
    for directory in sorted(directories, key=len, reverse=True):
        try:
            os.rmdir(directory)
        except FileNotFoundError:
            continue
        except OSError:
            left.append(directory)
    return left


def temporary(target: Path) -> Path:
    """The one name of the unfinished file beside `target`: a killed run's is found by the next one."""
    name = target.name
    if len(os.fsencode(name)) > 200:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return target.with_name(f".{name}.flexura-tmp")


def sweep(target: Path) -> None:
    """Remove what a killed run left unfinished beside `target`."""
    with suppress(OSError):
        os.unlink(temporary(target))


def replace(found: Found, data: bytes) -> None:
    """Put `data` in the place of what was found: its mode and owner stay, a new file gets 0600.

    Raises Changed when the file is no longer the one that was found, and OSError; nothing has changed then.
    """
    mode = NEW_FILE if found.mode is None else found.mode
    temp = _written(found.target, data, mode, owner_of=found.target)
    try:
        _still(found)
        os.replace(temp, found.target)
    except BaseException:
        _discard(temp)
        raise
    sync_directory(found.target.parent)


def replace_unchecked(target: Path, data: bytes, *, mode: int) -> None:
    """Replace a file that is only ours. Raises OSError."""
    temp = _written(target, data, mode, owner_of=None)
    try:
        os.replace(temp, target)
    except BaseException:
        _discard(temp)
        raise
    sync_directory(target.parent)


def remove(found: Found) -> None:
    """Remove the file that was found. Raises Changed and OSError."""
    _still(found)
    os.unlink(found.target)
    sync_directory(found.target.parent)


def put_aside(path: Path, data: bytes) -> Path:
    """Save bytes in a new file `<path>.flexura-backup-<UTC time>` (0600). Raises OSError."""
    name = f"{path.name}.flexura-backup-{stamp()}"
    for number in range(1, 1000):
        backup = path.with_name(name if number == 1 else f"{name}-{number}")
        if not os.path.lexists(backup):
            replace_unchecked(backup, data, mode=0o600)
            return backup
    raise OSError(errno.EEXIST, "too many backups")


def _still(found: Found) -> None:
    try:
        again = look(found.path)
    except InstallError as error:
        raise Changed from error
    if again.data != found.data or again.target != found.target:
        raise Changed


def _written(target: Path, data: bytes, mode: int, owner_of: Path | None) -> Path:
    temp = temporary(target)
    with suppress(FileNotFoundError):
        os.unlink(temp)
    handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _BINARY, 0o600)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            if owner_of is not None:
                _keep_owner(handle, owner_of)
            if hasattr(os, "fchmod"):
                os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        _discard(temp)
        raise
    return temp


def _keep_owner(handle: int, owner_of: Path) -> None:
    if not hasattr(os, "fchown"):
        return
    try:
        old, new = os.stat(owner_of), os.fstat(handle)
    except FileNotFoundError:
        return
    # Only root may give files away; a group may be kept by its members.
    if old.st_gid != new.st_gid:
        with suppress(OSError):
            os.fchown(handle, -1, old.st_gid)
    if old.st_uid != new.st_uid:
        with suppress(OSError):
            os.fchown(handle, old.st_uid, -1)


def _discard(path: Path) -> None:
    with suppress(OSError):
        os.unlink(path)


def sync_directory(directory: Path) -> None:
    """Make a rename in it durable, where the system can. It has happened already, so nothing is raised."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
