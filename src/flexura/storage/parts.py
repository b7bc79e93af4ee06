"""Files that arrive in parts: one `.part` file for each, locked while somebody appends to it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from flexura.domain.errors import Conflict, NotFound
from flexura.ports.blobs import Claim
from flexura.storage.files import on_disk, remove_old


class FilePart:
    """The port `Part` on an open file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    async def write(self, data: bytes) -> None:
        await on_disk(lambda: _write_all(self._file, data))

    async def sync(self) -> None:
        await on_disk(lambda: os.fsync(self._file.fileno()))


class FileParts:
    """The port `Parts` on a local folder, the same for every gateway on one database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where a file lies."""
        return self._folder / f"{name}.part"

    @asynccontextmanager
    async def growing(self, name: str, offset: int, claim: Claim) -> AsyncGenerator[FilePart]:
        file = await on_disk(lambda: self._locked(name))
        try:
            # Cut only by who knows, under the lock, how many bytes count.
            await claim()
            await on_disk(lambda: _cut(file, offset))
            yield FilePart(file)
        finally:
            # Closing lets go of the lock.
            file.close()

    def _locked(self, name: str) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        file = os.fdopen(descriptor, "r+b", buffering=0)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Conflict(
                "Another gateway receives this upload just now.",
                next_step="Ask for the offset again in a few seconds, and go on from there.",
            ) from None
        except BaseException:
            file.close()
            raise
        return file

    async def head(self, name: str, length: int) -> bytes:
        def read() -> bytes:
            with self.path(name).open("rb") as file:
                return file.read(length)

        return await on_disk(read)

    @asynccontextmanager
    async def whole(self, name: str, length: int) -> AsyncGenerator[Path]:
        # It ends where the last writer cut it, or came to.
        yield self.path(name)

    async def remove(self, name: str) -> None:
        await on_disk(lambda: self.path(name).unlink(missing_ok=True))

    async def tidy(self, before: int) -> None:
        await on_disk(lambda: remove_old(self._folder, before))


def _cut(file: BinaryIO, offset: int) -> None:
    if os.fstat(file.fileno()).st_size < offset:
        raise NotFound(
            "Bytes of this upload that arrived before are gone.",
            next_step="Begin the upload again.",
        )
    # What came after the last durable byte may be torn.
    os.ftruncate(file.fileno(), offset)
    file.seek(offset)


def _write_all(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
