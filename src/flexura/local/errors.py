"""What stands in the way on this machine, in the words of the wire: code, message, next step."""

from __future__ import annotations

import errno
from typing import Any

# How a sandbox says no to loopback: forbidden, or there is no such network in here.
NO_LOOPBACK = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
)


class LocalError(Exception):
    """Something on this machine stands in the way."""

    def __init__(self, code: str, message: str, *, next_step: str = "") -> None:
        self.code = code
        self.message = message
        self.next_step = next_step
        super().__init__(f"{message} {next_step}".strip())

    def body(self) -> dict[str, Any]:
        """The wire shape inside `{"error": …}`, the same as the gateway's."""
        found = {"code": self.code, "message": self.message, "next_step": self.next_step}
        return {name: text for name, text in found.items() if text}


class GatewayUnavailable(LocalError):
    """No gateway answers."""

    def __init__(self, message: str, *, next_step: str) -> None:
        super().__init__("gateway_unavailable", message, next_step=next_step)


class ForbiddenHere(GatewayUnavailable):
    """This sandbox forbids loopback connections or background processes; a child on pipes may still work."""

    @classmethod
    def loopback(cls, error: OSError) -> ForbiddenHere:
        """What to say when a socket on this machine is refused by the system itself."""
        return cls(
            f"This sandbox has no loopback network ({error.strerror}).",
            next_step="Allow loopback connections, or set FLEXURA_URL to a gateway that runs elsewhere.",
        )
