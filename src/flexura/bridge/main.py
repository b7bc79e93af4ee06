"""`flexura mcp`: an MCP server on stdio."""

from __future__ import annotations

import signal
import sys

from flexura.bridge.session import Session
from flexura.bridge.wire import Wire

USAGE = """usage: flexura mcp

Speaks MCP (JSON-RPC, one message per line) on stdin and stdout; an agent starts it.
It uses the gateway that FLEXURA_URL names, else your own, which it starts when none runs.
"""


def main(arguments: list[str]) -> int:
    """Serve one client until it closes stdin or dies."""
    if arguments:
        asked = arguments[0] in ("-h", "--help")
        print(USAGE, end="", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    wire = Wire.claim()
    session = Session(wire)
    try:
        for line in wire.lines():
            session.receive(line)
        session.finish()
    except SystemExit:
        # Asked to end at once: only the parts of files are cleared away.
        session.finish(patience=0.0)
        raise
    return 0


def _leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)
