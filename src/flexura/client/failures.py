"""From an HTTP answer that is no success back to the error tree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flexura.domain.errors import FlexuraError, error_class
from flexura.local.errors import GatewayUnavailable, LocalError
from flexura.local.json_shape import is_object

# For answers that are not in the gateway's own words: a proxy's page, a framework's plain text.
_BY_STATUS = {
    401: ("unauthorized", "Set MEDIA_GATEWAY_API_KEY, or run `flexura login`."),
    403: ("forbidden", "Use a key that may do that, or ask whoever runs the gateway."),
    404: ("not_found", "Check FLEXURA_URL: nothing answers at that address as a gateway would."),
    413: ("payload_too_large", "Send a smaller file."),
    429: ("rate_limited", "Wait, then repeat the command."),
}
_LONGEST_REASON = 200


def failure_of(status: int, headers: Mapping[str, str], body: bytes) -> FlexuraError | LocalError:
    """The error that an answer tells of."""
    error = _error_object(body)
    if error is not None and isinstance(error.get("code"), str):
        known = {"code", "message", "next_step", "field"}
        details = {name: value for name, value in error.items() if name not in known}
        return error_class(str(error["code"]))(
            str(error.get("message", "")),
            next_step=str(error.get("next_step", "")),
            field=str(error.get("field", "")),
            **details,
        )
    reason = " ".join(body.decode("utf-8", "replace").split())[:_LONGEST_REASON]
    message = f"The gateway answered {status}" + (f": {reason}" if reason else ".")
    if status in _BY_STATUS:
        code, next_step = _BY_STATUS[status]
        return error_class(code)(message, next_step=next_step)
    return GatewayUnavailable(
        message,
        next_step="Wait a moment and repeat the command; `flexura status` shows what was taken.",
    )


def _error_object(body: bytes) -> dict[str, Any] | None:
    try:
        found: Any = json.loads(body)
    except ValueError:
        return None
    error: Any = found.get("error") if is_object(found) else None
    return error if is_object(error) else None


def not_reached(url: str, reason: str) -> GatewayUnavailable:
    """The error for a gateway that did not answer."""
    return GatewayUnavailable(
        f"The gateway {url} cannot be reached: {reason}.",
        next_step="Look at `flexura doctor`; check FLEXURA_URL and the network if the gateway is elsewhere.",
    )
