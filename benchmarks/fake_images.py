"""A server with OpenAI's images API that makes a small picture a few milliseconds after it was asked.

`python benchmarks/fake_images.py PORT [MILLISECONDS]`. Raw asyncio on uvloop, so that it is not what is
measured (some 10,000 answers a second). Every picture is another one. `GET /count` tells how many it sold.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import struct
import sys
import zlib
from typing import cast

import uvloop

MODEL = "fake-image"
_SIDE = 16
_count = itertools.count(1)
_bought = 0


def picture(number: int) -> bytes:
    """A PNG of 16 by 16 pixels that differs from every other number's."""
    row = b"\0" + struct.pack(">Q", number) * (_SIDE * 3 // 8)
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * _SIDE, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def answer(value: object) -> bytes:
    """A whole HTTP answer with JSON in it."""
    body = json.dumps(value).encode()
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Server(asyncio.Protocol):
    """One connection; requests on it are answered in order."""

    delay = 0.003

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            _, named, length = head.partition(b"\r\ncontent-length:")
            size = int(length.partition(b"\r\n")[0]) if named else 0
            begins = end + 4
            if b"\r\ntransfer-encoding: chunked" in head:
                last = self._received.find(b"0\r\n\r\n", begins)
                size = last + 5 - begins if last >= 0 else sys.maxsize
            if len(self._received) < begins + size:
                return
            self._received = self._received[begins + size :]
            self._asked(head)

    def _asked(self, head: bytes) -> None:
        global _bought
        if head.startswith(b"post "):
            _bought += 1
            asyncio.get_running_loop().call_later(self.delay, self._picture)
        elif head.startswith(b"get /count "):
            self._send(answer({"bought": _bought}))
        else:
            self._send(answer({"object": "list", "data": [{"id": MODEL, "object": "model"}]}))

    def _picture(self) -> None:
        packed = base64.b64encode(picture(next(_count))).decode()
        self._send(answer({"created": 1, "data": [{"b64_json": packed}]}))

    def _send(self, whole: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(whole)


async def main(port: int, milliseconds: float) -> None:
    """Serve for ever."""
    Server.delay = milliseconds / 1000
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 3))
