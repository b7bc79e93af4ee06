"""How the bridge talks to a gateway: one exchange at a time, over HTTP or over a child's pipes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from flexura.bridge.call import Call
from flexura.bridge.deadline import Deadline
from flexura.local.errors import GatewayUnavailable


class NotConnected(GatewayUnavailable):
    """The request did not leave this process: it can be sent again."""


class ConnectionBroken(GatewayUnavailable):
    """The gateway went away after it may have seen the request."""


@dataclass(frozen=True)
class Request:
    """What is sent."""

    method: str
    # Absolute path and query below the gateway's URL.
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | BinaryIO = b""
    # Bytes of a body that is a file.
    size: int = 0


class Reply(Protocol):
    """What comes back; the body arrives while it is read."""

    status: int
    # Names in lower case.
    headers: Mapping[str, str]

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives. Raises ConnectionBroken, and TimeoutError at the deadline."""
        ...

    def close(self) -> None:
        """Give the connection back; a body that was not read to its end is dropped."""
        ...


class Gateway(Protocol):
    """Where requests go."""

    # Opens every route; None when no key was found.
    key: str | None
    # The user's own gateway on this machine.
    is_local: bool

    def exchange(self, request: Request, call: Call, deadline: Deadline) -> Reply:
        """Send a request and wait for the head of its answer.

        Raises NotConnected, ConnectionBroken, TimeoutError at the deadline, Cancelled.
        """
        ...


def read_all(reply: Reply, limit: int = 32 << 20) -> bytes:
    """The whole body; what exceeds the limit is dropped."""
    parts: list[bytes] = []
    size = 0
    for chunk in reply.chunks():
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            break
    return b"".join(parts)
