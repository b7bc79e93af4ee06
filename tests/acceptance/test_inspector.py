"""The MCP Inspector, a client that strangers wrote, lists and calls every tool in both protocol eras."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from acceptance.orders import EVERY_TOOL, Order
from acceptance.town import Town
from flexura.bridge.handshake import read_snapshot
from node_tools import command, environment

pytestmark = pytest.mark.usefixtures("unmeasured")

ERAS = {"legacy": "2025-11-25", "modern": "2026-07-28"}
AT_ONCE = 2


class Inspector:
    """The Inspector with a way to a server."""

    def __init__(self, town: Town, project: Path, transport: str, era: str) -> None:
        self._project = project
        self._home = project.parent / "inspector-home"
        self._home.mkdir(exist_ok=True)
        # It starts a server in an environment of its own making.
        home = ("-e", f"FLEXURA_HOME={town.home}")
        self._target = [*home, sys.executable, "-m", "flexura", "mcp"]
        if transport == "http":
            bearer = f"Authorization: Bearer {town.key}"
            self._target = [f"{town.url}/mcp", "--transport", "http", "--header", bearer]
        self._era = ("--protocol-era", era, "--format", "json")

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """One run to its end."""
        return subprocess.run(
            command("mcp-inspector", "--cli", *self._target, *self._era, *options),
            cwd=self._project,
            env=environment(HOME=str(self._home)),
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )

    def result(self, *options: str) -> dict[str, Any]:
        """The result that it prints."""
        done = self.run(*options)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["result"]

    def call(self, order: Order) -> dict[str, Any]:
        """The result of a tool call."""
        named = ("--tool-name", order.tool, "--tool-args-json", json.dumps(order.arguments))
        return self.result("--method", "tools/call", *named)

    def call_all(self, orders: Sequence[Order]) -> list[dict[str, Any]]:
        """The results of several calls, a few at once."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self.call, orders))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_it_lists_without_a_complaint_and_calls_every_tool(
    town: Town, project: Path, transport: str, era: str
) -> None:
    inspector = Inspector(town, project, transport, era)
    listed = inspector.result("--method", "tools/list", "--strict")["tools"]
    assert listed == read_snapshot()[ERAS[era]]["tools/list"]["tools"]
    assert {tool["name"] for tool in listed} == {order.tool for order in EVERY_TOOL}
    for order, result in zip(EVERY_TOOL, inspector.call_all(EVERY_TOOL), strict=True):
        assert not result.get("isError"), result
        made = result["structuredContent"]
        assert json.loads(result["content"][0]["text"]) == made
        if order.mime:
            assert (made["status"], made["files"][0]["mime"]) == ("completed", order.mime)
            (link,) = [block for block in result["content"] if block["type"] == "resource_link"]
            (file,) = made["files"]
            assert link["uri"] == (Path(file["path"]).as_uri() if "path" in file else file["url"])
    saved = [path for path in project.rglob("*") if path.is_file()]
    assert len(saved) == (sum(bool(o.mime) for o in EVERY_TOOL) if transport == "stdio" else 0)


@pytest.mark.parametrize("era", ERAS)
def test_without_a_key_it_reports_that_one_is_needed(town: Town, project: Path, era: str) -> None:
    keyless = Town(town.home, town.url, "")
    refused = Inspector(keyless, project, "http", era).run("--method", "tools/list")
    assert refused.returncode == 3
    assert json.loads(refused.stderr)["error"]["code"] == "auth_required"
