"""What this terminal can show: colours, progress, or nothing but plain lines for programs and agents."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO

# Agents run commands in something that may look like a terminal, and pay for every character of it.
AGENTS = ("AI_AGENT", "CLAUDECODE", "CLAUDE_CODE", "CODEX_SANDBOX", "CURSOR_AGENT", "GEMINI_CLI")


def is_agent(environment: Mapping[str, str] | None = None) -> bool:
    """Whether an agent reads what we print."""
    found = os.environ if environment is None else environment
    return any(found.get(name) for name in AGENTS)


def colored(stream: TextIO) -> bool:
    """Whether to colour what goes to this stream."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return _is_terminal(stream) and not is_agent()


def live(stream: TextIO) -> bool:
    """Whether something may move on this stream: a bar, a spinner."""
    return _is_terminal(stream) and not is_agent()


def rich_enough(stream: TextIO) -> bool:
    """Whether a table with lines and colours helps whoever reads."""
    return live(stream) or (colored(stream) and not is_agent())


def _is_terminal(stream: TextIO) -> bool:
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def asks() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and live(sys.stderr)
