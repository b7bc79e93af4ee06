"""A stranger's tool that knows no API key, in front of a gateway that wants one: this adds the header.

Everything else passes as it came, byte by byte: Host, Origin, the order of headers, streamed answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


@contextmanager
def with_bearer(url: str, key: str) -> Iterator[str]:
    """The URL under which every request reaches the gateway at `url` with this key."""
    proxy = _Proxy(urlsplit(url).port or 80, f"Authorization: Bearer {key}\r\n".encode())
    thread = threading.Thread(target=asyncio.run, args=(proxy.run(),), name="bearer proxy")
    thread.start()
    proxy.ready.wait(10)
    try:
        yield f"http://127.0.0.1:{proxy.port}"
    finally:
        proxy.loop.call_soon_threadsafe(proxy.over.set)
        thread.join(10)


class _Proxy:
    def __init__(self, to_port: int, header: bytes) -> None:
        self._to_port = to_port
        self._header = header
        self.port = 0
        self.ready = threading.Event()

    async def run(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.over = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.over.wait()
        server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connect(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_gateway, to_gateway = await asyncio.open_connection("127.0.0.1", self._to_port)
        ways = {
            asyncio.ensure_future(self._requests(reader, to_gateway)),
            asyncio.ensure_future(_pump(from_gateway, writer)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, to_gateway):
                end.close()
                with contextlib.suppress(OSError):
                    await end.wait_closed()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Request after request of one connection, each with the header after its first line."""
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                first, rest = head.split(b"\r\n", 1)
                writer.write(first + b"\r\n" + self._header + rest)
                await _body(rest.lower(), reader, writer)
                await writer.drain()


async def _body(headers: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    lines = dict(line.split(b":", 1) for line in headers.split(b"\r\n") if b":" in line)
    if b"chunked" in lines.get(b"transfer-encoding", b""):
        size = -1
        while size:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            writer.write(line + await reader.readexactly(size + 2))
    elif length := int(lines.get(b"content-length", b"0")):
        writer.write(await reader.readexactly(length))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
