"""A network that only writes down who was dialled, and answers from a script."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"


def redirect(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


class Line(httpcore2.AsyncNetworkStream):
    """One connection: what was sent on it, and the answers that it gives, one per request."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self.sent = b""
        self.server_name = ""
        self._unread = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        part, self._unread = self._unread[:max_bytes], self._unread[max_bytes:]
        return part

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sent += buffer
        if b"\r\n\r\n" in buffer:
            self._unread += self._dial.answers.pop(0) if self._dial.answers else OK

    async def aclose(self) -> None:
        pass

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.server_name = server_hostname or ""
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


class Dial(httpcore2.AsyncNetworkBackend):
    """Connects to nothing; addresses in `dead` do not answer."""

    def __init__(self, *answers: bytes, dead: Iterable[str] = ()) -> None:
        self.answers = list(answers)
        self.dead = set(dead)
        self.dialled: list[tuple[str, int]] = []
        self.lines: list[Line] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.dialled.append((host, port))
        if host in self.dead:
            raise httpcore2.ConnectError("refused")
        self.lines.append(Line(self))
        return self.lines[-1]


class Names:
    """A name server under our control: each question takes a name's next answer, the last for ever."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]
