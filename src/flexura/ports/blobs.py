"""Where bytes are kept, by their SHA-256."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored blob."""

    sha256: str
    bytes: int


class Blobs(Protocol):
    """Content-addressed bytes; the same bytes are kept once."""

    async def take(self, path: Path) -> Blob:
        """Move a finished local file into the store, durably. Raises DiskFull."""
        ...

    async def put(self, chunks: AsyncIterator[bytes], limit: int) -> Blob:
        """Store a stream. Raises PayloadTooLarge over `limit` bytes, DiskFull."""
        ...

    def local_path(self, sha256: str) -> Path | None:
        """Where the bytes lie on this machine, if they do."""
        ...

    async def delete(self, sha256: str) -> None: ...
