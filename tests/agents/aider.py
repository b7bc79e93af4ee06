"""Aider, which has no MCP: it reads files that the user names into every chat."""

from __future__ import annotations

import re
from pathlib import Path

from agents import programs
from agents.desk import Desk

QUIET = {
    "AIDER_CHECK_UPDATE": "false",
    "AIDER_ANALYTICS_DISABLE": "true",
    "AIDER_SHOW_RELEASE_NOTES": "false",
    "AIDER_SHOW_MODEL_WARNINGS": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
}
CONFIG = ".aider.conf.yml"
SAMPLE = "aider.yml"


def read_into_chat(desk: Desk) -> set[Path]:
    """The files that Aider reads into a new chat."""
    argv = [*programs.native("aider"), "--model", "gpt-4o", "--exit", "--no-pretty", "--no-git"]
    said = desk.run(argv, OPENAI_API_KEY="none", **QUIET)
    assert "Aider v" in said, said
    assert not re.search(r"^(Error|usage)", said, re.MULTILINE), said
    added = re.findall(r"^Added (.*) to the chat \(read-only\)", said, re.MULTILINE)
    return {(desk.project / path).resolve() for path in added}
