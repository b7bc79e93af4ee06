"""The client's side: one JSON message per line on stdin and stdout."""

from __future__ import annotations

import json
import os
import select
import sys
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

CHUNK = 1 << 18
# How often a bridge whose client is silent looks whether its parent still lives.
WATCH_SECONDS = 1.0


class Wire:
    """Lines in, messages out. Messages may be sent from any thread."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader = reader
        self._writer = writer
        self._writing = allocate_lock()
        self._parent = os.getppid()
        self._gone = False

    @classmethod
    def claim(cls) -> Wire:
        """Take stdin and stdout away from everybody else: a stray print or a child lands on stderr."""
        reader, writer = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        try:
            os.dup2(2, 1)
        except OSError:
            # Some window applications start us without stderr.
            os.dup2(null, 1)
        os.close(null)
        return cls(reader, writer)

    def lines(self) -> Iterator[bytes]:
        """Every line of the client, however long; ends at end of file or when the parent process is dead."""
        pending: list[bytes] = []
        while self._client_may_speak():
            chunk = os.read(self._reader, CHUNK)
            if not chunk:
                break
            first, *others = chunk.split(b"\n")
            pending.append(first)
            for start_of_next in others:
                yield b"".join(pending)
                pending = [start_of_next]
        if any(pending):
            yield b"".join(pending)

    def _client_may_speak(self) -> bool:
        """Wait for input. An orphan whose stdin somebody else still holds open sees no end of file.

        The parent is watched, for Linux's own death signal comes when the *thread* ends that started us.
        """
        if sys.platform == "win32":  # pragma: no cover
            return True
        while not self._gone and os.getppid() == self._parent:
            if select.select([self._reader], [], [], WATCH_SECONDS)[0]:
                return True
        self._gone = True
        return False

    def send(self, message: dict[str, Any] | list[Any]) -> bool:
        """Write one message; False when nobody reads any more."""
        data = memoryview(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n")
        with self._writing:
            try:
                while data:
                    data = data[os.write(self._writer, data) :]
            except OSError:
                self._gone = True
                return False
        return True

    @property
    def gone(self) -> bool:
        """The client is dead: nothing more can be said to it."""
        return self._gone
