"""What stands in the way on this machine, in the words of the wire: code, message, next step."""

from __future__ import annotations

from typing import Any


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
