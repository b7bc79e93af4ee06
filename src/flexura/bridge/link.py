"""Which gateway this bridge uses: the one that the user named, their own, or a child on pipes."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from flexura import __version__
from flexura.bridge.call import Call
from flexura.bridge.deadline import Deadline
from flexura.bridge.http_gateway import HttpGateway
from flexura.bridge.seam import Gateway, NotConnected, Reply, Request
from flexura.local import address, gateway, keys
from flexura.local.errors import ForbiddenHere, LocalError
from flexura.local.version import is_newer

if TYPE_CHECKING:
    from flexura.bridge.pipe import PipeGateway

START_SECONDS = 20.0
OLDER = (
    "Your gateway still runs flexura {}; this is {}. `flexura gateway stop` lets the new one start."
)


class Link:
    """Finds the gateway anew for every request: it may have been stopped, moved or replaced meanwhile."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._child: PipeGateway | None = None
        self._only_pipes = os.environ.get("FLEXURA_TRANSPORT") == "pipe"
        # What the user should know about the gateway when a call fails; empty when there is nothing.
        self.advice = ""

    def exchange(
        self, request: Request, call: Call, deadline: Deadline, *, lost: bool = False
    ) -> Reply:
        """Send a request with this user's key and wait for the head of its answer.

        A gateway that cannot be reached is looked for, and started, once more. `lost` says that the last
        exchange broke off: a gateway that was killed can be connected to for an instant longer, so it has
        to answer first. Raises LocalError when there is none or no key for it, ConnectionBroken,
        TimeoutError at the deadline, Cancelled.
        """
        found = self._gateway(deadline, lost=lost)
        try:
            return found.exchange(_opened(request, found), call, deadline)
        except ForbiddenHere:
            self._only_pipes = True
        except NotConnected:
            pass
        call.check()
        found = self._gateway(deadline, lost=True)
        return found.exchange(_opened(request, found), call, deadline)

    @property
    def is_remote(self) -> bool:
        """Whether the user named a gateway; their own is on this machine."""
        return not self._only_pipes and address.remote_url() is not None

    def _gateway(self, deadline: Deadline, *, lost: bool) -> Gateway:
        remote = None if self._only_pipes else address.remote_url()
        if remote is not None:
            return HttpGateway(remote, keys.key_for(address.origin(remote)), is_local=False)
        if not self._only_pipes:
            try:
                return self._own(deadline, lost=lost)
            except ForbiddenHere:
                self._only_pipes = True
        return self._on_pipes(deadline)

    def _own(self, deadline: Deadline, *, lost: bool) -> Gateway:
        running = None if lost else gateway.find()
        if running is None:
            running = gateway.ensure(min(START_SECONDS, deadline.left()))
        # It may have work in hand, so it is not replaced under the user's feet.
        older = is_newer(__version__, running.version)
        self.advice = OLDER.format(running.version, __version__) if older else ""
        # A key that the user set wins over the one that the gateway made for its own user.
        key = keys.from_environment() or running.token
        return HttpGateway(running.url, key, is_local=True)

    def _on_pipes(self, deadline: Deadline) -> Gateway:
        from flexura.bridge.pipe import PipeGateway

        with self._starting:
            if self._child is None or not self._child.alive:
                self._child = PipeGateway.start(deadline)
            return self._child

    def close(self) -> None:
        """End the child, if there is one; its jobs are kept and go on with the next gateway."""
        if self._child is not None:
            self._child.close()


def _opened(request: Request, gateway: Gateway) -> Request:
    if not gateway.key:
        raise LocalError(
            "unauthorized",
            "There is no key for the gateway that FLEXURA_URL names.",
            next_step="Run `flexura login`, or set MEDIA_GATEWAY_API_KEY to a key of that gateway,"
            " or unset FLEXURA_URL to use the gateway on this machine.",
        )
    headers = {**request.headers, "Authorization": f"Bearer {gateway.key}"}
    return replace(request, headers=headers)
