"""An agent with `flexura mcp` on its pipes, as a test sees it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

VERSION = "2025-11-25"
PATIENCE = 60.0
COMMAND = (sys.executable, "-m", "flexura", "mcp")


class Agent:
    """Writes lines to the bridge and reads what comes back."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.heard: list[dict[str, Any]] = []
        self.roots: list[str] | None = None
        self._buffer = b""
        self._numbers = itertools.count(1)

    def write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def send(self, method: str, params: dict[str, Any] | None = None) -> int:
        """Send a request; returns its id."""
        number = next(self._numbers)
        message = {"jsonrpc": "2.0", "id": number, "method": method}
        self.write(
            json.dumps({**message, "params": params} if params is not None else message).encode()
        )
        return number

    def notify(self, method: str, params: dict[str, Any] | None = None) -> None:
        self.write(
            json.dumps({"jsonrpc": "2.0", "method": method, "params": params or {}}).encode()
        )

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The response to a request."""
        return self.response(self.send(method, params))

    def response(self, number: object) -> dict[str, Any]:
        """Read until the response with this id; everything else is kept in `heard`."""
        while True:
            message = self.read()
            if (
                isinstance(message, dict)
                and message.get("id") == number
                and "method" not in message
            ):
                return message
            self.heard.append(message)

    def read(self) -> Any:
        """The next line; answers the bridge's own questions."""
        end = time.monotonic() + PATIENCE
        while b"\n" not in self._buffer:
            assert self.process.stdout is not None
            left = end - time.monotonic()
            assert left > 0, "the bridge said nothing"
            if select.select([self.process.stdout], [], [], left)[0]:
                chunk = os.read(self.process.stdout.fileno(), 1 << 16)
                assert chunk, "the bridge ended"
                self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        message = json.loads(line)
        if isinstance(message, dict) and message.get("method") == "roots/list":
            roots = [{"uri": uri} for uri in self.roots or []]
            self.write(
                json.dumps(
                    {"jsonrpc": "2.0", "id": message["id"], "result": {"roots": roots}}
                ).encode()
            )
        return message

    def initialize(
        self, version: str = VERSION, *, roots: list[str] | None = None
    ) -> dict[str, Any]:
        self.roots = roots
        capabilities = {} if roots is None else {"roots": {}}
        client = {"name": "tester", "version": "1"}
        hello = {"protocolVersion": version, "capabilities": capabilities, "clientInfo": client}
        answer = self.ask("initialize", hello)
        self.notify("notifications/initialized")
        if roots is not None:
            assert self.read()["method"] == "roots/list"
        return answer

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a tool call."""
        response = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert "result" in response, response
        return response["result"]

    def close(self) -> int:
        """Close stdin and wait for the end; returns the exit code."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        return self.process.wait(10)


@contextlib.contextmanager
def agent(project: Path, command: Sequence[str] = COMMAND, **environment: str) -> Iterator[Agent]:
    """An agent that works in this directory; ends the bridge."""
    names = ("PATH", "HOME", "FLEXURA_HOME", "PYTHON_KEYRING_BACKEND", "COVERAGE_PROCESS_CONFIG")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    process = subprocess.Popen(
        command,
        cwd=project,
        env={**kept, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Agent(process)
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
