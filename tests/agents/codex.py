"""Codex through its app server: JSON-RPC on stdio, what its editor extensions speak."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agents import programs
from agents.desk import Desk
from agents.model import Model

SECONDS = 60
PICTURE = {"prompt": "a red fox", "size": "64x64", "save_to": "art/fox.png"}


class AppServer:
    """A session with `codex app-server`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._last = 0
        self.notices: list[dict[str, Any]] = []

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a request; an error of the server fails the test."""
        self._last += 1
        self._send({"id": self._last, "method": method, "params": params})
        while "id" not in (heard := self._hear()) or "method" in heard:
            self.notices.append(heard)
        assert heard["id"] == self._last
        assert "result" in heard, heard
        return heard["result"]

    def tell(self, method: str) -> None:
        """A notification."""
        self._send({"method": method})

    def tools(self) -> dict[str, set[str]]:
        """The tools of every MCP server, the project's ones too: those only a thread has."""
        rows = self.ask("mcpServerStatus/list", threadId=self._thread())["data"]
        return {row["name"]: set(row["tools"]) for row in rows}

    def call_tool(self, server: str, tool: str, **arguments: Any) -> dict[str, Any]:
        """Let Codex call a tool of an MCP server."""
        call = {"server": server, "tool": tool, "arguments": arguments}
        return self.ask("mcpServer/tool/call", threadId=self._thread(), **call)

    def _thread(self) -> str:
        return self.ask("thread/start")["thread"]["id"]

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        assert select.select([self._process.stdout], [], [], SECONDS)[0], "Codex is silent"
        line = self._process.stdout.readline()
        assert line, "Codex ended"
        return json.loads(line)


@contextmanager
def app_server(desk: Desk) -> Iterator[AppServer]:
    """Codex, ready to answer."""
    with desk.started([*programs.on_node("codex"), "app-server"]) as process:
        server = AppServer(process)
        info = {"name": "house", "title": "House", "version": "1"}
        server.ask("initialize", clientInfo=info)
        server.tell("initialized")
        yield server


class Codex:
    """OpenAI's Codex, which needs no model to call a tool."""

    name = "codex"
    config = ".codex/config.toml"
    sample = "codex.toml"
    http = True

    def servers(self, desk: Desk) -> dict[str, bool | None]:
        """Connected is what Codex has the tools of."""
        with app_server(desk) as server:
            return {name: bool(tools) for name, tools in server.tools().items()}

    def skills(self, desk: Desk) -> set[str]:
        """Fails when Codex finds anything wrong with one of them."""
        with app_server(desk) as server:
            rows = server.ask("skills/list", cwds=[str(desk.project)])["data"]
        assert not [error for row in rows for error in row["errors"]]
        return {skill["name"] for row in rows for skill in row["skills"]}

    def draw(self, desk: Desk, model: Model) -> set[str]:
        """By its own door for that; the model is not asked."""
        with app_server(desk) as server:
            tools = server.tools()["flexura"]
            made = server.call_tool("flexura", "generate_image", **PICTURE)
        assert not made["isError"], made
        return tools
