"""A chat program that shows MCP Apps: the extension's own AppBridge in Chromium, a real gateway behind it.

The gateway runs in a thread, with a provider that tests can hold back. The host page lives at an origin of
its own; what it sends to its MCP server goes through Python to the gateway's port, or to a bridge on pipes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import struct
import subprocess
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import httpx2
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Frame, Page

from browser_house import Scheme
from flexura.gateway.app import Gateway
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending
from flexura.runtime import Bind, open_keys, open_services
from flexura.settings import Settings
from node_tools import bin, node22, script
from runs_house import Atelier

FAR = "http://chat.example/"
"""A host out in the web: Chromium keeps its pages away from this machine."""
EXTENSION, MIME = "io.modelcontextprotocol/ui", "text/html;profile=mcp-app"
SHOWS_PAGES = {"extensions": {EXTENSION: {"mimeTypes": [MIME]}}}
EVERYTHING: dict[str, Any] = {
    "openLinks": {},
    "downloadFile": {},
    "serverTools": {},
    "serverResources": {},
    "message": {"text": {}},
    "updateModelContext": {"text": {}},
}
_PAGE = """<!doctype html><html lang="en"><title>Chat</title><style>
:root { color-scheme: light dark }
body { margin: 0; background: light-dark(#f7f7f5, #111113); }
main { max-width: 760px; margin: 0 auto; padding: 16px; }
iframe { display: block; width: 100%; height: 60px; border: 1px solid light-dark(#dddddb, #333337);
  border-radius: 14px; box-sizing: content-box; width: calc(100% - 2px); }
</style><main id="answer"></main><script>SCRIPT</script></html>"""
Server = Callable[[str, dict[str, Any]], dict[str, Any]]


class Painter(Atelier):
    """An Atelier whose pictures, films and sounds are large enough to look at and to listen to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._painted = itertools.count()

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        found = await super().poll(operation, order)
        if not isinstance(found, Done):
            return found
        make = {"image": self._paint, "video": self._film, "audio": self._sing}[order.kind]
        return Done(tuple(make(order) for _ in found.outputs))

    def _path(self, order: Order, ending: str) -> Path:
        return self._folder / f"{order.job_id}-{next(self._painted)}.{ending}"

    def _paint(self, order: Order) -> Output:
        path = self._path(order, "png")
        _painting(next(self._painted), (768, 768)).save(path)
        return Output("image/png", path)

    def _film(self, order: Order) -> Output:
        path = self._path(order, "webm")
        with av.open(str(path), "w") as file:
            track = file.add_stream("libvpx-vp9", rate=12)
            track.width, track.height, track.pix_fmt = 320, 180, "yuv420p"
            for number in range(12):
                frame = av.VideoFrame.from_image(_painting(number, (320, 180)))
                file.mux(track.encode(frame))
            file.mux(track.encode())
        return Output("video/webm", path)

    def _sing(self, order: Order) -> Output:
        path = self._path(order, "wav")
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            tone = (int(9000 * math.sin(at / 4)) for at in range(16_000))
            file.writeframes(struct.pack("<16000h", *tone))
        return Output("audio/wav", path)


def _painting(number: int, size: tuple[int, int]) -> Image.Image:
    """A sky with a sun, each of another colour."""
    sky = Image.linear_gradient("L").resize(size)
    sun = Image.radial_gradient("L").resize(size)
    hue = Image.new("L", size, 20 + number * 23 % 235)
    return Image.merge("HSV", (hue, sun, sky.point(lambda v: 255 - v // 2))).convert("RGB")


@dataclass
class Kitchen:
    """The gateway behind the chat, and its provider."""

    url: str
    key: str
    painter: Painter
    loop: asyncio.AbstractEventLoop

    def hold(self) -> None:
        """Nothing gets ready from now on."""
        self.loop.call_soon_threadsafe(self.painter.gate.clear)

    def serve(self) -> None:
        """All that was held back gets ready."""
        self.loop.call_soon_threadsafe(self.painter.gate.set)

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of an MCP request, as a client over HTTP gets it. Raises on a protocol error."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json, text/event-stream",
        }
        answer = httpx2.post(f"{self.url}/mcp", json=body, headers=headers, timeout=60)
        rows = [row[6:] for row in answer.text.splitlines() if row.startswith("data: {")]
        found = json.loads(rows[-1] if rows else answer.text)
        assert "result" in found, found
        return found["result"]

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a tool call."""
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def save(self, template: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        made = httpx2.post(f"{self.url}/api/v1/templates", json=template, headers=headers)
        assert made.status_code == 201, made.text


@contextmanager
def kitchen(settings: Settings, folder: Path) -> Iterator[Kitchen]:
    """A gateway on a port, in a thread of this process."""
    started: threading.Event = threading.Event()
    made: list[Kitchen] = []
    servers: list[uvicorn.Server] = []

    async def main() -> None:
        painter = Painter(folder)
        async with open_keys(settings) as (keys, first):
            key = first or (await keys.create("test"))[0]
        app = Gateway(lambda: open_services(settings, Bind(), [painter]))
        config = uvicorn.Config(app, port=0, log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        servers.append(server)
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        made.append(Kitchen(f"http://127.0.0.1:{port}", key, painter, loop))
        started.set()
        await serving

    def work() -> None:
        try:
            asyncio.run(main())
        finally:
            # Also when it failed, so that nobody waits in vain.
            started.set()

    thread = threading.Thread(target=work, name="kitchen")
    thread.start()
    try:
        assert started.wait(60) and made, "the gateway did not start"
        yield made[0]
    finally:
        if made:
            made[0].serve()
        for server in servers:
            server.should_exit = True
        thread.join(30)


def host_page(folder: Path) -> str:
    """The chat program: one page with the host's script in one piece."""
    made = folder / "host.js"
    rolldown = bin("rolldown").resolve()
    subprocess.run(
        [
            *(str(node22()), str(rolldown), str(script("apps_host.mjs"))),
            *("--format", "iife", "--platform", "browser", "-o", str(made)),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    text = made.read_text(encoding="utf-8").replace("</script", "<\\/script")
    return _PAGE.replace("SCRIPT", text)


@dataclass
class Window:
    """The chat program at an address on this machine, as a desktop program has its pages."""

    html: str
    url: str = ""
    server: Server = lambda method, params: {}

    def ask(self, body: str | bytes | None) -> str:
        """What the host page is answered about its MCP server."""
        asked: dict[str, Any] = json.loads(body or "{}")
        return json.dumps(self.server(asked["method"], asked["params"]))


@contextmanager
def served(html: str) -> Iterator[Window]:
    """A chat program; its questions to the MCP server are answered beside the browser's own work."""
    window = Window(html)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(window.html, "text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(window.ask(body), "application/json")

        def answer(self, text: str, mime: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", mime)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        window.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, name="chat")
        thread.start()
        try:
            yield window
        finally:
            server.shutdown()
            thread.join(10)


@dataclass
class Chat:
    """The host page, and the view in it."""

    page: Page
    server: Server
    complaints: list[str] = field(default_factory=list[str])

    @property
    def view(self) -> Frame:
        """The frame in which the result is shown."""
        return self.page.frames[-1]

    def heard(self, what: str) -> list[Any]:
        """What the view told the host: messages, contexts, links, sizes, calls, modes."""
        return self.page.evaluate("what => host.heard[what]", what)

    def show(
        self,
        *,
        capabilities: dict[str, Any] = EVERYTHING,
        context: dict[str, Any] | None = None,
        blocked: bool = False,
        tool: str = "generate_image",
    ) -> None:
        """Open the view as a host does for a call of that tool; `blocked` allows no address at all."""
        tools = {one["name"]: one for one in self.server("tools/list", {})["tools"]}
        uri = tools[tool]["_meta"]["ui"]["resourceUri"]
        resource = self.server("resources/read", {"uri": uri})["contents"][0]
        theme = self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        told = {"theme": "dark" if theme else "light", "toolInfo": {"tool": tools[tool]}}
        self.page.evaluate(
            "given => host.show(given)",
            {
                "html": resource["text"],
                "meta": resource["_meta"]["ui"],
                "capabilities": capabilities,
                "context": told | (context or {}),
                "blocked": blocked,
            },
        )

    def result(self, result: dict[str, Any], **arguments: Any) -> None:
        """What the tool was called with, and what it gave."""
        self.page.evaluate("given => host.input(given)", arguments)
        self.page.evaluate("given => host.result(given)", result)


@contextmanager
def chat(
    browser: Browser,
    server: Server,
    window: Window,
    *,
    far: bool = False,
    scheme: Scheme = "light",
    size: tuple[int, int] = (760, 700),
    motion: str = "reduce",
) -> Iterator[Chat]:
    """A chat window; what its pages complain about fails the test, unless it is asked for."""
    width, height = size
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": height},
        reduced_motion="reduce" if motion == "reduce" else "no-preference",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    found = Chat(page, server)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (found.complaints.append("a dialog"), dialog.dismiss()))
    window.server = server
    if far:
        page.route(
            f"{FAR}rpc", lambda route: route.fulfill(body=window.ask(route.request.post_data))
        )
        page.route(FAR, lambda route: route.fulfill(body=window.html, content_type="text/html"))
    try:
        page.goto(FAR if far else window.url)
        yield found
        assert not found.complaints, found.complaints
    finally:
        context.close()
