"""A folder of this machine, or one that is mounted: `<job>-<n>.<ext>` and `<job>.json`.

Every file is written aside, synced and renamed, so a reader sees it whole or not at all; the description
comes last. Its own names are the only ones that are ever replaced.
"""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flexura.destinations import Setup
from flexura.domain.errors import (
    DiskFull,
    FlexuraError,
    InvalidRequest,
    ProviderError,
    ProviderUnavailable,
)
from flexura.ports.destination import Parcel
from flexura.ports.parcel import description_of, files_of

TYPE = "folder"
SETTINGS = {
    "path": "The folder, absolute. It has to be there: an unmounted disk is not filled by mistake.",
    "public_url": "Under which address the folder is served, if it is; told as the URL of what is there.",
}
REQUIRED = ("path",)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR}


def make(setup: Setup) -> Folder:
    """The folder of a table."""
    path = Path(setup.needed("path")).expanduser()
    if not path.is_absolute():
        raise InvalidRequest("Its path is not absolute.", next_step='Write path = "/…".')
    return Folder(setup.name, path, setup.text("public_url").rstrip("/"))


@dataclass(frozen=True)
class Folder:
    """The port `Destination` on a folder."""

    name: str
    path: Path
    public_url: str = ""
    platform: str = TYPE

    async def publish(self, parcel: Parcel) -> str:
        """Write the parcel. Its URL is never a path: whoever ordered it may not know this machine."""
        return await asyncio.to_thread(self._write, parcel)

    def _write(self, parcel: Parcel) -> str:
        files = files_of(parcel)
        try:
            for file in files:
                self._place(file.name, _copier(file.path))
            description = description_of(parcel, files)
            self._place(f"{parcel.job_id}.json", lambda into: into.write(description))
            for left in self.path.glob(f".{parcel.job_id}[-.]*.part"):
                # Of a gateway that stopped half way.
                left.unlink(missing_ok=True)
            _sync(self.path)
        except OSError as problem:
            raise _told(problem) from problem
        return f"{self.public_url or f'folder://{self.name}'}/{files[0].name}"

    def _place(self, name: str, write: Callable[[IO[bytes]], object]) -> None:
        aside = self.path / f".{name}.{secrets.token_hex(4)}.part"
        try:
            with aside.open("xb") as into:
                write(into)
                into.flush()
                os.fsync(into.fileno())
            # Replaces a link of that name instead of writing to where it leads.
            aside.replace(self.path / name)
        finally:
            with suppress(OSError):
                aside.unlink()

    async def aclose(self) -> None:
        """Nothing is kept open."""


def _copier(path: Path) -> Callable[[IO[bytes]], object]:
    def copy(into: IO[bytes]) -> None:
        with path.open("rb") as file:
            shutil.copyfileobj(file, into, 1 << 20)

    return copy


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _told(problem: OSError) -> FlexuraError:
    """What happened, without the path: whoever ordered the job reads this."""
    if problem.errno in _FULL:
        return DiskFull(
            "The folder's disk is full.",
            next_step="The operator has to free some space; then retry this destination.",
        )
    what = problem.strerror or type(problem).__name__
    if problem.errno in _NOT_OURS:
        return ProviderError(
            f"The folder cannot be written: {what}.",
            next_step="The operator has to make it writable for the gateway; then retry it.",
        )
    return ProviderUnavailable(
        f"The folder is not there: {what}.",
        next_step="The operator has to create or mount it; then retry this destination.",
    )
