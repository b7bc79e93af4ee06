"""Blobs as plain files, by their SHA-256: written aside, synced, renamed."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from flexura.domain.errors import DiskFull, PayloadTooLarge
from flexura.ports.blobs import Blob

T = TypeVar("T")
_CHUNK = 1 << 20
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG}


async def _on_disk(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        if error.errno in _NO_SPACE:
            step = "Free some space or make the artifacts folder writable, then try again."
            raise DiskFull(next_step=step) from error
        raise


class FileBlobs:
    """The port `Blobs` on a local folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _place(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:]

    def local_path(self, sha256: str) -> Path | None:
        place = self._place(sha256)
        return place if place.exists() else None

    async def take(self, path: Path) -> Blob:
        return await _on_disk(lambda: self._take(path))

    def _take(self, path: Path) -> Blob:
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
            os.fsync(file.fileno())
        return self._settle(path, Blob(digest.hexdigest(), size))

    def _settle(self, path: Path, blob: Blob) -> Blob:
        place = self._place(blob.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.replace(place)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            aside = place.with_name(f"{place.name}.{secrets.token_hex(4)}.part")
            shutil.copyfile(path, aside)
            aside.replace(place)
            path.unlink()
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return blob

    async def put(self, chunks: AsyncIterator[bytes], limit: int) -> Blob:
        aside = self._root / f"{secrets.token_hex(8)}.part"
        digest, size = hashlib.sha256(), 0

        def append(data: bytes) -> None:
            with aside.open("ab") as file:
                file.write(data)

        await _on_disk(lambda: self._root.mkdir(parents=True, exist_ok=True))
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    step = f"Send at most {limit // 2**20} MiB."
                    raise PayloadTooLarge(f"The upload is over {limit} bytes.", next_step=step)
                digest.update(chunk)
                await _on_disk(lambda data=chunk: append(data))
            return await _on_disk(lambda: self._take_or_empty(aside, digest.hexdigest(), size))
        finally:
            aside.unlink(missing_ok=True)

    def _take_or_empty(self, aside: Path, sha256: str, size: int) -> Blob:
        aside.touch()
        return self._settle(aside, Blob(sha256, size))

    async def delete(self, sha256: str) -> None:
        await _on_disk(lambda: self._place(sha256).unlink(missing_ok=True))
