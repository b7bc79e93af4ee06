"""Serves the gateway's ASGI app on stdin and stdout, for sandboxes without loopback (`flexura serve --pipe`).

One JSON object per line. From the bridge: {"id", "method", "path", "headers": [[name, value]], "body"} with
the body in base64, and {"id", "close": true}. To the bridge: first {"id": 0, "ready": true}, then
for each request {"id", "status", "headers"}, any number of {"id", "chunk": base64} and {"id", "end": true}.
`flexura.bridge.pipe` is the other end.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

log = logging.getLogger(__name__)
Frame = dict[str, Any]
# An upload of 100 MB is one line.
LONGEST_LINE = 192 << 20
# How much of an answer goes into one frame.
CHUNK = 1 << 18
FRAMES_AHEAD = 16


async def serve_pipe(app: ASGIApp) -> None:
    """Serve until stdin closes, with the app's lifespan around it.

    Raises RuntimeError when the app does not start.
    """
    reader, writer = _claim_stdio()
    frames = Frames(writer)
    lines = asyncio.StreamReader(limit=LONGEST_LINE)
    protocol = asyncio.StreamReaderProtocol(lines)
    with os.fdopen(reader, "rb", buffering=0) as source:
        writing = asyncio.create_task(frames.write())
        pipe, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, source)
        try:
            async with _lifespan(app):
                await frames.send({"id": 0, "ready": True})
                await _serve(app, lines, frames)
        finally:
            writing.cancel()
            pipe.close()


async def _serve(app: ASGIApp, lines: asyncio.StreamReader, frames: Frames) -> None:
    exchanges: dict[int, Exchange] = {}
    tasks: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as group:
        while line := await lines.readline():
            frame: Frame = json.loads(line)
            number: int = frame["id"]
            if frame.get("close"):
                if number in exchanges:
                    exchanges.pop(number).disconnect()
                continue
            exchanges[number] = Exchange(frame, frames)
            task = group.create_task(exchanges[number].run(app))
            task.add_done_callback(partial(_forget, exchanges, number))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        # Nobody is left to hear an answer; jobs do not run in here.
        for task in tasks:
            task.cancel()


def _forget(exchanges: dict[int, Exchange], number: int, _: object) -> None:
    exchanges.pop(number, None)


class Frames:
    """Writes frames one after another. An answer that is cancelled leaves no torn frame behind."""

    def __init__(self, writer: int) -> None:
        self._writer = writer
        # Bounded: a bridge that reads slowly slows the gateway down instead of filling its memory.
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(FRAMES_AHEAD)

    async def send(self, frame: Frame) -> None:
        """Say something; what is said to a bridge that is gone is dropped."""
        await self._waiting.put(json.dumps(frame, separators=(",", ":")).encode("ascii") + b"\n")

    async def write(self) -> None:
        """Write for ever."""
        while True:
            await asyncio.to_thread(_write_all, self._writer, await self._waiting.get())


class Exchange:
    """One request of the bridge as the app sees it."""

    def __init__(self, frame: Frame, frames: Frames) -> None:
        self._frame = frame
        self._frames = frames
        self._body_was_read = False
        self._gone = asyncio.Event()

    def disconnect(self) -> None:
        """The bridge does not want the answer any more."""
        self._gone.set()

    async def run(self, app: ASGIApp) -> None:
        """Let the app answer; one that fails over it breaks this answer only."""
        try:
            await app(self._scope(), self._receive, self._send)
        except Exception:
            log.exception(
                "the gateway failed over %s %s", self._frame["method"], self._frame["path"]
            )
            await self._frames.send({"id": self._frame["id"], "broken": True})

    def _scope(self) -> Scope:
        path, _, query = str(self._frame["path"]).partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self._frame["method"],
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": [
                (k.lower().encode(), v.encode("latin-1")) for k, v in self._frame["headers"]
            ],
            "client": ("127.0.0.1", 0),
            "server": ("localhost", 80),
        }

    async def _receive(self) -> Message:
        if not self._body_was_read:
            self._body_was_read = True
            return {"type": "http.request", "body": base64.b64decode(self._frame["body"])}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        number = self._frame["id"]
        if self._gone.is_set():
            return
        if message["type"] == "http.response.start":
            headers = [
                [k.decode("latin-1"), v.decode("latin-1")] for k, v in message.get("headers", [])
            ]
            await self._frames.send({"id": number, "status": message["status"], "headers": headers})
        elif message["type"] == "http.response.body":
            body: bytes = message.get("body", b"")
            for start in range(0, len(body), CHUNK):
                chunk = base64.b64encode(body[start : start + CHUNK]).decode("ascii")
                await self._frames.send({"id": number, "chunk": chunk})
            if not message.get("more_body"):
                self._gone.set()
                await self._frames.send({"id": number, "end": True})


@asynccontextmanager
async def _lifespan(app: ASGIApp) -> AsyncGenerator[None]:
    """Start the app and shut it down again, as an HTTP server does."""
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope: Scope = {
        "type": "lifespan",
        "asgi": {"version": "3.0", "spec_version": "2.0"},
        "state": {},
    }
    task = asyncio.create_task(_run_lifespan(app, scope, to_app, from_app))
    await to_app.put({"type": "lifespan.startup"})
    if (await from_app.get())["type"] != "lifespan.startup.complete":
        await task
        raise RuntimeError("The gateway did not start.")
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await from_app.get()
        await task


async def _run_lifespan(
    app: ASGIApp, scope: Scope, to_app: asyncio.Queue[Message], from_app: asyncio.Queue[Message]
) -> None:
    try:
        await app(scope, to_app.get, from_app.put)
    finally:
        # Whatever happened, nobody waits for ever.
        await from_app.put({"type": "lifespan.ended"})


def _claim_stdio() -> tuple[int, int]:
    """Take stdin and stdout away from everybody else: a stray print lands on stderr."""
    reader, writer = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return reader, writer


def _write_all(writer: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(writer, rest) :]
        except BrokenPipeError:
            return
