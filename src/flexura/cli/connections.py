"""Connections within bounds: how many, how large a head, how long until it is there.

uvicorn bounds none of them in a way that tells the caller when to come back.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_CONNECTIONS = 8192
"""Of one process: every waiter, every request and as many that are idle."""
HEAD_SECONDS = 20.0
"""After so long the head of a request must be there."""
HEAD_BYTES = 64 * 1024
"""Of the address and all header fields of a request."""
SPARE_FILES = 1024
_BODY = (
    b'{"error":{"code":"overloaded","message":"The gateway has as many connections as it takes.",'
    b'"next_step":"Connect again in 5 s, and keep connections open."}}'
)
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 5\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class HeadTooLarge(Exception):
    """httptools ends the connection with 400."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, for one connection."""

    _head = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or tell when to come back."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.write(_FULL)
            transport.close()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head = 0
        if self._timer is None:
            self._await_head()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the address. Raises HeadTooLarge."""
        self._grown(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field. Raises HeadTooLarge."""
        self._grown(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._stop_timer()
        super().on_headers_complete()

    def _grown(self, amount: int) -> None:
        self._head += amount
        if self._head > HEAD_BYTES:
            raise HeadTooLarge

    def _await_head(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._late)

    def _late(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def raise_descriptors() -> None:
    """Let this process open a file for every connection and some more, as far as the system allows."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted: Any = MOST_CONNECTIONS + SPARE_FILES
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
