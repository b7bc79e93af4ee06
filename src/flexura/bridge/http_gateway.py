"""A gateway behind an http(s) address. One connection per exchange, so that cancelling is closing."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from flexura.bridge.call import Call, Cancelled
from flexura.bridge.deadline import Deadline
from flexura.bridge.seam import ConnectionBroken, NotConnected, Request
from flexura.local.errors import NO_LOOPBACK, ForbiddenHere

CONNECT_SECONDS = 10.0
CHUNK = 1 << 16


class HttpGateway:
    """Speaks HTTP/1.1."""

    def __init__(self, url: str, key: str | None, *, is_local: bool) -> None:
        self._url = url
        self._parts = urlsplit(url)
        self.key = key
        self.is_local = is_local

    def exchange(self, request: Request, call: Call, deadline: Deadline) -> HttpReply:
        """Send a request and wait for the head of its answer."""
        connection = self._connect(deadline)
        line = Line(connection.sock, call, deadline, self._url)
        try:
            call.attach(line.hang_up)
            line.set_timeout()
            return HttpReply(self._send(connection, request), line)
        except (TimeoutError, Cancelled):
            connection.close()
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            raise line.broken(error) from error

    def _connect(self, deadline: Deadline) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        patience = min(CONNECT_SECONDS, max(deadline.left(), 0.01))
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=patience)
        try:
            connection.connect()
        except OSError as error:
            if self.is_local and error.errno in NO_LOOPBACK:
                raise ForbiddenHere.loopback(error) from error
            raise self._not_connected(error) from error
        return connection

    def _send(
        self, connection: http.client.HTTPConnection, request: Request
    ) -> http.client.HTTPResponse:
        headers = {"Connection": "close", **request.headers}
        if request.size:
            headers["Content-Length"] = str(request.size)
        try:
            path = self._parts.path + request.path
            connection.request(request.method, path, request.body or None, headers)
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses a body early answers before it has read it all.
            with contextlib.suppress(OSError, http.client.HTTPException):
                return connection.getresponse()
            raise
        return connection.getresponse()

    def _not_connected(self, error: OSError) -> NotConnected:
        reason = error.strerror or str(error) or type(error).__name__
        return NotConnected(
            f"The gateway {self._url} cannot be reached: {reason}.", next_step=self._advice()
        )

    def _advice(self) -> str:
        if self.is_local:
            return "Look at `flexura gateway status`, then repeat the call."
        return "Check FLEXURA_URL and the network, or unset it to use the gateway on this machine."


class Line:
    """The connection of one exchange: how long it may be silent, how it is broken off, what its end means."""

    def __init__(self, sock: socket.socket, call: Call, deadline: Deadline, url: str) -> None:
        self._sock = sock
        self._deadline = deadline
        self._url = url
        self.call = call

    def set_timeout(self) -> None:
        """The next read or write may last until the deadline."""
        self._sock.settimeout(max(self._deadline.left(), 0.01))

    def hang_up(self) -> None:
        """Wake whoever reads; closing alone would leave it asleep."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def broken(self, error: Exception) -> ConnectionBroken:
        """What to say when the connection ended too early. Raises Cancelled when we ended it ourselves."""
        self.call.check()
        reason = str(error) or type(error).__name__
        return ConnectionBroken(
            f"The gateway {self._url} closed the connection ({reason}). A job that it took goes on.",
            next_step="Call job_status to see the jobs of this project before you repeat the call.",
        )


class HttpReply:
    """The answer of an HTTP server."""

    def __init__(self, answer: http.client.HTTPResponse, line: Line) -> None:
        self.status = answer.status
        self.headers: Mapping[str, str] = {k.lower(): v for k, v in answer.getheaders()}
        self._answer = answer
        self._line = line

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives."""
        missing = self._answer.length
        try:
            while True:
                self._line.set_timeout()
                chunk = self._answer.read1(CHUNK)
                if not chunk:
                    break
                if missing is not None:
                    missing -= len(chunk)
                yield chunk
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._line.broken(error) from error
        if missing:
            # A server that dies in the middle of a body looks like the end of it.
            raise self._line.broken(EOFError(f"{missing} bytes are missing"))

    def close(self) -> None:
        """Give the connection back."""
        self._line.call.detach()
        self._answer.close()
