"""The MCP server that a user already had: one tool, the standard library, nothing of ours."""

from __future__ import annotations

import json
import sys
from typing import Any

TOOL = {"name": "add_note", "description": "Add a note.", "inputSchema": {"type": "object"}}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """What it says to a request; None for what it does not know."""
    match method:
        case "initialize":
            return {
                "protocolVersion": params["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "notes", "version": "1.0.0"},
            }
        case "tools/list":
            return {"tools": [TOOL]}
        case "ping":
            return {}
        case _:
            return None


def main() -> None:
    """Answer line by line until the client hangs up."""
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        result = answer(message["method"], message.get("params") or {})
        unknown = {"code": -32601, "message": "Method not found"}
        reply = {"error": unknown} if result is None else {"result": result}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **reply}), flush=True)


if __name__ == "__main__":
    main()
