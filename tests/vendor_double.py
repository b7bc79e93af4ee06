"""A vendor on a loopback port: answers as a wire sample says, counts purchases, and fails when told to."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import socket
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_FIXTURES = Path(__file__).parent / "fixtures"
MIME = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
}
JOB = r"[\w.-]+"


def media(kind: str) -> bytes:
    """A tiny real file of that kind."""
    return (_FIXTURES / "media" / f"tiny.{kind}").read_bytes()


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    exchange: dict[str, Any] | None

    @property
    def buys(self) -> bool:
        """Whether this was the paid one."""
        return bool(self.exchange and self.exchange.get("buys"))

    def sent(self) -> Any:
        """The JSON body, or the fields of a form (file parts as their file names)."""
        if "multipart/form-data" not in self.headers.get("content-type", ""):
            return json.loads(self.body) if self.body else {}
        found = re.findall(
            rb'name="([^"]+)"(?:; filename="([^"]*)")?[^\r]*\r\n(?:[^\r]+\r\n)*\r\n(.*?)\r\n--',
            self.body,
            re.S,
        )
        return {n.decode(): (f or v).decode("utf-8", "replace") for n, f, v in found}


@dataclass
class VendorDouble:
    """Where it listens and what it saw. `trouble` holds answers that come before the sample's own."""

    url: str = ""
    exchanges: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    trouble: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By kind of request (`buys`, `other`, `listing`): answers to give first, one each."""
    held: threading.Event = field(default_factory=threading.Event)
    """Set when a request is being held by the fault `hold`, which ends when `go_on` is set."""
    go_on: threading.Event = field(default_factory=threading.Event)
    _turn: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def bought(self) -> int:
        """How many paid requests arrived."""
        return sum(asked.buys for asked in self.asked)

    def answer(self, asked: Asked) -> dict[str, Any]:
        """What to answer now."""
        with self._lock:
            self.asked.append(asked)
            if asked.exchange is None:
                return {"status": 404, "json": {"error": {"message": f"no such path {asked.path}"}}}
            kind = "buys" if asked.buys else asked.exchange.get("part", "other")
            key = kind if kind != "other" else f"other {asked.method} {asked.path}"
            waiting = self.trouble.get(key)
            if waiting is None and kind == "other" and "other" in self.trouble:
                waiting = self.trouble[key] = list(self.trouble["other"])
            if waiting:
                return waiting.pop(0)
            group = [e for e in self.exchanges if _same(e, asked.exchange)]
            turn = self._turn.get(id(group[0]), 0)
            self._turn[id(group[0])] = turn + 1
            return group[min(turn, len(group) - 1)]["answer"]

    def find(self, method: str, path: str, query: Mapping[str, list[str]]) -> dict[str, Any] | None:
        """The exchange that this request belongs to: by method, path and the sample's part of the query."""
        for exchange in self.exchanges:
            wanted = {k: str(v) for k, v in exchange.get("query", {}).items()}
            if exchange.get("method", "GET") != method or not _path_fits(exchange["path"], path):
                continue
            if all(query.get(k, [None])[0] == v for k, v in wanted.items()):
                return exchange
        return None

    def filled(self, value: Any, path: str = "") -> Any:
        """A sample's value with this double's URL, media in base64 and the job id of the path put in."""
        if isinstance(value, str):
            kind = value[1:-1]
            if value == f"{{{kind}}}" and kind in MIME:
                return base64.b64encode(media(kind)).decode()
            return value.replace("{server}", self.url)
        if isinstance(value, list):
            return [self.filled(item, path) for item in value]
        if isinstance(value, dict):
            return {str(self.filled(k)): self.filled(v, path) for k, v in value.items()}
        return value


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one.get(k) == other.get(k) for k in ("method", "path", "query"))


def _path_fits(pattern: str, path: str) -> bool:
    return bool(re.fullmatch(JOB.join(map(re.escape, pattern.split("{job_id}"))), path))


@contextlib.contextmanager
def vendor_double() -> Iterator[VendorDouble]:
    """A double that listens until the block ends."""
    with unheard_double() as (double, listen):
        listen()
        yield double


@contextlib.contextmanager
def unheard_double() -> Iterator[tuple[VendorDouble, Callable[[], None]]]:
    """A double that has its port and refuses every connection until it is told to listen."""
    double = VendorDouble()
    server = _Server(("127.0.0.1", 0), _Handler, bind_and_activate=False)
    server.double = double  # type: ignore[attr-defined]
    server.server_bind()
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="vendor double")

    def listen() -> None:
        server.server_activate()
        thread.start()

    try:
        yield double, listen
    finally:
        double.go_on.set()
        if thread.ident is not None:
            server.shutdown()
            thread.join(10)
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # The usual five are too few for an adapter that asks for several lists at once; the rest is dropped.
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_QUERY = do_GET

    def _serve(self) -> None:
        double: VendorDouble = self.server.double  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        path = urllib.parse.unquote(path)
        given = urllib.parse.parse_qs(query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(
            self.command, path, given, headers, body, double.find(self.command, path, given)
        )
        self._give(double, double.answer(asked), path)

    def _give(self, double: VendorDouble, answer: dict[str, Any], path: str) -> None:
        fault = answer.get("fault", "")
        if fault == "reset":
            # The request arrived; the answer never comes.
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if fault == "hold":
            double.held.set()
            double.go_on.wait(30)
        content, mime = _content(double, answer, path)
        self.send_response(answer.get("status", 200))
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, double.filled(value))
        self.send_header("Content-Type", mime)
        if fault == "short":
            # A wrong length that hides the end of the file.
            content = content[: len(content) // 2]
        self.send_header("Content-Length", str(len(content) + (10 if fault == "truncated" else 0)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            # A slow drip: a byte at a time is slow enough for every buffer in between.
            step = 1 if fault == "drip" else len(content) or 1
            for start in range(0, len(content), step):
                self.wfile.write(content[start : start + step])
        if fault == "truncated":
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _content(double: VendorDouble, answer: dict[str, Any], path: str) -> tuple[bytes, str]:
    if kind := answer.get("media"):
        return media(kind), MIME[kind]
    if "text" in answer:
        return answer["text"].encode(), answer.get("mime", "text/html")
    return json.dumps(double.filled(answer.get("json"), path)).encode(), "application/json"
