"""What every request to the gateway on behalf of one tool call has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from flexura.bridge import refusals
from flexura.bridge.call import Call
from flexura.bridge.deadline import Deadline
from flexura.bridge.link import Link
from flexura.bridge.seam import Reply, Request


@dataclass(frozen=True)
class Errand:
    """The way to the gateway, who asks, and until when."""

    link: Link
    # Flexura-Session, Flexura-Project, Flexura-Client.
    headers: dict[str, str]
    call: Call
    deadline: Deadline

    def get(self, path: str) -> Reply:
        """Fetch something. Raises LocalError, TimeoutError at the deadline, Cancelled."""
        return self.link.exchange(Request("GET", path, self.headers), self.call, self.deadline)

    def post(
        self, path: str, body: bytes | BinaryIO, headers: dict[str, str], size: int = 0
    ) -> Reply:
        """Hand something over. Raises LocalError (also when there is no answer in time), Cancelled."""
        request = Request("POST", path, {**self.headers, **headers}, body, size)
        try:
            return self.link.exchange(request, self.call, self.deadline)
        except TimeoutError as error:
            raise refusals.no_answer_in_time() from error
