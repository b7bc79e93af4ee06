"""Connections of a real server: how many, how large a head, how long until it is there."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from flexura.cli import connections
from flexura.cli.connections import BoundedProtocol, raise_descriptors

pytestmark = pytest.mark.anyio
REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """A server in this process; its port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=BoundedProtocol, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task


async def answered(port: int, sent: bytes) -> bytes:
    """Everything that comes until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = b""
    with contextlib.suppress(ConnectionError):
        writer.write(sent)
        async with asyncio.timeout(20):
            found = await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return found


async def test_a_connection_too_many_is_told_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        refused = await answered(port, b"")
        assert refused.startswith(b"HTTP/1.1 503") and b"\r\nretry-after: 5\r\n" in refused
        assert b'"code":"overloaded"' in refused and b'"next_step"' in refused
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x-more: y\r\n" * 12_000 + b"\r\n",
    ],
)
async def test_a_head_that_is_too_large_ends_the_connection(head: bytes) -> None:
    async with served() as port:
        assert (await answered(port, head))[:12] in (b"HTTP/1.1 400", b"")


async def test_a_connection_that_never_asks_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.02)
    async with served() as port:
        assert await answered(port, b"") == b""
        assert await answered(port, b"GET / HTTP/1.1\r\nhost:") == b""
        kept = await answered(port, REQUEST + b"GET / HTTP/1.1\r\nhost:")
        assert kept.count(b"200 OK") == 1


def test_a_process_may_open_a_file_for_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    limits, told = {"now": (256, 100_000)}, list[tuple[int, int]]()
    monkeypatch.setattr(resource, "getrlimit", lambda which: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda which, pair: told.append(pair))
    raise_descriptors()
    limits["now"] = (256, 1000)
    raise_descriptors()
    limits["now"] = (200_000, 200_000)
    raise_descriptors()
    assert told == [(9216, 100_000), (1000, 1000)]
