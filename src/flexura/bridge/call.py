"""One request under way, and how it is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cancelled(Exception):
    """The client does not want the answer any more."""


class Call:
    """Cancelling closes the connection on which the request waits; the job itself goes on."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._abort: Callable[[], None] | None = None
        self.cancelled = False

    def attach(self, abort: Callable[[], None]) -> None:
        """Say how the work that now begins is broken off. Raises Cancelled when it need not begin."""
        with self._changing:
            if self.cancelled:
                raise Cancelled
            self._abort = abort

    def detach(self) -> None:
        """That work is over."""
        with self._changing:
            self._abort = None

    def check(self) -> None:
        """Raise Cancelled when the answer is not wanted any more."""
        if self.cancelled:
            raise Cancelled

    def cancel(self) -> None:
        """Break off what is under way; any thread may say so."""
        with self._changing:
            self.cancelled = True
            abort, self._abort = self._abort, None
        if abort is not None:
            abort()
