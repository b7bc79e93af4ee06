"""Blobs as plain files, by their SHA-256: written aside, synced, renamed."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from flexura.domain.errors import DiskFull, PayloadTooLarge
from flexura.ports.blobs import Blob

T = TypeVar("T")
CHUNK = 1 << 20
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG}
_PART = ".part"


async def on_disk(work: Callable[[], T]) -> T:
    """Do file work beside the event loop, to its end even when the caller is cancelled. Raises DiskFull."""
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # A file is not closed, cut or removed while a thread still writes to it.
        await ended(task)
        raise
    except OSError as error:
        if error.errno in _NO_SPACE:
            step = "Free some space or make the artifacts folder writable, then try again."
            raise DiskFull(next_step=step) from error
        raise


async def ended(task: asyncio.Task[Any]) -> None:
    """Wait for work that cannot be stopped, however often the caller is cancelled meanwhile."""
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    if not task.cancelled():
        # Seen: the caller is told of the cancellation alone.
        task.exception()


def remove_old(folder: Path, before: int) -> None:
    """Remove the `.part` files of a folder that nobody has written to since then (ms since 1970)."""
    for file in folder.glob(f"*{_PART}"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime * 1000 < before:
                file.unlink()


async def spooled(chunks: AsyncIterator[bytes], to: Path, limit: int) -> Blob:
    """Write a stream to a new file; what came. Raises PayloadTooLarge over `limit` bytes, DiskFull."""
    digest, size = hashlib.sha256(), 0
    waiting = bytearray()

    def append(data: bytes) -> None:
        digest.update(data)
        with to.open("ab") as file:
            file.write(data)

    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            step = f"Send at most {limit // 2**20} MiB."
            raise PayloadTooLarge(f"The upload is over {limit} bytes.", next_step=step)
        waiting += chunk
        if len(waiting) >= CHUNK:
            await on_disk(lambda data=bytes(waiting): append(data))
            waiting.clear()
    await on_disk(lambda: append(bytes(waiting)))
    return Blob(digest.hexdigest(), size)


def digest_of(file: BinaryIO) -> Blob:
    """What an open file holds, from where it stands."""
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return Blob(digest.hexdigest(), size)


async def pieces_of(path: Path, start: int, stop: int) -> AsyncIterator[bytes]:
    """Those bytes of a file, a piece at a time."""
    file, left = await on_disk(lambda: path.open("rb")), stop - start

    def piece() -> bytes:
        return file.read(min(CHUNK, left))

    try:
        await on_disk(lambda: file.seek(start))
        while left > 0 and (data := await on_disk(piece)):
            left -= len(data)
            yield data
    finally:
        file.close()


class FileBlobs:
    """The port `Blobs` on a local folder. The mtime of a file is when it was stored last."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _place(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:]

    def local_path(self, sha256: str) -> Path | None:
        """Where the bytes lie, if they do."""
        place = self._place(sha256)
        return place if place.exists() else None

    @property
    def remote(self) -> bool:
        return False

    @asynccontextmanager
    async def local(self, sha256: str) -> AsyncGenerator[Path | None]:
        yield self.local_path(sha256)

    async def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes] | None:
        place = self.local_path(sha256)
        return pieces_of(place, start, stop) if place else None

    async def link(self, sha256: str, seconds: int) -> str | None:
        return None

    async def take(self, path: Path, *, keep: bool = False) -> Blob:
        return await on_disk(lambda: self._take(path, keep))

    def _take(self, path: Path, keep: bool) -> Blob:
        with path.open("rb") as file:
            blob = digest_of(file)
            os.fsync(file.fileno())
        if not keep:
            return self._settle(path, blob)
        aside = self._aside()
        try:
            os.link(path, aside)
        except OSError:
            # Another disk, or one without hard links.
            shutil.copyfile(path, aside)
        return self._settle(aside, blob)

    def _aside(self) -> Path:
        self._root.mkdir(parents=True, exist_ok=True)
        return self._root / f"{secrets.token_hex(8)}{_PART}"

    def _settle(self, path: Path, blob: Blob) -> Blob:
        place = self._place(blob.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.utime(path)
        try:
            path.replace(place)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            aside = self._aside()
            shutil.copyfile(path, aside)
            aside.replace(place)
        # Gone already, but where both are names of one file: then the rename did nothing (POSIX).
        path.unlink(missing_ok=True)
        sync_folder(place.parent)
        return blob

    async def put(self, chunks: AsyncIterator[bytes], limit: int) -> Blob:
        aside = await on_disk(self._aside)
        try:
            blob = await spooled(chunks, aside, limit)
            return await on_disk(lambda: self._synced(aside, blob))
        finally:
            aside.unlink(missing_ok=True)

    def _synced(self, aside: Path, blob: Blob) -> Blob:
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        return self._settle(aside, blob)

    async def delete(self, sha256: str, before: int) -> bool:
        return await on_disk(lambda: self._delete(self._place(sha256), before))

    def _delete(self, place: Path, before: int) -> bool:
        gone = place.with_name(f"{place.name}.{secrets.token_hex(4)}.gone")
        try:
            if not _older(place, before):
                return False
            place.rename(gone)
        except FileNotFoundError:
            return True
        if _older(gone, before):
            gone.unlink()
            return True
        # Stored again between the look and the rename.
        with contextlib.suppress(FileExistsError):
            os.link(gone, place)
        gone.unlink()
        return False

    async def stored(self, shelf: int, before: int) -> list[str]:
        folder = self._root / f"{shelf:02x}"

        def look() -> list[str]:
            if not folder.is_dir():
                return []
            names = [file.name for file in folder.iterdir() if _older(file, before)]
            return [f"{folder.name}{name}" for name in names if "." not in name]

        return await on_disk(look)

    async def tidy(self, before: int) -> None:
        await on_disk(lambda: remove_old(self._root, before))


def _older(file: Path, before: int) -> bool:
    return file.stat().st_mtime * 1000 < before


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
