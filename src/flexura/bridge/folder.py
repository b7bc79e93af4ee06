"""Files below the project, opened step by step so that no symbolic link leads out of it meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from flexura.bridge.names import check, refused

# What is being written: hidden from those who watch the project, and known to us when we died over it.
PART_PREFIX, PART_SUFFIX = ".flexura-", ".part"
STALE_SECONDS = 3600.0
MOST_TWINS = 1000
# What a file system says that has no hard links.
NO_LINKS = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EMLINK, errno.EINVAL, errno.ENOSYS)


@dataclass(frozen=True)
class Place:
    """A folder below the project: checked, but not yet created."""

    root: Path
    parts: tuple[str, ...]

    @property
    def path(self) -> Path:
        return self.root.joinpath(*self.parts)


def resolve(root: Path, parts: Iterable[str], save_to: str) -> Place:
    """Follow symbolic links below the project. Raises LocalError when they lead out or into settings."""
    real = os.path.realpath(root.joinpath(*parts))
    if not is_below(root, real):
        raise refused(save_to, f"it lies outside the project {root}")
    inner = Path(real).relative_to(root).parts
    for part in inner:
        check(part, save_to)
    return Place(root, inner)


def is_below(root: Path, real: str) -> bool:
    """Whether a resolved path is the root or lies in it."""
    return real == str(root) or real.startswith(str(root).rstrip(os.sep) + os.sep)


def open_to_read(root: Path, parts: Iterable[str]) -> BufferedReader:
    """A regular file below the root. Raises OSError; a symbolic link or a device on the way is one."""
    *folders, name = parts
    with _opened(root, folders, create=False) as folder:
        fd = os.open(
            folder.name(name), os.O_RDONLY | _flag("O_NOFOLLOW", "O_NONBLOCK"), dir_fd=folder.fd
        )
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "not a regular file")
    return os.fdopen(fd, "rb")


@contextmanager
def opened(place: Place) -> Generator[Folder]:
    """The folder, created if need be."""
    with _opened(place.root, place.parts, create=True) as folder:
        yield folder


class Folder:
    """An open folder to put new files into. Nothing that exists is ever replaced."""

    def __init__(self, path: Path, fd: int | None) -> None:
        self._path = path
        self.fd = fd

    def name(self, file: str) -> str:
        """How a file in here is named to the system."""
        return file if self.fd is not None else str(self._path / file)

    @contextmanager
    def new_part(self) -> Generator[tuple[str, BinaryIO]]:
        """A file to write into; it is gone afterwards unless `keep` gave it a name."""
        part = f"{PART_PREFIX}{os.urandom(6).hex()}{PART_SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _flag("O_NOFOLLOW")
        try:
            with os.fdopen(os.open(self.name(part), flags, 0o666, dir_fd=self.fd), "wb") as file:
                yield part, file
        finally:
            self._remove(part)

    def keep(self, part: str, stem: str, ending: str) -> Path:
        """Give a written part its name, with -2, -3 … when the name is taken."""
        for twin in range(1, MOST_TWINS):
            name = f"{stem}{ending}" if twin == 1 else f"{stem}-{twin}{ending}"
            if self._take_name(part, name):
                return self._path / name
        raise FileExistsError(errno.EEXIST, f"{MOST_TWINS} files of that name exist")

    def _take_name(self, part: str, name: str) -> bool:
        try:
            # In one step: the name appears with all of its content, or it was taken.
            os.link(
                self.name(part),
                self.name(name),
                src_dir_fd=self.fd,
                dst_dir_fd=self.fd,
                follow_symlinks=False,
            )
            return True
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
        return self._claim_name(part, name)

    def _claim_name(self, part: str, name: str) -> bool:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _flag("O_NOFOLLOW")
        try:
            os.close(os.open(self.name(name), flags, 0o666, dir_fd=self.fd))
        except FileExistsError:
            return False
        os.replace(self.name(part), self.name(name), src_dir_fd=self.fd, dst_dir_fd=self.fd)
        return True

    def sweep(self) -> None:
        """Remove parts of a bridge that was killed over them."""
        for name in os.listdir(self._path if self.fd is None else self.fd):
            if name.startswith(PART_PREFIX) and name.endswith(PART_SUFFIX):
                with contextlib.suppress(OSError):
                    changed = os.stat(
                        self.name(name), dir_fd=self.fd, follow_symlinks=False
                    ).st_mtime
                    if time.time() - changed > STALE_SECONDS:
                        self._remove(name)

    def _remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self.name(name), dir_fd=self.fd)


@contextmanager
def _opened(root: Path, parts: Iterable[str], *, create: bool) -> Generator[Folder]:
    if create:
        root.mkdir(parents=True, exist_ok=True)
    path = root.joinpath(*parts)
    if sys.platform == "win32":  # pragma: no cover
        if create:
            path.mkdir(parents=True, exist_ok=True)
        yield Folder(path, None)
        return
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts:
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=fd)
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
            os.close(fd)
            fd = inner
        yield Folder(path, fd)
    finally:
        os.close(fd)


def _flag(*names: str) -> int:
    """Open flags that not every system has."""
    flags = 0
    for name in names:
        flags |= getattr(os, name, 0)
    return flags
