"""Hands an MCP request to the gateway as one stateless HTTP POST, and relays what streams back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

from flexura.bridge import event_stream, refusals
from flexura.bridge.call import Call
from flexura.bridge.deadline import Deadline
from flexura.bridge.handshake import VERSION_KEY, envelope
from flexura.bridge.link import Link
from flexura.bridge.seam import ConnectionBroken, Request, read_all
from flexura.local.json_shape import is_object

# Methods whose Mcp-Name header repeats a parameter, so that a proxy can route without reading the body.
NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
# What the SDK's server answers to a request that was under way when it was stopped.
CONNECTION_CLOSED = -32000
Relay = Callable[[dict[str, Any]], object]


class Forwarder:
    """Sends requests to whichever gateway the link finds."""

    def __init__(self, link: Link, relay: Relay) -> None:
        self._link = link
        self._relay = relay

    def send(
        self, message: dict[str, Any], headers: dict[str, str], call: Call, deadline: Deadline
    ) -> dict[str, Any]:
        """The gateway's response to a request.

        A request whose gateway died over it is sent once more: it joins the job that the first one made,
        for that job's result was never answered to this session. Raises LocalError, Cancelled.
        """
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
        request = Request("POST", "/mcp", headers, body)
        try:
            try:
                return self._post(request, message["id"], call, deadline)
            except ConnectionBroken:
                if not _may_be_repeated(message):
                    raise
            call.check()
            return self._post(request, message["id"], call, deadline, lost=True)
        except TimeoutError as error:
            raise refusals.no_answer_in_time() from error

    def _post(
        self,
        request: Request,
        request_id: object,
        call: Call,
        deadline: Deadline,
        *,
        lost: bool = False,
    ) -> dict[str, Any]:
        reply = self._link.exchange(request, call, deadline, lost=lost)
        try:
            if reply.headers.get("content-type", "").startswith("text/event-stream"):
                return self._last(event_stream.messages(reply.chunks()), request_id)
            body = read_all(reply)
        finally:
            reply.close()
        try:
            found: Any = json.loads(body)
        except ValueError:
            found = None
        if not _is_response(found):
            raise refusals.from_body(reply, body)
        return _response(found, request_id)

    def _last(self, messages: Iterator[dict[str, Any]], request_id: object) -> dict[str, Any]:
        """Relay notifications until the response comes."""
        for message in messages:
            if _is_response(message):
                return _response(message, request_id)
            if "method" in message and "id" not in message:
                self._relay(message)
        raise _without_result()


def protocol_headers(message: dict[str, Any], version: str) -> dict[str, str]:
    """The headers of MCP's HTTP transport; `version` is what a handshake-era client agreed on."""
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    meta = envelope(message)
    if meta is None:
        return {**headers, "MCP-Protocol-Version": version}
    headers["MCP-Protocol-Version"] = header_value(str(meta[VERSION_KEY]))
    headers["Mcp-Method"] = header_value(message["method"])
    name = message.get("params", {}).get(NAMED_BY.get(message["method"], ""))
    if isinstance(name, str):
        headers["Mcp-Name"] = header_value(name)
    return headers


def header_value(text: str) -> str:
    """Text as it survives an HTTP header: printable ASCII as it is, anything else in base64 (SDK's codec)."""
    plain = text.isascii() and text.isprintable() and text == text.strip()
    if plain and not (text.startswith("=?base64?") and text.endswith("?=")):
        return text
    return f"=?base64?{base64.b64encode(text.encode('utf-8', 'replace')).decode('ascii')}?="


def _is_response(message: object) -> TypeGuard[dict[str, Any]]:
    if not is_object(message) or message.get("jsonrpc") != "2.0":
        return False
    return "result" in message or "error" in message


def _response(message: dict[str, Any], request_id: object) -> dict[str, Any]:
    error = message.get("error")
    if is_object(error) and error.get("code") == CONNECTION_CLOSED:
        raise _without_result()
    return {**message, "id": request_id}


def _without_result() -> ConnectionBroken:
    return ConnectionBroken(
        "The gateway ended its answer without a result. A job that it took goes on.",
        next_step="Call job_status to see the jobs of this project before you repeat the call.",
    )


def _may_be_repeated(message: dict[str, Any]) -> bool:
    """Not when the agent asked for a new job whatever ran before: that would buy two."""
    arguments = message.get("params", {}).get("arguments")
    options = arguments.get("options") if is_object(arguments) else None
    return not (is_object(options) and options.get("again"))
