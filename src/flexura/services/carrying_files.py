"""Brings the files of an export into a store of bytes: those that are there are not sent again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field

from flexura.domain.errors import StoreDamaged
from flexura.ports.blobs import Blobs

_SMALL = 1 << 20
_AT_ONCE = 8
_NO_LIMIT = 1 << 50


@dataclass
class FileCarrier:
    """Files in the order of their digests, several small ones at once; memory for a few of them."""

    blobs: Blobs
    now: int
    """Milliseconds since 1970: what was stored before counts as being there."""
    added: int = 0
    there: int = 0
    _shelf: tuple[int, frozenset[str]] = (-1, frozenset())
    _under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def add(self, sha256: str, size: int, chunks: Iterable[bytes]) -> None:
        """Store one file. Raises StoreDamaged where its bytes are not those of its digest, DiskFull."""
        if await self.has(sha256):
            self.there += 1
            return
        if size > _SMALL:
            await self._put(sha256, _one_by_one(iter(chunks)))
            return
        data = b"".join(chunks)
        if len(self._under_way) >= _AT_ONCE:
            done, self._under_way = await asyncio.wait(
                self._under_way, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
        task = asyncio.create_task(self._put(sha256, _one_by_one(iter([data]))))
        self._under_way.add(task)

    async def finish(self) -> None:
        """Wait for those that are under way. Raises as `add` does."""
        left, self._under_way = self._under_way, set()
        await asyncio.gather(*left)

    async def give_up(self) -> None:
        """Stop what is under way, after a failure."""
        for task in self._under_way:
            task.cancel()
        for task in self._under_way:
            with contextlib.suppress(BaseException):
                await task

    async def has(self, sha256: str) -> bool:
        """Whether the store has it, by one listing for each shelf."""
        shelf = int(sha256[:2], 16)
        if self._shelf[0] != shelf:
            self._shelf = (shelf, frozenset(await self.blobs.stored(shelf, self.now + 1)))
        return sha256 in self._shelf[1]

    async def _put(self, sha256: str, chunks: AsyncIterator[bytes]) -> None:
        blob = await self.blobs.put(chunks, _NO_LIMIT)
        if blob.sha256 != sha256:
            raise StoreDamaged(
                f"The bytes of {sha256} in the export are not what its name says.",
                next_step="Take another copy of the export, or export again.",
            )
        self.added += 1


async def _one_by_one(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
