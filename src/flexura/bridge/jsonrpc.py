"""JSON-RPC 2.0 envelopes, as MCP uses them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
# The band that JSON-RPC leaves to implementations; the reason is in `data.code`, in the gateway's words.
GATEWAY_ERROR = -32010
UNSUPPORTED_PROTOCOL_VERSION = -32022


def result(request_id: object, value: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request."""
    return {"jsonrpc": "2.0", "id": request_id, "result": value}


def error(request_id: object, code: int, message: str, data: Any = None) -> dict[str, Any]:
    """The refusal of a request; the id is None when it could not be read."""
    body: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        body["data"] = data
    return {"jsonrpc": "2.0", "id": request_id, "error": body}


def is_id(value: object) -> bool:
    """Whether a request may carry this id (MCP: a string or an integer)."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def fault(message: dict[str, Any]) -> dict[str, Any] | None:
    """The error to answer when this object is no request, notification or response."""
    request_id = message.get("id") if is_id(message.get("id")) else None
    if message.get("jsonrpc") != "2.0":
        return error(request_id, INVALID_REQUEST, 'Not JSON-RPC 2.0: "jsonrpc" must be "2.0"')
    if "method" not in message:
        is_response = "result" in message or "error" in message
        return (
            None
            if is_response
            else error(request_id, INVALID_REQUEST, "Neither request nor response")
        )
    if not isinstance(message["method"], str):
        return error(request_id, INVALID_REQUEST, '"method" must be a string')
    if "id" in message and request_id is None:
        return error(None, INVALID_REQUEST, '"id" must be a string or an integer')
    if not isinstance(message.get("params", {}), dict):
        return error(request_id, INVALID_PARAMS, '"params" must be an object')
    return None
