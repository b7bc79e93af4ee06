"""Files that arrive in parts, in an S3-compatible bucket, so that every part may come to another gateway.

What a writer brought is a row of objects `uploads/<name>/<start>-<writer>-<count>`. The row in the database
gives the writers their numbers, and only the writer with the highest may count bytes there. So of the
objects that start at one place, the one of the highest writer, and of those its last one, is what counts:
a later writer never starts before a byte that was counted.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from flexura.domain.errors import NotFound
from flexura.ports.blobs import Claim
from flexura.storage.files import on_disk, remove_old
from flexura.storage.s3_bucket import Bucket, Stored

SEGMENT = 4 << 20
"""Bytes that wait in memory until they go to the bucket."""
_NAME = re.compile(r"([0-9]{15})-([0-9]{9})-([0-9]{9})")


class S3Part:
    """The port `Part`: what was synced is in the bucket."""

    def __init__(self, bucket: Bucket, folder: str, offset: int, writer: int) -> None:
        self._bucket = bucket
        self._folder = folder
        self._start = offset
        self._writer = writer
        self._count = 0
        self._waiting = bytearray()

    async def write(self, data: bytes) -> None:
        before = len(self._waiting)
        self._waiting += data
        try:
            if len(self._waiting) >= SEGMENT:
                await self.sync()
        except BaseException:
            del self._waiting[before:]
            raise

    async def sync(self) -> None:
        if not self._waiting:
            return
        # A name of its own for each try: one that was given up may still arrive, and counts less.
        self._count += 1
        key = f"{self._folder}/{self._start:015d}-{self._writer:09d}-{self._count:09d}"
        # Not twice in memory while it travels.
        data, self._waiting = bytes(self._waiting), bytearray()
        try:
            await self._bucket.put(key, data)
        except BaseException:
            self._waiting = bytearray(data)
            raise
        self._start += len(data)


class S3Parts:
    """The port `Parts` on a bucket, the same for every gateway on one database."""

    def __init__(self, bucket: Bucket, scratch: Path) -> None:
        self._bucket = bucket
        self._scratch = scratch

    @asynccontextmanager
    async def growing(self, name: str, offset: int, claim: Claim) -> AsyncGenerator[S3Part]:
        writer = await claim()
        try:
            await self._counted(name, offset)
        except FileNotFoundError:
            raise NotFound(
                "Bytes of this upload that arrived before are gone.",
                next_step="Begin the upload again.",
            ) from None
        yield S3Part(self._bucket, _folder(name), offset, writer)

    async def _counted(self, name: str, length: int) -> list[Stored]:
        """The objects that hold the first bytes, in order. Raises FileNotFoundError."""
        if length == 0:
            return []
        best: dict[int, tuple[tuple[int, int], Stored]] = {}
        for stored in await self._bucket.below(_folder(name)):
            if found := _NAME.fullmatch(stored.key.rpartition("/")[2]):
                start, rank = int(found[1]), (int(found[2]), int(found[3]))
                if start not in best or best[start][0] < rank:
                    best[start] = rank, stored
        chain: list[Stored] = []
        at = 0
        while at < length:
            if at not in best or best[at][1].bytes == 0:
                raise FileNotFoundError(name)
            chain.append(best[at][1])
            at += chain[-1].bytes
        return chain

    async def _pieces(self, name: str, length: int) -> AsyncGenerator[bytes]:
        for stored in await self._counted(name, length):
            part = await self._bucket.stream(stored.key, (0, min(stored.bytes, length)))
            if part is None:
                raise FileNotFoundError(name)
            async for piece in part:
                length -= len(piece)
                yield piece

    async def head(self, name: str, length: int) -> bytes:
        return b"".join([piece async for piece in self._pieces(name, length)])

    @asynccontextmanager
    async def whole(self, name: str, length: int) -> AsyncGenerator[Path]:
        await asyncio.to_thread(self._scratch.mkdir, parents=True, exist_ok=True)
        path = self._scratch / f"{name}-{secrets.token_hex(6)}.part"

        def append(data: bytes) -> None:
            with path.open("ab") as file:
                file.write(data)

        try:
            async for piece in self._pieces(name, length):
                await on_disk(lambda data=piece: append(data))
            yield path
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def remove(self, name: str) -> None:
        if found := await self._bucket.below(_folder(name)):
            await self._bucket.delete([stored.key for stored in found])

    async def tidy(self, before: int) -> None:
        files: dict[str, list[Stored]] = {}
        for stored in await self._bucket.below("uploads"):
            files.setdefault(stored.key.split("/")[1], []).append(stored)
        for found in files.values():
            if max(stored.at for stored in found) < before:
                await self._bucket.delete([stored.key for stored in found])
        await on_disk(lambda: remove_old(self._scratch, before))


def _folder(name: str) -> str:
    return f"uploads/{name}"
