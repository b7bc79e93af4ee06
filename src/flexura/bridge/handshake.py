"""What is answered without a gateway: the handshake and the list of tools, in every protocol version.

`snapshot.json` holds the gateway's own answers and is generated from it:

    {"versions": {"2025-06-18": {"initialize": <result>, "tools/list": <result>, …}, …,
                  "2026-07-28": {"server/discover": <result>, "tools/list": <result>, …}}}

with `resources/list` and `resources/templates/list`, which are as static, and under `pages` the capabilities
that a client is told which shows pages (`flexura.bridge.pages`).

The versions with `initialize` are the handshake era, oldest first; the others carry their version in every
request. A message belongs to the era that it shows itself: both kinds may arrive on one pipe.
"""

from __future__ import annotations

import json
import os

from flexura.bridge import jsonrpc, pages
from flexura.local.json_shape import is_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
CLIENT_KEY = "io.modelcontextprotocol/clientInfo"
SNAPSHOT = os.path.join(os.path.dirname(__file__), "snapshot.json")


def read_snapshot(path: str = SNAPSHOT) -> dict[str, Any]:
    """The generated answers, per protocol version."""
    with open(path, encoding="utf-8") as file:
        versions: dict[str, Any] = json.load(file)["versions"]
    return versions


def envelope(message: dict[str, Any]) -> dict[str, Any] | None:
    """The `_meta` of a request of the stateless era, else None."""
    params = message.get("params")
    meta = params.get("_meta") if is_object(params) else None
    return meta if is_object(meta) and VERSION_KEY in meta else None


class Handshake:
    """Answers from the snapshot, and what the client said about itself."""

    def __init__(self, versions: dict[str, Any]) -> None:
        self._versions = versions
        self._handshake = [v for v, answers in versions.items() if "initialize" in answers]
        self._stateless = [v for v, answers in versions.items() if "initialize" not in answers]
        self.version = self._handshake[-1]
        self.client_name = ""
        self.client_has_roots = False

    def answer(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """The response to a request, or None when only a gateway can answer it."""
        meta = envelope(message)
        if meta is None:
            return self._answer_handshake_era(message)
        if (refusal := self._unfit(meta)) is not None:
            return {**refusal, "id": message["id"]}
        answers = self._versions[meta[VERSION_KEY]]
        known = answers.get(message["method"])
        if message["method"] == "server/discover":
            known = pages.told(known, answers, meta[CAPABILITIES_KEY])
        return None if known is None else jsonrpc.result(message["id"], known)

    def _answer_handshake_era(self, message: dict[str, Any]) -> dict[str, Any] | None:
        request_id, method = message["id"], message["method"]
        if method == "initialize":
            return self._initialize(request_id, message.get("params") or {})
        if method == "ping":
            return jsonrpc.result(request_id, {})
        if (known := self._versions[self.version].get(method)) is not None:
            return jsonrpc.result(request_id, known)
        if method == "server/discover":
            # A method of the other era, sent without its envelope.
            return jsonrpc.error(request_id, jsonrpc.METHOD_NOT_FOUND, "Method not found", method)
        return None

    def _initialize(self, request_id: object, params: dict[str, Any]) -> dict[str, Any]:
        asked = params.get("protocolVersion")
        if not isinstance(asked, str):
            return jsonrpc.error(
                request_id, jsonrpc.INVALID_PARAMS, "Invalid request parameters", ""
            )
        self.version = asked if asked in self._handshake else self._handshake[-1]
        capabilities, client = params.get("capabilities"), params.get("clientInfo")
        self.client_has_roots = is_object(capabilities) and is_object(capabilities.get("roots"))
        self.client_name = str(client.get("name", "")) if is_object(client) else ""
        answers = self._versions[self.version]
        return jsonrpc.result(request_id, pages.told(answers["initialize"], answers, capabilities))

    def _unfit(self, meta: dict[str, Any]) -> dict[str, Any] | None:
        """Why an envelope is refused, in the words of the SDK's server."""
        asked = meta[VERSION_KEY]
        if CAPABILITIES_KEY not in meta:
            missing = f"params._meta is missing the required envelope key(s): {CAPABILITIES_KEY}"
            return jsonrpc.error(None, jsonrpc.INVALID_PARAMS, missing)
        if not isinstance(asked, str):
            wrong = "the protocol-version envelope value must be a string"
            return jsonrpc.error(None, jsonrpc.INVALID_PARAMS, wrong)
        if asked in self._stateless:
            return None
        choice = {"supported": self._stateless, "requested": asked}
        unsupported = jsonrpc.UNSUPPORTED_PROTOCOL_VERSION
        return jsonrpc.error(None, unsupported, "Unsupported protocol version", choice)
