"""Thousands of clients that wait on one server, in one process and with little work of their own."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncGenerator, Sequence
from urllib.parse import urlsplit

_AT_ONCE = 100


class Waiting(asyncio.Protocol):
    """One connection with one request; notes when the answer began, and its status."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answered = 0.0
        self.status = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if not self.answered:
            self.answered = time.perf_counter()
            self.status = int(data[9:12])
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


def get(url: str, key: str = "") -> bytes:
    """A GET request as bytes."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    return (head + (f"Authorization: Bearer {key}\r\n\r\n" if key else "\r\n")).encode()


def raise_descriptors(wanted: int) -> int:
    """How many of `wanted` connections this process may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + 200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted + 200, hard), hard))
    return min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)


@contextlib.asynccontextmanager
async def waiting(urls: Sequence[str], key: str = "") -> AsyncGenerator[list[Waiting]]:
    """One client for each URL, connected and with its request sent."""
    parts, loop = urlsplit(urls[0]), asyncio.get_running_loop()
    clients: list[Waiting] = []
    for start in range(0, len(urls), _AT_ONCE):
        some = [Waiting(get(url, key)) for url in urls[start : start + _AT_ONCE]]
        await asyncio.gather(
            *(loop.create_connection(lambda c=c: c, parts.hostname, parts.port) for c in some)
        )
        clients += some
    try:
        yield clients
    finally:
        for client in clients:
            client.close()
        await asyncio.sleep(0.1)
