"""Where bytes are kept, by their SHA-256, and where they lie until all of them have arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

SHELVES = 256
"""The store lists what it has in so many parts, so that no list is ever long."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored blob."""

    sha256: str
    bytes: int


class Blobs(Protocol):
    """Content-addressed bytes; the same bytes are kept once.

    Bytes are stored before the row that names them is written. What removes bytes that no row names must
    therefore leave alone those that came in just now: `before`, in milliseconds since 1970.
    """

    async def take(self, path: Path, *, keep: bool = False) -> Blob:
        """Move a finished local file into the store, durably; `keep` leaves it in its old place as well.

        Raises DiskFull.
        """
        ...

    async def put(self, chunks: AsyncIterator[bytes], limit: int) -> Blob:
        """Store a stream. Raises PayloadTooLarge over `limit` bytes, DiskFull."""
        ...

    def local_path(self, sha256: str) -> Path | None:
        """Where the bytes lie on this machine, if they do."""
        ...

    async def delete(self, sha256: str, before: int) -> bool:
        """Remove bytes that were stored before that time; whether they are gone."""
        ...

    async def stored(self, shelf: int, before: int) -> list[str]:
        """The digests on one of the `SHELVES` that were stored before that time."""
        ...

    async def tidy(self, before: int) -> None:
        """Remove what was written aside before that time and never became a blob."""
        ...


class Part(Protocol):
    """A file that grows at its end."""

    async def write(self, data: bytes) -> None:
        """Append. Raises DiskFull."""
        ...

    async def sync(self) -> None:
        """Make all that was written durable. Raises DiskFull."""
        ...


class Parts(Protocol):
    """Files that arrive in parts."""

    def growing(self, name: str, offset: int) -> AbstractAsyncContextManager[Part]:
        """The file, cut to `offset` bytes, to be appended to.

        Raises Conflict while another process appends to it, NotFound where fewer bytes are left, DiskFull.
        """
        ...

    def path(self, name: str) -> Path:
        """Where the file lies."""
        ...

    async def remove(self, name: str) -> None: ...

    async def tidy(self, before: int) -> None:
        """Remove the files that nobody has appended to since that time (milliseconds since 1970)."""
        ...
