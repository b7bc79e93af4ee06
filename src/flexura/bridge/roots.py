"""Which directories the client works in. A stateless gateway cannot ask the client, so the bridge does."""

from __future__ import annotations

import time

from flexura.local.json_shape import is_list, is_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flexura.bridge.wire import Wire

# A client that declared roots answers at once; a call must not wait long for one that does not.
PATIENCE = 2.0


class Roots:
    """The client's roots, asked once it is initialized and again when it says that they changed."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._asked = 0
        self._waiting = ""
        self._waiting_until = 0.0
        self._uris: list[str] = []

    def ask(self) -> None:
        """Send `roots/list` to the client."""
        self._asked += 1
        self._waiting = f"flexura-roots-{self._asked}"
        self._waiting_until = time.monotonic() + PATIENCE
        self._wire.send({"jsonrpc": "2.0", "id": self._waiting, "method": "roots/list"})

    def take(self, response: dict[str, Any]) -> None:
        """Read a response of the client; only the answer to our last question counts."""
        if not self._waiting or response.get("id") != self._waiting:
            return
        result = response.get("result")
        found = result.get("roots") if is_object(result) else None
        if is_list(found):
            self._uris = [str(root["uri"]) for root in found if is_object(root) and "uri" in root]
        self._waiting = ""

    def uris(self) -> list[str]:
        """The roots' URIs in the client's order; waits a moment for an answer that is under way."""
        while self._waiting and time.monotonic() < self._waiting_until:
            time.sleep(0.01)
        return self._uris
