"""Who receives webhooks in tests: a small real HTTP server, and a deliverer whose clock tests turn."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from standardwebhooks import Webhook

from flexura.domain.ids import new_id
from flexura.domain.webhook import Delivery, Endpoint
from flexura.outbound.client import Guard
from flexura.services.clock import now_ms
from flexura.services.delivering import Deliverer
from flexura.services.events import Events
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

WORKSPACE = "ws_1"


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def json(self) -> Any:
        return json.loads(self.body)

    def verified_by(self, secret: str) -> Any:
        """The body, if the reference library accepts its signature."""
        return Webhook(secret).verify(self.body, self.headers)


Reply = Callable[[Received], "bytes | int"]


@dataclass
class Receiver:
    """Answers 204 to everything, or what `reply` says: a status, or raw bytes. `gate` holds answers back."""

    reply: Reply = lambda request: 204
    port: int = 0
    received: list[Received] = field(default_factory=list[Received])
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    now: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ids(self) -> Counter[str]:
        return Counter(request.id for request in self.received)

    async def until(self, count: int, seconds: float = 30.0) -> list[Received]:
        """What came in, as soon as it is so many requests."""
        async with asyncio.timeout(seconds), self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                writer.write(await self._answer(Received(first.split(" ")[1], headers, body)))
                await writer.drain()
        writer.close()

    async def _answer(self, request: Received) -> bytes:
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        answer = self.reply(request)
        async with self.arrived:
            self.received.append(request)
            self.arrived.notify_all()
        await self.gate.wait()
        self.now -= 1
        if isinstance(answer, bytes):
            return answer
        length = "" if answer == 204 else "Content-Length: 0\r\n"
        return f"HTTP/1.1 {answer} Said\r\n{length}\r\n".encode()


def failing_often() -> Reply:
    """Three of ten tries fail, though no message fails more than five times."""
    tries = Counter[str]()

    def reply(request: Received) -> int:
        tries[request.id] += 1
        count = tries[request.id]
        return 500 if count <= 5 and crc32(f"{request.id}.{count}".encode()) % 10 < 3 else 204

    return reply


@asynccontextmanager
async def receiving(reply: Reply = lambda request: 204) -> AsyncIterator[Receiver]:
    """A receiver on a port of this machine."""
    receiver = Receiver(reply)
    receiver.gate.set()
    connections = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await receiver.serve(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            connections.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        left = list(connections)
        for task in left:
            task.cancel()
        await asyncio.gather(*left)


@dataclass
class Clock:
    """The real time and what tests add to it."""

    ahead_ms: int = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_ms


@dataclass
class Post:
    """A store and a deliverer on it."""

    records: SqliteRecords
    events: Events
    deliverer: Deliverer
    clock: Clock

    async def listen(self, url: str, **fields: Any) -> Endpoint:
        """Register an endpoint, whatever its URL."""
        endpoint = Endpoint(new_id("wh"), WORKSPACE, url, now_ms(), **fields)
        await self.records.transact(lambda tx: tx.insert(endpoint))
        return endpoint

    async def send(self, url: str, count: int = 1, endpoint: str = "") -> list[str]:
        """Queue messages; their ids."""
        messages = [message(url, endpoint) for _ in range(count)]
        await self.records.transact(lambda tx: [tx.insert(one) for one in messages])
        return [one.id for one in messages]

    async def get(self, delivery_id: str) -> Delivery:
        found = await self.records.get(Delivery, delivery_id)
        assert found is not None
        return found

    async def noted(self, delivery_id: str) -> Delivery:
        """The delivery as soon as a try is noted."""
        changed = asyncio.Event()
        self.records.on_commit(changed.set)
        async with asyncio.timeout(30):
            while (found := await self.get(delivery_id)).attempts == 0:
                changed.clear()
                await changed.wait()
        return found

    async def settled(
        self, *, turn_clock: bool = True, jump: float = 1.25, seconds: float = 60.0
    ) -> None:
        """Until nothing is pending; whenever everything waits for its time, that time comes.

        The clock jumps somewhat beyond it, so that what was put off together comes together.
        """
        woken = asyncio.Event()
        self.records.on_commit(woken.set)
        async with asyncio.timeout(seconds):
            while (due := await self.records.next_delivery()) is not None:
                ahead = due - self.clock()
                if turn_clock and ahead > 0 and self.deliverer.idle:
                    self.clock.ahead_ms += int(ahead * jump) + 1
                    self.deliverer.look()
                woken.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.02):
                        await woken.wait()


def message(url: str, endpoint: str = "", workspace: str = WORKSPACE) -> Delivery:
    now = now_ms()
    payload = json.dumps({"type": "job.completed", "data": {"job_id": new_id("job")}})
    return Delivery(
        id=new_id("msg"),
        workspace_id=workspace,
        url=url,
        event="job.completed",
        payload=payload,
        created_at=now,
        endpoint_id=endpoint,
        next_at=now,
    )


@asynccontextmanager
async def posting(
    home: Path, *allowed: str, guard: Guard | None = None, clock: Clock | None = None
) -> AsyncIterator[Post]:
    """A store in `home` and a deliverer that works while this is open."""
    migrate(home / "flexura.db")
    records = SqliteRecords(home / "flexura.db")
    events, clock = Events(allowed), clock or Clock()
    guard = guard or Guard(allow_origins=allowed, redirects=False)
    deliverer = Deliverer(records, events, guard, clock=clock)
    task = asyncio.create_task(deliverer.run())
    try:
        yield Post(records, events, deliverer, clock)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await guard.aclose()
        await records.aclose()
