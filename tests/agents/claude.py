"""Claude Code: what `claude mcp list` shows, and what a session says of itself before it asks a model."""

from __future__ import annotations

import json
from typing import Any

from agents import programs
from agents.desk import NOWHERE, Desk
from agents.model import Model
from agents.seen import ORDER, marked

QUIET = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}
# Else it hides the tools of MCP servers from the model behind a search, which the double does not use.
ALL_TOOLS = {"ENABLE_TOOL_SEARCH": "false"}
LINE = r"^(?P<name>[\w-]+): .* - (?P<state>.*)$"


class Claude:
    """Anthropic's Claude Code."""

    name = "claude-code"
    config = ".claude.json"
    sample = "claude.json"
    http = True

    def servers(self, desk: Desk) -> dict[str, bool | None]:
        """It ends with 0 whatever it finds: only the words count."""
        said = desk.run([*programs.native("claude"), "mcp", "list"], **QUIET)
        return marked(said, LINE, "✔ connected")

    def skills(self, desk: Desk) -> set[str]:
        """Of a session whose model cannot be reached."""
        return set(_session(desk, NOWHERE)["skills"])

    def draw(self, desk: Desk, model: Model) -> set[str]:
        """Our tool is allowed as a user allows it, by name."""
        began = _session(desk, model.url, "--allowedTools", "mcp__flexura__generate_image")
        ours = [tool for tool in began["tools"] if tool.startswith("mcp__flexura__")]
        return {tool.removeprefix("mcp__flexura__") for tool in ours}


def _session(desk: Desk, url: str, *more: str) -> dict[str, Any]:
    """The first message of a session: its tools and skills."""
    argv = ["-p", ORDER, "--output-format", "stream-json", "--verbose", *more]
    endpoint = {"ANTHROPIC_API_KEY": "none", "ANTHROPIC_BASE_URL": url}
    once = {"CLAUDE_CODE_MAX_RETRIES": "0"}
    said = desk.run([*programs.native("claude"), *argv], **QUIET, **ALL_TOOLS, **endpoint, **once)
    messages = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    (first,) = [message for message in messages if message.get("subtype") == "init"]
    return first
