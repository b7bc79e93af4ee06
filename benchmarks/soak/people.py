"""Who asks the gateway under soak: one person for each kind of request, at a moderate pace."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from soak.figures import Log
from soak.serve import png

MCP = {
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2025-06-18",
}
_FINAL = ("completed", "failed")


class People:
    """Everybody who asks; `jobs` are the latest, `assets` the latest files."""

    def __init__(self, http: httpx2.AsyncClient, log: Log) -> None:
        self._http, self._log = http, log
        self._numbers = itertools.count()
        self.jobs: deque[str] = deque(maxlen=50)
        self.assets: deque[str] = deque(maxlen=50)
        self.ordered = self.ended = 0
        self.paces: dict[str, tuple[Callable[[], Awaitable[Any]], float]] = {
            "order": (self._order, 0.12),
            "status": (self._status, 0.1),
            "list": (self._list, 0.5),
            "upload": (self._upload, 0.4),
            "asset": (self._asset, 0.2),
            "mcp": (self._mcp, 0.3),
            "cancel": (self._cancel, 0.7),
            "events": (self._events, 0.7),
            "catalog": (self._catalog, 1.0),
            "drop": (self._drop, 2.0),
            "health": (self._health, 0.5),
        }

    async def ask(self, until: float) -> None:
        """Let everybody ask until that moment (monotonic); then all that was begun has ended."""
        async with asyncio.TaskGroup() as everybody:
            for kind, (one, pace) in self.paces.items():
                everybody.create_task(self._repeat(kind, one, pace, until))

    async def _repeat(
        self, kind: str, one: Callable[[], Awaitable[Any]], pace: float, until: float
    ) -> None:
        async with asyncio.TaskGroup() as asked:
            while time.monotonic() < until:
                asked.create_task(self._once(kind, one))
                await asyncio.sleep(pace * random.uniform(0.5, 1.5))

    async def _once(self, kind: str, one: Callable[[], Awaitable[Any]]) -> None:
        began = time.perf_counter()
        try:
            await one()
        except Exception as problem:
            self._log.errors[f"{kind}: {type(problem).__name__} {str(problem)[:120]}"] += 1
        else:
            self._log.took[kind].append((time.perf_counter() - began) * 1000)

    async def _order(self) -> None:
        body = {"prompt": f"fox {next(self._numbers)}", "model": "swift:one"}
        body["callback_url"] = self.hook
        made = await self._sent("POST", "/api/generate/image", json=body)
        self.ordered += 1
        job_id = made.json()["job_id"]
        self.jobs.append(job_id)
        began = time.perf_counter()
        ended = (await self._sent("GET", f"/api/jobs/{job_id}?wait=30")).json()
        if ended["status"] != "completed":
            raise RuntimeError(f"ended as {ended['status']}")
        self.ended += 1
        self._log.took["wait"].append((time.perf_counter() - began) * 1000)
        self.assets.append(ended["asset_url"])

    hook = ""
    """Where webhooks go."""

    async def _status(self) -> None:
        if self.jobs:
            await self._sent("GET", f"/api/jobs/{random.choice(self.jobs)}")

    async def _list(self) -> None:
        await self._sent("GET", "/api/v1/jobs?limit=20")

    async def _upload(self) -> None:
        await self._sent("POST", "/api/v1/uploads", content=png(next(self._numbers)))

    async def _asset(self) -> None:
        if self.assets:
            await self._sent("GET", random.choice(self.assets))

    async def _mcp(self) -> None:
        arguments = {"job_ids": [random.choice(self.jobs)]} if self.jobs else {}
        call = {"name": "job_status", "arguments": {**arguments, "wait": 5}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        answer = await self._sent("POST", "/mcp", json=body, headers=MCP)
        if '"result"' not in answer.text:
            raise RuntimeError(answer.text[:200])

    async def _cancel(self) -> None:
        body = {"prompt": f"never {next(self._numbers)}", "model": "swift:one"}
        job_id = (await self._sent("POST", "/api/generate/image", json=body)).json()["job_id"]
        await asyncio.sleep(random.uniform(0.0, 0.5))
        await self._sent("DELETE", f"/api/jobs/{job_id}")
        ended = (await self._sent("GET", f"/api/jobs/{job_id}?wait=30")).json()
        if ended["status"] not in _FINAL:
            raise RuntimeError(f"a canceled job is {ended['status']}")

    async def _events(self) -> None:
        body = {"prompt": f"event {next(self._numbers)}", "model": "swift:one"}
        job_id = (await self._sent("POST", "/api/generate/image", json=body)).json()["job_id"]
        async with self._http.stream("GET", f"/api/jobs/{job_id}/events") as answer:
            text = "".join([part async for part in answer.aiter_text()])
        if "event: end" not in text:
            raise RuntimeError("the stream did not end")

    async def _catalog(self) -> None:
        await self._sent("GET", "/api/agent/models")

    async def _drop(self) -> None:
        """Somebody who hangs up in the middle of waiting."""
        body = {"prompt": f"never {next(self._numbers)}", "model": "swift:one"}
        job_id = (await self._sent("POST", "/api/generate/image", json=body)).json()["job_id"]
        try:
            async with asyncio.timeout(0.3):
                await self._http.get(f"/api/jobs/{job_id}?wait=30")
        except TimeoutError:
            await self._sent("DELETE", f"/api/jobs/{job_id}")

    async def _health(self) -> None:
        await self._sent("GET", "/healthz")

    async def _sent(self, method: str, path: str, **more: Any) -> httpx2.Response:
        answer = await self._http.request(method, path, **more)
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path.split('?')[0][:24]} {answer.status_code}")
        return answer


class Hooks:
    """Takes webhooks on loopback."""

    def __init__(self) -> None:
        self.taken = 0
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[str]:
        """The URL to send them to."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            for writer in list(self._open):
                writer.close()
            await asyncio.sleep(0.1)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = head.partition("content-length:")[2].partition("\r\n")[0].strip()
                json.loads(await reader.readexactly(int(length or 0)))
                self.taken += 1
                writer.write(b"HTTP/1.1 204 Taken\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            self._open.discard(writer)
