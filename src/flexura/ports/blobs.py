"""Where bytes are kept, by their SHA-256, and where they lie until all of them have arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
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

    Every method raises DiskFull for a disk of this machine, and Overloaded (with `retry_after`) or
    InternalError for a store elsewhere that cannot be reached or that refuses us.

    Bytes are stored before the row that names them is written. What removes bytes that no row names must
    therefore leave alone those that came in just now: `before`, in milliseconds since 1970.
    """

    @property
    def remote(self) -> bool:
        """Whether the bytes lie elsewhere, so that a local copy has to be fetched first."""
        ...

    async def take(self, path: Path, *, keep: bool = False) -> Blob:
        """Move a finished local file into the store, durably; `keep` leaves it in its old place as well.

        Where it fails the file is still in its old place.
        """
        ...

    async def put(self, chunks: AsyncIterator[bytes], limit: int) -> Blob:
        """Store a stream, durably. Raises PayloadTooLarge over `limit` bytes."""
        ...

    def local(self, sha256: str) -> AbstractAsyncContextManager[Path | None]:
        """A file with these bytes, here, for as long as the context is open; None where they are gone.

        Only to be read. Where nothing is `remote` it is the place itself, which also stays good afterwards.
        """
        ...

    async def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes] | None:
        """Those bytes as a stream, of which a piece is in memory; None where they are gone.

        A stream of all bytes ends with InternalError before its last piece where they are not the right ones.
        """
        ...

    async def link(self, sha256: str, seconds: int) -> str | None:
        """A URL that gives anybody the bytes for so long, without the gateway; None where there is none."""
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
        """Append all of it or, where this raises, nothing. Raises as `Blobs` does."""
        ...

    async def sync(self) -> None:
        """Make all that was written durable. Raises as `Blobs` does."""
        ...


Claim = Callable[[], Awaitable[int]]
"""Makes its caller the one writer of a file, and gives it a number that is higher than all before."""


class Parts(Protocol):
    """Files that arrive in parts."""

    def growing(self, name: str, offset: int, claim: Claim) -> AbstractAsyncContextManager[Part]:
        """The file, cut to `offset` bytes, to be appended to.

        `claim` is asked before anything is changed; it raises Conflict where the file is no longer as the
        caller knew it. What a writer with a lower number still writes does not count. Raises Conflict while
        another process of this machine appends, NotFound where fewer bytes are left, or as `Blobs` does.
        """
        ...

    async def head(self, name: str, length: int) -> bytes:
        """The first `length` bytes of what is durable. Raises FileNotFoundError where they are gone."""
        ...

    def whole(self, name: str, length: int) -> AbstractAsyncContextManager[Path]:
        """The first `length` bytes as a local file, for as long as the context is open.

        Raises FileNotFoundError, at the latest when the file is opened, where some of them are gone.
        """
        ...

    async def remove(self, name: str) -> None: ...

    async def tidy(self, before: int) -> None:
        """Remove the files that nobody has appended to since that time (milliseconds since 1970)."""
        ...
