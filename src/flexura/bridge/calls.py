"""The requests that only a gateway can answer: one thread each."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from flexura.bridge import refusals
from flexura.bridge.call import Call, Cancelled
from flexura.bridge.deadline import LONGEST_WAIT, Deadline
from flexura.bridge.errand import Errand
from flexura.bridge.forward import Forwarder
from flexura.bridge.handshake import Handshake
from flexura.bridge.identity import Identity
from flexura.bridge.link import Link
from flexura.bridge.roots import Roots
from flexura.bridge.tool_call import ToolCalls
from flexura.bridge.wire import Wire
from flexura.local.errors import LocalError

Answer = Callable[[dict[str, Any] | None], bool]
# The time for parts of files to be removed, once their calls are broken off.
CLEARING_SECONDS = 0.5


class Calls:
    """Requests under way, by their id."""

    def __init__(self, wire: Wire, handshake: Handshake, roots: Roots) -> None:
        self._wire = wire
        self._link = Link()
        self._identity = Identity(handshake, roots)
        self._forwarder = Forwarder(self._link, wire.send)
        self._tools = ToolCalls(self._link, self._forwarder, self._identity)
        self._under_way: dict[tuple[type, object], Call] = {}
        self._idle = threading.Condition()

    def start(self, message: dict[str, Any], answer: Answer, received: float) -> None:
        """Answer a request in a thread of its own."""
        call = Call()
        key = _key(message["id"])
        with self._idle:
            self._under_way[key] = call
        threading.Thread(
            target=self._serve,
            args=(message, answer, received, call),
            name=f"request {key[1]}",
            daemon=True,
        ).start()

    def cancel(self, request_id: object) -> None:
        """The client does not want that answer any more: it gets none."""
        with self._idle:
            call = self._under_way.get(_key(request_id))
        if call is not None:
            call.cancel()

    def finish(self, patience: float) -> None:
        """Wait a little for answers under way, then break them off. Their jobs go on in the gateway."""
        if not self._wait_until_idle(patience):
            with self._idle:
                left = list(self._under_way.values())
            for call in left:
                call.cancel()
            self._wait_until_idle(CLEARING_SECONDS)
        self._link.close()

    def _wait_until_idle(self, seconds: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: not self._under_way or self._wire.gone, seconds)

    def _serve(self, message: dict[str, Any], answer: Answer, received: float, call: Call) -> None:
        try:
            response, afterwards = self._response(message, call, received)
            call.check()
            if answer(response):
                afterwards()
        except Cancelled:
            answer(None)
        finally:
            with self._idle:
                if self._under_way.get(_key(message["id"])) is call:
                    del self._under_way[_key(message["id"])]
                self._idle.notify_all()

    def _response(
        self, message: dict[str, Any], call: Call, received: float
    ) -> tuple[dict[str, Any], Callable[[], None]]:
        try:
            if message["method"] == "tools/call":
                return self._tools.run(message, call, received)
            errand = self._errand(message, call, received)
            return self._forwarder.send(message, errand.headers, call, errand.deadline), _nothing
        except LocalError as error:
            return refusals.answer(message, error), _nothing
        except Cancelled:
            raise
        except Exception as error:
            # A fault of ours: the agent gets an answer, the reason is for whoever reads the agent's log.
            sys.excepthook(type(error), error, error.__traceback__)
            return refusals.answer(message, _fault(error)), _nothing

    def _errand(self, message: dict[str, Any], call: Call, received: float) -> Errand:
        headers = self._identity.headers(message, self._identity.project())
        return Errand(self._link, headers, call, Deadline(received, LONGEST_WAIT))


def _key(request_id: object) -> tuple[type, object]:
    """1 and "1" are different ids."""
    return type(request_id), request_id


def _fault(error: Exception) -> LocalError:
    return LocalError(
        "internal_error",
        f"The bridge failed over this call ({type(error).__name__}). A job that was made goes on.",
        next_step="Call job_status to see this project's jobs; the agent's log of this server says why.",
    )


def _nothing() -> None:
    """Nothing is left to do."""
