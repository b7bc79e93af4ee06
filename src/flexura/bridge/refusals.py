"""Why a request failed, in the shape in which the agent's model gets to see it: code, reason, next step."""

from __future__ import annotations

import json
from typing import Any

from flexura.bridge import jsonrpc
from flexura.bridge.handshake import envelope
from flexura.bridge.seam import Reply
from flexura.local import keys
from flexura.local.errors import LocalError
from flexura.local.json_shape import is_object

# For answers that are not in the gateway's own words: a proxy's page, a framework's plain text.
BY_STATUS = {
    401: ("unauthorized", f"Set {keys.VARIABLE} to a key of this gateway."),
    403: ("forbidden", "Use a key that may do that, or ask whoever runs the gateway."),
    404: ("not_found", "Check FLEXURA_URL: nothing answers at that address as a gateway would."),
    413: (
        "payload_too_large",
        "Name files by their path in the project; do not put them into the call.",
    ),
    421: ("forbidden", "Set FLEXURA_URL to the address under which the gateway knows itself."),
    429: ("rate_limited", "Wait, then repeat the call."),
}
UNAVAILABLE = (
    "gateway_unavailable",
    "Wait a moment, then repeat the call; job_status shows what was taken.",
)
LONGEST_REASON = 300


def from_body(reply: Reply, body: bytes) -> LocalError:
    """What an HTTP answer that is no MCP message says."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        found = None
    error = found.get("error") if is_object(found) else None
    code, next_step = BY_STATUS.get(reply.status, UNAVAILABLE)
    if is_object(error) and isinstance(error.get("message"), str):
        said = str(error.get("next_step") or next_step)
        return LocalError(str(error.get("code") or code), error["message"], next_step=said)
    if 300 <= reply.status < 400:
        next_step = (
            f"Set FLEXURA_URL to the address that it names: {reply.headers.get('location', '')}"
        )
    reason = " ".join(body.decode("utf-8", "replace").split())[:LONGEST_REASON]
    if retry_after := reply.headers.get("retry-after"):
        next_step = f"{next_step} (Retry-After: {retry_after} s)"
    return LocalError(code, f"The gateway answered {reply.status}: {reason}", next_step=next_step)


def no_answer_in_time() -> LocalError:
    """The deadline came before the gateway's answer."""
    return LocalError(
        "gateway_unavailable",
        "The gateway did not answer in time. A job that it took goes on.",
        next_step="Call job_status without ids: it lists this project's jobs and brings finished files home.",
    )


def answer(message: dict[str, Any], error: LocalError) -> dict[str, Any]:
    """The response to a request that failed before or beside the gateway."""
    if message["method"] == "tools/call":
        # A protocol error would be shown to the user at best; the model reads results.
        stateless = envelope(message) is not None
        return jsonrpc.result(message["id"], tool_error(error.body(), stateless=stateless))
    data = error.body()
    text = f"{error.message} {error.next_step}".strip()
    return jsonrpc.error(message["id"], jsonrpc.GATEWAY_ERROR, text, data)


def tool_error(body: dict[str, Any], *, stateless: bool) -> dict[str, Any]:
    """A tool result that says why there is none."""
    found = {"error": body}
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    result: dict[str, Any] = {
        "content": [{"type": "text", "text": text}],
        "structuredContent": found,
        "isError": True,
    }
    if stateless:
        result["resultType"] = "complete"
    return result
