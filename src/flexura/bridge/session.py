"""One client on one pipe: sorts its messages into those answered here and those for the gateway."""

from __future__ import annotations

import json
import time

from flexura.bridge import jsonrpc
from flexura.bridge.handshake import Handshake, read_snapshot
from flexura.bridge.roots import Roots
from flexura.local.json_shape import is_list, is_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flexura.bridge.calls import Calls
    from flexura.bridge.wire import Wire

    Answer = Callable[[dict[str, Any] | None], bool]


class Session:
    """Reads the client's lines; every request is answered exactly once, a cancelled one never."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._calls: Calls | None = None
        self.handshake = Handshake(read_snapshot())
        self.roots = Roots(wire)

    def receive(self, line: bytes) -> None:
        """Handle one line of the client."""
        received = time.monotonic()
        if not line.strip():
            return
        try:
            message: Any = json.loads(line)
        except (ValueError, RecursionError):
            self._wire.send(jsonrpc.error(None, jsonrpc.PARSE_ERROR, "Parse error"))
            return
        if is_list(message) and message:
            self._receive_batch(message, received)
        else:
            self._receive_message(message, self._answer, received)

    def _answer(self, response: dict[str, Any] | None) -> bool:
        return response is None or self._wire.send(response)

    def _receive_batch(self, messages: list[Any], received: float) -> None:
        from flexura.bridge.batch import Batch

        batch = Batch(self._wire, sum(map(_wants_response, messages)))
        for message in messages:
            self._receive_message(message, batch.answer, received)

    def _receive_message(self, message: object, answer: Answer, received: float) -> None:
        if not is_object(message):
            answer(jsonrpc.error(None, jsonrpc.INVALID_REQUEST, "Not a JSON-RPC message"))
        elif (fault := jsonrpc.fault(message)) is not None:
            if _wants_response(message):
                answer(fault)
        elif "method" not in message:
            self.roots.take(message)
        elif "id" not in message:
            self._notified(message)
        elif (response := self.handshake.answer(message)) is not None:
            answer(response)
        else:
            self._gateway_calls().start(message, answer, received)

    def _notified(self, message: dict[str, Any]) -> None:
        """Nothing is forwarded: the gateway keeps no session that a notification could reach."""
        method = message["method"]
        if method in ("notifications/initialized", "notifications/roots/list_changed"):
            if self.handshake.client_has_roots:
                self.roots.ask()
        elif method == "notifications/cancelled" and self._calls is not None:
            params: dict[str, Any] = message.get("params") or {}
            self._calls.cancel(params.get("requestId"))

    def _gateway_calls(self) -> Calls:
        if self._calls is None:
            # The threads and the HTTP client cost more than the whole handshake, so they come last.
            from flexura.bridge.calls import Calls

            self._calls = Calls(self._wire, self.handshake, self.roots)
        return self._calls

    def finish(self, patience: float = 2.0) -> None:
        """The client closed stdin: answers that come soon are still written, then everything is dropped."""
        if self._calls is not None:
            self._calls.finish(patience)


def _wants_response(message: object) -> bool:
    """Whether somebody waits: for a request, and for what is neither a notification nor a response."""
    if not is_object(message):
        return True
    if "method" in message:
        return "id" in message
    return "result" not in message and "error" not in message
