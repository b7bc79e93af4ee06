"""Requests whose callers a test plays itself, and what the gateway has under way meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flexura.services.load import Load
from gateway_house import House


@dataclass
class Line:
    """One request, straight to the ASGI application: its body may come slowly, its caller may go."""

    house: House
    method: str
    target: str
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    sent: list[Any] = field(default_factory=list[Any])

    def __post_init__(self) -> None:
        self._coming: asyncio.Queue[Any] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def start(self, *chunks: bytes, whole: bool = True) -> Line:
        """Send it; with `whole=False` more of the body is to come."""
        path, _, query = self.target.partition("?")
        head = {"host": "localhost:3000", "authorization": f"Bearer {self.key or self.house.key}"}
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in (head | self.headers).items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 3000),
        }
        for chunk in chunks:
            self._coming.put_nowait({"type": "http.request", "body": chunk, "more_body": True})
        if whole:
            self.end_body()

        async def send(message: Any) -> None:
            self.sent.append(message)

        self.task = asyncio.create_task(self.house.app(scope, self._coming.get, send))
        return self

    def end_body(self) -> None:
        """Nothing more of the body is to come."""
        self._coming.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    def hang_up(self) -> None:
        """The caller goes."""
        self._coming.put_nowait({"type": "http.disconnect"})

    async def over(self) -> int:
        """The status of the answer when all of it was sent; 0 where none was."""
        assert self.task is not None
        async with asyncio.timeout(20):
            await self.task
        return int(self.sent[0]["status"]) if self.sent else 0


async def until(true: Callable[[], bool]) -> None:
    """Wait for something in this process."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0)


def load_of(house: House) -> Load:
    """What the gateway has under way."""
    assert house.app.services is not None
    return house.app.services.load
