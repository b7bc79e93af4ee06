"""Blobs in an S3-compatible bucket: `blobs/<2 digits>/<62 digits>` of their SHA-256, and copies on the disk.

An object comes into being whole (one request, or the completion of one in parts), so what is named as a blob
is one. S3 cannot delete "only what is older than": between the look at an object's age and its removal
somebody may store the same bytes again. So whoever removes says so first, with a marker of its own below
`deleting/<sha256>/`, and looks at the age only then; whoever stores looks after that for markers, waits
until there are none, and then for the object, which it writes again if it is gone. That holds as long as
reads see what was written (S3, R2 and MinIO do) and nobody is stopped for ten minutes between its last look
and its removal: a marker that old counts as left by a process that died.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from flexura.domain.errors import InternalError, Overloaded
from flexura.ports.blobs import Blob
from flexura.storage.blob_cache import BlobCache, Lease
from flexura.storage.files import digest_of, ended, on_disk, pieces_of, spooled
from flexura.storage.s3_bucket import RETRY_AFTER, Bucket, Stored

log = logging.getLogger(__name__)
_PART = 32 << 20
"""Bytes of a file that one request brings, while it is passed on."""
_DEAD = 600_000
"""Milliseconds after which a marker counts as left behind."""
_SLOW = 60.0
"""Seconds that a removal may take until its last request; then it is given up."""
_LOOKS, _PAUSE = 120, 0.25
_TRIES = 3
_HEAD = 512

Describe = Callable[[str, bytes], dict[str, str]]
"""The attributes of an object (Content-Type …) by its SHA-256 and its first 512 bytes."""


class S3Blobs:
    """The port `Blobs` on a bucket. The same bytes always have the same attributes."""

    def __init__(self, bucket: Bucket, cache: BlobCache, describe: Describe) -> None:
        self._bucket = bucket
        self._cache = cache
        self._describe = describe
        self._fetching: dict[str, asyncio.Task[bool]] = {}

    @property
    def remote(self) -> bool:
        return True

    async def take(self, path: Path, *, keep: bool = False) -> Blob:
        blob, head = await on_disk(lambda: _looked_at(path))
        await self._upload(path, blob, head)
        await on_disk(lambda: self._copy(path, blob.sha256, keep))
        return blob

    async def put(self, chunks: AsyncIterator[bytes], limit: int) -> Blob:
        aside = await on_disk(self._cache.aside)
        try:
            blob = await spooled(chunks, aside, limit)
            await self._upload(aside, blob, await on_disk(lambda: _head_of(aside)))
            await on_disk(lambda: self._copy(aside, blob.sha256, False))
            return blob
        finally:
            await on_disk(lambda: aside.unlink(missing_ok=True))

    async def _upload(self, path: Path, blob: Blob, head: bytes) -> None:
        for _ in range(_TRIES):
            await self._bucket.put(_key(blob.sha256), path, self._describe(blob.sha256, head))
            await self._undisturbed(blob.sha256)
            found = await self._bucket.head(_key(blob.sha256))
            if found is not None and found.bytes == blob.bytes:
                return
        raise Overloaded(
            "The bucket does not keep the file.",
            next_step="Try again; the operator has to look whether something else removes objects there.",
            retry_after=RETRY_AFTER,
        )

    async def _undisturbed(self, sha256: str) -> None:
        """Until nobody is about to remove these bytes. Raises Overloaded."""
        for _ in range(_LOOKS):
            markers = await self._bucket.below(f"deleting/{sha256}")
            if not markers:
                return
            now = await self._now(sha256)
            if all(marker.at < now - _DEAD for marker in markers):
                return
            await asyncio.sleep(_PAUSE)
        raise Overloaded("The same bytes are just being removed.", retry_after=RETRY_AFTER)

    async def _now(self, sha256: str) -> int:
        """By the clock of the bucket, as ours may go wrong: when a marker of our own was written."""
        key = f"looking/{sha256}/{secrets.token_hex(8)}"
        await self._bucket.put(key, b"")
        found = await self._bucket.head(key)
        await self._bucket.delete([key])
        return found.at if found else 0

    def _copy(self, path: Path, sha256: str, keep: bool) -> None:
        """Have the bytes at hand for whoever asks next; that it cannot be done is no harm."""
        try:
            if keep or path.stat().st_dev != self._cache.aside().parent.stat().st_dev:
                aside = self._cache.aside()
                try:
                    os.link(path, aside)
                except OSError:
                    shutil.copyfile(path, aside)
                self._cache.keep(aside, sha256)
            else:
                self._cache.keep(path, sha256)
        except OSError as problem:
            log.warning("No copy of a stored file is kept here: %s", problem.strerror)
        if not keep:
            path.unlink(missing_ok=True)

    @asynccontextmanager
    async def local(self, sha256: str) -> AsyncGenerator[Path | None]:
        lease = await self._leased(sha256)
        try:
            yield lease and lease.path
        finally:
            if lease is not None:
                lease.close()

    async def _leased(self, sha256: str) -> Lease | None:
        for _ in range(_TRIES):
            if (lease := await self._held(sha256)) is not None:
                return lease
            if not await self._fetched(sha256):
                return None
        raise Overloaded(
            "The files that are worked on fill the cache.", next_step="Ask again.", retry_after=5
        )

    async def _held(self, sha256: str) -> Lease | None:
        task = asyncio.create_task(asyncio.to_thread(self._cache.lease, sha256))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await ended(task)
            if task.exception() is None and (lease := task.result()) is not None:
                lease.close()
            raise

    async def _fetched(self, sha256: str) -> bool:
        """Fetch a copy, together with whoever wants the same; whether the bytes are there."""
        task = self._fetching.get(sha256)
        if task is None:
            task = self._fetching[sha256] = asyncio.create_task(self._fetch(sha256))
            task.add_done_callback(lambda done: self._over(sha256, done))
        # Whoever goes away leaves the work to the others.
        return await asyncio.shield(task)

    def _over(self, sha256: str, task: asyncio.Task[bool]) -> None:
        del self._fetching[sha256]
        if not task.cancelled():
            # Seen, also when everybody who waited has gone.
            task.exception()

    async def _fetch(self, sha256: str) -> bool:
        stream = await self._bucket.stream(_key(sha256))
        if stream is None:
            return False
        aside = await on_disk(self._cache.aside)
        try:
            blob = await spooled(stream, aside, 1 << 62)
            if blob.sha256 != sha256:
                raise self._foreign(sha256)
            await on_disk(lambda: self._cache.keep(aside, sha256))
        finally:
            await on_disk(lambda: aside.unlink(missing_ok=True))
        return True

    def _foreign(self, sha256: str) -> InternalError:
        log.error("The object %s holds other bytes than its name says.", _key(sha256))
        return InternalError(
            "The bucket holds other bytes than were stored under this file's name.",
            next_step=f"The operator has to restore {_key(sha256)}, or to remove it.",
        )

    async def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes] | None:
        if (lease := await self._held(sha256)) is not None:
            # Held again when it is read, which may be never.
            lease.close()
            return self._of_copy(sha256, start, stop)
        found = await self._bucket.head(_key(sha256))
        if found is None:
            return None
        stop = min(stop, found.bytes)
        stream = self._pieces(sha256, start, stop)
        return self._checked(stream, sha256) if (start, stop) == (0, found.bytes) else stream

    async def _of_copy(self, sha256: str, start: int, stop: int) -> AsyncGenerator[bytes]:
        lease = await self._held(sha256)
        if lease is None:
            async for piece in self._pieces(sha256, start, stop):
                yield piece
            return
        with contextlib.closing(lease):
            async for piece in pieces_of(lease.path, start, stop):
                yield piece

    async def _pieces(self, sha256: str, start: int, stop: int) -> AsyncGenerator[bytes]:
        """Part by part: whoever reads slowly does not make one request last for ever."""
        while start < stop:
            part = await self._bucket.stream(_key(sha256), (start, min(stop, start + _PART)))
            if part is None:
                raise InternalError("The file was removed while it was read.")
            async for piece in part:
                start += len(piece)
                yield piece

    async def _checked(self, stream: AsyncIterator[bytes], sha256: str) -> AsyncGenerator[bytes]:
        digest, held = hashlib.sha256(), b""
        async for piece in stream:
            await asyncio.to_thread(digest.update, piece)
            if held:
                yield held
            held = piece
        if digest.hexdigest() != sha256:
            raise self._foreign(sha256)
        yield held

    async def link(self, sha256: str, seconds: int) -> str | None:
        return await self._bucket.link(_key(sha256), seconds)

    async def delete(self, sha256: str, before: int) -> bool:
        if not await self._is_old(sha256, before):
            return False
        began, marker = time.monotonic(), f"deleting/{sha256}/{secrets.token_hex(8)}"
        await self._bucket.put(marker, b"")
        old = await self._is_old(sha256, before) and time.monotonic() - began < _SLOW
        if old:
            # Where the outcome is unknown the marker stays: the request may still arrive.
            await self._bucket.delete([_key(sha256)])
        await self._bucket.delete([marker])
        if old:
            await on_disk(lambda: self._cache.forget(sha256))
        return old

    async def _is_old(self, sha256: str, before: int) -> bool:
        found = await self._bucket.head(_key(sha256))
        return found is None or found.at < before

    async def stored(self, shelf: int, before: int) -> list[str]:
        found = await self._bucket.below(f"blobs/{shelf:02x}")
        return [_digest_in(one) for one in found if one.at < before]

    async def tidy(self, before: int) -> None:
        for folder in ("deleting", "looking"):
            if old := [m.key for m in await self._bucket.below(folder) if m.at < before]:
                await self._bucket.delete(old)
        await on_disk(lambda: self._cache.tidy(before))

    async def aclose(self) -> None:
        """Stop what is being fetched."""
        tasks = list(self._fetching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _key(sha256: str) -> str:
    return f"blobs/{sha256[:2]}/{sha256[2:]}"


def _digest_in(stored: Stored) -> str:
    return "".join(stored.key.split("/")[-2:])


def _looked_at(path: Path) -> tuple[Blob, bytes]:
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(0)
        return digest_of(file), head


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)
