"""Several messages in one line (protocol 2025-03-26): their responses go back together in one line."""

from __future__ import annotations

from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flexura.bridge.wire import Wire


class Batch:
    """Collects the responses to the requests of one batch."""

    def __init__(self, wire: Wire, expected: int) -> None:
        self._wire = wire
        self._missing = expected
        self._responses: list[Any] = []
        self._collecting = allocate_lock()

    def answer(self, response: dict[str, Any] | None) -> bool:
        """Take the response to one request; None when it was cancelled and gets none."""
        with self._collecting:
            self._missing -= 1
            if response is not None:
                self._responses.append(response)
            if self._missing or not self._responses:
                return True
        return self._wire.send(self._responses)
