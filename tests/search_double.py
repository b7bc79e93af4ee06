"""Search services on a port: one that answers as Tavily documents, and one that answers as it is told."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ROWS = [{"title": "Retries", "url": "https://example.org/retries", "content": "How to retry."}]


@dataclass
class SearchDouble:
    """Where it listens, what it finds, what it was asked and with which headers."""

    url: str
    results: list[dict[str, Any]]
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """One request: its query string and its JSON body are both `sent`."""

    method: str
    path: str
    sent: dict[str, Any]
    headers: dict[str, str]


@dataclass
class EngineDouble:
    """Answers every request with the same bytes, whatever they are."""

    url: str
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answers(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """From now on it answers with this JSON."""
        self.status, self.headers = status, headers or {}
        self.body = json.dumps(value).encode()


@contextlib.contextmanager
def search_double(results: list[dict[str, Any]]) -> Iterator[SearchDouble]:
    """Finds these results, whatever is asked; for the query `broken` it answers with an error."""
    with _listening(_Tavily) as server:
        double = SearchDouble(f"http://127.0.0.1:{server.server_port}", results)
        server.double = double  # type: ignore[attr-defined]
        yield double


@contextlib.contextmanager
def engine_double() -> Iterator[EngineDouble]:
    """An engine whose answers a test sets."""
    with _listening(_Engine) as server:
        double = EngineDouble(f"http://127.0.0.1:{server.server_port}")
        server.double = double  # type: ignore[attr-defined]
        yield double


@contextlib.contextmanager
def _listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="search double")
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def lowered(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return None


class _Tavily(_Handler):
    def do_POST(self) -> None:
        double: SearchDouble = self.server.double  # type: ignore[attr-defined]
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        double.asked.append(asked)
        double.headers.append(self.lowered())
        broken = asked["query"] == "broken"
        answer = (
            {"detail": {"error": "broken"}} if broken else _answer(asked["query"], double.results)
        )
        self.answer(500 if broken else 200, json.dumps(answer).encode(), {})


class _Engine(_Handler):
    def do_GET(self) -> None:
        double: EngineDouble = self.server.double  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length", 0))
        sent = dict(parse_qsl(parts.query)) | json.loads(self.rfile.read(length) or b"{}")
        double.asked.append(Asked(self.command, parts.path, sent, self.lowered()))
        self.answer(double.status, double.body, double.headers)

    do_POST = do_GET


def _answer(query: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [{"score": 0.9, "raw_content": None, **row} for row in results]
    return {"query": query, "answer": None, "images": [], "results": rows, "response_time": 0.1}
