"""The embedded upstream: a small HTTP server on loopback that sells pictures, and misbehaves on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import struct
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal, cast

from flexura.cli.torture.account import Account, Sale, picture_of
from flexura.cli.torture.plan import KEYED

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MOST_BODY = 1_000_000
Fault = Literal[
    "none", "busy", "slow", "broken before", "broken after", "reset before", "reset after"
]
_FAULTS: dict[Fault, float] = {
    "none": 86,
    "busy": 4,
    "slow": 5,
    "broken before": 1,
    "broken after": 1,
    "reset before": 1.5,
    "reset after": 1.5,
}
"""What an order may meet, in percent; `before` and `after` say whether it was charged."""


class _Cut(Exception):
    """The connection is reset instead of an answer."""


class Upstream:
    """Sells at `/keyed/orders` by idempotency key, at `/unkeyed/orders` every time it is asked."""

    def __init__(self, seed: int) -> None:
        self.account = Account()
        self.url = ""
        self._chance = random.Random(f"{seed} upstream")

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[Upstream]:
        """Serve inside this context, at `url`."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, headers = _head(head)
                length = min(int(headers.get("content-length", "0")), _MOST_BODY)
                body = await reader.readexactly(length) if length else b""
                status, answer, told = await self._answer(line, headers, body)
                writer.write(_response(status, answer, told))
                if told < len(answer):
                    raise _Cut
                await writer.drain()
        except _Cut:
            _reset(writer)
        except (asyncio.IncompleteReadError, OSError, ValueError):
            pass  # whoever asked was killed
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _answer(
        self, line: list[str], headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, int]:
        """Status, body, and how much of the body is sent."""
        method, path = line[0], line[1].strip("/").split("/")
        who = headers.get("x-process", "")
        if method == "POST" and path[1:] == ["orders"]:
            given = cast("dict[str, Any]", json.loads(body))
            status, answer = await self._order(
                path[0], given, headers.get("idempotency-key", ""), who
            )
            return _json(status, answer)
        sale = self.account.sales.get(path[-1])
        if sale is None:
            return _json(404, {"error": "no such order"})
        if method == "DELETE":
            return _json(200, {})
        self.account.touched(sale, who)
        if self._meets("poll", 1.5):
            raise _Cut
        return self._file(sale) if path[0] == "files" else _json(200, self._state(sale))

    async def _order(
        self, upstream: str, given: dict[str, Any], key: str, who: str
    ) -> tuple[int, dict[str, Any]]:
        chance = self._chance
        fault = chance.choices(list(_FAULTS), list(_FAULTS.values()))[0]
        wait, fails = chance.uniform(0.01, 0.25), chance.random() < 0.01
        if fault != "none":
            self.account.faults[fault] += 1
        if fault == "busy":
            return 503, {"retry_after": 0.2}
        await asyncio.sleep(
            chance.uniform(0.3, 1.0) if fault == "slow" else chance.uniform(0, 0.02)
        )
        if fault == "broken before":
            return 500, {}
        if fault == "reset before":
            raise _Cut
        sale = self.account.buy(
            upstream, str(given["order"]), key if upstream == KEYED else "", wait, fails
        )
        self.account.touched(sale, who)
        # Charged, and whoever asked does not know it yet: this is where a kill hurts most.
        await asyncio.sleep(chance.uniform(0, 0.02))
        if fault == "reset after":
            raise _Cut
        return (500, {}) if fault == "broken after" else (200, {"id": sale.id})

    def _state(self, sale: Sale) -> dict[str, Any]:
        left = sale.ready_at - time.monotonic()
        if left > 0:
            return {"state": "working", "retry_after": max(0.05, min(left, 0.25))}
        return {"state": "failed"} if sale.fails else {"state": "done"}

    def _file(self, sale: Sale) -> tuple[int, bytes, int]:
        data = picture_of(sale.id)
        if self._meets("cut file", 1.5):
            return 200, data, len(data) // 2
        self.account.fetched(sale)
        return 200, data, len(data)

    def _meets(self, fault: str, percent: float) -> bool:
        met = self._chance.random() * 100 < percent
        self.account.faults[fault] += met
        return met


def _head(head: bytes) -> tuple[list[str], dict[str, str]]:
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in rest if line)
    return first.split(" "), {name.lower(): value.strip() for name, _, value in pairs}


def _json(status: int, answer: dict[str, Any]) -> tuple[int, bytes, int]:
    data = json.dumps(answer).encode()
    return status, data, len(data)


def _response(status: int, body: bytes, told: int) -> bytes:
    head = f"HTTP/1.1 {status} Told\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body[:told]


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST: whoever asked learns nothing, and cannot take the end for an answer."""
    wire = cast("socket.socket | None", writer.get_extra_info("socket"))
    if wire is not None:
        with contextlib.suppress(OSError):
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
