"""Reading a body from a stranger: never more bytes than agreed, also after decompression."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import anyio
import anyio.to_thread
import httpx2

from flexura.domain.errors import ProviderError

ACCEPTED_ENCODINGS = "gzip, deflate"
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


async def read_at_most(response: httpx2.Response, max_bytes: int) -> tuple[bytes, bool]:
    """The body, and whether it was cut at `max_bytes`.

    Raises ProviderError for an encoding that we did not ask for, or a broken one.
    """
    body = bytearray()
    async for part in _parts(response, max_bytes):
        body += part
    return bytes(body[:max_bytes]), len(body) > max_bytes


async def save_at_most(response: httpx2.Response, max_bytes: int, to: Path) -> bool:
    """Write the body to a file, part by part; whether it was cut at `max_bytes`. Raises as `read_at_most`."""
    written = 0
    with to.open("wb") as file:
        async for part in _parts(response, max_bytes):
            written += len(part)
            # In a thread: the disk may be slow, and others are being answered.
            await anyio.to_thread.run_sync(file.write, part)
    return written > max_bytes


async def _parts(response: httpx2.Response, max_bytes: int) -> AsyncIterator[bytes]:
    """The decoded body, at most one byte more than fits: that tells "exactly full" from "too much"."""
    decode, room = _decoder(response.headers.get("content-encoding", "")), max_bytes + 1
    # The stream itself: the response's own readers decompress without a bound.
    async for chunk in cast("httpx2.AsyncByteStream", response.stream):
        part = decode(chunk, room)
        room -= len(part)
        yield part[: len(part) + room] if room < 0 else part
        if room <= 0:
            return


def _decoder(encoding: str) -> Callable[[bytes, int], bytes]:
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, _room: chunk
        case "gzip" | "x-gzip" | "deflate":
            return _Inflate()
        case _:
            # Its decoder may turn a few bytes into gigabytes at once.
            raise ProviderError("The answer is compressed in a way that was not asked for.")


class _Inflate:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def __call__(self, chunk: bytes, room: int) -> bytes:
        begun, self._begun = self._begun, True
        try:
            return self._inflate.decompress(chunk, room)
        except zlib.error as error:
            if begun:
                raise ProviderError("The answer is broken: it cannot be decompressed.") from error
            # "deflate" without the zlib header is wrong, and common.
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            return self(chunk, room)
