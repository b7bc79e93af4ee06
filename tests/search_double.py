"""A search service on a port that answers as Tavily documents."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ROWS = [{"title": "Retries", "url": "https://example.org/retries", "content": "How to retry."}]


@dataclass
class SearchDouble:
    """Where it listens, what it finds, what it was asked and with which headers."""

    url: str
    results: list[dict[str, Any]]
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextlib.contextmanager
def search_double(results: list[dict[str, Any]]) -> Iterator[SearchDouble]:
    """Finds these results, whatever is asked; for the query `broken` it answers with an error."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    double = SearchDouble(f"http://127.0.0.1:{server.server_port}", results)
    server.double = double  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="search double")
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        double: SearchDouble = self.server.double  # type: ignore[attr-defined]
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        double.asked.append(asked)
        double.headers.append({name.lower(): value for name, value in self.headers.items()})
        broken = asked["query"] == "broken"
        answer = (
            {"detail": {"error": "broken"}} if broken else _answer(asked["query"], double.results)
        )
        body = json.dumps(answer).encode()
        self.send_response(500 if broken else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return None


def _answer(query: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [{"score": 0.9, "raw_content": None, **row} for row in results]
    return {"query": query, "answer": None, "images": [], "results": rows, "response_time": 0.1}
