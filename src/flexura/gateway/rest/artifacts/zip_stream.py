"""A ZIP archive that is written while it is sent; no more than a piece of it is in memory."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_PIECE = 1 << 20
_LARGE = 1 << 31


@dataclass(frozen=True)
class Entry:
    """One file of the archive; `created_at` in milliseconds since 1970."""

    name: str
    local: Callable[[], AbstractAsyncContextManager[Path]]
    """Gives the file, for as long as it is read."""
    created_at: int


async def zipped(entries: Sequence[Entry], about: bytes) -> AsyncGenerator[bytes]:
    """The archive: the entries, which are media and so not compressed again, and `metadata.json`."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            async with entry.local() as path:
                # Closed first where nobody wants the rest: an archive with an open entry cannot end.
                with closing(_pieces(archive, sink, entry, path)) as pieces:
                    while piece := await _next(pieces):
                        yield piece
        archive.writestr("metadata.json", about)
    yield sink.taken()


async def _next(pieces: Generator[bytes]) -> bytes:
    task = asyncio.create_task(asyncio.to_thread(next, pieces, b""))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # A generator is not closed while a thread runs it, however often we are cancelled.
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise


class _Sink(io.RawIOBase):
    """What the archive writes to; it is emptied after each piece."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._data += data
        return len(data)

    def taken(self) -> bytes:
        data, self._data = bytes(self._data), bytearray()
        return data


def _pieces(archive: zipfile.ZipFile, sink: _Sink, entry: Entry, path: Path) -> Generator[bytes]:
    with path.open("rb") as file:
        large = path.stat().st_size >= _LARGE
        with archive.open(_info(entry), "w", force_zip64=large) as target:
            while data := file.read(_PIECE):
                target.write(data)
                yield sink.taken()


def _info(entry: Entry) -> zipfile.ZipInfo:
    moment = datetime.fromtimestamp(entry.created_at / 1000, UTC)
    # ZIP knows no earlier year.
    return zipfile.ZipInfo(entry.name, (max(1980, moment.year), *moment.timetuple()[1:6]))
