"""The coding agents that flexura can be written into: one row of data each."""

from __future__ import annotations

from difflib import get_close_matches

from flexura_installer.agents.row import Agent
from flexura_installer.agents.rows_cli import (
    AIDER,
    ANTIGRAVITY,
    CLAUDE_CODE,
    CLINE,
    CODEX,
    COPILOT_CLI,
    GEMINI_CLI,
)
from flexura_installer.agents.rows_editors import (
    CLAUDE_DESKTOP,
    CURSOR,
    KIRO,
    VSCODE,
    WINDSURF,
    ZED,
)
from flexura_installer.agents.rows_plugins import CONTINUE, JUNIE
from flexura_installer.agents.rows_terminal import AMP, GOOSE, OPENCODE, QWEN_CODE
from flexura_installer.errors import InstallError

AGENTS: tuple[Agent, ...] = (
    CODEX,
    CURSOR,
    WINDSURF,
    CLAUDE_CODE,
    CLAUDE_DESKTOP,
    AIDER,
    CLINE,
    GEMINI_CLI,
    ANTIGRAVITY,
    VSCODE,
    COPILOT_CLI,
    OPENCODE,
    QWEN_CODE,
    AMP,
    KIRO,
    ZED,
    GOOSE,
    CONTINUE,
    JUNIE,
)


def agent(name: str) -> Agent:
    """The agent of that name or alias. Raises InstallError that names the nearest, and all."""
    asked = name.strip().lower().replace(" ", "-").replace("_", "-")
    known = {word: row for row in AGENTS for word in (row.name, *row.aliases)}
    if asked in known:
        return known[asked]
    # Two aliases of one agent are one suggestion.
    near = {known[word].name: None for word in get_close_matches(asked, known, n=3, cutoff=0.5)}
    perhaps = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InstallError(
        f"There is no agent `{name}`.{perhaps}",
        f"Name one of these: {', '.join(row.name for row in AGENTS)}.",
    )
